import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { Dialog } from "../kernel/Dialog";
import { useMay } from "../trust/session";
import { pagesFor } from "./pages";

type Group = [string, [string, string][]];

const alarmKeys = (t: TFunction): Group[] => [
  [t("keys.queue"), [
    ["j  ↓", t("keys.next")], ["k  ↑", t("keys.previous")], ["Enter", t("keys.open")], ["a", t("keys.acknowledge")], ["n", t("keys.fresh")],
  ]],
  [t("keys.alarm"), [
    ["c", t("keys.confirm")], ["r", t("keys.reject")], ["p", t("keys.picture")], ["m", t("keys.locate")], ["Space", t("keys.play")],
    [",  .", t("keys.step")], ["Esc", t("keys.close")],
  ]],
];

export function ShortcutSheet({ onClose }: { onClose: () => void }): React.JSX.Element {
  const { t } = useTranslation();
  const may = useMay();
  const groups: Group[] = [
    [t("keys.anywhere"), [
      ["/  Ctrl+K", t("keys.command")], ["?", t("keys.sheet")],
      ...pagesFor(may).map((page): [string, string] => [`g ${page.key}`, t("keys.go", { page: t(`nav.${page.name}`) })]),
      ["g i", t("keys.go", { page: t("nav.account") })], ["t t", t("keys.theme")], ["t s", t("keys.sound")], ["t l", t("language.switch_long")],
    ]],
    ...(may("alarms.view") ? alarmKeys(t) : []),
    [t("keys.table"), [["j  k", `${t("keys.next")} / ${t("keys.previous")}`], ["Enter", t("keys.open")]]],
  ];
  return (
    <Dialog title={t("keys.title")} onClose={onClose} wide>
      <div className="dialog-body sheet">
        {groups.map(([title, keys]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([key, text]) => (
                <div key={key}>
                  <dt>{text}</dt>
                  <dd className="ltr">{key.split(/ {2}/).map((way) => <span key={way}>{way.split(" ").map((one) => <kbd key={one}>{one}</kbd>)}</span>)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
