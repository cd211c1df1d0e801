import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "../../kernel/icons";
import { useAllowed } from "../session";
import "../trust.css";
import { Classes } from "./Classes";
import { Holds } from "./Holds";
import { PlaceHold } from "./PlaceHold";
import { Receipts } from "./Receipts";

const PARTS = ["classes", "holds", "receipts"] as const;

export function RetentionPage(): React.JSX.Element {
  const { t } = useTranslation();
  const places = useAllowed("trust.place_hold");
  const [part, setPart] = useState<(typeof PARTS)[number]>("classes");
  const [placing, setPlacing] = useState(false);
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t("retention.title")}</h1>
        <div className="segments" role="group" aria-label={t("retention.title")}>
          {PARTS.map((each) => <button key={each} type="button" aria-pressed={part === each} onClick={() => setPart(each)}>{t(`retention.part_${each}`)}</button>)}
        </div>
        <span className="grow" />
        {places && part === "holds" && <button type="button" className="button primary" onClick={() => setPlacing(true)}><Icon name="plus" />{t("retention.place")}</button>}
      </div>
      {part === "classes" && <Classes />}
      {part === "holds" && <Holds />}
      {part === "receipts" && <Receipts />}
      {placing && <PlaceHold onClose={() => setPlacing(false)} />}
    </main>
  );
}
