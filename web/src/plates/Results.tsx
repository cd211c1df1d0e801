import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { localMoment, useNow } from "../kernel/clock";
import { Empty, ProblemNotice } from "../kernel/Notice";
import { useRowKeys } from "../kernel/rows";
import type { Read } from "../kernel/wire";
import { PlateChip } from "./PlateChip";
import type { useReads } from "./reads";
import { Crop } from "./ReadPicture";

interface ResultsProps {
  reads: ReturnType<typeof useReads>;
  /** Before the person asks, nothing is looked up. */
  asked: boolean;
  siteName: (code: string | null) => string;
  onOpen: (read: Read) => void;
  /** The marked row changed by keyboard. */
  onMark: (read: Read) => void;
}

export function Results({ reads, asked, siteName, onOpen, onMark }: ResultsProps): React.JSX.Element {
  const { t } = useTranslation();
  const now = useNow();
  const rows = reads.data?.pages.flatMap((page) => page.items) ?? [];
  const keys = useRowKeys(rows.length, (index) => rows[index] && onOpen(rows[index]), (index) => rows[index] && onMark(rows[index]));
  const end = useRef<HTMLDivElement>(null);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = reads;
  useEffect(() => {
    const mark = end.current;
    if (!mark || !hasNextPage || isFetchingNextPage) return;
    const watcher = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting) void fetchNextPage();
    }, { rootMargin: "400px" });
    watcher.observe(mark);
    return () => watcher.disconnect();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <div className="table-box results" aria-busy={reads.isFetching}>
      <ProblemNotice error={reads.error} onRetry={() => void reads.refetch()} />
      {reads.isSuccess && rows.length === 0 && <Empty title={t("plates.none")} hint={t("plates.none_hint")} />}
      {!asked && <Empty title={t("plates.ask_first")} />}
      {asked && reads.isPending && <Empty title={t("app.loading")} />}
      {rows.length > 0 && (
        <table className="table">
          <caption className="unseen">{t("plates.results")}</caption>
          <thead>
            <tr>
              <th>{t("plates.crop")}</th><th>{t("plates.plate")}</th><th>{t("plates.time")}</th><th>{t("plates.site")}</th>
              <th>{t("plates.camera")}</th><th className="number">{t("plates.confidence")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((read, index) => (
              <tr key={read.id} {...keys(index)}>
                <td><Crop read={read} small /></td>
                <td><PlateChip plate={read.plate} /></td>
                <td className="figures"><span className="ltr">{localMoment(read.observed_at, now)}</span></td>
                <td>{siteName(read.site)}</td>
                <td className="mono"><span className="ltr">{read.camera}</span></td>
                <td className={`number percent${read.confidence < 0.8 ? " weak" : ""}`}>{Math.round(read.confidence * 100)}%</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <div ref={end} className="results-end">
        {hasNextPage
          ? <button type="button" className="button quiet" onClick={() => void fetchNextPage()} disabled={isFetchingNextPage}>{t("plates.more")}</button>
          : rows.length > 0 && <span className="faint">{t("plates.count", { count: rows.length })} · {t("plates.end")}</span>}
      </div>
    </div>
  );
}
