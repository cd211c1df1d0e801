import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { localClock } from "../kernel/clock";
import type { Read } from "../kernel/wire";
import { useAllowed } from "../trust/session";
import { latestReads, useLatest } from "./latest";
import { PlateChip } from "./PlateChip";
import { Crop } from "./ReadPicture";

/** Slow enough to be read. */
const REFRESH_MS = 2000;
const FIRST_MS = 300;

interface LatestReadsProps {
  siteName: (code: string | null) => string;
  /** An alarm waits to be opened. */
  hint: boolean;
}

/** What passes now, while no alarm is open. Holds still under the pointer. */
export function LatestReads({ siteName, hint }: LatestReadsProps): React.JSX.Element {
  const { t } = useTranslation();
  const passes = useAllowed("plates.live");
  const fresh = useLatest().length > 0;
  const [rows, setRows] = useState<Read[]>(latestReads);
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const take = () => setRows(latestReads());
    // The very first ones at once, the others at a pace that can be read.
    const timer = setInterval(take, fresh ? REFRESH_MS : FIRST_MS);
    return () => clearInterval(timer);
  }, [held, fresh]);
  return (
    <section className="detail idle" aria-label={t("plates.latest")} onPointerEnter={() => setHeld(true)} onPointerLeave={() => setHeld(false)}>
      <header className="detail-head idle-head">
        <div>
          <h2>{t("alarms.choose")}</h2>
          <p className={hint ? "" : "muted"}>{t("alarms.choose_hint")}</p>
        </div>
      </header>
      {passes && <div className="detail-body">
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
      </div>}
    </section>
  );
}
