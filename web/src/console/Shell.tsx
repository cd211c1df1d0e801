import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { localClock } from "../kernel/clock";
import { Icon, type IconName } from "../kernel/icons";
import { useKeys } from "../kernel/keys";
import { useLive } from "../kernel/live";
import { prefer, usePreferences } from "../kernel/preferences";
import { NewPassword } from "../trust/NewPassword";
import { useRoleName } from "../trust/roles";
import { useMay, useSession, useSignOut } from "../trust/session";
import { CommandBar } from "./CommandBar";
import { landing, pagesFor, type PageEntry } from "./pages";
import "./shell.css";
import { ShortcutSheet } from "./ShortcutSheet";
import { StatusBar } from "./StatusBar";
import { useLiveCache } from "./useLiveCache";

type Over = "bar" | "sheet" | "password" | null;

export function Shell(): React.JSX.Element {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const session = useSession();
  const { theme, language, sound } = usePreferences();
  const [over, setOver] = useState<Over>(null);
  const may = useMay();
  const pages = pagesFor(may);
  useLiveCache(session.data?.owes === null && may("console.listen"));
  const go = (to: PageEntry["to"] | "/account") => () => void navigate({ to, search: {} });
  useKeys({
    "mod+k": () => setOver((now) => (now === "bar" ? null : "bar")), "/": () => setOver("bar"), "?": () => setOver("sheet"),
    ...Object.fromEntries(pages.map((page) => [`g ${page.key}`, go(page.to)])), "g i": go("/account"),
    "t t": () => prefer({ theme: theme === "dark" ? "light" : "dark" }),
    "t s": () => prefer({ sound: !sound }),
    "t l": () => prefer({ language: language === "en" ? "ur" : "en" }),
  });
  return (
    <div className="shell">
      <header className="topbar">
        <Link to={landing(may)} search={{}} className="brand" aria-label={t("app.name")}>
          <img src="/amaan.svg" alt="" width="26" height="26" /><span>{t("app.name")}</span>
        </Link>
        <nav className={pages.length > 8 ? "nav many crowded" : pages.length > 5 ? "nav many" : "nav"} aria-label={t("nav.main")}>
          {pages.map((page) => (
            <Link key={page.to} to={page.to} search={{}} activeOptions={{ includeSearch: false }} title={`g ${page.key}`}>
              <Icon name={page.icon} /><span>{t(`nav.${page.name}`)}</span>
            </Link>
          ))}
        </nav>
        <button type="button" className="open-bar" onClick={() => setOver("bar")}>
          <Icon name="search" /><span>{t("bar.open")}</span><kbd>/</kbd>
        </button>
        <span className="grow" />
        {may("console.listen") && <LiveSign />}
        <ToolButton icon={sound ? "sound" : "mute"} label={sound ? t("sound.mute") : t("sound.unmute")} pressed={sound} onClick={() => prefer({ sound: !sound })} />
        <ToolButton icon={theme === "dark" ? "sun" : "moon"} label={theme === "dark" ? t("theme.light") : t("theme.dark")}
          onClick={() => prefer({ theme: theme === "dark" ? "light" : "dark" })} />
        <button type="button" className="button quiet language" lang={language === "en" ? "ur" : "en"} title={t("language.switch_long")}
          onClick={() => prefer({ language: language === "en" ? "ur" : "en" })}>{t("language.switch")}</button>
        <PersonMenu onAccount={go("/account")} onPassword={() => setOver("password")} onSheet={() => setOver("sheet")} />
      </header>
      <div className="room"><Outlet /></div>
      <StatusBar />
      {over === "bar" && <CommandBar onClose={() => setOver(null)} onSheet={() => setOver("sheet")} onPassword={() => setOver("password")} />}
      {over === "sheet" && <ShortcutSheet onClose={() => setOver(null)} />}
      {over === "password" && <NewPassword onClose={() => setOver(null)} />}
    </div>
  );
}

interface ToolButtonProps {
  icon: IconName;
  label: string;
  pressed?: boolean;
  onClick: () => void;
}

function ToolButton({ icon, label, pressed, onClick }: ToolButtonProps): React.JSX.Element {
  return (
    <button type="button" className="button icon quiet tool" aria-label={label} title={label} aria-pressed={pressed} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}

function LiveSign(): React.JSX.Element {
  const { t } = useTranslation();
  const { status, since } = useLive();
  const text = status === "reconnecting" ? t("live.reconnecting", { time: localClock(since) }) : t(`live.${status}`);
  return <span className={`live-sign ${status}`} role="status"><i aria-hidden="true" />{text}</span>;
}

interface PersonMenuProps {
  onAccount: () => void;
  onPassword: () => void;
  onSheet: () => void;
}

function PersonMenu({ onAccount, onPassword, onSheet }: PersonMenuProps): React.JSX.Element {
  const { t } = useTranslation();
  const session = useSession();
  const signOut = useSignOut();
  const roleName = useRoleName();
  const account = session.data?.account;
  const name = account?.display_name ?? "";
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="button icon quiet" aria-label={t("trust.account", { name })}><Icon name="person" /></DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="popover menu" align="end" sideOffset={4}>
          <DropdownMenu.Label>
            <bdi>{name}</bdi>
            <span className="menu-roles">{account?.roles.map(roleName).join(" · ")}</span>
          </DropdownMenu.Label>
          <DropdownMenu.Item onSelect={onAccount}>{t("nav.account")}<span className="ltr"><kbd>g</kbd> <kbd>i</kbd></span></DropdownMenu.Item>
          <DropdownMenu.Item onSelect={onSheet}>{t("bar.shortcuts")}<kbd>?</kbd></DropdownMenu.Item>
          <DropdownMenu.Item onSelect={onPassword}>{t("trust.change")}</DropdownMenu.Item>
          <DropdownMenu.Separator />
          <DropdownMenu.Item onSelect={() => signOut.mutate()}>{t("trust.sign_out")}</DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
