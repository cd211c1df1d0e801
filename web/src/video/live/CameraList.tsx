import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSiteNames } from "../../city/places";
import { StandingMark } from "../../city/StandingMark";
import { Icon } from "../../kernel/icons";
import { Empty } from "../../kernel/Notice";
import { usePreferences } from "../../kernel/preferences";
import type { CameraRow } from "../health";
import type { Tiles } from "./layouts";

/** What is dragged from the list, or from one tile to another: a camera's code. */
export const CAMERA_DRAGGED = "application/x-amaan-camera";
const OPEN_SITES = 6;

interface CameraListProps {
  rows: CameraRow[];
  loading: boolean;
  shown: Tiles;
  onHang: (code: string) => void;
  onEnlarge: (code: string) => void;
}

/** Every camera under its site. Enter or a click hangs one; it can be dragged too. */
export function CameraList({ rows, loading, shown, onHang, onEnlarge }: CameraListProps): React.JSX.Element {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const siteName = useSiteNames(language);
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const sites = useMemo(() => {
    const found = new Map<string, CameraRow[]>();
    for (const row of rows) {
      const { code, name, site } = row.camera;
      if (wanted && !`${code} ${name} ${siteName(site)}`.toLowerCase().includes(wanted)) continue;
      found.set(site, [...(found.get(site) ?? []), row]);
    }
    return [...found].sort(([a], [b]) => siteName(a).localeCompare(siteName(b)));
  }, [rows, wanted, siteName]);
  return (
    <aside className="wall-list" aria-label={t("wall.cameras")}>
      <input className="input" type="search" value={text} placeholder={t("wall.filter")} aria-label={t("wall.filter")} onChange={(event) => setText(event.target.value)} />
      <div className="wall-sites">
        {sites.length === 0 && <Empty title={loading ? t("app.loading") : t("wall.nothing")} />}
        {sites.map(([site, cameras]) => (
          <details key={`${site} ${wanted}`} open={wanted !== "" || sites.length <= OPEN_SITES || cameras.some(({ camera }) => shown.includes(camera.code))}>
            <summary><bdi className="cut">{siteName(site)}</bdi><span className="figures faint">{cameras.length}</span></summary>
            <ul>
              {cameras.map(({ camera, standing }) => (
                <li key={camera.code} className={shown.includes(camera.code) ? "shown" : ""}>
                  <button type="button" className="wall-camera" draggable onClick={() => onHang(camera.code)} title={t("wall.hang", { name: camera.name })}
                    onDragStart={(event) => event.dataTransfer.setData(CAMERA_DRAGGED, camera.code)}>
                    <StandingMark standing={standing} />
                    <bdi className="cut">{camera.name}</bdi><span className="mono ltr faint">{camera.code}</span>
                  </button>
                  <button type="button" className="button icon small quiet" onClick={() => onEnlarge(camera.code)} aria-label={t("wall.enlarge", { name: camera.name })}
                    title={t("wall.enlarge", { name: camera.name })}><Icon name="expand" /></button>
                </li>
              ))}
            </ul>
          </details>
        ))}
      </div>
    </aside>
  );
}
