import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "../kernel/icons";
import { useAllowed } from "../trust/session";
import { useIncidents } from "./asking";
import { OpenDialog } from "./IncidentsPage";

/** Opens an incident from an alarm, or goes to the one that was opened from it. */
export function IncidentButton({ alarm, title, camera }: { alarm: string; title: string; camera: string }): React.JSX.Element | null {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [opening, setOpening] = useState(false);
  const handles = useAllowed("incidents.handle");
  const known = useIncidents("all", alarm).data?.items[0];
  const show = (id: string) => void navigate({ to: "/incidents", search: { id } });
  if (known) return <button type="button" className="button small" onClick={() => show(known.id)}>{t("incidents.one", { number: known.number })}</button>;
  if (!handles) return null;
  return (
    <>
      <button type="button" className="button small" onClick={() => setOpening(true)}><Icon name="plus" />{t("incidents.incident")}</button>
      {opening && <OpenDialog title={title} camera={camera} alarm={alarm} onClose={() => setOpening(false)} onOpened={show} />}
    </>
  );
}
