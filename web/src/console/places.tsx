/** Trust's pages with what they need of the city, which trust does not know. */
import { useSites } from "../city/places";
import { usePreferences } from "../kernel/preferences";
import { AccountsPage, type SiteOption } from "../trust/accounts/AccountsPage";

export function useSiteOptions(): SiteOption[] {
  const { language } = usePreferences();
  return (useSites().data?.features ?? []).map(({ properties: { code, name, name_ur } }) => ({ code, name: language === "ur" ? name_ur || name : name }));
}

export function Accounts(): React.JSX.Element {
  return <AccountsPage sites={useSiteOptions()} />;
}
