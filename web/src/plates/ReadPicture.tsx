import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../kernel/Dialog";
import { Icon } from "../kernel/icons";
import type { Read } from "../kernel/wire";
import { usePicture } from "./picture";
import { pictureUrl } from "./reads";
import { useUnder } from "./under";

interface PictureProps {
  read: Read;
  /** Called once, when the picture stands on the screen. */
  onSeen?: (() => void) | undefined;
  /** Called when the picture has been waited for long enough. */
  onMissing?: (() => void) | undefined;
}

/** The whole picture with the plate's box. The figure keeps its place while the picture loads. */
export function ReadPicture({ read, onSeen, onMissing }: PictureProps): React.JSX.Element {
  const { t } = useTranslation();
  const [large, setLarge] = useState(false);
  if (read.picture === null) return <div className="picture none">{t("plates.no_picture")}</div>;
  return (
    <>
      <button type="button" className="picture" onClick={() => setLarge(true)} aria-label={t("plates.enlarge")} data-key="picture">
        <Framed key={read.id} read={read} onSeen={onSeen} onMissing={onMissing} />
        <span className="picture-tool" aria-hidden="true"><Icon name="expand" /></span>
      </button>
      {large && (
        <Dialog title={`${read.plate} · ${read.camera_name ?? read.camera}`} onClose={() => setLarge(false)} wide>
          <div className="picture large"><Framed key={read.id} read={read} onSeen={onSeen} /></div>
        </Dialog>
      )}
    </>
  );
}

/** Its size is the frame's from the start: nothing moves when the picture comes late or not at all. */
function Framed({ read, onSeen, onMissing }: PictureProps): React.JSX.Element {
  const { t } = useTranslation();
  const authority = useUnder();
  const picture = usePicture();
  const [width = 16, height = 9] = read.frame_size;
  const [x = 0, y = 0, w = 0, h = 0] = read.box;
  const pad = Math.max(w, h) * 0.08;
  const missing = picture.state === "missing";
  const told = useRef(onMissing);
  useEffect(() => {
    told.current = onMissing;
  });
  useEffect(() => {
    if (missing) told.current?.();
  }, [missing]);
  const seen = () => {
    picture.onLoad();
    onSeen?.();
  };
  return (
    <span className="framed" style={{ aspectRatio: `${width} / ${height}` }}>
      {picture.asking && (
        <img src={pictureUrl(read.id, "picture", authority)} alt={`${read.plate}, ${read.camera_name ?? read.camera}`} decoding="async" onLoad={seen} onError={picture.onError} />
      )}
      {picture.state === "late" || missing ? (
        <span className="picture-wait">{t(missing ? "plates.picture_failed" : "plates.picture_coming")}</span>
      ) : (
        <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true" preserveAspectRatio="none">
          <rect className="box-shade" x={x - pad} y={y - pad} width={w + 2 * pad} height={h + 2 * pad} rx={width / 300} vectorEffect="non-scaling-stroke" />
          <rect className="box-line" x={x - pad} y={y - pad} width={w + 2 * pad} height={h + 2 * pad} rx={width / 300} vectorEffect="non-scaling-stroke" />
        </svg>
      )}
    </span>
  );
}

/** The plate alone, as large as it may be. */
export function Crop({ read, small = false }: { read: Read; small?: boolean }): React.JSX.Element {
  const { t } = useTranslation();
  if (read.crop === null) return <span className={small ? "crop small none" : "crop none"}>{small ? "–" : t("plates.no_picture")}</span>;
  return <Cropped key={read.id} id={read.id} small={small} />;
}

function Cropped({ id, small }: { id: string; small: boolean }): React.JSX.Element {
  const { t } = useTranslation();
  const authority = useUnder();
  const picture = usePicture();
  const late = picture.state === "late";
  const missing = picture.state === "missing";
  return (
    <span className={`crop${small ? " small" : ""}${missing ? " none" : ""}`}>
      {picture.asking && (
        <img src={pictureUrl(id, "crop", authority)} alt={t("plates.box")} loading={small ? "lazy" : "eager"} decoding="async" onLoad={picture.onLoad} onError={picture.onError} />
      )}
      {late && <span className="picture-wait">{small ? "…" : t("plates.picture_coming")}</span>}
      {missing && (small ? "–" : t("plates.no_picture"))}
    </span>
  );
}
