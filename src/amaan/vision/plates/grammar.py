"""What plates look like as text: words that are not the plate, years, patterns as a soft prior.

Patterns and words: the project's facts on Pakistani plates (seen on real plates unless marked
there). No letter is ever banned: a pattern only tips the balance between characters that the
recogniser itself could not tell apart.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from amaan.vision.plates.ctc import ALPHABET, Glyph

MIN_LENGTH, MAX_LENGTH = 3, 10

WORDS = frozenset(
    re.findall(
        r"[A-Z]+",
        "SINDH PUNJAB KARACHI ISLAMABAD ICTISLAMABAD LAHORE BALOCHISTAN PESHAWAR QUETTA PAKISTAN "
        "KPK KHYBER PAKHTUNKHWA AJK GILGIT GOVT GOVERNMENT POLICE FEDERAL APPLIEDFOR REGISTRATION "
        "BRASIL MERCOSUL IND INDIA TEXAS CALIFORNIA FLORIDA OHIO MAINE KANSAS GEORGIA VIRGINIA "
        "ILLINOIS MICHIGAN ALABAMA ARIZONA NEVADA OREGON WASHINGTON MISSOURI TENNESSEE COLORADO "
        "MASSACHUSETTS PENNSYLVANIA NEWYORK NEWJERSEY MARYLAND INDIANA WISCONSIN MINNESOTA UTAH "
        "HYUNDAI TOYOTA HONDA SUZUKI NISSAN MITSUBISHI MERCEDES VOLKSWAGEN RENAULT PEUGEOT "
        "CHEVROLET FORD FIAT AUDI OPEL SKODA MAZDA KIA TAXI AMBULANCE SCHOOL STOP",
    )
)

_ABROAD = tuple(
    re.compile(pattern)
    for pattern in (
        r"[A-Z]{2}\d{2}[A-Z]{3}",  # United Kingdom
        r"[A-Z]{2}\d{3}[A-Z]{2}",  # France, Italy, Slovakia
        r"\d[A-Z][0-9A-FH-NPR-VX-Z]\d{4}",  # Czechia (issues no G, O, Q, W)
        r"\d{4}[A-Z]{3}",  # Spain
        r"[A-Z]{2}\d{1,2}[A-Z]{1,3}\d{4}",  # India
        r"[A-Z]{3}\d{4}|[A-Z]{3}\d[A-Z]\d{2}",  # Brazil
        r"\d[A-Z]{3}\d{3}|[A-Z]{3}\d{3}|\d{3}[A-Z]{3}",  # states of the USA
    )
)
_PAKISTAN = (
    (re.compile(r"[A-Z]{3}\d{1,4}"), 6.0),  # Sindh, Islamabad, Punjab; motorcycles with 4
    (re.compile(r"[A-Z]{2}\d{2,4}"), 6.0),  # Sindh two letters, Punjab government
    (re.compile(r"[A-Z]\d{4}"), 6.0),  # Karachi before 1996
    (re.compile(r"[A-Z]{2,3}\d{2,4}[A-Z]"), 2.0),
)
# How many times likelier than any other text; a letter behind the number is rare.
PATTERNS: dict[str, tuple[tuple[re.Pattern[str], float], ...]] = {
    "pakistan": (*_PAKISTAN, *((pattern, 3.0) for pattern in _ABROAD)),
    "generic": tuple((pattern, 4.0) for pattern in _ABROAD),
}
_YEAR_ROW = re.compile(r"([A-Z]{2,3})(?:-[A-Z0-9]{1,2}|\d{2})")  # small: often misread
_NUMBER_ROW = re.compile(r"\d{1,4}[A-Z]?")
_YEAR_LINE = re.compile(r"([A-Z]{2,3})-(\d{2})-(\d{1,4}[A-Z]?)")
_MOMENT = re.compile(r"\d{2,4}-+\d{1,2}-+\d{1,4}(?:-|$)")
_TWINS = ("O0", "I1", "B8", "S5", "Z2", "G6")  # drawn alike in plate fonts: confused most
_COUSINS = ("0QD", "ODQ", "1LT", "Z7", "6C", "A4", "UV")
_COUSIN_ODDS = math.log(0.2)
_SAME_SHAPE = ({"O", "0"}, {"I", "1"})  # one shape in many plate fonts
_SHAPE_TRUST = 0.25  # of the recogniser's say between those: it learned them from words
_LEAST = 1e-4
_HOPELESS = -math.log(10.0)  # no layout's odds make up for less


def _rivals(char: str) -> dict[str, float]:
    found = {rival: _COUSIN_ODDS for group in _COUSINS if char in group for rival in group}
    found |= {rival: 0.0 for group in _TWINS if char in group for rival in group}
    return {rival: odds for rival, odds in found.items() if rival != char}


_RIVALS = {char: _rivals(char) for char in ALPHABET}


def confusable(a: str, b: str) -> bool:
    """Tell whether readers commonly take one character for the other."""
    return b in _RIVALS.get(a, {}) or a in _RIVALS.get(b, {})


def normalise(text: str) -> str:
    """Return the identity of a plate: upper case, [A-Z0-9] only."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def _distance_at_most_one(a: str, b: str) -> bool:
    if abs(len(a) - len(b)) > 1:
        return False
    if len(a) == len(b):
        return sum(x != y for x, y in zip(a, b, strict=True)) <= 1
    short, long = sorted((a, b), key=len)
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))


def is_word(text: str) -> bool:
    """Tell province words, makers and the like, with one character misread or lost."""
    plain = normalise(text)
    if any(char.isdigit() for char in plain):
        return False
    return plain in WORDS or (
        len(plain) >= 4 and any(_distance_at_most_one(plain, word) for word in WORDS)
    )


def is_moment(text: str) -> bool:
    """Tell the date or time that a camera writes into its picture (separators as dashes)."""
    return _MOMENT.match(text.strip("-")) is not None


def layout_odds(text: str, profile: str) -> float:
    """Return how many times likelier the profile makes a text than one of no known layout."""
    return max((odds for p, odds in PATTERNS[profile] if p.fullmatch(text)), default=1.0)


def follows_layout(text: str, profile: str) -> bool:
    """Tell whether the text has a layout that the profile knows."""
    return layout_odds(text, profile) > 1.0


def could_be_plate(text: str) -> bool:
    """Tell whether normalised text may be a plate of any country: digits, and not too long."""
    digits = sum(char.isdigit() for char in text)
    return MIN_LENGTH <= len(text) <= MAX_LENGTH and digits >= 1 and len(set(text)) > 1


def without_year(rows: Sequence[Sequence[Glyph]]) -> list[Glyph]:
    """Join rows into one identity, leaving out the small year of Punjab's plates.

    ``LEH-07`` over ``5789``, or ``LEH-07-5789`` in one line: the year is not part of the identity.
    """
    texts = ["".join(glyph.char for glyph in row).strip("-") for row in rows]
    keep = [[glyph for glyph in row if glyph.char.isalnum()] for row in rows]
    if len(texts) == 2 and _NUMBER_ROW.fullmatch(normalise(texts[1])):
        if head := _YEAR_ROW.fullmatch(re.sub("-+", "-", texts[0])):
            keep[0] = keep[0][: len(head.group(1))]
    elif len(texts) == 1 and (line := _YEAR_LINE.fullmatch(re.sub("-+", "-", texts[0]))):
        letters = len(line.group(1))
        keep[0] = keep[0][:letters] + keep[0][letters + 2 :]
    return [glyph for row in keep for glyph in row]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The likeliest text, and the posterior of each character as the recogniser gave it."""

    text: str
    posteriors: tuple[float, ...]


def _shift(glyph: Glyph, rival: str) -> float:
    """Log odds of a rival (or, for "", of nothing) against the glyph, by what was seen."""
    if not rival:
        return math.log(max(glyph.absence, _LEAST) / max(1.0 - glyph.absence, _LEAST))
    seen = math.log(max(glyph.chance(rival), _LEAST) / max(glyph.posterior, _LEAST))
    trust = _SHAPE_TRUST if {glyph.char, rival} in _SAME_SHAPE else 1.0
    return trust * seen + _RIVALS[glyph.char][rival]


def choose(glyphs: Sequence[Glyph], profile: str) -> Chosen:
    """Weigh what the recogniser saw against the profile's layouts.

    At most two characters change, each only to one it is commonly confused with or to nothing
    (emblems and screws read as characters), and only where the recogniser's own posteriors leave
    room.
    """
    plain = "".join(glyph.char for glyph in glyphs)
    best = Chosen(plain, tuple(glyph.posterior for glyph in glyphs))
    best_score = math.log(layout_odds(plain, profile))
    changes = [
        (place, rival, _shift(glyph, rival))
        for place, glyph in enumerate(glyphs)
        for rival in ("", *_RIVALS[glyph.char])
    ]
    changes = [change for change in changes if change[2] > _HOPELESS]
    for combination in (*itertools.combinations(changes, 1), *itertools.combinations(changes, 2)):
        rivals = {place: rival for place, rival, _ in combination}
        if len(rivals) < len(combination):
            continue
        changed = [rivals.get(place, glyph.char) for place, glyph in enumerate(glyphs)]
        text = "".join(changed)
        score = sum(odds for *_, odds in combination) + math.log(layout_odds(text, profile))
        if score > best_score:
            posteriors = tuple(
                glyph.chance(char) for glyph, char in zip(glyphs, changed, strict=True) if char
            )
            best, best_score = Chosen(text, posteriors), score
    return best
