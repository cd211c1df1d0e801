import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { StandingMark } from "../city/StandingMark";
import { localClock, localDay, useNow, utcClock } from "../kernel/clock";
import { ask, ProblemError } from "../kernel/http";
import type { Health } from "../kernel/wire";
import { useAllowed } from "../trust/session";
import { useCameraRows, useWorkers } from "../video/health";

const PERIOD_MS = 10_000;

/** A failing centre answers 503 with the same body. */
async function health(): Promise<Health> {
  try {
    return await ask<Health>("/api/health");
  } catch (error) {
    if (error instanceof ProblemError && error.status === 503) return { status: "failing", checks: {}, version: "" };
    throw error;
  }
}

export function StatusBar(): React.JSX.Element {
  const { t } = useTranslation();
  const now = useNow();
  const { rows } = useCameraRows();
  const workers = useWorkers().data?.items ?? [];
  const centre = useQuery({ queryKey: ["console", "health"], queryFn: health, refetchInterval: PERIOD_MS, retry: false });
  const sees = useAllowed("video.health");
  const count = (wanted: (standing: string) => boolean) => rows.filter(({ standing }) => wanted(standing)).length;
  const up = count((standing) => standing === "up");
  const down = count((standing) => standing === "down");
  const state = centre.isError ? "unknown" : (centre.data?.status ?? "unknown");
  const standing = state === "ok" ? "up" : state === "degraded" ? "warn" : state === "failing" ? "down" : "unknown";
  return (
    <footer className="status-bar" aria-label={t("status.bar")}>
      {sees && (
        <>
          <Link to="/cameras" className="status-group" aria-label={t("status.cameras")}>
            <span className="status-item"><StandingMark standing="up" /><span className="figures">{t("status.cameras_up", { count: up })}</span></span>
            <span className={down > 0 ? "status-item alert" : "status-item"}><StandingMark standing="down" /><span className="figures">{t("status.cameras_down", { count: down })}</span></span>
            <span className="status-item wide-only"><StandingMark standing="unknown" /><span className="figures">{t("status.cameras_other", { count: rows.length - up - down })}</span></span>
          </Link>
          <span className="status-item wide-only figures">
            {t("status.workers", { up: workers.filter((worker) => worker.state === "up").length, count: workers.length })}
          </span>
        </>
      )}
      <span className={`status-item health ${state}`}><StandingMark standing={standing} />{t(`status.health_${state}`)}</span>
      <span className="grow" />
      <span className="status-item figures">
        <span className="ltr wide-only faint">{localDay(now)}</span>
        <span className="muted">{t("time.local")}</span> <strong className="ltr">{localClock(now)}</strong>
      </span>
      <span className="status-item figures ltr"><span className="muted">UTC</span> {utcClock(now)}</span>
    </footer>
  );
}
