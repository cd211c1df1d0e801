import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { CityMap } from "../../city/CityMap";
import type { Bounds } from "../../city/model";
import { Icon } from "../../kernel/icons";
import { Empty, ProblemNotice } from "../../kernel/Notice";
import { useAuthority, useRequest } from "../../trust/authority/authorities";
import { useAllowed } from "../../trust/session";
import "../../trust/trust.css";
import type { Authority } from "../../trust/wire";
import { draftOf, startOf, type Asking } from "./asking";
import "./authority.css";
import { CaseFields } from "./CaseFields";
import { useInReach } from "./reach";
import { ReachLegend } from "./ReachLegend";
import { ScopeFields } from "./ScopeFields";

const route = getRouteApi("/authorities/request");

/** A new request, or one that asks again for another scope. */
export function RequestPage(): React.JSX.Element {
  const { t } = useTranslation();
  const { replaces, plate } = route.useSearch();
  const before = useAuthority(replaces ?? null);
  if (replaces && !before.data) {
    return <main className="page-refused">{before.error ? <ProblemNotice error={before.error} /> : <Empty title={t("app.loading")} />}</main>;
  }
  return <RequestForm key={replaces ?? "new"} before={before.data ?? null} plate={plate ?? ""} />;
}

function RequestForm({ before, plate }: { before: Authority | null; plate: string }): React.JSX.Element {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const emergencies = useAllowed("trust.declare_emergency") && before === null;
  const [asking, setAsking] = useState<Asking>(() => startOf(before, plate, Date.now()));
  const [drawing, setDrawing] = useState(false);
  const request = useRequest();
  const set = useCallback((change: Partial<Asking>) => setAsking((now) => ({ ...now, ...change })), []);
  const draw = useCallback((area: Bounds) => set({ area }), [set]);
  const draft = draftOf(asking, before?.id ?? null);
  const { marks, codes } = useInReach({
    cameras: asking.cameras.length > 0 ? asking.cameras : null, sites: asking.sites.length > 0 ? asking.sites : null, bounds: asking.area,
  });
  return (
    <main className="page">
      <div className="page-head">
        <h1>{before ? t("authorities.again") : t("asking.title")}</h1>
        {before && <span className="tag note">{t("authorities.replaces", { number: before.number })}</span>}
      </div>
      <div className="asking">
        <form className="asking-form" onSubmit={(event) => {
          event.preventDefault();
          if (draft) request.mutate(draft, { onSuccess: ({ id }) => void navigate({ to: "/authorities", search: { id, mine: true, state: "all" } }) });
        }}>
          <CaseFields asking={asking} onChange={set} />
          <ScopeFields asking={asking} drawing={drawing} onDrawing={setDrawing} onChange={set} />
          {emergencies && (
            <section className="card">
              <label className="check"><input type="checkbox" checked={asking.emergency} onChange={(event) => set({ emergency: event.target.checked })} /><strong>{t("asking.emergency")}</strong></label>
              {asking.emergency && <div className="notice warn"><Icon name="warn" /><p>{t("authorities.emergency_long")}</p></div>}
            </section>
          )}
          <ProblemNotice error={request.error} />
          <div className="row-end">
            <button type="button" className="button" onClick={() => void navigate({ to: "/authorities", search: {} })}>{t("action.cancel")}</button>
            <button type="submit" className={`button ${asking.emergency ? "bad" : "primary"}`} disabled={draft === null || request.isPending}>
              {t(asking.emergency ? "asking.send_emergency" : "asking.send")}
            </button>
          </div>
        </form>
        <section className="asking-map" aria-label={t("asking.preview")} onPointerUp={() => {
          if (drawing && asking.area) setDrawing(false);
        }}>
          <p className="asking-count figures">{drawing ? t("asking.draw_hint") : <>{t("asking.preview")}: <strong>{codes.length}</strong> / {marks.length}</>}</p>
          <CityMap cameras={marks} area={asking.area} drawing={drawing} onArea={draw} legend={<ReachLegend />} />
        </section>
      </div>
    </main>
  );
}
