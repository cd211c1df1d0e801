import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ReasonDialog } from "../../kernel/Confirming";
import { fromLocalInput, localDay, localMoment, toLocalInput, useNow } from "../../kernel/clock";
import { Field } from "../../kernel/Field";
import { Empty, ProblemNotice } from "../../kernel/Notice";
import { MoreRows, rowsOf } from "../../kernel/paging";
import { useMay, useSession } from "../session";
import type { Hold } from "../wire";
import { useHolds, useReleaseHold, useReviewHold } from "./retention";

/** What may not be deleted though its time be over, and when somebody must look again. */
export function Holds(): React.JSX.Element {
  const { t } = useTranslation();
  const holds = useHolds();
  const rows = rowsOf(holds);
  const [step, setStep] = useState<{ hold: Hold; kind: "review" | "release" } | null>(null);
  return (
    <div className="table-box">
      <ProblemNotice error={holds.error} onRetry={() => void holds.refetch()} />
      {holds.isSuccess && rows.length === 0 && <Empty title={t("retention.no_hold")} hint={t("retention.hold_about")} />}
      {rows.length > 0 && (
        <table className="table">
          <thead>
            <tr><th>{t("authorities.case")}</th><th>{t("retention.what")}</th><th>{t("retention.window")}</th><th>{t("retention.placed_by")}</th><th>{t("retention.review_at")}</th><th>{t("authorities.state")}</th><th><span className="unseen">{t("retention.review")}</span></th></tr>
          </thead>
          <tbody>{rows.map((hold) => <HoldRow key={hold.id} hold={hold} onStep={(kind) => setStep({ hold, kind })} />)}</tbody>
        </table>
      )}
      <MoreRows pages={holds} count={rows.length} />
      {step?.kind === "review" && <Review hold={step.hold} onClose={() => setStep(null)} />}
      {step?.kind === "release" && <Release hold={step.hold} onClose={() => setStep(null)} />}
    </div>
  );
}

function HoldRow({ hold, onStep }: { hold: Hold; onStep: (kind: "review" | "release") => void }): React.JSX.Element {
  const { t } = useTranslation();
  const now = useNow();
  const may = useMay();
  const own = useSession().data?.account.username === hold.placed_by;
  const { plates, plate_count, cameras, since, until } = hold.scope;
  const open = hold.released_at === null;
  return (
    <tr className={open ? "" : "ended"}>
      <td><span className="class-name"><span className="ltr">{hold.case_ref}</span><span className="muted"><bdi>{hold.reason}</bdi></span></span></td>
      <td className="mono"><span className="ltr">{[plates ? plates.join(" ") : plate_count > 0 ? t("retention.plates_hidden", { count: plate_count }) : "", cameras?.join(" ") ?? ""].filter(Boolean).join(" · ")}</span></td>
      <td className="figures line"><span className="ltr">{localMoment(since, now)}</span> – <span className="ltr">{localMoment(until, now)}</span></td>
      <td>{hold.placed_by}</td>
      <td className="figures line"><span className="ltr">{localDay(hold.review_at)}</span></td>
      <td>
        {!open ? <span className="tag">{t("retention.released", { name: hold.released_by ?? "" })}</span>
          : hold.overdue ? <span className="tag bad">{t("retention.overdue")}</span> : <span className="tag good">{t("retention.holds")}</span>}
      </td>
      <td className="number">
        <span className="row-start nowrap">
          {open && may("trust.place_hold") && <button type="button" className="button small" onClick={() => onStep("review")}>{t("retention.review")}</button>}
          {open && may("trust.release_hold") && <button type="button" className="button small bad" disabled={own} title={own ? t("retention.own_hold") : undefined} onClick={() => onStep("release")}>{t("retention.release")}</button>}
        </span>
      </td>
    </tr>
  );
}

function Review({ hold, onClose }: { hold: Hold; onClose: () => void }): React.JSX.Element {
  const { t } = useTranslation();
  const [at, setAt] = useState(hold.review_at);
  const review = useReviewHold(hold.id);
  return (
    <ReasonDialog title={t("retention.review_title", { case: hold.case_ref })} label={t("retention.reason")} send={t("retention.review")} pending={review.isPending} error={review.error}
      onClose={onClose} onSend={(reason) => review.mutate({ reason, review_at: at }, { onSuccess: onClose })}>
      <Field label={`${t("retention.next_review")} (${t("time.local")})`}>
        {(id) => <input id={id} className="input" dir="ltr" type="datetime-local" required value={toLocalInput(at)} onChange={(event) => setAt(fromLocalInput(event.target.value) ?? at)} />}
      </Field>
    </ReasonDialog>
  );
}

function Release({ hold, onClose }: { hold: Hold; onClose: () => void }): React.JSX.Element {
  const { t } = useTranslation();
  const release = useReleaseHold(hold.id);
  return (
    <ReasonDialog title={t("retention.release_title", { case: hold.case_ref })} label={t("retention.reason")} send={t("retention.release")} look="bad" pending={release.isPending}
      error={release.error} onClose={onClose} onSend={(reason) => release.mutate({ reason }, { onSuccess: onClose })}>
      <p className="muted">{t("retention.release_about")}</p>
    </ReasonDialog>
  );
}
