import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Empty, ProblemNotice } from "../kernel/Notice";
import type { Alarm } from "../kernel/wire";
import { useDecidedAlarms } from "./alarms";
import { QueueRow } from "./QueueRow";
import type { QueueView } from "./queue";

export type QueueTab = "open" | "decided";

interface QueueProps {
  tab: QueueTab;
  onTab: (tab: QueueTab) => void;
  view: QueueView;
  loading: boolean;
  error: unknown;
  openId: string | null;
  cursor: string | null;
  siteName: (code: string | null) => string;
  onOpen: (id: string) => void;
  onHold: (part: "pointer" | "focus", held: boolean) => void;
  onShowWaiting: () => void;
}

export function Queue(props: QueueProps): React.JSX.Element {
  const { t } = useTranslation();
  const { tab, view, onHold } = props;
  const worst = view.waiting[0]?.severity;
  return (
    // Only watches whether somebody's pointer or focus is inside.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <section className="queue" aria-label={t("alarms.queue")}
      onPointerOver={() => onHold("pointer", true)} onPointerLeave={() => onHold("pointer", false)} onFocus={() => onHold("focus", true)}
      onBlur={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) onHold("focus", false);
      }}>
      <header className="queue-head">
        <h1>{t("alarms.queue")}</h1>
        <span className="count figures">{view.rows.length + view.waiting.length}</span>
        {/* In the head, where it appears without moving a row. */}
        {tab === "open" && worst && (
          <button type="button" className={`new-bar ${worst}`} title={t("keys.fresh")} onClick={props.onShowWaiting}>
            {t("alarms.new", { count: view.waiting.length })} <kbd>n</kbd>
          </button>
        )}
        <span className="grow" />
        <div className="segments" role="group" aria-label={t("alarms.queue")}>
          {(["open", "decided"] as const).map((each) => (
            <button key={each} type="button" aria-pressed={tab === each} onClick={() => props.onTab(each)}>{t(`alarms.${each}`)}</button>
          ))}
        </div>
      </header>
      {tab === "open" ? (
        <div className="queue-list">
          <ProblemNotice error={props.error} />
          {!props.loading && view.rows.length === 0 && view.waiting.length === 0 && !props.error && (
            <Empty title={t("alarms.empty")} hint={t("alarms.empty_hint")} />
          )}
          <Rows {...props} rows={view.rows} />
        </div>
      ) : <Decided {...props} />}
    </section>
  );
}

type RowsProps = Pick<QueueProps, "openId" | "cursor" | "siteName" | "onOpen"> & { rows: Alarm[] };

function Rows({ rows, openId, cursor, siteName, onOpen }: RowsProps): React.JSX.Element {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    if (!cursor) return;
    const row = list.current?.querySelector<HTMLElement>(`[data-alarm="${CSS.escape(cursor)}"]`);
    if (!row || row === document.activeElement) return;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }, [cursor]);
  const entrance = rows.some((alarm) => alarm.id === cursor) ? cursor : rows[0]?.id;
  return (
    <ul ref={list}>
      {rows.map((alarm) => (
        <QueueRow key={alarm.id} alarm={alarm} site={siteName(alarm.read?.site ?? alarm.site)} siteName={siteName} open={alarm.id === openId}
          reachable={alarm.id === entrance} onOpen={onOpen} />
      ))}
    </ul>
  );
}

function Decided(props: QueueProps): React.JSX.Element {
  const { t } = useTranslation();
  const decided = useDecidedAlarms(true);
  const rows = decided.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="queue-list">
      <ProblemNotice error={decided.error} />
      {decided.isSuccess && rows.length === 0 && <Empty title={t("alarms.empty_decided")} />}
      <Rows {...props} rows={rows} />
      {decided.hasNextPage && (
        <button type="button" className="button quiet more" onClick={() => void decided.fetchNextPage()}>{t("action.more")}</button>
      )}
    </div>
  );
}
