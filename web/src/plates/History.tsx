import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { localMoment, useNow } from "../kernel/clock";
import { ProblemNotice } from "../kernel/Notice";
import { useHistory } from "./reads";
import { Crop } from "./ReadPicture";

interface HistoryProps {
  plate: string;
  /** The read that the list is shown beside. */
  current: string;
  siteName: (code: string | null) => string;
}

export function History({ plate, current, siteName }: HistoryProps): React.JSX.Element {
  const { t } = useTranslation();
  const history = useHistory(plate);
  const now = useNow();
  const reads = history.data?.items ?? [];
  return (
    <section className="history" aria-label={t("plates.history")}>
      <header>
        <h3>{t("plates.history")}</h3>
        <Link to="/search" search={{ plate, match: "exact" }}>{t("plates.all_history")}</Link>
      </header>
      <ProblemNotice error={history.error} />
      {history.isSuccess && reads.length <= 1 && <p className="muted">{t("plates.history_none")}</p>}
      {reads.length > 1 && (
        <ol>
          {reads.map((read) => (
            <li key={read.id} className={read.id === current ? "here" : ""}>
              <Crop read={read} small />
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
