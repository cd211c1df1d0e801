import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useImportCameras, useSiteNames } from "../city/places";
import { STANDINGS, type Standing } from "../city/model";
import { StandingMark } from "../city/StandingMark";
import { Age } from "../kernel/Age";
import { Icon } from "../kernel/icons";
import { ImportReportDialog } from "../kernel/ImportReport";
import { Empty, ProblemNotice } from "../kernel/Notice";
import { usePreferences } from "../kernel/preferences";
import { useRowKeys } from "../kernel/rows";
import type { CameraDraft, ImportReport } from "../kernel/wire";
import { useAllowed } from "../trust/session";
import { CameraForm } from "./CameraForm";
import { useCameraRows, useWorkers, type CameraRow } from "./health";
import { SetupDialog } from "./setup/SetupDialog";
import "./video.css";

/** A clock further out than this is a visible fault. */
const CLOCK_LIMIT_MS = 2000;

export function CamerasPage(): React.JSX.Element {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const siteName = useSiteNames(language);
  const { rows, loading, error } = useCameraRows();
  const [text, setText] = useState("");
  const [standing, setStanding] = useState<Standing | "all">("all");
  const [editing, setEditing] = useState<CameraRow["camera"] | "new" | null>(null);
  const [report, setReport] = useState<{ name: string; report: ImportReport } | null>(null);
  const file = useRef<HTMLInputElement>(null);
  const importing = useImportCameras();
  const edits = useAllowed("city.edit");
  const setsUp = useAllowed("video.set_up");
  const [finding, setFinding] = useState(false);
  const [found, setFound] = useState<Partial<CameraDraft> | null>(null);

  const wanted = text.trim().toLowerCase();
  const shown = rows.filter(({ camera, standing: own }) =>
    (standing === "all" || own === standing) &&
    [camera.code, camera.name, siteName(camera.site)].some((each) => each.toLowerCase().includes(wanted)));
  const table = useRowKeys(shown.length, (index) => setEditing(edits ? (shown[index]?.camera ?? null) : null));

  return (
    <main className="page camera-page">
      <div className="page-head">
        <h1>{t("video.title")}</h1>
        <input className="input" type="search" value={text} placeholder={t("video.filter")} aria-label={t("video.filter")}
          onChange={(event) => setText(event.target.value)} />
        <select className="input" value={standing} aria-label={t("video.state")}
          onChange={(event) => setStanding(event.target.value as Standing | "all")}>
          <option value="all">{t("video.all")}</option>
          {STANDINGS.map((each) => <option key={each} value={each}>{t(`city.state.${each}`)}</option>)}
        </select>
        <span className="muted figures">{shown.length}/{rows.length}</span>
        <span className="grow" />
        {edits && (
          <>
            <input ref={file} type="file" accept=".csv,text/csv" hidden aria-label={t("action.import")} onChange={(event) => {
              const chosen = event.target.files?.[0];
              event.target.value = "";
              if (chosen) importing.mutate(chosen, { onSuccess: (done) => setReport({ name: chosen.name, report: done }) });
            }} />
            <button type="button" className="button" title={t("setup.columns")} onClick={() => file.current?.click()}><Icon name="upload" />{t("action.import")}</button>
            {setsUp && <button type="button" className="button" onClick={() => setFinding(true)}><Icon name="search" />{t("setup.find")}</button>}
            <button type="button" className="button primary" onClick={() => { setFound(null); setEditing("new"); }}><Icon name="plus" />{t("video.add")}</button>
          </>
        )}
      </div>
      <Workers />
      <div className="table-box">
        <ProblemNotice error={error ?? importing.error} />
        {!loading && rows.length === 0 && <Empty title={t("video.empty")} hint={t("setup.columns")} />}
        {rows.length > 0 && shown.length === 0 && <Empty title={t("video.none")} />}
        {shown.length > 0 && (
          <table className="table cameras-table">
            <thead>
              <tr>
                <th>{t("video.state")}</th><th>{t("video.code")}</th><th>{t("video.name")}</th><th className="wide-only">{t("video.site")}</th>
                <th>{t("video.reason")}</th><th>{t("video.since")}</th><th className="number">{t("video.fps")}</th>
                <th className="number wide-only">{t("video.size")}</th><th>{t("video.last")}</th><th className="number wide-only">{t("video.skipped")}</th>
                <th className="number">{t("video.reconnects")}</th><th>{t("video.worker")}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((row, index) => (
                <CameraLine key={row.camera.code} row={row} site={siteName(row.camera.site)} keys={table(index)} />
              ))}
            </tbody>
          </table>
        )}
      </div>
      {finding && (
        <SetupDialog onClose={() => setFinding(false)} onChosen={(draft) => {
          setFinding(false);
          setFound(draft);
          setEditing("new");
        }} />
      )}
      {editing && <CameraForm camera={editing === "new" ? null : editing} found={editing === "new" ? found : null} onClose={() => setEditing(null)} />}
      {report && <ImportReportDialog {...report} onClose={() => setReport(null)} />}
    </main>
  );
}

function CameraLine({ row, site, keys }: { row: CameraRow; site: string; keys: React.HTMLAttributes<HTMLTableRowElement> }): React.JSX.Element {
  const { t } = useTranslation();
  const { camera, health, standing } = row;
  return (
    <tr {...keys}>
      <td><span className="state-cell"><StandingMark standing={standing} />{t(`video.states.${health?.state ?? "unknown"}`)}</span></td>
      <td className="mono line"><span className="ltr">{camera.code}</span></td>
      <td dir="auto">{camera.name}</td>
      <td className="wide-only">{site}</td>
      <td className="reason-cell cut" dir="auto" title={health?.reason}>{health?.reason}</td>
      <td className="line">{health && <Age at={health.since} />}</td>
      <td className="number">{health ? health.fps.toFixed(1) : "–"}</td>
      <td className="number wide-only"><span className="ltr">{health && health.width > 0 ? `${health.width}×${health.height}` : "–"}</span></td>
      <td className="line">{health?.last_frame_at ? <Age at={health.last_frame_at} /> : <span className="faint">{t("time.never")}</span>}</td>
      <td className="number wide-only">{health?.skipped_frames ?? "–"}</td>
      <td className="number">{health?.reconnects ?? "–"}</td>
      <td className="mono line"><span className="ltr">{health?.worker}</span></td>
    </tr>
  );
}

function Workers(): React.JSX.Element {
  const { t } = useTranslation();
  const workers = useWorkers().data?.items ?? [];
  return (
    <ul className="worker-strip" aria-label={t("video.workers")}>
      {workers.map((worker) => {
        const late = Math.abs(worker.clock_offset_ms) > CLOCK_LIMIT_MS;
        const well = worker.state === "up" && worker.spool.state === "ok" && !late;
        return (
          <li key={worker.worker}>
            <StandingMark standing={well ? "up" : worker.state === "up" ? "warn" : "down"} />
            <span className="mono ltr">{worker.worker}</span>
            <span>{t("video.spool_pending", { count: worker.spool.pending })}</span>
            <span className="figures">{t("video.offset")} <span className="ltr">{worker.clock_offset_ms} ms</span></span>
            {worker.spool.reason && <span>{worker.spool.reason}</span>}
          </li>
        );
      })}
    </ul>
  );
}
