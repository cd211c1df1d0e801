import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSiteNames } from "../../city/places";
import { Age } from "../../kernel/Age";
import { Empty, ProblemNotice } from "../../kernel/Notice";
import { usePreferences } from "../../kernel/preferences";
import type { ConditionKind } from "../../kernel/wire";
import { useCameraRows, type CameraRow } from "../health";
import { AvailabilityTable } from "./AvailabilityTable";
import { HistoryStrip } from "./HistoryStrip";
import { useTroubleName } from "./names";
import "./health.css";

const route = getRouteApi("/health");
const KINDS: ConditionKind[] = ["offline", "covered", "moved", "frozen", "blurred", "dark", "bright", "gop", "clock"];

export interface HealthSearch {
  camera?: string;
}

const wrongWith = (row: CameraRow): ConditionKind[] => row.health?.conditions.map((one) => one.kind) ?? [];

/** How cameras are now, what is wrong with which, and how available they were. */
export function HealthPage(): React.JSX.Element {
  const { t } = useTranslation();
  const { camera } = route.useSearch();
  const navigate = route.useNavigate();
  const { rows, loading, error } = useCameraRows();
  const watched = rows.filter((row) => row.camera.enabled);
  const [kind, setKind] = useState<ConditionKind | "wrong">("wrong");
  const choose = (code: string) => void navigate({ search: { camera: code } });
  const chosen = rows.find((row) => row.camera.code === camera);
  const healthy = watched.filter((row) => row.standing === "up" && wrongWith(row).length === 0).length;
  return (
    <main className="page health-page">
      <div className="page-head"><h1>{t("health.title")}</h1></div>
      <div className="health-parts">
        <ProblemNotice error={error} />
        <div className="health-kinds" role="group" aria-label={t("health.wrong")}>
          <button type="button" className="health-kind good" aria-pressed={kind === "wrong"} onClick={() => setKind("wrong")}>
            <strong className="figures">{healthy}/{watched.length}</strong><span>{t("health.healthy")}</span>
          </button>
          {KINDS.map((each) => {
            const count = watched.filter((row) => wrongWith(row).includes(each)).length;
            return (
              <button key={each} type="button" className={`health-kind ${count ? "some" : "none"}`} aria-pressed={kind === each} onClick={() => setKind(kind === each ? "wrong" : each)}>
                <strong className="figures">{count}</strong><span>{t(`condition.${each}`)}</span>
              </button>
            );
          })}
        </div>
        <div className="health-now">
          <Wrong rows={watched.filter((row) => (kind === "wrong" ? wrongWith(row).length > 0 : wrongWith(row).includes(kind)))} loading={loading} chosen={camera ?? null} onChoose={choose} />
          <Sites rows={watched} />
        </div>
        <HistoryStrip camera={camera ?? null} {...(chosen ? { row: chosen } : {})} />
        <AvailabilityTable chosen={camera ?? null} onChoose={choose} />
      </div>
    </main>
  );
}

interface WrongProps {
  rows: CameraRow[];
  loading: boolean;
  chosen: string | null;
  onChoose: (code: string) => void;
}

function Wrong({ rows, loading, chosen, onChoose }: WrongProps): React.JSX.Element {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const siteName = useSiteNames(language);
  const nameOf = useTroubleName();
  if (!loading && rows.length === 0) return <section className="health-box" aria-label={t("health.wrong")}><Empty title={t("health.none_wrong")} /></section>;
  return (
    <section className="health-box" aria-label={t("health.wrong")}>
      <table className="table">
        <thead><tr><th>{t("health.camera")}</th><th>{t("health.site")}</th><th>{t("health.wrong")}</th><th>{t("health.since")}</th></tr></thead>
        <tbody>
          {rows.map(({ camera, health }) => health?.conditions.map((one, index) => (
            <tr key={`${camera.code} ${one.kind}`} aria-selected={camera.code === chosen}>
              <td>{index === 0 && <button type="button" className="link" onClick={() => onChoose(camera.code)}><span className="mono ltr">{camera.code}</span> <span dir="auto">{camera.name}</span></button>}</td>
              <td>{index === 0 && siteName(camera.site)}</td>
              <td><span className={`tag condition ${one.kind}`}>{nameOf(one.kind)}</span> <span className="muted" dir="auto">{one.detail}</span></td>
              <td><Age at={one.since} /></td>
            </tr>
          )))}
        </tbody>
      </table>
    </section>
  );
}

function Sites({ rows }: { rows: CameraRow[] }): React.JSX.Element {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const siteName = useSiteNames(language);
  const bySite = new Map<string, CameraRow[]>();
  rows.forEach((row) => bySite.set(row.camera.site, [...(bySite.get(row.camera.site) ?? []), row]));
  const sites = [...bySite].map(([site, own]) => ({
    site, count: own.length,
    up: own.filter((row) => row.standing === "up").length,
    wrong: own.filter((row) => wrongWith(row).length > 0).length,
  })).sort((a, b) => a.up / a.count - b.up / b.count || b.wrong - a.wrong || a.site.localeCompare(b.site));
  return (
    <section className="health-box health-sites" aria-label={t("health.sites")}>
      <h2>{t("health.sites")}</h2>
      <ul>
        {sites.map(({ site, count, up, wrong }) => (
          <li key={site} className={up === 0 ? "dark" : up < count || wrong ? "some" : "good"}>
            <span className="cut" title={site}>{siteName(site)}</span>
            <span className="figures">{t("health.of", { up, count })}</span>
            <span className="site-bar" aria-hidden="true"><span style={{ inlineSize: `${String((up / count) * 100)}%` }} /></span>
          </li>
        ))}
      </ul>
    </section>
  );
}
