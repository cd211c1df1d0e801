/** Power, doors, links and disks of sites. */
export const devices = {
  devices: {
    sites: "Sites", title: "Devices", filter: "Filter sites", site: "Site", state: "State", kind: "Kind", name: "Name", code: "Code", since: "Since",
    heard: "Heard", add: "Add device", edit: "Device {{code}}", none: "No site devices yet.", none_hint: "An administrator adds them; they report by HTTP or MQTT.",
    no_power: "No power device of this site was ever heard.", now: "now", eight_hours: "8 h", charge: "Charge", load: "Load", left: "Time left",
    left_if: "Would last", hours: "{{hours}} h", between: "Empty between", lost: "lost", free: "free", crew_until: "crew until",
    capacity: "Battery when new, Wh", capacity_hint: "Lets the forecast begin before a discharge was measured.", window: "Door may be open on",
    from: "From", to: "To", crew: "Crew on site until", crew_hint: "No alarm for the open door until then.",
    remove_sure: "Remove {{code}}? What it told stays.",
    kinds: { power: "Power", door: "Door", tamper: "Tamper", link: "Link", disk: "Disk" },
    states: {
      mains: "Mains", solar: "Solar", battery: "On battery", low: "Battery low", out: "No power", closed: "Closed", maintenance: "Maintenance", open: "Open",
      quiet: "Untouched", tampered: "Tampered", up: "Up", lossy: "Losing packets", down: "Down", ok: "Good", filling: "Filling", full: "Full", failing: "Failing",
      silent: "Silent", never: "Never heard",
    },
    verdicts: { met: "8 hours will be met", short: "8 hours will not be met", uncertain: "8 hours uncertain", unknown: "No forecast" },
    bases: {
      discharge: "From the discharge measured now. The shaded wedge bounds it.", past: "From the last discharge, if the supply failed now.",
      load: "From load and capacity; the lower bound is a battery aged to 70%.", none: "Not enough is known for a forecast: no discharge was seen and no capacity is entered.",
    },
    days: { mon: "Mon", tue: "Tue", wed: "Wed", thu: "Thu", fri: "Fri", sat: "Sat", sun: "Sun" },
  },
};
