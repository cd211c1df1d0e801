import { useTranslation } from "react-i18next";
import type { Difference } from "../kernel/wire";

interface CharactersProps {
  read: string;
  /** Empty where nothing is compared. */
  entry: string;
  confidences: number[];
  differences: Difference[];
  isPattern: boolean;
}

/** What was read over what was wanted, character under character; those that differ are boxed. */
export function Characters({ read, entry, confidences, differences, isPattern }: CharactersProps): React.JSX.Element {
  const { t } = useTranslation();
  const differing = new Set(differences.map((each) => each.position));
  const cell = (character: string, index: number) => (
    <span key={index} className={differing.has(index) ? "character differs" : "character"}>{character}</span>
  );
  return (
    <dl className="characters" dir="ltr">
      <div>
        <dt>{t("plates.read")}</dt>
        <dd>
          {Array.from(read).map((character, index) => (
            <span key={index} className="character-column" title={t("plates.confidence_of", {
              character, percent: Math.round((confidences[index] ?? 0) * 100),
            })}>
              {cell(character, index)}
              <span className="sure" aria-hidden="true">
                <span className={(confidences[index] ?? 0) < 0.8 ? "weak" : ""} style={{ inlineSize: `${(confidences[index] ?? 0) * 100}%` }} />
              </span>
            </span>
          ))}
        </dd>
      </div>
      {entry && (
        <div>
          <dt>{t("plates.entry")}</dt>
          <dd>{isPattern ? <span className="character pattern">{entry}</span> : Array.from(entry).map(cell)}</dd>
        </div>
      )}
    </dl>
  );
}
