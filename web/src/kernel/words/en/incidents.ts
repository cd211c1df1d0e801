/** Incidents and pursuits. */
export const incidents = {
  incidents: {
    title: "Incidents", incident: "Incident", one: "Incident {{number}}", open: "Open incident", none: "No incidents here.", none_hint: "Open one by hand, or from an alarm.",
    number: "No.", what: "What happened", kind: "Kind", state: "State", where: "Where", by: "By", opened: "Opened", camera: "Camera", choose: "Choose a camera",
    text: "What is known", reason: "Reason", reopen: "Open again", timeline: "Timeline", note: "Add a note",
    lists: { open: "Open", resolved: "Resolved", closed: "Closed" },
    states: { new: "New", in_progress: "In progress", on_scene: "On scene", resolved: "Resolved", closed: "Closed" },
    kinds: { vehicle: "Vehicle", road: "Road", crime: "Crime", fire: "Fire", medical: "Medical", public_order: "Public order", other: "Other" },
    steps: { started: "Pursuit begun", seen: "Seen here", not_seen: "Not seen", lost: "Lost", opened: "Looked at", undone: "Taken back", ended: "Pursuit ended" },
    pursuits: { tracking: "Following", lost: "Lost", ended: "Ended" },
    pursuit: "Pursuit", pursue: "Follow from camera to camera",
    pursue_hint: "The centre offers the next cameras by the roads. You look and recognise; no picture is analysed.",
    pursuit_over: "A pursuit was ended; its trail of {{count}} sightings stays on the timeline.",
    seen_at_camera: "Seen at camera", seen_at: "Time of the picture", seen_now: "Empty: of the live picture below", moment: "Moment", live: "Live", recorded: "Recorded", no_picture: "No picture of {{name}} is on the screen, so nothing was seen there.", start: "Begin pursuit", not_open: "Open the incident again to follow.",
    person_looks: "You recognise; the centre only offers cameras.", straight_line: "No roads imported: nearest by straight line", undo: "Take back", end: "End pursuit",
    last_seen: "Last seen", nothing_next: "No camera can be reached from here in time.", open_camera: "Enlarge {{name}}",
    direct: "next", in_s: "in {{count}} s", left_s: "{{count}} s left", past: "window past", trail: "Trail", kmh: "≥ {{count}} km/h",
    kmh_hint: "Straight line since the sighting before. Says whether it is possible, not who it was.",
  },
};
