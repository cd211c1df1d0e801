"""Sound beside the pictures: AAC passes, all else that can be decoded becomes AAC.

A camera's sound and pictures count from different zeros. Both are placed on the wall clock by
their least delay, as pictures are (``timeline``), and the sound then on the pictures' clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import av.error
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.filter import Graph

from amaan.video.packets import LIBAV_ERRORS, TIME_BASE, AudioFormat, Sound
from amaan.video.timeline import LiveTimeline, StampMender

FRAME_SAMPLES = 1024  # of one packet of AAC
CODED_RATE, CODED_BITS = 16_000, 32_000  # of sound coded again: speech, one channel
DRIFT_S = 0.2  # further off than this, stamps are believed and not the counted samples
FOLLOW = 0.01  # the share of a smaller drift that is made up with each packet
DAMAGED_MOST = 100
_RATES = (96, 88.2, 64, 48, 44.1, 32, 24, 22.05, 16, 12, 11.025, 8, 7.35)  # kHz, by index

if TYPE_CHECKING:
    AudioPacket = av.Packet[AudioStream]


def pick_sound(stream: AudioStream, *, live: bool) -> tuple[SoundTrack | None, str]:
    """Return how to take a stream's sound; or None and why it is left out."""
    context: object = stream.codec_context
    if not isinstance(context, AudioCodecContext):
        return None, "the sound is left out: its coding is not known here"
    try:
        return SoundTrack(stream, live=live), ""
    except (*LIBAV_ERRORS, TypeError):
        return None, f"the sound is left out: {context.name} cannot be coded again as AAC"


def core_rate(config: bytes) -> int:
    """Return the sample rate that an AudioSpecificConfig names; 0 when it does not."""
    if len(config) < 2:
        return 0
    index = (config[0] << 8 | config[1]) >> 7 & 15
    return int(_RATES[index] * 1000) if index < len(_RATES) else 0


class SoundClock:
    """Places counted samples on the clock of the pictures."""

    def __init__(self, *, live: bool) -> None:
        self._live = live
        self._mender = StampMender(live=live)
        self._sounds, self._pictures = LiveTimeline(), LiveTimeline()
        self._ahead_s: float | None = None
        self._origin_s: float | None = None

    def note_picture(self, dts_s: float, arrived: float) -> None:
        """Take in a picture's mended stamp."""
        if self._live:
            self._ahead_s = self._pictures.offset_s(dts_s, arrived)

    def origin_s(self, raw_s: float | None, arrived: float, counted_s: float) -> float:
        """Return where on the pictures' clock the first counted sample stands.

        ``raw_s`` is the stamp of the packet that begins ``counted_s`` after that sample.
        """
        if self._live:
            mended_s, _ = self._mender.mend(raw_s, raw_s, arrived)
            at_s = mended_s + self._sounds.offset_s(mended_s, arrived) - (self._ahead_s or 0.0)
        elif raw_s is None:
            at_s = counted_s + (self._origin_s or 0.0)
        else:
            at_s = raw_s
        told_s = at_s - counted_s
        if self._origin_s is None or abs(told_s - self._origin_s) > DRIFT_S:
            self._origin_s = told_s
        else:
            self._origin_s += (told_s - self._origin_s) * FOLLOW
        return self._origin_s


class SoundTrack:
    """One connection's sound. Damaged packets are passed over; many in a row are a notice."""

    def __init__(self, stream: AudioStream, *, live: bool) -> None:
        self.stream = stream
        self.notice = ""
        self._clock = SoundClock(live=live)
        self._counted = 0
        self._damaged = 0
        self._last = -1
        self._recoder: Recoder | None = None
        context = stream.codec_context
        config = bytes(context.extradata or b"")
        rate = core_rate(config)
        if context.name == "aac" and rate:
            self.format = AudioFormat("aac", rate, context.channels, config, stream)
            self._samples_s = FRAME_SAMPLES / rate
        else:
            self._recoder = Recoder(context)
            self.format = self._recoder.format
            self._samples_s = FRAME_SAMPLES / CODED_RATE

    def note_picture(self, dts_s: float, arrived: float) -> None:
        """Take in a picture's mended stamp, by which the sound is placed."""
        self._clock.note_picture(dts_s, arrived)

    def convert(self, packet: AudioPacket, arrived: float) -> Iterator[Sound]:
        """Yield what a packet from the camera gives, stamped on the pictures' clock."""
        raw_s = None if packet.pts is None else float(packet.pts * packet.time_base)
        if self._recoder is None:
            origin_s = self._clock.origin_s(raw_s, arrived, self._counted * self._samples_s)
            yield self._stamped(packet, origin_s + self._counted * self._samples_s, arrived)
            self._counted += 1
            return
        origin_s = self._clock.origin_s(raw_s, arrived, self._recoder.taken_s)
        try:
            coded = self._recoder.convert(packet)
        except LIBAV_ERRORS:
            self._damaged += 1
            if self._damaged > DAMAGED_MOST:
                self.notice = "the sound is left out: it cannot be decoded"
            return
        self._damaged, self.notice = 0, ""
        for sound in coded:
            at_s = origin_s + (self._counted - 1) * self._samples_s  # the coder begins one early
            self._counted += 1
            yield self._stamped(sound, at_s, arrived)

    def _stamped(self, packet: AudioPacket, at_s: float, arrived: float) -> Sound:
        self._last = max(self._last + 1, round(at_s * 90_000))
        packet.time_base = TIME_BASE
        packet.pts = packet.dts = self._last
        packet.duration = round(self._samples_s * 90_000)
        packet.is_keyframe = True
        return Sound(packet, self.format, self._last / 90_000, arrived)


class Recoder:
    """Decodes sound and codes it as AAC, one channel. libav's errors when it cannot be."""

    def __init__(self, source: AudioCodecContext) -> None:
        self._source = source
        source.thread_count = 1
        self._rate = source.sample_rate or 8000
        # A container of its own, never written: its stream lends the recorder its parameters.
        self._container = av.open("-", "w", format="null")
        self._stream = self._container.add_stream(
            "aac", rate=CODED_RATE, layout="mono", bit_rate=CODED_BITS
        )
        self._stream.codec_context.thread_count = 1
        self._stream.codec_context.flags |= 1 << 22  # global header: the configuration stands apart
        self._container.start_encoding()
        self._graph: Graph | None = None
        self._taken = 0
        config = bytes(self._stream.codec_context.extradata or b"")
        self.format = AudioFormat("aac", CODED_RATE, 1, config, self._stream)

    @property
    def taken_s(self) -> float:
        """How many seconds of sound have been taken in."""
        return self._taken / self._rate

    def convert(self, packet: AudioPacket) -> list[AudioPacket]:
        """Return the packets of AAC that this one completes."""
        packet.pts = packet.dts = self._taken
        packet.time_base = Fraction(1, self._rate)
        coded: list[AudioPacket] = []
        for frame in self._source.decode(packet):
            frame.pts, frame.time_base = self._taken, Fraction(1, self._rate)
            self._taken += frame.samples
            if self._graph is None:
                self._graph = self._resampling(frame)
            self._graph.push(frame)
            while (even := self._pulled(self._graph)) is not None:
                coded.extend(self._stream.encode(even))
        return coded

    def _resampling(self, frame: AudioFrame) -> Graph:
        """Make what av.AudioResampler makes, but without its threads for each camera."""
        graph = Graph()
        graph.threads = 1
        source = graph.add(
            "abuffer",
            sample_rate=str(frame.sample_rate),
            sample_fmt=frame.format.name,
            channel_layout=frame.layout.name,
            time_base=f"1/{self._rate}",
        )
        rate = str(CODED_RATE)
        even = graph.add("aformat", sample_rates=rate, sample_fmts="fltp", channel_layouts="mono")
        sink = graph.add("abuffersink")
        source.link_to(even)
        even.link_to(sink)
        graph.configure()
        graph.set_audio_frame_size(FRAME_SAMPLES)
        return graph

    @staticmethod
    def _pulled(graph: Graph) -> AudioFrame | None:
        try:
            frame = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return None
        assert isinstance(frame, AudioFrame)
        return frame
