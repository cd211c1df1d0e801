import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../kernel/Dialog";
import { Icon } from "../kernel/icons";
import type { Read } from "../kernel/wire";
import { pictureUrl } from "./reads";

interface PictureProps {
  read: Read;
  /** Called once, when the picture stands on the screen. */
  onSeen?: () => void;
}

/** The whole picture with the plate's box. The figure keeps its place while the picture loads. */
export function ReadPicture({ read, onSeen }: PictureProps): React.JSX.Element {
  const { t } = useTranslation();
  const [large, setLarge] = useState(false);
  if (read.picture === null) return <div className="picture none">{t("plates.no_picture")}</div>;
  return (
    <>
      <button type="button" className="picture" onClick={() => setLarge(true)} aria-label={t("plates.enlarge")} data-key="picture">
        <Framed read={read} sha={read.picture} onSeen={onSeen} />
        <span className="picture-tool" aria-hidden="true"><Icon name="expand" /></span>
      </button>
      {large && (
        <Dialog title={`${read.plate} · ${read.camera_name ?? read.camera}`} onClose={() => setLarge(false)} wide>
          <div className="picture large"><Framed read={read} sha={read.picture} /></div>
        </Dialog>
      )}
    </>
  );
}

function Framed({ read, sha, onSeen }: { read: Read; sha: string; onSeen?: (() => void) | undefined }): React.JSX.Element {
  const { t } = useTranslation();
  const [failed, setFailed] = useState(false);
  const [width = 16, height = 9] = read.frame_size;
  const [x = 0, y = 0, w = 0, h = 0] = read.box;
  const pad = Math.max(w, h) * 0.08;
  if (failed) return <span className="picture-failed">{t("plates.picture_failed")}</span>;
  return (
    <span className="framed" style={{ aspectRatio: `${width} / ${height}` }}>
      <img src={pictureUrl(sha)} alt={`${read.plate}, ${read.camera_name ?? read.camera}`} decoding="async" onLoad={onSeen} onError={() => setFailed(true)} />
      <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true" preserveAspectRatio="none">
        <rect className="box-shade" x={x - pad} y={y - pad} width={w + 2 * pad} height={h + 2 * pad} rx={width / 300} vectorEffect="non-scaling-stroke" />
        <rect className="box-line" x={x - pad} y={y - pad} width={w + 2 * pad} height={h + 2 * pad} rx={width / 300} vectorEffect="non-scaling-stroke" />
      </svg>
    </span>
  );
}

/** The plate alone, as large as it may be. */
export function Crop({ read, small }: { read: Read; small?: boolean }): React.JSX.Element {
  const { t } = useTranslation();
  const [failed, setFailed] = useState(false);
  if (read.crop === null || failed) return <span className={small ? "crop small none" : "crop none"}>{small ? "–" : t("plates.no_picture")}</span>;
  return (
    <span className={small ? "crop small" : "crop"}>
      <img src={pictureUrl(read.crop)} alt={t("plates.box")} loading={small ? "lazy" : "eager"} decoding="async" onError={() => setFailed(true)} />
    </span>
  );
}
