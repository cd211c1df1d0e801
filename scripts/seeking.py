"""Time seeks as a person sees them: a click on the timeline until that moment's picture is shown.

``python scripts/seeking.py [--cameras N] [--seconds S] [--queries Q]
[--data DIR]``; needs a built console, and
Chromium (``scripts/system.sh test``). The last line of output is one JSON object. A worker of its
own centre records the demo city's cameras meanwhile. Each click goes to a moment by chance over
all that was recorded; a picture counts when Chromium says that it was presented, and only if it is
the one of the moment that was asked for.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from amaan.app.bench.centre import BenchError, folder
from amaan.app.bench.figures import Voice, summary_ms
from amaan.app.bench.seeking import SEED, Recorded, iso, recorded

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-quic")
NEAR_S = 1.0  # the slider tells whole seconds
WITHIN_MS = 10_000
EDGE_MS = 5_000
WARM = 5

# Notes, from the pointer's way up on, when a picture is presented that was asked for by it.
WATCH = """() => {
  const video = document.querySelector("[data-camera] video");
  const seek = (window.amaanSeek = { from: 0, seen: [], fetched: false });
  document.querySelector("[role=slider]").addEventListener("pointerup", () => {
    seek.seen = [];
    seek.from = performance.now();
    const tile = document.querySelector("[data-camera]");
    setTimeout(() => (seek.fetched = tile.dataset.state !== "ready"), 0);
  }, { capture: true });
  const note = (now, { mediaTime, presentationTime }) => {
    seek.seen.push([presentationTime - seek.from, mediaTime]);
    video.requestVideoFrameCallback(note);
  };
  video.requestVideoFrameCallback(note);
  return video.currentTime;
}"""


def look(page: Page) -> dict[str, Any]:
    """Return what the page notes, and which time its timeline shows, Unix seconds."""
    found: dict[str, Any] = page.evaluate(
        """() => {
          const slider = document.querySelector("[role=slider]");
          const of = (name) => Number(slider.getAttribute("aria-" + name));
          return { ...window.amaanSeek, low: of("valuemin"), high: of("valuemax") };
        }"""
    )
    return found


def seek(page: Page, moment_ms: int, zero_s: float) -> tuple[float, bool] | None:
    """Click on a moment; return how long its picture took, in seconds, and whether it had to be
    fetched (else it had been fetched before); None: it never came.

    ``zero_s``: the moment at which the video's own time is nought.
    """
    bar = page.get_by_role("slider", name="Timeline")
    box = bar.bounding_box()
    if box is None:
        raise BenchError("there is no timeline")
    stands = look(page)
    share = (moment_ms / 1000 - stands["low"]) / (stands["high"] - stands["low"])
    page.mouse.move(box["x"] + share * box["width"], box["y"] + 40)
    page.mouse.down()
    page.mouse.up()
    for _ in range(WITHIN_MS // 20):
        stands = look(page)
        for took_ms, media_s in stands["seen"]:
            if abs(zero_s + media_s - moment_ms / 1000) <= NEAR_S and took_ms >= 0:
                return float(took_ms) / 1000, bool(stands["fetched"])
        page.wait_for_timeout(20)
    return None


def measure(there: Recorded, queries: int, voice: Voice) -> dict[str, Any]:
    """Return the figures. Raises BenchError."""
    chromium = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if chromium is None:
        raise BenchError("Chromium is absent: scripts/system.sh test")
    chance = random.Random(SEED)  # noqa: S311  no secret
    session = [part.split("=", 1) for part in there.client.headers["Cookie"].split("; ")]
    camera, (start, end) = min(there.spans.items())
    took: list[tuple[float, bool]] = []
    missed = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        context = browser.new_context(viewport={"width": 1280, "height": 720})
        context.add_cookies(
            [{"name": name, "value": value, "url": there.centre.url} for name, value in session]
        )
        page = context.new_page()
        at_ms = (start + end) // 2 // 1000 * 1000
        page.goto(f"{there.centre.url}/playback?cameras={camera}&at={iso(at_ms)[:19]}Z")
        page.locator(f"[data-camera='{camera}'][data-state='ready']").wait_for()
        page.get_by_role("button", name="10 min", exact=True).click()
        page.wait_for_timeout(2_000)
        zero_s = at_ms / 1000 - float(page.evaluate(WATCH))
        voice.step(f"seeking {queries} times in a browser")
        for turn in range(queries + WARM):
            wanted = chance.randrange(start + EDGE_MS, end - EDGE_MS)
            one = seek(page, wanted, zero_s)
            if turn >= WARM and one is not None:
                took.append(one)
            missed += one is None
            page.wait_for_timeout(chance.randrange(200, 700))
        browser.close()
    if missed:
        raise BenchError(f"{missed} of {queries + WARM} pictures never came")
    return {
        "click_to_picture": summary_ms([one for one, _ in took]),
        "fetched_first": summary_ms([one for one, fetched in took if fetched]),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=16)
    parser.add_argument("--seconds", type=int, default=150)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--data", type=Path, help="work here and keep it")
    options = parser.parse_args(arguments)
    voice = Voice()
    try:
        with (
            folder(options.data) as root,
            recorded(root, options.cameras, options.seconds, voice) as there,
        ):
            found = measure(there, options.queries, voice)
    except BenchError as error:
        print(f"error: {error.detail}", file=sys.stderr)
        return 1
    kept = {"cameras": options.cameras, "recorded_s": options.seconds}
    print(json.dumps({**kept, **found}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
