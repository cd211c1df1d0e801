import { useTranslation } from "react-i18next";
import { ProblemError } from "./http";
import { Icon } from "./icons";

interface ProblemNoticeProps {
  error: unknown;
  onRetry?: () => void;
}

/** Says what went wrong in the centre's own words, with its stable code. */
export function ProblemNotice({ error, onRetry }: ProblemNoticeProps): React.JSX.Element | null {
  const { t } = useTranslation();
  if (!error) return null;
  const problem = error instanceof ProblemError ? error.problem : undefined;
  const detail = problem?.code === "unreachable" ? t("problem.unreachable") : (problem?.detail ?? (error instanceof Error ? error.message : ""));
  const title = problem?.code === "unreachable" ? "" : (problem?.title ?? t("problem.title"));
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
