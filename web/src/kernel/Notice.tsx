import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { ProblemError } from "./http";
import { Icon } from "./icons";
import type { Problem } from "./wire";

interface ProblemNoticeProps {
  error: unknown;
  onRetry?: () => void;
}

/** Refusals in the person's own language; anything else in the centre's words. */
function titleOf(t: TFunction, problem: Problem | undefined): string {
  if (problem?.code === "unreachable") return "";
  if (problem?.code === "not-permitted") return t("door.not_permitted");
  if (problem?.status === 404) return t("door.not_found");
  return problem?.title ?? t("problem.title");
}

/** Says what went wrong in the centre's own words, with its stable code. */
export function ProblemNotice({ error, onRetry }: ProblemNoticeProps): React.JSX.Element | null {
  const { t } = useTranslation();
  if (!error) return null;
  const problem = error instanceof ProblemError ? error.problem : undefined;
  const detail = problem?.code === "unreachable" ? t("problem.unreachable") : (problem?.detail ?? (error instanceof Error ? error.message : ""));
  const title = titleOf(t, problem);
  return (
    <div className="notice bad" role="alert">
      <Icon name="warn" />
      <div>
        {title && <p><strong>{title}</strong></p>}
        {detail && detail !== title && <p>{detail}</p>}
        {problem && problem.status >= 500 && <p className="muted">{t("problem.code", { code: problem.code })}</p>}
      </div>
      {onRetry && (
        <button type="button" className="button small" onClick={onRetry}>{t("action.retry")}</button>
      )}
    </div>
  );
}

interface EmptyProps {
  title: string;
  hint?: string;
  children?: React.ReactNode;
}

export function Empty({ title, hint, children }: EmptyProps): React.JSX.Element {
  return (
    <div className="empty">
      <strong>{title}</strong>
      {hint && <span>{hint}</span>}
      {children}
    </div>
  );
}
