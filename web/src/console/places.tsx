/** Trust's pages with what they need of the city, which trust does not know. */
import { CityMap } from "../city/CityMap";
import { useSites } from "../city/places";
import { usePreferences } from "../kernel/preferences";
import { AccountsPage, type SiteOption } from "../trust/accounts/AccountsPage";
import { FindingsPage } from "../trust/misuse/FindingsPage";

export function useSiteOptions(): SiteOption[] {
  const { language } = usePreferences();
  return (useSites().data?.features ?? []).map(({ properties: { code, name, name_ur } }) => ({ code, name: language === "ur" ? name_ur || name : name }));
}

export function Accounts(): React.JSX.Element {
  return <AccountsPage sites={useSiteOptions()} />;
}

type Area = [number, number, number, number];

function PlaceMap({ area, onArea }: { area: Area | null; onArea: (area: Area) => void }): React.JSX.Element {
  return <CityMap cameras={[]} area={area} drawing onArea={onArea} legend={<></>} />;
}

export function Findings(): React.JSX.Element {
  return <FindingsPage placeMap={PlaceMap} />;
}
