import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "../../kernel/icons";
import { Empty, ProblemNotice } from "../../kernel/Notice";
import { usePreferences } from "../../kernel/preferences";
import { useRowKeys } from "../../kernel/rows";
import { useAllowed } from "../../trust/session";
import { useSiteNames } from "../places";
import { StandingMark } from "../StandingMark";
import { useDeviceNews, useDevices } from "./asking";
import { DeviceForm } from "./DeviceForm";
import { SitePanel } from "./SitePanel";
import { bySite, drawnAs } from "./standing";
import type { Device, DeviceKind } from "./wire";
import "./devices.css";

const KINDS: DeviceKind[] = ["power", "door", "tamper", "link", "disk"];

export function SitesPage(): React.JSX.Element {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const siteName = useSiteNames(language);
  const devices = useDevices();
  const edits = useAllowed("city.edit");
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const [editing, setEditing] = useState<Device | "new" | null>(null);
  useDeviceNews();

  const wanted = text.trim().toLowerCase();
  const sites = bySite(devices.data?.items ?? []);
  const shown = sites.filter(({ site }) => [site, siteName(site)].some((each) => each.toLowerCase().includes(wanted)));
  const open = chosen ?? shown[0]?.site ?? null;
  const table = useRowKeys(shown.length, (index) => setChosen(shown[index]?.site ?? null));

  return (
    <main className="page sites-page">
      <div className="page-head">
        <h1>{t("devices.sites")}</h1>
        <input className="input" type="search" value={text} placeholder={t("devices.filter")} aria-label={t("devices.filter")} onChange={(event) => setText(event.target.value)} />
        <span className="muted figures">{shown.length}/{sites.length}</span>
        <span className="grow" />
        {edits && <button type="button" className="button primary" onClick={() => setEditing("new")}><Icon name="plus" />{t("devices.add")}</button>}
      </div>
      <div className="sites-parts">
        <div className="table-box sites-list">
          <ProblemNotice error={devices.error} />
          {devices.isSuccess && sites.length === 0 && <Empty title={t("devices.none")} hint={t("devices.none_hint")} />}
          {shown.length > 0 && (
            <table className="table">
              <thead><tr><th>{t("devices.site")}</th>{KINDS.map((kind) => <th key={kind}>{t(`devices.kinds.${kind}`)}</th>)}</tr></thead>
              <tbody>
                {shown.map(({ site, devices: own }, index) => (
                  <tr key={site} {...table(index)} aria-selected={site === open}>
                    <td><span className="site-name">{siteName(site)}</span> <span className="mono faint ltr line">{site}</span></td>
                    {KINDS.map((kind) => <td key={kind}><States devices={own.filter((device) => device.kind === kind)} /></td>)}
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </div>
        {open !== null && <SitePanel key={open} site={open} name={siteName(open)} onEdit={edits ? setEditing : null} />}
      </div>
      {editing && <DeviceForm device={editing === "new" ? null : editing} site={open ?? ""} onClose={() => setEditing(null)} />}
    </main>
  );
}

function States({ devices }: { devices: Device[] }): React.JSX.Element {
  const { t } = useTranslation();
  if (devices.length === 0) return <span className="faint">–</span>;
  return (
    <>
      {devices.map((device) => (
        <span key={device.code} className="device-state">
          <StandingMark standing={drawnAs(device.standing?.state)} />
          {t(`devices.states.${device.standing?.state ?? "never"}` as "devices.states.mains")}
        </span>
      ))}
    </>
  );
}
