export const accounts = {
  accounts: {
    title: "Accounts", part_accounts: "Accounts", part_groups: "Site groups", filter: "Name or user name", add: "Add account",
    none: "No account matches.", name: "Name", grants: "Roles", state: "State", active: "Active", disabled: "Disabled", locked: "Locked", fresh: "First password",
    no_factor: "none", passkeys_one: "{{count}} passkey", passkeys_other: "{{count}} passkeys", role: "Role", where: "Where it is held",
    everywhere: "everywhere", add_role: "Add role", alone: "Administrator and auditor are held alone: who watches over others does not operate.",
    username_hint: "Small letters, figures, dot and hyphen.", create: "Create account", one_time_for: "First password of {{username}}:",
    one_time_once: "It is shown once and works once. Hand it over in person; a new one must be chosen at the first sign-in.",
    handed_over: "I have handed it over", is_disabled: "This account is disabled. Nobody can sign in with it.", enable: "Enable", disable: "Disable",
    reset: "Reset sign-in", reset_sure: "Give {{username}} a new one-time password? Second factors are removed and all sessions end.",
    own: "Nobody changes his own roles.", sessions: "Sessions", end_all: "End all", no_session: "Not signed in anywhere.",
  },
  groups: {
    about: "A role held in a group of sites reaches no other site.", add: "Add group", none: "No group yet.", code: "Code", name: "Name",
    sites: "Sites", edit: "Edit", chosen_one: "{{count}} site chosen", chosen_other: "{{count}} sites chosen", filter: "Filter sites",
    remove_sure: "Remove the group {{name}}?",
  },
};
