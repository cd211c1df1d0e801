import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Empty } from "../kernel/Notice";
import { useMay } from "../trust/session";

interface OnlyProps {
  needs: readonly string[];
  children: React.ReactNode;
}

/** The page for those who may see it; for others a plain refusal, and no question to the centre. */
export function Only({ needs, children }: OnlyProps): React.ReactNode {
  const { t } = useTranslation();
  const may = useMay();
  if (needs.some(may)) return children;
  return (
    <main className="page-refused">
      <Empty title={t("door.refused")} hint={t("door.refused_hint")}>
        <Link to="/" className="button">{t("door.home")}</Link>
      </Empty>
    </main>
  );
}

export function Missing(): React.JSX.Element {
  const { t } = useTranslation();
  return (
    <main className="page-refused">
      <Empty title={t("door.missing")}><Link to="/" className="button">{t("door.home")}</Link></Empty>
    </main>
  );
}
