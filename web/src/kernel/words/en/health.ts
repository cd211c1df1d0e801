/** How cameras are and were, and alarms about them. */
export const health = {
  health: {
    title: "Camera health", now: "Now", healthy: "Healthy", none_wrong: "Nothing is wrong with these cameras.",
    cameras: "Cameras", camera: "Camera", site: "Site", no_vendor: "not entered", wrong: "What is wrong", since: "Since", sites: "Sites at a glance",
    of: "{{up}} of {{count}} up", availability: "Availability", by: "By", by_camera: "Camera", by_site: "Site", by_vendor: "Vendor",
    span: "Time", span_day: "24 hours", span_week: "7 days", span_month: "30 days", share: "Available", recorded: "Recorded", outages: "Outages", longest: "Longest",
    not_expected: "not yet seen", nothing: "No camera was watched in this time.", history: "History of {{camera}}", choose: "Choose a camera to see how it stood.",
    accept_view: "The view is right as it is", accept_hint: "The camera was turned on purpose: what it sees now is learnt as its scene.", accepted: "Its scene is being learnt anew.",
    lasts: "lasts", was: "{{kind}} {{from}} to {{to}}", no_history: "Nothing is known of this time.", export: "Export CSV",
  },
  condition: {
    offline: "No picture", frozen: "Frozen", covered: "Covered", blurred: "Blurred", moved: "Moved", dark: "Too dark", bright: "Too bright",
    gop: "Key frames too far apart", clock: "Clock off",
  },
  condition_hint: {
    offline: "No picture comes. Check the camera's power and network.", frozen: "The same picture again and again, though the stream flows. The camera may have to be restarted.",
    covered: "The scene that is known there is hidden. Somebody may have covered or sprayed the lens.",
    blurred: "The picture has lost its sharpness. The lens may be dirty or out of focus.", moved: "The camera looks elsewhere. It may have been turned or pushed.",
    dark: "Hardly anything can be made out. Lamps may have failed.", bright: "Most of the picture is white. The exposure may have failed.",
    gop: "The camera sends whole pictures too seldom: playback and searches suffer. Switch off H.264+ or H.265+ and set one to four seconds.",
    clock: "The camera's clock is wrong. Set its time server.",
  },
  trouble: {
    power_battery: "On battery", power_low: "Battery low", power_out: "No power", power_silent: "Power device silent", door_open: "Door open",
    door_silent: "Door sensor silent", tamper_tampered: "Tampered with", tamper_silent: "Tamper sensor silent", link_lossy: "Link loses packets", link_down: "Link down",
    link_silent: "Link device silent", disk_filling: "Disk fills", disk_full: "Disk full", disk_failing: "Disk fails", disk_silent: "Disk device silent",
  },
  plain_alarm: {
    site_dark_one: "{{site}} is dark: {{count}} camera", site_dark_other: "{{site}} is dark: {{count}} cameras", over: "Over", over_since: "Over since", what: "What", went: "Since", back: "Until",
    still: "still", site_hint: "The cameras of this site went together: power, link or worker. One alarm stands for them all.",
    decide_hint: "It ends by itself when its cause is over. Confirm a fault that somebody sees to; reject one that is none.",
    confirm_title: "Confirm: somebody sees to it", reject_title: "Reject: there is no fault", why: "What is being done, or why it is none. At least 10 characters.",
    send_confirm: "Confirm fault", send_reject: "No fault", show_health: "Health", show_live: "Live",
  },
};
