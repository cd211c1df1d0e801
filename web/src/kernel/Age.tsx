import { useTranslation } from "react-i18next";
import { age, localClock, localDay, useNow, utcClock } from "./clock";
import type { Time } from "./wire";

/** How long ago, ticking. Figures are of one width, so that nothing beside it moves. */
export function Age({ at }: { at: Time }): React.JSX.Element {
  const { t } = useTranslation();
  const span = age(at, useNow());
  return (
    <time className="age figures" dateTime={at} title={`${localDay(at)} ${localClock(at)}`}>
      {span.value}&#8239;{t(`unit.${span.unit}`)}
    </time>
  );
}

/** City time first, UTC beside it. */
export function Moment({ at }: { at: Time }): React.JSX.Element {
  return (
    <time className="ltr figures" dateTime={at}>
      {localDay(at)} <strong>{localClock(at)}</strong> <span className="faint">{utcClock(at)} UTC</span>
    </time>
  );
}
