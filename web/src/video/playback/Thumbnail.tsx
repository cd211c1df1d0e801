import type { Access } from "./access";
import { useThumbnail } from "./thumbnails";

const WIDTH = 240;

/** A small picture of a moment, once the pointer rests there. */
export function Thumbnail({ access, camera, at }: { access: Access; camera: string; at: number }): React.JSX.Element {
  const found = useThumbnail(access, camera, at, WIDTH);
  return <span className="timeline-thumb">{found && <img src={found.address} alt="" />}</span>;
}
