import { useTranslation } from "react-i18next";
import { localClock } from "../kernel/clock";
import { ProblemError } from "../kernel/http";
import { Icon } from "../kernel/icons";
import { ProblemNotice } from "../kernel/Notice";

/** Too many wrong tries: until when, where the centre says it. */
export function Locked({ error }: { error: unknown }): React.JSX.Element | null {
  const { t } = useTranslation();
  const problem = error instanceof ProblemError ? error.problem : null;
  if (problem?.code !== "account-locked") return <ProblemNotice error={error} />;
  return (
    <div className="notice warn" role="alert">
      <Icon name="lock" />
      <p>{problem.until ? t("trust.locked_until", { time: localClock(problem.until) }) : t("trust.locked")}</p>
    </div>
  );
}
