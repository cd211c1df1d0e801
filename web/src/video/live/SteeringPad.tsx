import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { announce } from "../../kernel/Announcer";
import { useNow } from "../../kernel/clock";
import { Icon } from "../../kernel/icons";
import { live } from "../../kernel/live";
import { ProblemNotice } from "../../kernel/Notice";
import { useSteer, useSteering } from "./steering";
import type { Lease } from "./wire";

/** The centre stops a move that is not said again within 3 s. */
const SAY_AGAIN_MS = 1500;
const SPEED = 0.6;

interface Move {
  pan: number;
  tilt: number;
  zoom: number;
}

type Turn = "up" | "down" | "left" | "right" | "up_left" | "up_right" | "down_left" | "down_right" | "in" | "out";

const STILL: Move = { pan: 0, tilt: 0, zoom: 0 };
const move = (pan: number, tilt: number, zoom = 0): Move => ({ pan: pan * SPEED, tilt: tilt * SPEED, zoom: zoom * SPEED });
const PAD = [
  ["up_left", move(-1, 1), 315], ["up", move(0, 1), 0], ["up_right", move(1, 1), 45],
  ["left", move(-1, 0), 270], null, ["right", move(1, 0), 90],
  ["down_left", move(-1, -1), 225], ["down", move(0, -1), 180], ["down_right", move(1, -1), 135],
] as const;
const KEYS: Record<string, Move | undefined> = {
  ArrowUp: move(0, 1), ArrowDown: move(0, -1), ArrowLeft: move(-1, 0), ArrowRight: move(1, 0), "+": move(0, 0, 1), "=": move(0, 0, 1), "-": move(0, 0, -1),
};

/** Turns the camera for as long as something is held, and lets go whatever happens. */
export function SteeringPad({ camera }: { camera: string }): React.JSX.Element | null {
  const { t } = useTranslation();
  const state = useSteering(camera);
  const steer = useSteer(camera);
  const { mutate } = steer;
  const again = useRef<ReturnType<typeof setInterval> | undefined>(undefined);
  useEffect(() => live.on("camera.steered", (said) => {
    if (said.camera === camera) announce(said.taken_from ? t("wall.taken_over", { name: said.held_by, from: said.taken_from }) : t("wall.held", { name: said.held_by }));
  }), [camera, t]);
  const stop = useRef<() => void>(() => undefined);
  useEffect(() => {
    stop.current = () => {
      if (again.current === undefined) return;
      clearInterval(again.current);
      again.current = undefined;
      mutate({ action: "stop" });
    };
  }, [mutate]);
  useEffect(() => {
    const letGo = (): void => stop.current();
    window.addEventListener("blur", letGo);
    return () => {
      window.removeEventListener("blur", letGo);
      letGo();
    };
  }, []);
  if (!state.data) return state.error ? <ProblemNotice error={state.error} /> : null;
  if (!state.data.available) return <p className="muted pad-none">{t("wall.no_turning")}</p>;
  const start = (wish: Move): void => {
    if (again.current !== undefined) return;
    mutate({ action: "move", ...wish });
    again.current = setInterval(() => mutate({ action: "move", ...wish }), SAY_AGAIN_MS);
  };
  const hold = (name: Turn, wish: Move, children: React.ReactNode): React.JSX.Element => (
    <button key={name} type="button" className="button icon pad-key" aria-label={t(`wall.turn.${name}`)} title={t(`wall.turn.${name}`)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start(wish);
      }}
      onPointerUp={() => stop.current()} onPointerCancel={() => stop.current()} onLostPointerCapture={() => stop.current()}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        if (!event.repeat) start(wish);
      }}
      onKeyUp={() => stop.current()} onBlur={() => stop.current()}>
      {children}
    </button>
  );
  return (
    <section className="pad" aria-label={t("wall.turning")}>
      <h3>{t("wall.turning")}</h3>
      {/* Arrow keys turn while the focus is on any key of the pad. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div className="pad-keys" dir="ltr"
        onKeyDown={(event) => {
          const wish = KEYS[event.key];
          if (!wish) return;
          event.preventDefault();
          event.stopPropagation();
          if (!event.repeat) start(wish);
        }}
        onKeyUp={() => stop.current()}>
        {PAD.map((key) => key === null
          ? <button key="home" type="button" className="button icon pad-key" aria-label={t("wall.turn.home")} title={t("wall.turn.home")} onClick={() => mutate({ action: "home" })}><Icon name="whole" /></button>
          : hold(key[0], key[1], <Arrow degrees={key[2]} />))}
      </div>
      <div className="pad-zoom" dir="ltr">
        {hold("out", { ...STILL, zoom: -SPEED }, <span aria-hidden="true">−</span>)}
        <span className="muted">{t("wall.zoom")}</span>
        {hold("in", { ...STILL, zoom: SPEED }, <span aria-hidden="true">+</span>)}
      </div>
      {state.data.presets.length > 0 && (
        <select className="input" value="" aria-label={t("wall.presets")} onChange={(event) => mutate({ action: "preset", preset: event.target.value })}>
          <option value="" disabled>{t("wall.presets")}</option>
          {state.data.presets.map(({ token, name }) => <option key={token} value={token}>{name}</option>)}
        </select>
      )}
      <Holder lease={state.data.lease} />
      <ProblemNotice error={steer.error} />
    </section>
  );
}

function Arrow({ degrees }: { degrees: number }): React.JSX.Element {
  return (
    <svg className="glyph" viewBox="0 0 16 16" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round"
      style={{ transform: `rotate(${degrees}deg)` }}>
      <path d="M8 13V3M4 7l4-4 4 4" />
    </svg>
  );
}

function Holder({ lease }: { lease: Lease | null }): React.JSX.Element | null {
  const { t } = useTranslation();
  const now = useNow();
  if (lease === null) return null;
  const seconds = Math.ceil((new Date(lease.until).getTime() - now) / 1000);
  if (seconds <= 0) return null;
  return (
    <p className={lease.mine ? "pad-holder mine" : "pad-holder"} role="status">
      {lease.mine ? t("wall.yours", { seconds }) : t("wall.held_for", { name: lease.held_by, seconds })}
      {lease.taken_from && <span>{t("wall.taken_from", { from: lease.taken_from })}</span>}
    </p>
  );
}
