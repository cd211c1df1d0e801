import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCameras, useSiteNames } from "../city/places";
import { Age } from "../kernel/Age";
import { Dialog } from "../kernel/Dialog";
import { Field } from "../kernel/Field";
import { Icon } from "../kernel/icons";
import { Empty, ProblemNotice } from "../kernel/Notice";
import { usePreferences } from "../kernel/preferences";
import { useRowKeys } from "../kernel/rows";
import { useAllowed } from "../trust/session";
import { useIncidentNews, useIncidents, useOpenIncident, type Shown } from "./asking";
import { IncidentView } from "./IncidentView";
import type { IncidentKind } from "./wire";
import "./incidents.css";

const LISTS: Shown[] = ["open", "resolved", "closed"];
const KINDS: IncidentKind[] = ["vehicle", "road", "crime", "fire", "medical", "public_order", "other"];

export interface IncidentsSearch {
  id?: string;
}

export function IncidentsPage(): React.JSX.Element {
  useIncidentNews();
  const { id } = useSearch({ from: "/incidents" });
  const navigate = useNavigate();
  const show = (next: string | undefined) => void navigate({ to: "/incidents", search: next ? { id: next } : {} });
  return id ? <IncidentView key={id} id={id} onBack={() => show(undefined)} /> : <IncidentList onOpen={show} />;
}

function IncidentList({ onOpen }: { onOpen: (id: string) => void }): React.JSX.Element {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const siteName = useSiteNames(language);
  const [list, setList] = useState<Shown>("open");
  const [opening, setOpening] = useState(false);
  const handles = useAllowed("incidents.handle");
  const found = useIncidents(list);
  const items = found.data?.items ?? [];
  const rows = useRowKeys(items.length, (index) => items[index] && onOpen(items[index].id));
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t("incidents.title")}</h1>
        <div className="segments" role="group" aria-label={t("incidents.state")}>
          {LISTS.map((each) => <button key={each} type="button" aria-pressed={each === list} onClick={() => setList(each)}>{t(`incidents.lists.${each}` as "incidents.lists.open")}</button>)}
        </div>
        <span className="grow" />
        {handles && <button type="button" className="button primary" onClick={() => setOpening(true)}><Icon name="plus" />{t("incidents.open")}</button>}
      </div>
      <div className="table-box">
        <ProblemNotice error={found.error} />
        {found.isSuccess && items.length === 0 && <Empty title={t("incidents.none")} hint={t("incidents.none_hint")} />}
        {items.length > 0 && (
          <table className="table">
            <thead><tr><th>{t("incidents.number")}</th><th>{t("incidents.what")}</th><th>{t("incidents.kind")}</th><th>{t("incidents.state")}</th><th>{t("incidents.where")}</th><th>{t("incidents.by")}</th><th>{t("incidents.opened")}</th></tr></thead>
            <tbody>
              {items.map((one, index) => (
                <tr key={one.id} {...rows(index)}>
                  <td><span className="mono ltr">{one.number}</span></td>
                  <td><button type="button" className="link-cell" dir="auto" onClick={() => onOpen(one.id)}>{one.title}</button> {one.pursued && <span className="tag note">{t("incidents.pursuit")}</span>}</td>
                  <td>{t(`incidents.kinds.${one.kind}`)}</td>
                  <td><span className={one.open ? "tag warn" : "tag"}>{t(`incidents.states.${one.state}`)}</span></td>
                  <td>{siteName(one.site)} <span className="mono faint ltr">{one.camera}</span></td>
                  <td><bdi>{one.opened_by}</bdi></td>
                  <td><Age at={one.opened_at} /></td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      {opening && <OpenDialog onClose={() => setOpening(false)} onOpened={onOpen} />}
    </main>
  );
}

interface OpenDialogProps {
  title?: string;
  camera?: string;
  alarm?: string;
  onClose: () => void;
  onOpened: (id: string) => void;
}

/** By hand, or from an alarm. */
export function OpenDialog({ title: about = "", camera: at = "", alarm, onClose, onOpened }: OpenDialogProps): React.JSX.Element {
  const { t } = useTranslation();
  const cameras = useCameras().data ?? [];
  const open = useOpenIncident();
  const [title, setTitle] = useState(about);
  const [kind, setKind] = useState<IncidentKind>("vehicle");
  const [camera, setCamera] = useState(at);
  const [text, setText] = useState("");
  const send = (event: React.SyntheticEvent) => {
    event.preventDefault();
    open.mutate({ title, kind, camera, text, ...(alarm ? { alarm } : {}) }, { onSuccess: ({ id }) => { onClose(); onOpened(id); } });
  };
  return (
    <Dialog title={t("incidents.open")} onClose={onClose}>
      <form className="dialog-body form-grid" onSubmit={send}>
        <Field label={t("incidents.what")} whole>{(id) => <input id={id} className="input" required maxLength={160} value={title} onChange={(event) => setTitle(event.target.value)} dir="auto" />}</Field>
        <Field label={t("incidents.kind")}>{(id) => (
          <select id={id} className="input" value={kind} onChange={(event) => setKind(event.target.value as IncidentKind)}>
            {KINDS.map((each) => <option key={each} value={each}>{t(`incidents.kinds.${each}`)}</option>)}
          </select>
        )}</Field>
        <Field label={t("incidents.camera")}>{(id) => (
          <select id={id} className="input" required value={camera} onChange={(event) => setCamera(event.target.value)}>
            <option value="" disabled>{t("incidents.choose")}</option>
            {cameras.map((each) => <option key={each.code} value={each.code}>{each.code} · {each.name}</option>)}
          </select>
        )}</Field>
        <Field label={t("incidents.text")} whole>{(id) => <textarea id={id} className="input" rows={3} maxLength={4000} value={text} onChange={(event) => setText(event.target.value)} dir="auto" />}</Field>
        <ProblemNotice error={open.error} />
        <div className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>{t("action.cancel")}</button>
          <button type="submit" className="button primary" disabled={open.isPending}>{t("incidents.open")}</button>
        </div>
      </form>
    </Dialog>
  );
}
