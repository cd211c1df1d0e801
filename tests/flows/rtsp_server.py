"""A real RTSP server (Debian's gst-rtsp-server); run by the distribution's own Python.

Usage: rtsp_server.py [--port N] [--user NAME --password-env VARIABLE [--auth basic|digest|both]]
                      (LAUNCH | --streams JSON)
LAUNCH is a GStreamer pipeline whose payloader is named pay0, served at /test.
JSON is a list of streams (see ``Plan``): films looped without decoding, one pipeline a client.
Prints the port once it listens; ends with its standard input. Commands, one JSON a line, each
answered by one JSON line (see ``Desk``): stall, resume, change, silence, stop, start, sent.

Every picture of a film carries its running number since 1970 in an SEI message (``MARK``, then
20 digits): picture n is due at n / fps Unix seconds, so whoever holds the packets can say which
are missing and how late the others came.
"""

import argparse
import heapq
import importlib
import json
import os
import random
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any

gi = importlib.import_module("gi")  # there are no types for it, and only Debian's Python has it
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
GLib = importlib.import_module("gi.repository.GLib")
Gst = importlib.import_module("gi.repository.Gst")
GstRtspServer = importlib.import_module("gi.repository.GstRtspServer")

MARK = b"amaan-picture-no"  # 16 bytes, as the SEI's UUID; the number follows as 20 digits
HEADS = {"h264": b"\x06", "h265": b"\x4e\x01"}  # an SEI unit's header in either codec
START = b"\x00\x00\x00\x01"
UNSENT_BUFFERS = 250  # a client so far behind loses pictures, as with a real camera
SOUNDS = {
    "pcma": "audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay",
    "pcmu": "audio/x-raw,rate=8000,channels=1 ! mulawenc ! rtppcmupay",
    "aac": "audio/x-raw,rate=16000,channels=1 ! voaacenc bitrate=32000 ! rtpmp4gpay",
}
SOUND = "audiotestsrc name=tone is-live=true wave=ticks ! queue ! {} name=pay1"


@dataclass
class Plan:
    """One stream. ``copies`` of it are served at PATH formatted with 0, 1, 2...

    ``stamps``: even; jitter (+-10 ms); same (one stamp for ever); wild (the first is of another
    hour); back (an hour back after 2 s); wrap (RTP's 32 bits run over after 3 s).
    ``begin``: key, or anywhere in a group. ``drop``: every n-th picture is never sent.
    """

    path: str
    file: str
    audio: str = ""
    copies: int = 0
    fps: float = 0.0
    stamps: str = "even"
    begin: str = "key"
    drop: int = 0


@dataclass
class Film:
    """Access units in Annex B, each (bytes, is key frame, seconds shown after decoded)."""

    codec: str
    fps: float
    units: list[tuple[bytes, bool, float]]
    caps: str

    def sets(self) -> bytes:
        head = self.units[0][0]
        return head[: first_slice(self.codec, head)]


def read_film(path: str, fps: float) -> Film:
    """Take a film apart; any container that GStreamer knows, H.264 or H.265."""
    pipeline = Gst.parse_launch(
        f'filesrc location="{path}" ! parsebin name=parse '
        "appsink name=out sync=false async=false max-buffers=50"
    )
    out = pipeline.get_by_name("out")

    def joined(_: Any, pad: Any) -> None:
        caps = pad.query_caps(None).to_string()
        codec = "h264" if "video/x-h264" in caps else "h265" if "video/x-h265" in caps else ""
        if codec:
            parser = Gst.ElementFactory.make(f"{codec}parse")
            parser.set_property("config-interval", -1)  # parameter sets at every key frame
            only = Gst.ElementFactory.make("capsfilter")
            form = f"video/x-{codec},stream-format=byte-stream,alignment=au"
            only.set_property("caps", Gst.Caps.from_string(form))
            for element in (parser, only):
                pipeline.add(element)
                element.sync_state_with_parent()
            parser.link(only)
            only.link(out)
            pad.link(parser.get_static_pad("sink"))
            found.append((codec, form))
        else:
            rest = Gst.ElementFactory.make("fakesink")
            rest.set_property("async", False)  # one thread feeds both: nobody may wait for it
            rest.set_property("sync", False)
            pipeline.add(rest)
            rest.sync_state_with_parent()
            pad.link(rest.get_static_pad("sink"))

    found: list[tuple[str, str]] = []
    pipeline.get_by_name("parse").connect("pad-added", joined)
    pipeline.set_state(Gst.State.PLAYING)
    units, late, rate = [], [], fps
    while (sample := out.emit("try-pull-sample", 10 * Gst.SECOND)) is not None:
        buffer = sample.get_buffer()
        known, over, under = sample.get_caps().get_structure(0).get_fraction("framerate")
        rate = rate or (over / under if known and under else 25.0)
        key = not buffer.get_flags() & Gst.BufferFlags.DELTA_UNIT
        units.append((buffer.extract_dup(0, buffer.get_size()), key))
        timed = Gst.CLOCK_TIME_NONE not in (buffer.pts, buffer.dts)
        late.append((buffer.pts - buffer.dts) / 1e9 if timed else 0.0)
    pipeline.set_state(Gst.State.NULL)
    if not found or not units or not any(key for _, key in units):
        sys.exit(f"{path}: no H.264 or H.265 film")
    while not units[0][1]:
        units.pop(0), late.pop(0)
    least = min(late)
    every = [(data, key, shown - least) for (data, key), shown in zip(units, late, strict=True)]
    return Film(found[0][0], rate, every, found[0][1])


@dataclass
class Viewer:
    """One client's pictures of one stream; driven by the conductor's thread."""

    plan: Plan
    film: Film
    source: Any
    first: int = 0  # running number of the first picture
    index: int = 0  # of the film's unit that is sent next
    number: int = 0
    begun_s: float = 0.0
    sent: int = 0
    unsent: int = 0
    over: bool = False

    def begin(self) -> None:
        self.begun_s = time.time()
        self.first = self.number = int(self.begun_s * self.film.fps)
        keys = [i for i, unit in enumerate(self.film.units) if unit[1]]
        here = self.number % len(self.film.units)
        if self.plan.begin == "key":
            here = next((key for key in keys if key >= here), keys[0])
        self.index = here

    def change(self, film: Film) -> None:
        """Go on with another film (another size), at its first key frame."""
        self.film, self.index = film, 0

    def due_s(self) -> float:
        return self.number / self.film.fps

    def push(self) -> bool:
        """Send the picture that is due; False when the client is gone."""
        data, key, late_s = self.film.units[self.index]
        if self.sent == 0 and not key:
            data = self.film.sets() + data  # begun in mid-group; parameter sets are announced
        number = self.number
        self.index = (self.index + 1) % len(self.film.units)
        self.number += 1
        if self.plan.drop and number % self.plan.drop == 0:
            return True
        if self.source.get_property("current-level-buffers") > UNSENT_BUFFERS:
            self.unsent += 1
            return True
        buffer = Gst.Buffer.new_wrapped(marked(self.film.codec, data, number))
        run_s = (number - self.first) / self.film.fps
        buffer.dts = int(run_s * 1e9)
        buffer.pts = int(self.stamp_s(run_s + late_s) * 1e9)
        self.sent += 1
        return int(self.source.emit("push-buffer", buffer)) == 0

    def stamp_s(self, run_s: float) -> float:
        kind = self.plan.stamps
        if kind == "jitter":
            return max(0.0, run_s + random.uniform(-0.010, 0.010))
        if kind == "same":
            return 5.0
        if kind == "wild" and self.sent > 0:
            return run_s + 3600.0
        if kind == "back":
            return run_s + (3600.0 if run_s < 2 else 0.0)
        return run_s


def marked(codec: str, data: bytes, number: int) -> bytes:
    """Put the picture's number before its first slice."""
    sei = START + HEADS[codec] + b"\x05\x24" + MARK + b"%020d" % number + b"\x80"
    cut = first_slice(codec, data)
    return data[:cut] + sei + data[cut:]


def first_slice(codec: str, data: bytes) -> int:
    """Return where the first slice's start code begins; before it stand parameter sets."""
    place = 0
    while (found := data.find(b"\x00\x00\x01", place)) >= 0:
        head = data[found + 3]
        kind = head & 31 if codec == "h264" else head >> 1 & 63
        if 1 <= kind <= 5 if codec == "h264" else kind < 32:
            return found - 1 if found and data[found - 1] == 0 else found
        place = found + 3
    return len(data)


@dataclass
class Conductor:
    """Sends every viewer's picture at its moment, from one thread."""

    films: dict[str, Film] = field(default_factory=dict)
    viewers: list[Viewer] = field(default_factory=list)
    stalled: set[str] = field(default_factory=set)
    queue: list[tuple[float, int, Viewer]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def film(self, path: str, fps: float) -> Film:
        if path not in self.films:
            self.films[path] = read_film(path, fps)
        return self.films[path]

    def join(self, viewer: Viewer) -> None:
        viewer.begin()
        with self.lock:
            self.viewers.append(viewer)
            heapq.heappush(self.queue, (viewer.due_s(), id(viewer), viewer))

    def run(self) -> None:
        while True:
            with self.lock:
                first = self.queue[0][0] if self.queue else time.time() + 0.01
            wait_s = first - time.time()
            if wait_s > 0:
                time.sleep(min(wait_s, 0.01))
                continue
            with self.lock:
                if not self.queue:
                    continue
                viewer = heapq.heappop(self.queue)[2]
            if viewer.plan.path in self.stalled:
                viewer.number += 1
            elif not viewer.push():
                viewer.over = True
            if not viewer.over:
                with self.lock:
                    heapq.heappush(self.queue, (viewer.due_s(), id(viewer), viewer))


def mount(server: Any, conductor: Conductor, plan: Plan) -> Any:
    film = conductor.film(plan.file, plan.fps)
    pay = f"rtp{film.codec}pay name=pay0 config-interval=-1"
    if plan.stamps == "wrap":
        pay += f" timestamp-offset={2**32 - 3 * 90_000}"
    launch = f'appsrc name=film is-live=true format=time caps="{film.caps}" ! queue ! {pay}'
    if plan.audio:
        launch += " " + SOUND.format(SOUNDS[plan.audio])
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(f"( {launch} )")

    def configured(_: Any, media: Any) -> None:
        odd = plan.stamps not in ("even", "wrap")
        media.set_rate_control(not odd)  # odd stamps must not decide when a picture is sent
        viewer = Viewer(plan, film, media.get_element().get_by_name("film"))
        media.connect("unprepared", lambda _: setattr(viewer, "over", True))
        if plan.audio:  # a tone could be wound back; a camera cannot, and says so
            tone = media.get_element().get_by_name("tone").get_static_pad("src")
            tone.add_probe(Gst.PadProbeType.QUERY_UPSTREAM, unseekable)
        conductor.join(viewer)

    factory.connect("media-configure", configured)
    server.get_mount_points().add_factory(plan.path, factory)
    return factory


def unseekable(_: Any, info: Any) -> Any:
    asked = info.get_query().type == Gst.QueryType.SEEKING
    return Gst.PadProbeReturn.DROP if asked else Gst.PadProbeReturn.OK


class Desk:
    """Carries out what standard input asks, in the main loop's thread."""

    def __init__(self, server: Any, conductor: Conductor) -> None:
        self.server, self.conductor = server, conductor
        self.listening = server.attach(None)
        server.set_service(str(server.get_bound_port()))  # the same one after a stop

    def hear(self, line: str) -> bool:
        wish = json.loads(line)
        answer = getattr(self, f"do_{wish.pop('do')}")(**wish) or {}
        say(json.dumps(answer))
        return False

    def do_stall(self, path: str) -> None:
        """Send no more pictures; the connections stay."""
        self.conductor.stalled.add(path)

    def do_resume(self, path: str) -> None:
        self.conductor.stalled.discard(path)

    def do_change(self, path: str, file: str, fps: float = 0.0) -> None:
        """Go on with another film on the same connections."""
        film = self.conductor.film(file, fps)
        for viewer in self.conductor.viewers:
            if viewer.plan.path == path:
                viewer.change(film)

    def do_hang_up(self) -> None:
        """End every connection; new ones are welcome."""
        self.server.client_filter(lambda *_: GstRtspServer.RTSPFilterResult.REMOVE)

    def do_stop(self) -> None:
        """Stop listening and end every connection, as when the power fails."""
        GLib.source_remove(self.listening)
        self.do_hang_up()

    def do_start(self) -> dict[str, int]:
        """Listen again on the same port."""
        self.listening = self.server.attach(None)
        return {"port": self.server.get_bound_port()}

    def do_sent(self) -> list[dict[str, Any]]:
        """Say for each client, present and past, what was sent."""
        return [
            {
                "path": viewer.plan.path,
                "first": viewer.first,
                "next": viewer.number,
                "sent": viewer.sent,
                "unsent": viewer.unsent,
                "over": viewer.over,
            }
            for viewer in list(self.conductor.viewers)
        ]


def protect(factories: list[Any], server: Any, user: str, password: str, kinds: str) -> None:
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.set_supported_methods({"basic": 1, "digest": 2, "both": 3}[kinds])
    auth.add_digest(user, password, token)
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    for factory in factories:
        factory.set_permissions(permissions)


def plans(text: str) -> list[Plan]:
    every = []
    for entry in json.loads(text):
        plan = Plan(**entry)
        for number in range(plan.copies or 1):
            path = plan.path.format(number) if plan.copies else plan.path
            every.append(Plan(**{**entry, "path": path, "copies": 0}))
    return every


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", default="0")
    parser.add_argument("--user")
    parser.add_argument("--password-env")
    parser.add_argument("--auth", choices=("basic", "digest", "both"), default="digest")
    parser.add_argument("--streams")
    parser.add_argument("launch", nargs="?")
    options = parser.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(options.port)
    conductor = Conductor()
    factories = [mount(server, conductor, plan) for plan in plans(options.streams or "[]")]
    if options.launch:
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(f"( {options.launch} )")
        server.get_mount_points().add_factory("/test", factory)
        factories.append(factory)
    if options.user:
        password = os.environ[options.password_env]
        protect(factories, server, options.user, password, options.auth)
    desk = Desk(server, conductor)
    threading.Thread(target=conductor.run, daemon=True).start()
    say(str(server.get_bound_port()))
    loop = GLib.MainLoop()

    def listen() -> None:
        for line in sys.stdin:
            GLib.idle_add(desk.hear, line)
        loop.quit()

    threading.Thread(target=listen, daemon=True).start()
    loop.run()


if __name__ == "__main__":
    main()
