import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSiteNames } from "../../city/places";
import { Icon } from "../../kernel/icons";
import { Empty, ProblemNotice } from "../../kernel/Notice";
import { usePreferences } from "../../kernel/preferences";
import { sheetAddress, useAvailability, type SpanName } from "./asking";
import { inWords, percent } from "./figures";
import type { Availability, By } from "./wire";

const BYS: By[] = ["camera", "site", "vendor"];
const NAMES: SpanName[] = ["day", "week", "month"];

interface AvailabilityProps {
  chosen: string | null;
  onChoose: (camera: string) => void;
}

export function AvailabilityTable({ chosen, onChoose }: AvailabilityProps): React.JSX.Element {
  const { t } = useTranslation();
  const [by, setBy] = useState<By>("site");
  const [span, setSpan] = useState<SpanName>("week");
  const found = useAvailability(by, span);
  const items = found.data?.items ?? [];
  return (
    <section className="health-box" aria-label={t("health.availability")}>
      <header className="health-head">
        <h2>{t("health.availability")}</h2>
        <div className="segments" role="group" aria-label={t("health.by")}>
          {BYS.map((each) => <button key={each} type="button" aria-pressed={by === each} onClick={() => setBy(each)}>{t(`health.by_${each}`)}</button>)}
        </div>
        <div className="segments" role="group" aria-label={t("health.span")}>
          {NAMES.map((each) => <button key={each} type="button" aria-pressed={span === each} onClick={() => setSpan(each)}>{t(`health.span_${each}`)}</button>)}
        </div>
        <span className="grow" />
        <a className="button" href={sheetAddress(by, span)} download><Icon name="download" />{t("health.export")}</a>
      </header>
      <ProblemNotice error={found.error} />
      {found.isSuccess && items.length === 0 && <Empty title={t("health.nothing")} />}
      {items.length > 0 && (
        <table className="table availability">
          <thead>
            <tr>
              <th>{t(`health.by_${by}`)}</th>{by !== "camera" && <th className="number">{t("health.cameras")}</th>}
              <th>{t("health.share")}</th><th className="number">{t("health.recorded")}</th>
              <th className="number">{t("health.outages")}</th><th className="number">{t("health.longest")}</th>
            </tr>
          </thead>
          <tbody>
            {items.map((one) => (
              <tr key={one.key} aria-selected={by === "camera" && one.key === chosen}>
                <td><Name by={by} one={one} onChoose={onChoose} /></td>
                {by !== "camera" && <td className="number figures">{one.cameras}</td>}
                <td><Share share={one.share} /></td>
                <td className="number figures ltr">{one.recorded_s === null || one.expected_s === 0 ? "–" : percent(one.recorded_s / one.expected_s)}</td>
                <td className="number figures">{one.outages}</td>
                <td className="number figures ltr">{one.outages ? inWords(one.longest_s) : "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Name({ by, one, onChoose }: { by: By; one: Availability; onChoose: (camera: string) => void }): React.JSX.Element {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const siteName = useSiteNames(language);
  if (by === "camera") {
    return <button type="button" className="link" onClick={() => onChoose(one.key)}><span className="mono ltr">{one.key}</span> <span dir="auto">{one.name}</span></button>;
  }
  if (by === "vendor") return <span dir="auto">{one.key || t("health.no_vendor")}</span>;
  return <><span dir="auto">{siteName(one.key)}</span> <span className="mono faint ltr">{one.key}</span></>;
}

function Share({ share }: { share: number | null }): React.JSX.Element {
  const { t } = useTranslation();
  if (share === null) return <span className="faint">{t("health.not_expected")}</span>;
  const state = share >= 0.99 ? "good" : share >= 0.95 ? "some" : "bad";
  return (
    <span className={`share ${state}`}>
      <span className="share-bar" aria-hidden="true"><span style={{ inlineSize: `${String(share * 100)}%` }} /></span>
      <span className="figures ltr">{percent(share)}</span>
    </span>
  );
}
