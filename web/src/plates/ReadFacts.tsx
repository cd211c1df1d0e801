import { useTranslation } from "react-i18next";
import { Moment } from "../kernel/Age";
import type { Read } from "../kernel/wire";

/** A clock further out than this is said aloud. */
const CLOCK_LIMIT_MS = 2000;

export function ReadFacts({ read, site }: { read: Read; site: string }): React.JSX.Element {
  const { t } = useTranslation();
  const offset_ms = read.clock_offset_ms ?? 0;
  const percent = Math.round(read.confidence * 100);
  const way = read.direction === "approaching" || read.direction === "receding" ? t(`plates.${read.direction}`) : read.direction;
  return (
    <dl className="facts wide">
      <div><dt>{t("plates.place")}</dt><dd><bdi>{read.camera_name ?? site}</bdi> <span className="mono faint ltr">{read.camera}</span></dd></div>
      <div><dt>{t("plates.observed")}</dt><dd><Moment at={read.observed_at} /></dd></div>
      <div>
        <dt>{t("plates.confidence")}</dt>
        <dd>
          <span className={percent < 80 ? "percent weak" : "percent"}>{percent}%</span>{" · "}
          {t("plates.frames", { agreeing: read.agreeing, frames: read.frames })}
          {read.uncertain && <span className="tag verify">{t("plates.uncertain")}</span>}
        </dd>
      </div>
      <div><dt>{t("plates.raw")}</dt><dd className="mono"><span className="ltr">{read.raw_text}</span></dd></div>
      {way && <div><dt>{t("plates.direction")}</dt><dd>{way}</dd></div>}
      {(read.clock_suspect || Math.abs(offset_ms) > CLOCK_LIMIT_MS) && (
        <div><dt /><dd className="invalid">{t("plates.clock_off", { seconds: (offset_ms / 1000).toFixed(1) })}</dd></div>
      )}
    </dl>
  );
}
