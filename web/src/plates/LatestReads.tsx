import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { localClock } from "../kernel/clock";
import { live } from "../kernel/live";
import type { Read } from "../kernel/wire";
import { PlateChip } from "./PlateChip";
import { useLatestReads } from "./reads";
import { Crop } from "./ReadPicture";

const SLOTS = 12;
/** Slow enough to be read. */
const REFRESH_MS = 2000;

interface LatestReadsProps {
  siteName: (code: string | null) => string;
  /** An alarm waits to be opened. */
  hint: boolean;
}

/** What passes now, while no alarm is open. Holds still under the pointer. */
export function LatestReads({ siteName, hint }: LatestReadsProps): React.JSX.Element {
  const { t } = useTranslation();
  const first = useLatestReads().data?.items;
  const [shown, setShown] = useState<Read[]>([]);
  const [held, setHeld] = useState(false);
  useEffect(() => {
    let pending: Read[] = [];
    const off = live.on("read.seen", (read) => {
      pending = [read, ...pending].slice(0, SLOTS);
    });
    const timer = setInterval(() => {
      if (held || pending.length === 0) return;
      const fresh = pending;
      pending = [];
      setShown((before) => [...fresh, ...before.filter((each) => !fresh.some(({ id }) => id === each.id))].slice(0, SLOTS));
    }, REFRESH_MS);
    return () => {
      off();
      clearInterval(timer);
    };
  }, [held]);
  const known = new Set(shown.map((read) => read.id));
  const rows = [...shown, ...(first ?? []).filter((read) => !known.has(read.id))].slice(0, SLOTS);
  return (
    <section className="detail idle" aria-label={t("plates.latest")} onPointerEnter={() => setHeld(true)} onPointerLeave={() => setHeld(false)}>
      <header className="detail-head idle-head">
        <div>
          <h2>{t("alarms.choose")}</h2>
          <p className={hint ? "" : "muted"}>{t("alarms.choose_hint")}</p>
        </div>
      </header>
      <div className="detail-body">
        <h3>{t("plates.latest")}</h3>
        {rows.length === 0 && <p className="muted">{t("plates.latest_none")}</p>}
        <ol className="latest">
          {rows.map((read) => (
            <li key={read.id}>
              <Crop read={read} small />
              <PlateChip plate={read.plate} size="small" />
              <span className="cut muted">{siteName(read.site)}</span>
              <time className="figures ltr muted" dateTime={read.observed_at}>{localClock(read.observed_at)}</time>
            </li>
          ))}
        </ol>
      </div>
    </section>
  );
}
