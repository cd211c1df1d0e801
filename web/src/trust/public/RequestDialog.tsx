import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Moment } from "../../kernel/Age";
import { Dialog } from "../../kernel/Dialog";
import { Field } from "../../kernel/Field";
import { Empty, ProblemNotice } from "../../kernel/Notice";
import { useAllowed, useSession } from "../session";
import type { Appeal } from "../wire";
import { NEXT, usePublicRequest, useRequestStep, type RequestStep } from "./public";
import { RequestStateTag } from "./RequestsPage";

interface RequestDialogProps {
  id: string;
  handles: boolean;
  onClose: () => void;
}

export function RequestDialog({ id, handles, onClose }: RequestDialogProps): React.JSX.Element {
  const { t } = useTranslation();
  const request = usePublicRequest(handles, id);
  const found = request.data;
  return (
    <Dialog title={found ? `${t(`requests.kinds.${found.kind}`)} · ${found.reference}` : t("app.loading")} onClose={onClose} wide>
      <div className="dialog-body">
        <ProblemNotice error={request.error} />
        {!found && !request.error && <Empty title={t("app.loading")} />}
        {found && (
          <>
            <RequestStateTag state={found.state} overdue={found.overdue} />
            <dl className="facts">
              {found.name !== undefined && <div><dt>{t("accounts.name")}</dt><dd dir="auto">{found.name}</dd></div>}
              {found.contact !== undefined && <div><dt>{t("requests.contact")}</dt><dd dir="auto">{found.contact}</dd></div>}
              {found.plate && <div><dt>{t("plates.plate")}</dt><dd className="mono"><span className="ltr">{found.plate}</span></dd></div>}
              <div><dt>{t("requests.due")}</dt><dd><Moment at={found.due_at} /></dd></div>
            </dl>
            <p className="grounds" dir="auto">{found.text}</p>
            <h3>{t("authorities.history")}</h3>
            <ol className="timeline">
              {found.history.map((step) => (
                <li key={`${step.at} ${step.state}`}><p><strong>{t(`requests.states.${step.state}`)}</strong> · <Moment at={step.at} /></p>{step.text && <p dir="auto">{step.text}</p>}</li>
              ))}
            </ol>
          </>
        )}
      </div>
      {found && <Steps key={found.state} request={found} />}
    </Dialog>
  );
}

function Steps({ request }: { request: Appeal }): React.JSX.Element | null {
  const { t } = useTranslation();
  const handles = useAllowed("trust.handle_requests");
  const decides = useAllowed("trust.decide_appeals");
  const me = useSession().data?.account.id;
  const take = useRequestStep(request.id);
  const [text, setText] = useState("");
  const steps = NEXT[request.state].filter((step) => (step === "uphold" || step === "dismiss" ? decides : handles));
  if (steps.length === 0) return null;
  const own = request.state === "appealed" && request.answered_by === me;
  return (
    <form className="review-form" onSubmit={(event) => event.preventDefault()}>
      <div className="dialog-body">
        <Field label={t("requests.step_text")}>{(id) => <textarea id={id} className="input" dir="auto" rows={2} maxLength={5000} value={text} onChange={(event) => setText(event.target.value)} />}</Field>
        {own && <p className="invalid">{t("requests.own")}</p>}
        <ProblemNotice error={take.error} />
      </div>
      <div className="dialog-foot">
        {steps.map((step: RequestStep) => (
          <button key={step} type="button" className={step === "refuse" || step === "dismiss" ? "button bad" : "button primary"} disabled={own || take.isPending || text.trim() === ""}
            onClick={() => take.mutate({ step, text: text.trim() })}>{t(`requests.steps.${step}`)}</button>
        ))}
      </div>
    </form>
  );
}
