import type { Standing } from "./model";

/** The map's mark of a camera, for lists: the same shapes. */
export function StandingMark({ standing }: { standing: Standing }): React.JSX.Element {
  return (
    <svg className={`standing ${standing}`} viewBox="0 0 16 16" aria-hidden="true">
      {standing === "up" && <circle cx="8" cy="8" r="5" />}
      {standing === "warn" && <path d="M8 2.5 14 13H2Z" />}
      {standing === "down" && (
        <>
          <rect x="2.5" y="2.5" width="11" height="11" rx="2.5" />
          <path className="cross" d="M5.5 5.5l5 5M10.5 5.5l-5 5" />
        </>
      )}
      {standing === "off" && (
        <>
          <circle cx="8" cy="8" r="5.5" />
          <path className="cross" d="M5.5 8h5" />
        </>
      )}
      {standing === "unknown" && <circle className="ring" cx="8" cy="8" r="4.5" />}
    </svg>
  );
}
