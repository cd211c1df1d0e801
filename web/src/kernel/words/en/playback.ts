export const playback = {
  timeline: "Timeline", legend: "What the colours mean", recorded: "Recorded", alarms: "Alarm", reads: "Vehicles read",
  reads_closer: "Vehicles read: zoom in", nothing: "Nothing recorded",
  cause: {
    link: "Link lost", camera: "Camera fault", power: "No power", disk: "Disk fault", restart: "Restart", plan: "Not wanted by the plan",
  },
  pick: "Choose cameras", pick_hint: "Up to four are shown in step.", in_step_one: "{{count}} camera", in_step_other: "{{count}} cameras",
  range: "How much the timeline shows", ranges: { "10m": "10 min", "1h": "1 h", "6h": "6 h", "1d": "1 d", "7d": "7 d", "30d": "30 d" },
  to_moment: "Show the moment", newest: "To the newest", go_to: "Go to a moment", ten_back: "10 seconds back", ten_on: "10 seconds on",
  backward: "Backward", snapshot: "Save picture", recoded: "Recoded to be seen here",
  not_recorded: "Not recorded", goes_on: "goes on at {{time}}", failed: "No picture: {{reason}}",
  in: "In", out: "Out", export: "Export", make: "Export as MP4", reason: "Reason", made: "My exports", download: "Download",
  authority_hint: "It must be for recordings, and cover all cameras and all of the time.",
  no_authority: "No active authority for recordings", export_note: "Cut as recorded, never re-encoded. Its hash goes into the audit log.",
  states: { making: "Being made", ready: "Ready", partial: "In part", failed: "Failed", expired: "Deleted" },
};
