import { useTranslation } from "react-i18next";
import { Age, Moment } from "../../kernel/Age";
import { localClock, useNow } from "../../kernel/clock";
import { Empty, ProblemNotice } from "../../kernel/Notice";
import { StandingMark } from "../StandingMark";
import { useSiteStatus } from "./asking";
import { PowerChart } from "./PowerChart";
import { drawnAs } from "./standing";
import type { Device, Forecast, SitePower, SiteStatus } from "./wire";

const TONES = { met: "good", short: "bad", uncertain: "warn", unknown: "" } as const;

/** How a site is supplied, for how long yet, and how its devices stand. */
export function SitePanel({ site, name, onEdit }: { site: string; name: string; onEdit: ((device: Device) => void) | null }): React.JSX.Element {
  const { t } = useTranslation();
  const status = useSiteStatus(site);
  return (
    <section className="site-panel" aria-label={name}>
      <header className="detail-head"><h2>{name}</h2><span className="mono muted ltr">{site}</span></header>
      <div className="site-body">
        <ProblemNotice error={status.error} />
        {status.data && (
          <>
            {status.data.power
              ? <Power power={status.data.power} forecast={status.data.forecast} />
              : <Empty title={t("devices.no_power")} />}
            <Devices status={status.data} onEdit={onEdit} />
          </>
        )}
      </div>
    </section>
  );
}

function Power({ power, forecast }: { power: SitePower; forecast: Forecast }): React.JSX.Element {
  const { t } = useTranslation();
  const charge = power.charge_share === null ? "–" : `${Math.round(power.charge_share * 100)}%`;
  const hours = forecast.hours_left === null ? "–" : forecast.hours_left.toFixed(1);
  const verdict = t(`devices.verdicts.${forecast.against_8h}`);
  const spoken = `${t(`devices.states.${power.state}` as "devices.states.mains")}, ${charge}. ${verdict}`;
  return (
    <div className="card power-card">
      <header>
        <span className="device-state power-state"><StandingMark standing={drawnAs(power.state)} /><strong>{t(`devices.states.${power.state}` as "devices.states.mains")}</strong></span>
        <span className="muted">{t("devices.since")} <Age at={power.since} /></span>
        <span className={`tag verdict-tag ${TONES[forecast.against_8h]}`}>{verdict}</span>
      </header>
      <PowerChart power={power} forecast={forecast} label={spoken} />
      <dl className="facts power-facts">
        <div><dt>{t("devices.charge")}</dt><dd className="figures"><span className="ltr">{charge}</span></dd></div>
        <div><dt>{t("devices.load")}</dt><dd className="figures"><span className="ltr">{power.load_w === null ? "–" : `${Math.round(power.load_w)} W`}</span></dd></div>
        <div><dt>{forecast.running ? t("devices.left") : t("devices.left_if")}</dt><dd className="figures">{t("devices.hours", { hours })}</dd></div>
        <div>
          <dt>{t("devices.between")}</dt>
          <dd className="figures"><span className="ltr">{forecast.earliest && forecast.latest ? `${localClock(forecast.earliest).slice(0, 5)} – ${localClock(forecast.latest).slice(0, 5)}` : "–"}</span></dd>
        </div>
      </dl>
      <p className="muted basis">{t(`devices.bases.${forecast.basis}`)}</p>
    </div>
  );
}

function Devices({ status, onEdit }: { status: SiteStatus; onEdit: ((device: Device) => void) | null }): React.JSX.Element {
  const { t } = useTranslation();
  const now = useNow();
  const devices = [...status.supplies, ...status.doors, ...status.links, ...status.disks];
  return (
    <div className="card">
      <header><h2>{t("devices.title")}</h2></header>
      <div className="table-box">
        <table className="table">
          <thead><tr><th>{t("devices.state")}</th><th>{t("devices.kind")}</th><th>{t("devices.name")}</th><th>{t("devices.since")}</th><th>{t("devices.heard")}</th></tr></thead>
          <tbody>
            {devices.map((device) => (
              <tr key={device.code}>
                <td>
                  <span className="device-state"><StandingMark standing={drawnAs(device.standing?.state)} />
                    {t(`devices.states.${device.standing?.state ?? "never"}` as "devices.states.mains")}
                    <Figure device={device} />
                  </span>
                </td>
                <td>{t(`devices.kinds.${device.kind}`)}</td>
                <td dir="auto">
                  {onEdit ? <button type="button" className="link-cell" onClick={() => onEdit(device)}>{device.name}</button> : device.name}
                  {device.maintenance_until && Date.parse(device.maintenance_until) > now && (
                    <span className="muted maintenance"> {t("devices.crew_until")} <Moment at={device.maintenance_until} /></span>
                  )}
                </td>
                <td className="line">{device.standing ? <Age at={device.standing.since} /> : "–"}</td>
                <td className="line">{device.standing ? <Age at={device.standing.received_at} /> : <span className="faint">{t("time.never")}</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** The one figure of a device that says most. */
function Figure({ device }: { device: Device }): React.JSX.Element | null {
  const values = device.standing?.values ?? {};
  const name = { power: "charge_share", link: "loss_share", disk: "free_share", door: "", tamper: "" }[device.kind];
  const value = values[name];
  const { t } = useTranslation();
  if (typeof value !== "number") return null;
  const what = { power: "", link: t("devices.lost"), disk: t("devices.free"), door: "", tamper: "" }[device.kind];
  return <span className="muted figures"><span className="ltr">{(value * 100).toFixed(device.kind === "link" ? 1 : 0)}%</span> {what}</span>;
}
