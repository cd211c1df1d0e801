import { accounts } from "./en/accounts";
import { authority } from "./en/authority";
import { devices } from "./en/devices";
import { health } from "./en/health";
import { incidents } from "./en/incidents";
import { oversight } from "./en/oversight";
import { playback } from "./en/playback";
import { setup } from "./en/setup";
import { trust } from "./en/trust";
import { keeping } from "./en/keeping";
import { wall } from "./en/wall";

export const en = {
  app: { name: "Amaan", tagline: "City command centre", loading: "Loading…" },
  nav: {
    incidents: "Incidents", wall: "Wall", watch: "Watch", health: "Health", map: "Map", search: "Search", hotlist: "Hot-list", authorities: "Authorities", cameras: "Cameras",
    playback: "Playback", sites: "Sites", accounts: "Accounts", audit: "Audit", findings: "Findings", requests: "Requests", retention: "Retention",
    report: "Report", account: "My account", main: "Main",
  },
  action: {
    save: "Save", cancel: "Cancel", close: "Close", retry: "Try again", 
    clear: "Clear", more: "More", import: "Import CSV", export: "Export CSV",
    load_more: "Load more", rows_one: "{{count}} line", rows_other: "{{count}} lines", remove: "Remove", copy: "Copy",
  },
  unit: { s: "s", min: "min", h: "h", d: "d" },
  time: { local: "Karachi", never: "never", open_end: "no end" },
  live: {
    live: "Live", connecting: "Connecting", reconnecting: "Reconnecting since {{time}}",
  },
  status: {
    bar: "State of the system", cameras_up: "{{count}} up", cameras_down: "{{count}} down",
    cameras_other: "{{count}} other", workers: "{{up}}/{{count}} workers",
    health_ok: "Centre healthy", health_degraded: "Centre degraded", health_failing: "Centre failing",
    health_unknown: "Centre silent", cameras: "Cameras",
  },
  theme: { dark: "Dark theme", light: "Light theme", },
  language: { switch: "اردو", switch_long: "Switch to Urdu" },
  sound: { mute: "Mute sound", unmute: "Unmute sound" },
  bar: {
    open: "Search or command", placeholder: "Type a plate, a page or a command", none: "Nothing matches",
    title: "Command bar", search_plate: "Search plate {{plate}}", near_plate: "Search plates like {{plate}}",
    go: "Go to {{page}}", camera: "Show camera {{code}}", alarm: "Open alarm {{plate}}",
    shortcuts: "Keyboard shortcuts", sign_out: "Sign out", password: "Change password",
    group_go: "Pages", group_plate: "Plates", group_alarms: "Alarms", group_cameras: "Cameras",
    group_settings: "Settings",
  },
  keys: {
    title: "Keyboard shortcuts", anywhere: "Anywhere", queue: "Alarm queue", alarm: "Open alarm",
    table: "Tables", command: "Command bar", sheet: "This sheet", go: "Go to {{page}}",
    next: "Next", previous: "Previous", open: "Open", acknowledge: "Acknowledge", fresh: "Show new alarms",
    confirm: "Confirm", reject: "Reject", picture: "Enlarge picture", play: "Play or pause clip",
    step: "Step one frame", locate: "Show on map", close: "Close", sound: "Sound on or off",
    theme: "Dark or light",
  },
  problem: {
    title: "That did not work", unreachable: "The centre does not answer. Trying again may help.",
    code: "Code {{code}}", conflict: "Somebody else changed this first. It has been loaded again.",
  },
  ...trust,
  playback,
  ...setup,
  ...accounts,
  ...authority,
  ...incidents,
  ...oversight,
  ...wall,
  ...keeping,
  ...devices,
  ...health,
  city: {
    map: "Map of sites and cameras", zoom_in: "Zoom in", zoom_out: "Zoom out", whole: "Whole city",
    legend: "Legend", path: "Earlier sightings", alarm: "Open alarm",
    draw: "Draw area", drawing: "Drag on the map", no_map: "The map cannot be drawn in this browser.",
    state: { up: "Up", warn: "Stalled", down: "Down", off: "Stopped", unknown: "Unknown" },
    
  },
  video: {
    title: "Cameras", filter: "Filter cameras", state: "State", name: "Name",
    site: "Site", reason: "Reason", since: "Since", fps: "Frames/s", size: "Picture", last: "Last frame",
    skipped: "Skipped", reconnects: "Reconnects", worker: "Worker", offset: "Clock offset",
    address: "Address", bearing: "Bearing, degrees from north", lon: "Longitude", lat: "Latitude",
    enabled: "Enabled", read_plates: "Read plates", analysis_fps: "Analysed frames/s",
    add: "Add camera", edit: "Camera {{code}}", empty: "No camera yet. Add one or import a list.",
    none: "No camera matches.", code: "Code", all: "All states", workers: "Workers",
    spool_pending: "{{count}} waiting in spool", address_hint: "rtsp://, http:// or a file. The password is sealed and never shown again.",
    address_keep: "Leave empty to keep the present address.", remove: "Remove camera",
    remove_sure: "Remove {{code}}? Its reads stay.",
    states: { starting: "Starting", up: "Up", stalled: "Stalled", down: "Down", stopped: "Stopped", unknown: "Unknown" },
    clip: "Clip", clip_wanted: "The clip is being cut.", clip_unavailable: "No clip: {{reason}}",
    clip_expired: "The clip was deleted when its time was over.", clip_none: "No clip was asked for.", clip_error: "The clip cannot be played here.",
    play: "Play", pause: "Pause", moment: "Moment of the read", speed: "Speed", step_back: "One frame back",
    step_on: "One frame on", to_moment: "To the moment", position: "Position in clip",
  },
  plates: {
    plate: "Plate", plate_hint: "BGC771, LE?17*, …", exact: "Exact", pattern: "Pattern", near: "Near",
    match: "Match", cameras: "Cameras", any_camera: "Any camera", cameras_count_one: "{{count}} camera",
    cameras_count_other: "{{count}} cameras", area: "Area", no_area: "Whole city", area_set: "Area drawn",
    from: "From", to: "To", search: "Search", results: "Results", none: "Nothing was read like that.",
    ask_first: "Type a plate and search.", none_hint: "Try near match, a pattern with ? and *, or a wider time.", more: "Load more",
    end: "End of results", count_one: "{{count}} read", count_other: "{{count}} reads", time: "Time",
    camera: "Camera", site: "Site", confidence: "Confidence", crop: "Crop", picture: "Picture",
    no_picture: "No picture", picture_failed: "The picture is not available.", picture_coming: "The picture is on its way.", enlarge: "Enlarge picture",
    read: "Read", entry: "Entry", reading: "What was read", box: "The plate in the picture",
    frames: "{{agreeing}} of {{frames}} frames agree", uncertain: "Uncertain read",
    direction: "Direction", history: "Sightings of this plate", history_none: "No other sighting.",
    this_one: "this one", raw: "Raw text", received: "Received", observed: "Observed", place: "Place",
    clock_off: "Camera clock is off by {{seconds}} s", latest: "Passing now", latest_none: "No vehicle has passed yet.",
    all_history: "All sightings", pattern_help: "? stands for one character, * for any number",
    approaching: "Approaching", receding: "Receding", confidence_of: "{{character}}: {{percent}}%",
    clear_area: "Clear area", select_all: "All", filter_cameras: "Filter cameras", details: "Read in detail",
  },
  hotlist: {
    title: "Hot-list", filter: "Plate, case or reason", active: "Active", expired: "Ended", all: "All",
    state: "State", add: "Add entry", edit: "Entry {{plate}}", plate: "Plate or pattern", kind: "Kind",
    reason: "Reason", category: "Category",
    severity: "Severity", case: "Case", instructions: "Instructions", from: "Valid from", until: "Valid until",
    by: "Entered by", at: "Entered", end: "End entry", end_sure: "End {{plate}} now? Alarms stop at once.",
    ended: "Ended", empty: "The hot-list is empty. Add an entry or import a list.", none: "No entry matches.",
    required: "Needed", columns: "Columns: plate, kind, reason, category, severity, case_ref, instructions, valid_from, valid_until",
    categories: {
      stolen: "Stolen", wanted: "Wanted", missing_person: "Missing person", security: "Security", other: "Other",
    },
    import_title: "Import of {{name}}", choose_file: "Choose file", export_about: "The entries that stand under one authority.", authority: "Authority", accepted_one: "{{count}} line taken", accepted_other: "{{count}} lines taken",
    rejected_one: "{{count}} line refused", rejected_other: "{{count}} lines refused",
    line: "Line", column: "Column", row: "Text", import_clean: "No line was refused.",
  },
  alarms: {
    queue: "Alarms", open: "Open", decided: "Decided", empty: "No open alarm.", empty_decided: "No decided alarm yet.",
    empty_hint: "New alarms appear here by themselves.", new_one: "{{count}} new", new_other: "{{count}} new", verify: "Verify", late: "Late by {{span}}", verify_long: "Near match: one character differs. Compare with care.",
    repeat: "seen {{count}} times", raised: "Raised", acknowledged_by: "Acknowledged by {{name}}",
    decided_by: "Decided by {{name}}", choose: "Choose an alarm", choose_hint: "j and k move, Enter opens and acknowledges.",
    announce: "{{severity}} alarm: {{plate}} at {{site}}", compare: "Compare before you decide",
    record: "Record that matched", decide: "Decision", confirm: "Confirm", reject: "Reject",
    confirm_title: "Confirm: it is this vehicle", reject_title: "Reject: it is not",
    why: "Reason", other_reason: "In your own words", send_confirm: "Confirm match", send_reject: "Reject match",
    wait_picture: "The picture must be seen first.", no_picture_rule: "There is no picture. Say how you made sure.",
    never_alone: "A match alone is no ground to act.", valid: "Valid {{from}} to {{until}}",
    no_instructions: "No instructions were given.", decided_at: "Decided", cost: "Cost {{cost}}",
    states: {
      raised: "New", acknowledged: "Open", confirmed: "Confirmed", rejected: "Rejected", cleared: "Cleared",
    },
    severities: { critical: "Critical", high: "High", medium: "Medium", low: "Low" },
    about: { plate_match: "Plate match", integrity: "Contradicting data", camera: "Camera", site: "Dark site", device: "Site device" },
    kinds: { exact: "Exact match", near: "Near match", pattern: "Pattern match" },
    confirm_reasons: {
      all: "All characters agree with the picture", vehicle: "Plate and vehicle agree with the record",
      clip: "Confirmed from the clip",
    },
    reject_reasons: {
      misread: "Misread: the picture shows another plate", vehicle: "Another vehicle than in the record",
      unreadable: "The picture cannot be read", entry: "The record is out of date",
    },
    gone: "This alarm is not there any more.", tab_queue: "Queue", tab_map: "Map", tab_detail: "Detail",
    locate: "Show on map", position_of: "{{index}} of {{count}}",
  },
};

/** The same tree with any text at the leaves. */
export type Words = Tree<typeof en>;
type Tree<T> = { [K in keyof T]: T[K] extends string ? string : Tree<T[K]> };
