import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "../../kernel/icons";
import { useKeys } from "../../kernel/keys";
import { ProblemNotice } from "../../kernel/Notice";
import { useCameraRows, type CameraRow } from "../health";
import { CameraList, CAMERA_DRAGGED } from "./CameraList";
import { hung, loadWall, placed, showing, storeWall, type Wall } from "./layouts";
import { LivePicture } from "./LiveTile";
import { Stage } from "./Stage";
import { WallBar } from "./WallBar";
import "./wall.css";

/** Rows and columns are the same number. */
const across = (size: number): number => Math.sqrt(size);

export function WallPage(): React.JSX.Element {
  const { t } = useTranslation();
  const { camera, cameras, incident } = useSearch({ from: "/wall" });
  const navigate = useNavigate();
  const [wall, setWall] = useState(() => (cameras ? showing(loadWall(), cameras.split(",").slice(0, 16)) : loadWall()));
  const [picked, setChosen] = useState(0);
  const chosen = Math.min(picked, wall.size - 1);
  const { rows, error, loading } = useCameraRows();
  const byCode = useMemo(() => new Map(rows.map((row) => [row.camera.code, row])), [rows]);
  const grid = useRef<HTMLDivElement>(null);
  const change = (next: Wall): void => {
    setWall(next);
    storeWall(next);
  };
  const enlarge = (code: string | undefined): void => {
    void navigate({ to: "/wall", search: { ...(code ? { camera: code } : {}), ...(incident ? { incident } : {}) } });
  };
  const hang = (code: string): void => change(hung(wall, code, chosen));
  const choose = (index: number): void => {
    const next = Math.min(wall.size - 1, Math.max(0, index));
    setChosen(next);
    grid.current?.querySelectorAll<HTMLElement>(".tile")[next]?.focus();
  };
  const columns = across(wall.size);
  const turned = document.documentElement.dir === "rtl" ? -1 : 1;
  useKeys(camera ? {} : {
    ArrowRight: () => choose(chosen + turned), ArrowLeft: () => choose(chosen - turned),
    ArrowDown: () => choose(chosen + columns), ArrowUp: () => choose(chosen - columns),
    Enter: () => enlarge(wall.tiles[chosen] ?? undefined),
    Delete: () => change(placed(wall, chosen, null)),
  });
  return (
    <main className="wall" aria-label={t("nav.wall")}>
      <CameraList rows={rows} loading={loading} shown={wall.tiles} onHang={hang} onEnlarge={enlarge} />
      <section className="wall-body">
        <WallBar wall={wall} onChange={change} screen={grid} />
        <ProblemNotice error={error} />
        <div ref={grid} className="wall-grid" style={{ "--across": columns } as React.CSSProperties} hidden={camera !== undefined}>
          {wall.tiles.map((code, index) => (
            <Tile key={`${index} ${code ?? ""}`} code={code} row={code === null ? undefined : byCode.get(code)} chosen={index === chosen} alone={wall.size === 1}
              incident={incident} onChoose={() => setChosen(index)} onEnlarge={() => enlarge(code ?? undefined)}
              onDrop={(dropped) => change(placed(wall, index, dropped))} />
          ))}
        </div>
        {camera !== undefined && <Stage key={camera} camera={camera} row={byCode.get(camera)} incident={incident} onClose={() => enlarge(undefined)} />}
      </section>
    </main>
  );
}

interface TileProps {
  code: string | null;
  row: CameraRow | undefined;
  chosen: boolean;
  alone: boolean;
  incident: string | undefined;
  onChoose: () => void;
  onEnlarge: () => void;
  onDrop: (code: string | null) => void;
}

function Tile({ code, row, chosen, alone, incident, onChoose, onEnlarge, onDrop }: TileProps): React.JSX.Element {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  const name = row?.camera.name ?? code ?? "";
  return (
    // The grid's arrow keys choose, Enter enlarges, Delete takes down; the buttons inside do the same.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div className={`tile${chosen ? " chosen" : ""}${over ? " over" : ""}`} data-tile={code ?? ""}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={chosen ? 0 : -1} role="group" aria-label={code === null ? t("wall.free_tile") : t("wall.tile", { name })}
      onFocus={onChoose} onDoubleClick={code === null ? undefined : onEnlarge}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(CAMERA_DRAGGED)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        onDrop(event.dataTransfer.getData(CAMERA_DRAGGED) || code);
      }}>
      {code === null ? <p className="tile-free">{t("wall.hint")}</p> : (
        <>
          <LivePicture camera={code} stream={alone ? "main" : "sub"} incident={incident} label={name} row={row} />
          {/* Dragging is a short cut: the list, the keys and the buttons do the same. */}
          {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
          <div className="tile-bar" draggable onDragStart={(event) => event.dataTransfer.setData(CAMERA_DRAGGED, code)}>
            <span className="cut"><bdi>{name}</bdi> <span className="mono ltr">{code}</span></span>
            <button type="button" className="tile-button" onClick={onEnlarge} aria-label={t("wall.enlarge", { name })} title={t("wall.enlarge", { name })}><Icon name="expand" /></button>
            <button type="button" className="tile-button" onClick={() => onDrop(null)} aria-label={t("wall.take_down", { name })} title={t("wall.take_down", { name })}><Icon name="close" /></button>
          </div>
        </>
      )}
    </div>
  );
}
