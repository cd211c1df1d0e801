import { useNavigate } from "@tanstack/react-router";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useOpenAlarms } from "../alarms/alarms";
import { useCameras } from "../city/places";
import { Icon } from "../kernel/icons";
import { prefer, usePreferences } from "../kernel/preferences";
import { normalPlate } from "../plates/reads";
import { useMay, useSignOut } from "../trust/session";
import { looksLikePlate, matching, type Command } from "./commands";
import { pagesFor } from "./pages";

const MOST_LINES = 14;

interface CommandBarProps {
  onClose: () => void;
  onSheet: () => void;
  onPassword: () => void;
}

function useCommands(text: string, { onSheet, onPassword }: CommandBarProps): Command[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { theme, language, sound } = usePreferences();
  const signOut = useSignOut();
  const cameras = useCameras().data ?? [];
  const alarms = useOpenAlarms().data?.items ?? [];
  const may = useMay();
  const plate = normalPlate(text);
  const plates: Command[] = may("plates.search") && looksLikePlate(text) ? [
    { id: "plate", group: t("bar.group_plate"), text: t("bar.search_plate", { plate }),
      run: () => void navigate({ to: "/search", search: { plate, match: /[?*]/.test(plate) ? "pattern" : "exact" } }) },
    ...(/[?*]/.test(plate) ? [] : [{ id: "near", group: t("bar.group_plate"), text: t("bar.near_plate", { plate }),
      run: () => void navigate({ to: "/search", search: { plate, match: "near" } }) }]),
  ] : [];
  const pages: Command[] = pagesFor(may).map((page) => ({
    id: page.name, group: t("bar.group_go"), text: t("bar.go", { page: t(`nav.${page.name}`) }), keys: `g ${page.key}`,
    run: () => void navigate({ to: page.to, search: {} }),
  }));
  const open: Command[] = alarms.map((alarm) => ({
    id: alarm.id, group: t("bar.group_alarms"), text: t("bar.alarm", { plate: alarm.read?.plate ?? alarm.title }),
    run: () => void navigate({ to: "/watch", search: { alarm: alarm.id } }),
  }));
  const places: Command[] = text.trim() === "" || !may("alarms.view") ? [] : cameras.map((camera) => ({
    id: `${camera.code} ${camera.name}`, group: t("bar.group_cameras"), text: `${t("bar.camera", { code: camera.code })} · ${camera.name}`,
    run: () => void navigate({ to: "/watch", search: { camera: camera.code } }),
  }));
  const settings: Command[] = [
    { id: "theme", text: t(theme === "dark" ? "theme.light" : "theme.dark"), keys: "t t", run: () => prefer({ theme: theme === "dark" ? "light" : "dark" }) },
    { id: "language", text: t("language.switch_long"), keys: "t l", run: () => prefer({ language: language === "en" ? "ur" : "en" }) },
    { id: "sound mute", text: t(sound ? "sound.mute" : "sound.unmute"), keys: "t s", run: () => prefer({ sound: !sound }) },
    { id: "keys shortcuts", text: t("bar.shortcuts"), keys: "?", run: onSheet },
    { id: "account sessions", text: t("bar.go", { page: t("nav.account") }), keys: "g i", run: () => void navigate({ to: "/account" }) },
    { id: "password", text: t("bar.password"), run: onPassword },
    { id: "sign out", text: t("bar.sign_out"), run: () => signOut.mutate() },
  ].map((command) => ({ ...command, group: t("bar.group_settings") }));
  const rest = matching([...pages, ...open, ...places, ...settings], text, MOST_LINES);
  return [...plates, ...rest];
}

/** One line for everything: pages, plates, alarms, cameras, settings. */
export function CommandBar(props: CommandBarProps): React.JSX.Element {
  const { t } = useTranslation();
  const id = useId();
  const element = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const commands = useCommands(text, props);
  const current = Math.min(at, Math.max(0, commands.length - 1));
  const { onClose } = props;

  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  useEffect(() => {
    document.getElementById(`${id}${current}`)?.scrollIntoView({ block: "nearest" });
  }, [id, current]);

  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by !== 0) setAt((current + by + commands.length) % Math.max(1, commands.length));
    else if (event.key === "Enter") run(commands[current]);
    else return;
    event.preventDefault();
  };
  return (
    // A click outside closes; the keyboard has Escape for the same.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <dialog ref={element} className="dialog command-bar" aria-label={t("bar.title")} onCancel={(event) => {
      event.preventDefault();
      onClose();
    }} onClick={(event) => {
      if (event.target === element.current) onClose();
    }}>
      <div className="command-field">
        <Icon name="search" />
        <input role="combobox" aria-expanded="true" aria-controls={`${id}list`} aria-activedescendant={commands.length > 0 ? `${id}${current}` : undefined}
          aria-label={t("bar.title")} placeholder={t("bar.placeholder")} value={text} onKeyDown={onKeyDown} autoComplete="off" spellCheck={false}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }} />
        <kbd>Esc</kbd>
      </div>
      <div id={`${id}list`} role="listbox" aria-label={t("bar.title")} className="command-list">
        {commands.length === 0 && <p className="muted none">{t("bar.none")}</p>}
        {commands.map((command, index) => (
          <CommandLine key={`${command.group} ${command.id}`} id={`${id}${index}`} command={command} chosen={index === current}
            heads={command.group !== commands[index - 1]?.group} onRun={() => run(command)} onPoint={() => setAt(index)} />
        ))}
      </div>
    </dialog>
  );
}

interface CommandLineProps {
  id: string;
  command: Command;
  chosen: boolean;
  heads: boolean;
  onRun: () => void;
  onPoint: () => void;
}

function CommandLine({ id, command, chosen, heads, onRun, onPoint }: CommandLineProps): React.JSX.Element {
  return (
    <>
      {heads && <div role="presentation" className="command-group">{command.group}</div>}
      {/* The keyboard is with the field above, as the combobox pattern has it. */}
      {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events */}
      <div id={id} role="option" aria-selected={chosen} className="command-line" onClick={onRun} onPointerMove={onPoint} tabIndex={-1}>
        <span className="cut">{command.text}</span>
        {command.keys && <span className="ltr">{command.keys.split(" ").map((key, index) => <kbd key={`${index} ${key}`}>{key}</kbd>)}</span>}
      </div>
    </>
  );
}
