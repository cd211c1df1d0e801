import { Popover } from "radix-ui";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "./icons";

interface PickerProps {
  choices: readonly { code: string; name: string }[];
  chosen: readonly string[];
  onChange: (codes: string[]) => void;
  /** What is being picked, for assistive technology. */
  label: string;
  /** Says what is chosen. */
  summary: string;
  filter: string;
}

/** Several things with a code and a name out of many, with a filter. */
export function Picker({ choices, chosen, onChange, label, summary, filter }: PickerProps): React.JSX.Element {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const shown = choices.filter((choice) => `${choice.code} ${choice.name}`.toLowerCase().includes(wanted));
  const set = new Set(chosen);
  return (
    <Popover.Root>
      <Popover.Trigger className="button picker-trigger">
        <span className="cut">{summary}</span>
        <Icon name="down" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popover picker" align="start" sideOffset={4} aria-label={label}>
          <input className="input" type="search" value={text} placeholder={filter} aria-label={filter} onChange={(event) => setText(event.target.value)} />
          <ul>
            {shown.map(({ code, name }) => (
              <li key={code}>
                <label className="check">
                  <input type="checkbox" checked={set.has(code)} onChange={(event) => {
                    onChange(event.target.checked ? [...chosen, code] : chosen.filter((other) => other !== code));
                  }} />
                  <span className="mono ltr">{code}</span><span className="cut muted">{name}</span>
                </label>
              </li>
            ))}
          </ul>
          <button type="button" className="button small" disabled={chosen.length === 0} onClick={() => onChange([])}>{t("action.clear")}</button>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
