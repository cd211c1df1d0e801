import { Popover } from "radix-ui";
import { useTranslation } from "react-i18next";
import { Icon } from "../../kernel/icons";

interface SitePickerProps {
  sites: { code: string; name: string }[];
  chosen: string[];
  onChange: (codes: string[]) => void;
}

export function SitePicker({ sites, chosen, onChange }: SitePickerProps): React.JSX.Element {
  const { t } = useTranslation();
  const set = new Set(chosen);
  return (
    <Popover.Root>
      <Popover.Trigger className="button picker-trigger">
        <span className="cut">{chosen.length === 0 ? t("asking.whole_city") : t("groups.chosen", { count: chosen.length })}</span>
        <Icon name="down" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popover picker" align="start" sideOffset={4} aria-label={t("authorities.sites")}>
          <ul>
            {sites.map((site) => (
              <li key={site.code}>
                <label className="check">
                  <input type="checkbox" checked={set.has(site.code)} onChange={(event) => {
                    onChange(event.target.checked ? [...chosen, site.code] : chosen.filter((code) => code !== site.code));
                  }} />
                  <span className="mono ltr">{site.code}</span><span className="cut muted">{site.name}</span>
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
