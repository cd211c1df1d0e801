export const wall = {
  wall: {
    cameras: "Cameras", filter: "Find a camera or site", nothing: "No camera matches", hang: "Show {{name}} on the wall",
    enlarge: "Enlarge {{name}}", take_down: "Take {{name}} down", tile: "Tile: {{name}}", free_tile: "Free tile",
    hint: "Drag a camera here, or choose this tile and press a camera in the list", tiles: "Number of tiles",
    arrangement: "Arrangement", keep: "Keep arrangement", keep_title: "Keep this arrangement", name: "Name", forget: "Forget",
    clear: "Clear wall", whole_screen: "Whole screen", stage: "Enlarged: {{name}}", back: "Back to the wall",
    code: "Code", site: "Site", condition: "State", snapshot: "Save a picture", listen: "Listen", silence: "Silence", live: "Watch live",
    age: "{{seconds}} s old", stale: "Not live: this is an old picture", connecting: "Waiting for the first picture",
    none: "No picture", fell_back: "This browser cannot play the main stream. The smaller one is shown.",
    state: { connecting: "Opening", live: "Live", stale: "Old", waiting: "No picture", ended: "Ended" },
    reason: {
      broken: "The connection broke off. Trying again.", unreachable: "The centre does not answer. Trying again.",
      codec: "This browser cannot play what the camera sends (H.265).", "not-permitted": "You may not watch this camera.",
      silent: "No picture comes from the camera.", over: "Your session is over.", gone: "You may no longer watch cameras.",
      far: "This camera is no longer within your reach.", incident: "The incident is not open any more.", away: "The camera's worker is not connected.",
    },
    turning: "Turn the camera", no_turning: "This camera cannot be turned from here.", zoom: "Zoom", presets: "Go to a position",
    turn: {
      up: "Up", down: "Down", left: "Left", right: "Right", up_left: "Up and left", up_right: "Up and right",
      down_left: "Down and left", down_right: "Down and right", home: "Home position", in: "Zoom in", out: "Zoom out",
    },
    yours: "You turn this camera, {{seconds}} s more", held_for: "{{name}} turns this camera, {{seconds}} s more",
    held: "{{name}} turns this camera now", taken_over: "{{name}} has taken this camera over from {{from}}", taken_from: "taken over from {{from}}",
  },
};
