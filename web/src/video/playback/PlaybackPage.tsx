import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { useCameras } from "../../city/places";
import { Icon } from "../../kernel/icons";
import { useKeys } from "../../kernel/keys";
import { Empty, ProblemNotice } from "../../kernel/Notice";
import { Picker } from "../../kernel/Picker";
import { useAllowed } from "../../trust/session";
import { ExportDialog } from "./Exporting";
import { Player } from "./player";
import { lanesOf, useMarks, useTimeline } from "./recordings";
import { saveSnapshot } from "./snapshot";
import { DAY, following, HOUR, length, middle, MINUTE, type Span } from "./span";
import { Tile } from "./Tile";
import { Legend, RANGES, Timeline } from "./Timeline";
import { Transport } from "./Transport";
import "./playback.css";

export const MOST = 4;
const START_BACK = 10 * MINUTE;

export interface PlaybackSearch {
  cameras?: string;
  at?: string;
}

/** Up to four cameras in step, over everything that was recorded of them. */
export function PlaybackPage(): React.JSX.Element {
  const { t } = useTranslation();
  const search: PlaybackSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const all = useCameras();
  const codes = useMemo(() => (search.cameras ?? "").split(",").filter(Boolean).slice(0, MOST), [search.cameras]);
  const choose = (chosen: string[]) => void navigate({ to: "/playback", search: { ...search, cameras: chosen.slice(-MOST).join(",") }, replace: true });
  const asked = search.at ? new Date(search.at).getTime() : NaN;
  const start = Number.isFinite(asked) ? asked : null;
  return (
    <main className="page playback-page">
      <div className="page-head">
        <h1>{t("nav.playback")}</h1>
        <Picker choices={all.data ?? []} chosen={codes} onChange={choose} label={t("playback.pick")} filter={t("plates.filter_cameras")}
          summary={codes.length === 0 ? t("playback.pick") : t("playback.in_step", { count: codes.length })} />
        <ProblemNotice error={all.error} />
      </div>
      {codes.length === 0
        ? <Empty title={t("playback.pick")} hint={t("playback.pick_hint")} />
        : <Desk key={codes.join()} codes={codes} names={new Map((all.data ?? []).map(({ code, name }) => [code, name]))} start={start} />}
    </main>
  );
}

interface DeskProps {
  codes: string[];
  names: Map<string, string>;
  start: number | null;
}

/** The moment that survives when a camera is added or taken away. */
let lastMoment: number | null = null;

function Desk({ codes, names, start }: DeskProps): React.JSX.Element {
  const { t } = useTranslation();
  const [opening] = useState(() => start ?? lastMoment ?? Date.now() - START_BACK);
  const player = usePlayer(codes, opening);
  const [span, setSpan] = useState<Span>({ from: opening - HOUR / 2, to: opening + HOUR / 2 });
  const [width, setWidth] = useState(0);
  const [cut, setCut] = useState<{ from: number | null; to: number | null }>({ from: null, to: null });
  const [muted, setMuted] = useState(true);
  const [chosen, setChosen] = useState<string>(codes[0] ?? "");
  const [exporting, setExporting] = useState(false);
  const exports = useAllowed("video.export");
  const timeline = useTimeline(codes, span, width);
  const marks = useMarks(codes, span, width);
  const standing = useSyncExternalStore(player.subscribe, player.standing);
  const { at, playing, speed } = standing;
  const timelines = useMemo(() => lanesOf(timeline.data), [timeline.data]);
  useEffect(() => {
    lastMoment = at;
  });
  useEffect(() => player.subscribe(() => {
    const now = player.standing();
    if (now.playing) setSpan((shown) => following(shown, now.at));
  }), [player]);

  const seek = useCallback((to: number) => {
    player.seek(to);
    setSpan((now) => (to >= now.from && to <= now.to ? now : { from: to - length(now) / 2, to: to + length(now) / 2 }));
  }, [player]);
  const snapshot = () => void saveSnapshot(chosen, at);
  const markIn = () => setCut(({ to }) => ({ from: at, to: to !== null && to > at ? to : null }));
  const markOut = () => setCut(({ from }) => ({ from: from !== null && from < at ? from : null, to: at }));
  useKeys({
    " ": () => player.toggle(), k: () => player.pause(),
    j: () => player.play(speed > 0 || !playing ? -1 : Math.max(-16, speed * 2)),
    l: () => player.play(speed < 0 || !playing ? 1 : Math.min(16, speed * 2)),
    ",": () => player.step(-1), ".": () => player.step(1),
    ArrowLeft: () => seek(at - 5_000), ArrowRight: () => seek(at + 5_000),
    i: markIn, o: markOut, s: snapshot,
  });
  const range = (long: number) => setSpan((now) => {
    const around = at >= now.from && at <= now.to ? at : middle(now);
    return { from: around - long / 2, to: around + long / 2 };
  });
  return (
    <>
      <div className={`play-wall of-${codes.length}`}>
        {codes.map((code) => (
          <Tile key={code} camera={code} name={names.get(code) ?? ""} player={player} chosen={code === chosen && codes.length > 1}
            muted={muted || code !== chosen || speed !== 1} onChoose={() => setChosen(code)} />
        ))}
      </div>
      <div className="play-desk">
        <Transport player={player} standing={standing} muted={muted} sounds={speed === 1} onMuted={setMuted} onSnapshot={snapshot} />
        <div className="play-tools">
          <div className="segments" role="group" aria-label={t("playback.range")}>
            {RANGES.map(({ name, long }) => (
              <button key={name} type="button" aria-pressed={Math.abs(length(span) - long) < long * 0.02} onClick={() => range(long)}>
                {t(`playback.ranges.${name}`)}
              </button>
            ))}
          </div>
          <button type="button" className="button small quiet" onClick={() => setSpan((now) => ({ from: at - length(now) / 2, to: at + length(now) / 2 }))}>{t("playback.to_moment")}</button>
          <button type="button" className="button small quiet" onClick={() => seek(Date.now() - MINUTE)}>{t("playback.newest")}</button>
          <ProblemNotice error={timeline.error} />
          <span className="grow" />
          {exports && (
            <>
              <button type="button" className="button small" onClick={markIn}>{t("playback.in")} <kbd>I</kbd></button>
              <button type="button" className="button small" onClick={markOut}>{t("playback.out")} <kbd>O</kbd></button>
              <button type="button" className="button small primary" onClick={() => setExporting(true)}><Icon name="download" />{t("playback.export")}</button>
            </>
          )}
        </div>
        <Timeline cameras={codes} timelines={timelines} marks={marks.data} span={span} at={at} cut={cut} access={player.access}
          onSpan={setSpan} onSeek={seek} onWidth={setWidth} />
        <Legend counted={marks.data ? marks.data.reads !== null : length(span) <= 2 * DAY} />
      </div>
      {exporting && <ExportDialog cameras={codes} from={cut.from ?? at - MINUTE / 2} to={cut.to ?? at + MINUTE / 2} onClose={() => setExporting(false)} />}
    </>
  );
}

/** One player for as long as the cameras stay the same. */
function usePlayer(codes: string[], opening: number): Player {
  const [player] = useState(() => new Player(codes, opening));
  useEffect(() => {
    player.open();
    return () => player.close();
  }, [player]);
  return player;
}
