import { Link, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Icon } from "../../kernel/icons";
import { useAllowed } from "../../trust/session";

/** Opens a camera live, for those who may. */
export function LiveLink({ camera }: { camera: string }): React.JSX.Element | null {
  const { t } = useTranslation();
  if (!useAllowed("video.live")) return null;
  return (
    <Link to="/wall" search={{ camera }} className="button icon quiet" aria-label={t("wall.live")} title={t("wall.live")}><Icon name="play" /></Link>
  );
}

/** What a click on a camera of a map does; nothing for those who may not watch. */
export function useOpenLive(): ((camera: string) => void) | undefined {
  const navigate = useNavigate();
  return useAllowed("video.live") ? (camera) => void navigate({ to: "/wall", search: { camera } }) : undefined;
}
