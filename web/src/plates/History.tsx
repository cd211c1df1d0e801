import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { localMoment, useNow } from "../kernel/clock";
import { ProblemNotice } from "../kernel/Notice";
import { useAllowed } from "../trust/session";
import { useHistory } from "./reads";
import { Crop } from "./ReadPicture";
import { Under, useCovering } from "./under";

interface HistoryProps {
  plate: string;
  /** The read that the list is shown beside. */
  current: string;
  siteName: (code: string | null) => string;
}

export function History({ plate, current, siteName }: HistoryProps): React.JSX.Element {
  const { t } = useTranslation();
  const authority = useCovering(plate);
  const history = useHistory(plate, authority);
  const searches = useAllowed("plates.search");
  const now = useNow();
  const reads = history.data?.items ?? [];
  return (
    <section className="history" aria-label={t("plates.history")}>
      <header>
        <h3>{t("plates.history")}</h3>
        {searches && <Link to="/search" search={{ plate, match: "exact" }}>{t("plates.all_history")}</Link>}
      </header>
      {authority === null && <p className="muted">{t("under.needed")}</p>}
      <ProblemNotice error={history.error} />
      {history.isSuccess && reads.length <= 1 && <p className="muted">{t("plates.history_none")}</p>}
      {reads.length > 1 && (
        <ol>
          {reads.map((read) => (
            <li key={read.id} className={read.id === current ? "here" : ""}>
              <Under value={authority}><Crop read={read} small /></Under>
              <span className="cut">{siteName(read.site)} <span className="faint mono ltr">{read.camera}</span></span>
              {read.id === current && <span className="tag">{t("plates.this_one")}</span>}
              <time className="figures ltr" dateTime={read.observed_at}>{localMoment(read.observed_at, now)}</time>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
