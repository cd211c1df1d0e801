/** Audit, retention, misuse, the public. */
export const oversight = {
  audit: {
    title: "Audit", refresh: "Refresh", export: "Export", none: "Nothing was written down like that.", filters: "Filter entries", actor: "Who", action: "Action",
    outcome: "Outcome", any: "Any", plate: "Plate", authority: "Authority id", show: "Show", position: "No.", details: "Details", written_late: "late",
    outcomes: { allowed: "Done", denied: "Denied", failed: "Failed", begun: "Begun" },
    size_one: "{{count}} entry", size_other: "{{count}} entries", signed_to: "signed to {{size}}", not_signed: "nothing signed yet", no_witness: "no witness",
    late: "{{count}} waiting in a file", diverged: "The log contradicts what was signed before", entry: "Entry {{position}}", leaf: "The text that was hashed",
    same_person: "Same person", same_authority: "Same authority", same_plate: "Same plate", proving: "Checking the proof in this browser…",
    signed_soon: "No checkpoint reaches this entry yet. One is signed every minute.", proven: "Proven by this browser", not_proven: "This entry is not proven",
    path_good: "Its hashes lead to the root of the {{size}} signed entries.", path_bad: "Its hashes do not lead to the root of the {{size}} signed entries.",
    signature_good: "The checkpoint's Ed25519 signature is good.", signature_bad: "The checkpoint's signature is not good.",
    signature_unable: "This browser cannot check Ed25519 signatures; compare the checkpoint elsewhere.",
    key_same: "Signed with the key that this browser saw first.", key_other: "Signed with another key than this browser saw first. Ask why.",
  },
  retention: {
    title: "Retention", part_classes: "Classes", part_holds: "Legal holds", part_receipts: "Receipts", class: "Kind of record", days: "Days kept", bounds: "May be",
    held: "Legal hold", is_held: "some held longer", change: "Change", reason: "Reason", between: "Between {{least}} and {{most}}",
    sooner: "Records older than this are deleted with the next run. That cannot be undone.", place: "Place a hold", no_hold: "No legal hold.",
    hold_about: "Under an active authority, what a case needs stays though its time be over. Somebody else releases it.", what: "What stays", window: "Time",
    placed_by: "Placed by", review_at: "Review by", review: "Review", release: "Release", released: "Released by {{name}}", overdue: "Review overdue", holds: "Holds",
    own_hold: "Another person releases what you placed.", review_title: "Review the hold of {{case}}", next_review: "Next review",
    release_title: "Release the hold of {{case}}", release_about: "What is over its time is deleted with the next run.", plates_hidden_one: "{{count}} plate",
    plates_hidden_other: "{{count}} plates", needs_authority: "You have no active authority to hold anything by.", no_receipt: "Nothing was deleted yet.",
    receipt_about: "Every deletion leaves a signed receipt here.", removed: "Deleted", kept: "Stays", digest: "Digest of the ids", receipt: "Receipt {{number}}",
    blobs: "{{count}} files, {{size}}", partitions: "Day tables dropped",
    classes: {
      reads: "Reads without a hit", hits: "Reads with a hit", pictures: "Pictures of no record", clips: "Clips", alarms: "Alarms", refused_observations: "Refused observations",
      failed_deliveries: "Events given up", outbox: "Events handled", sessions: "Ended sessions", documents: "Documents of authorities", public_requests: "Requests of the public", audit: "Audit log",
    },
  },
  findings: {
    title: "Findings", states: { open: "Open", reviewed: "Reviewed", all: "All" }, facts: "Facts", none: "No finding here.", none_hint: "The detectors look at the log every night.",
    detector: "What it looks like", who: "Who", what: "What", entries: "Entries", found: "Found", open: "Open", decisions: { explained: "Explained", referred: "Referred" },
    behind: "The entries behind it", review: "What you made of it", note: "What you found out", send: "Write down", detectors: {
      repeated_target: "Same target again and again", own_vehicle: "Own or household's vehicle", colleagues_vehicle: "Colleague's vehicle", lone_after_hours: "Alone after hours",
      off_shift: "Off shift", copied_reasons: "Copied reasons", sensitive_place: "Place of worship or protest", bulk_export: "Bulk export",
    },
  },
  facts: {
    shifts: "Shifts", shifts_about: "CSV with the columns username, start, end. Work outside these hours is looked at.", vehicles: "Declared vehicles",
    vehicles_about: "Plates that a person has declared. Looking for one's own is found.", choose_person: "Choose a person", own: "Own", household: "Household", saved: "Saved",
    places: "Sensitive places", places_about: "Places of worship and protests that may be looked at only for a named vehicle.", add_place: "Add a place", kind: "Kind",
    kinds: { worship: "Worship", protest: "Protest", other: "Other" }, draw: "Drag on the map to draw the area.",
  },
  report: {
    title: "Transparency report", first: "First month", last: "Last month", printable: "For print", download: "Canonical JSON", total: "All", row: "Kind",
    suppressed: "A count of less than {{count}} in any month is not shown, so that nobody can be told from it.",
    draft: "This time is not over: the figures will change. Not for publication.", counted: "Counted from the first {{size}} entries of the audit log, whose root is:",
    at_least: "at least {{count}}", few: "few or none", tables: {
      searches: "Searches for vehicles, by purpose", authorities: "Authorities, by purpose and step", denials: "Refused by the system", hot_list: "Vehicles looked for",
      hits: "Hits compared with the record", deletions: "Deleted when their time was over", misuse: "Possible misuse by staff", requests: "Requests and complaints, by step",
    },
    names: {
      searches: "Searches", plates: "Plates", video: "Video", alarms: "Alarms", city: "Sites and cameras", trust: "Accounts and oversight", other: "Other", added: "Added", ended: "Ended",
      confirmed: "Confirmed", rejected: "Rejected", reads: "Reads", clips: "Clips", found: "Found by the system", explained: "Reviewed: explained", referred: "Reviewed: referred",
      access: "Subject access", complaint: "Complaint", received: "Received", verified: "Verified", answered: "Answered", refused: "Refused", appealed: "Appealed", upheld: "Upheld",
      dismissed: "Dismissed", requested: "Requested", declared: "Declared", active: "Active", revoked: "Revoked", withdrawn: "Withdrawn", expired: "Expired", sealed: "Sealed",
    },
  },
  requests: {
    title: "Requests of the public", appeals: "Appeals", add: "Take in a request", none: "No request here.", no_appeal: "No appeal waits.", reference: "Reference", kind: "Kind",
    received: "Received", due: "Due", overdue: "Overdue", contact: "How to reach them", text: "What they ask", plate_hint: "Where it is about a vehicle", take: "Take in",
    taken: "Request taken in", give_reference: "Give the person this reference:", step_text: "What was found, or why", own: "You answered it yourself: another person decides the appeal.",
    kinds: { access: "Subject access", complaint: "Complaint" },
    states: { received: "Received", verified: "Verified", answered: "Answered", refused: "Refused", appealed: "Appealed", upheld: "Appeal upheld", dismissed: "Appeal dismissed" },
    steps: { verify: "Identity shown", answer: "Answer", refuse: "Refuse", appeal: "Appeal", uphold: "Uphold appeal", dismiss: "Dismiss appeal" },
  },
};
