import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ReasonDialog } from "../../kernel/Confirming";
import { Field } from "../../kernel/Field";
import { ProblemNotice } from "../../kernel/Notice";
import { useAllowed } from "../session";
import type { RetentionClass } from "../wire";
import { useClassName } from "./names";
import { useClasses, useSetDays } from "./retention";

/** How long each kind of record is kept. */
export function Classes(): React.JSX.Element {
  const { t } = useTranslation();
  const manages = useAllowed("trust.manage_retention");
  const name = useClassName();
  const classes = useClasses();
  const [editing, setEditing] = useState<RetentionClass | null>(null);
  return (
    <div className="table-box">
      <ProblemNotice error={classes.error} onRetry={() => void classes.refetch()} />
      <table className="table">
        <thead><tr><th>{t("retention.class")}</th><th className="number">{t("retention.days")}</th><th>{t("retention.bounds")}</th><th>{t("retention.held")}</th>{manages && <th><span className="unseen">{t("retention.change")}</span></th>}</tr></thead>
        <tbody>
          {classes.data?.items.map((each) => (
            <tr key={each.name}>
              <td><span className="class-name"><strong>{name(each.name)}</strong><span className="muted"><bdi>{each.about}</bdi></span></span></td>
              <td className="number"><strong className="figures">{each.days}</strong></td>
              <td className="figures muted"><span className="ltr">{each.least} – {each.most}</span></td>
              <td>{each.held && <span className="tag warn">{t("retention.is_held")}</span>}</td>
              {manages && <td className="number"><button type="button" className="button small" onClick={() => setEditing(each)}>{t("retention.change")}</button></td>}
            </tr>
          ))}
        </tbody>
      </table>
      {editing && <Days of={editing} onClose={() => setEditing(null)} />}
    </div>
  );
}

function Days({ of, onClose }: { of: RetentionClass; onClose: () => void }): React.JSX.Element {
  const { t } = useTranslation();
  const name = useClassName();
  const [days, setDays] = useState(of.days);
  const set = useSetDays(of.name);
  return (
    <ReasonDialog title={name(of.name)} label={t("retention.reason")} send={t("action.save")} pending={set.isPending} error={set.error} onClose={onClose}
      onSend={(reason) => set.mutate({ days, reason }, { onSuccess: onClose })}>
      <p className="muted" dir="auto">{of.about}</p>
      <Field label={t("retention.days")} hint={t("retention.between", { least: of.least, most: of.most })}>
        {(id) => <input id={id} className="input" dir="ltr" type="number" required min={of.least} max={of.most} value={days} onChange={(event) => setDays(Number(event.target.value))} />}
      </Field>
      {days < of.days && <p className="invalid">{t("retention.sooner")}</p>}
    </ReasonDialog>
  );
}
