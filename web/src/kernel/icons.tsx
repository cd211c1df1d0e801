/** Stroked 16-pixel signs; always decoration beside a text or under a label. */
const PATHS = {
  search: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9ZM10.3 10.3 14 14",
  close: "M3.5 3.5l9 9M12.5 3.5l-9 9",
  moon: "M13 9.800A5.5 5.5 0 0 1 6.2 3 5.5 5.5 0 1 0 13 9.800Z",
  sun: "M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
  sound: "M2.5 6v4H5l3.5 3V3L5 6H2.5ZM11 5.5a3.5 3.5 0 0 1 0 5M12.800 3.5a6 6 0 0 1 0 9",
  mute: "M2.5 6v4H5l3.5 3V3L5 6H2.5ZM11 6l4 4M15 6l-4 4",
  person: "M8 2.5a2.800 2.800 0 1 1 0 5.600 2.800 2.800 0 0 1 0-5.600ZM2.5 14c.6-3 2.800-4.2 5.5-4.2s4.900 1.2 5.5 4.2",
  check: "M3 8.5 6.5 12 13 4.5",
  warn: "M8 2 14.5 13.5h-13ZM8 6.5v3M8 11.5v.5",
  pin: "M8 14.5S3.5 9.800 3.5 6.5a4.5 4.5 0 0 1 9 0C12.5 9.800 8 14.5 8 14.5ZM8 5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3Z",
  play: "M4.5 2.800v10.4L13 8Z",
  pause: "M5 3v10M11 3v10",
  back: "M9.5 3.5 5 8l4.5 4.5",
  on: "M6.5 3.5 11 8l-4.5 4.5",
  plus: "M8 3v10M3 8h10",
  expand: "M9.5 2.5h4v4M6.5 13.5h-4v-4M13.5 2.5 9 7M2.5 13.5 7 9",
  area: "M2.5 5V2.5H5M11 2.5h2.5V5M13.5 11v2.5H11M5 13.5H2.5V11",
  whole: "M2 8l6-5.5L14 8M4 7v6.5h8V7",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8ZM8 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4Z",
  list: "M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.5M2.5 8h.5M2.5 12h.5",
  camera: "M2 5h8.5v6.5H2ZM10.5 7.5 14 5.5v5.5l-3.5-2",
  upload: "M8 10.5V2.5M4.800 5.5 8 2.5l3.2 3M2.5 10.5v3h11v-3",
  download: "M8 2.5v8M4.800 7.5 8 10.5l3.2-3M2.5 10.5v3h11v-3",
  down: "M4 6l4 4 4-4",
  key: "M10.5 2a3.5 3.5 0 1 1-2.800 5.600L3 12.300V14H1.5v-2.5l4.900-4.800A3.5 3.5 0 0 1 10.5 2ZM11.5 4.500v.01",
  lock: "M3.5 7h9v6.5h-9ZM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
  shield: "M8 1.500 13.500 3.500v4c0 3.500-2.300 5.700-5.500 7-3.200-1.300-5.500-3.500-5.500-7v-4ZM5.500 8l2 2 3-3.500",
  log: "M3 2h7l3 3v9H3ZM5.500 7h5M5.500 9.500h5M5.500 12h3",
  flag: "M3.500 14V2.500M3.500 3h8.500l-2 3 2 3H3.500",
  bin: "M2.500 4h11M6 4V2.500h4V4M4 4l.7 9.500h6.600L12 4M6.500 6.500v4.500M9.500 6.500v4.500",
  chart: "M2.500 13.500h11M4 11V8M7 11V4.500M10 11V6.500M13 11V3",
  letter: "M2 3.500h12v9H2ZM2 4l6 5 6-5",
  people: "M6 2.500a2.300 2.300 0 1 1 0 4.600 2.300 2.300 0 0 1 0-4.600ZM1.500 13c.4-2.500 2.200-3.700 4.500-3.700s4.100 1.200 4.500 3.700M10.500 3a2.200 2.200 0 0 1 0 4.200M12 9.500c1.500.5 2.300 1.700 2.500 3.500",
  record: "M8 2.500a5.500 5.500 0 1 1 0 11 5.500 5.500 0 0 1 0-11ZM8 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4Z",
  wall: "M2 3h12v9.500H2ZM8 3v9.500M2 7.750h12",
  power: "M9 1.5 3.500 9H7.500L6.500 14.500 12.500 6.500H8.500Z",
  pulse: "M1.500 8.500h3l2-5 3 9 2-4h3",
  map: "M1.500 4 6 2l4 2 4.500-2v10L10 14l-4-2-4.500 2ZM6 2v10M10 4v10",
} as const;

export type IconName = keyof typeof PATHS;

/** Signs that point along the text turn round with it. */
const TURNING = new Set<IconName>(["back", "on"]);

export function Icon({ name }: { name: IconName }): React.JSX.Element {
  return (
    <svg className={TURNING.has(name) ? "glyph turning" : "glyph"} viewBox="0 0 16 16" aria-hidden="true"
      fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round">
      <path d={PATHS[name]} />
    </svg>
  );
}
