import { useTranslation } from "react-i18next";
import { Dialog } from "../../kernel/Dialog";
import { Icon } from "../../kernel/icons";

interface OneTimeProps {
  username: string;
  password: string;
  onClose: () => void;
}

/** Shown once. It must be answered, so that nobody loses it by a stray click. */
export function OneTime({ username, password, onClose }: OneTimeProps): React.JSX.Element {
  const { t } = useTranslation();
  return (
    <Dialog title={t("trust.one_time")} onClose={onClose} dismissible={false}>
      <div className="dialog-body">
        <p>{t("accounts.one_time_for", { username })}</p>
        <p className="one-time mono ltr" data-secret="one-time">{password}</p>
        <div className="notice warn"><Icon name="warn" /><p>{t("accounts.one_time_once")}</p></div>
      </div>
      <div className="dialog-foot">
        <button type="button" className="button start" onClick={() => void navigator.clipboard.writeText(password)}>{t("action.copy")}</button>
        <button type="button" className="button primary" onClick={onClose}>{t("accounts.handed_over")}</button>
      </div>
    </Dialog>
  );
}
