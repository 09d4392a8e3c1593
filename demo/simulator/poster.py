"""What lies over a film: the prompt, fitted into a panel, in a typeface that has Latin, Greek, Cyrillic, Chinese, Japanese and Korean.

What the typeface lacks (emoji, other scripts) becomes one small mark per run, so that no film is a wall of boxes.
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

FONT = Path(__file__).parent / "fonts" / "NotoSansCJKsc-subset.otf"
CHARACTERS = Path(__file__).parent / "fonts" / "characters.txt"
MISSING = "·"

_PANEL = 0.8  # of the film's width, and of the height of its band
_PADDING = 0.04  # of its short side
_SMALLEST = 0.022  # letter height, of its short side
_CAPTION = 0.03
_SHRINK = 0.85
_REFERENCE = 100  # letter height at which widths are measured
_LEADING = 1.35
_CJK_FROM = "\u2e80"  # from here on lines may break between any two characters
_GAP = 0.02  # between two subjects, of its short side


@dataclass(frozen=True)
class Band:
    """Where the panel lies.

    Attributes:
        top: From which share of the film's height,
        bottom: to which.
        largest: The letter height to begin with, of the film's short side.
    """

    top: float
    bottom: float
    largest: float


WHOLE = Band(0.0, 1.0, 0.12)
#: Leaves the picture above it free to be seen.
LOWER = Band(0.66, 0.98, 0.06)


def drawable(text: str) -> str:
    """The text in characters that the typeface has, each run of others replaced by one mark, spaces folded."""
    known = frozenset(CHARACTERS.read_text(encoding="utf-8"))
    drawn: list[str] = []
    for character in unicodedata.normalize("NFC", text):
        shown = " " if character.isspace() else character if character in known else MISSING
        if shown not in (" ", MISSING) or not drawn or drawn[-1] != shown:
            drawn.append(shown)
    return "".join(drawn).strip()


def draw_poster(prompt: str, caption: str, width: int, height: int, band: Band = WHOLE) -> Image.Image:
    """A transparent picture of the film's size with the prompt in a panel and the caption below it.

    Args:
        prompt: Any text; what does not fit at the smallest size is cut with an ellipsis.
        caption: One short line.
        width: Pixels.
        height: Pixels.
        band: Where the panel lies.

    Returns:
        An RGBA image.
    """
    short = min(width, height)
    inside = (band.bottom - band.top) * height
    room = (
        round(width * _PANEL - 2 * short * _PADDING),
        round(inside * _PANEL - 2 * short * _PADDING - 2 * short * _CAPTION),
    )
    lines, font, leading = _fit(drawable(prompt), room, short, band.largest)
    small = ImageFont.truetype(str(FONT), max(8, round(short * _CAPTION)))

    poster = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(poster)
    text_height = leading * len(lines)
    caption_height = round(short * _CAPTION * 2)
    top = band.top * height + (inside - text_height - caption_height) // 2
    widest = max(draw.textlength(line, font) for line in [*lines, ""])
    half = max(widest, draw.textlength(caption, small)) / 2 + short * _PADDING
    draw.rounded_rectangle(
        (
            width / 2 - half,
            top - short * _PADDING,
            width / 2 + half,
            top + text_height + caption_height + short * _PADDING,
        ),
        radius=short * _PADDING,
        fill=(0, 0, 0, 110),
    )
    for number, line in enumerate(lines):
        draw.text((width / 2, top + leading * (number + 0.5)), line, (255, 255, 255, 255), font, anchor="mm")
    draw.text((width / 2, top + text_height + caption_height * 0.6), caption, (255, 255, 255, 190), small, anchor="mm")
    return poster


def hang_subjects(poster: Image.Image, subjects: Sequence[Image.Image]) -> None:
    """Put pictures side by side above the lower band.

    Args:
        poster: The picture to put them on.
        subjects: At least one.
    """
    width, height = poster.size
    gap = round(min(width, height) * _GAP)
    across = (round(width * _PANEL) - gap * (len(subjects) - 1)) // len(subjects)
    shown = [ImageOps.contain(subject, (across, round(height * LOWER.top) - 2 * gap)) for subject in subjects]
    left = (width - sum(subject.width for subject in shown) - gap * (len(shown) - 1)) // 2
    for subject in shown:
        poster.paste(subject, (left, (round(height * LOWER.top) - subject.height) // 2))
        left += subject.width + gap


def _fit(text: str, room: tuple[int, int], short: int, largest: float) -> tuple[list[str], ImageFont.FreeTypeFont, int]:
    """Lines, letters and line height: the largest letters with which the text fits the room."""
    known = ImageFont.truetype(str(FONT), _REFERENCE)
    widths = {character: known.getlength(character) / _REFERENCE for character in set(text)}
    size = short * largest
    while True:
        leading = round(size * _LEADING)
        lines = break_lines(text, room[0] / size, lambda piece: sum(widths[character] for character in piece))
        fits = leading * len(lines) <= room[1]
        if fits or size <= short * _SMALLEST:
            break
        size *= _SHRINK
    if not fits:
        kept = lines[: max(1, room[1] // leading)]
        lines = [*kept[:-1], kept[-1][:-1] + "…"]
    return lines, ImageFont.truetype(str(FONT), max(8, round(size))), leading


def break_lines(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Break a text into lines: at spaces, between Chinese or Japanese characters, and inside a word that is too long.

    Args:
        text: One paragraph.
        width: The most a line may measure.
        measure: Measures a piece of text in the same unit; pieces side by side measure their sum (the typeface has no kerning).
    """
    lines: list[str] = []
    line, used = "", 0.0
    for piece in _pieces(text):
        whole = measure(piece.rstrip()) <= width
        for part in [piece] if whole else piece:
            if line and used + measure(part.rstrip()) > width:
                lines.append(line.rstrip())
                line, used = "", 0.0
            if line or not part.isspace():
                line += part
                used += measure(part)
    return [*lines, line.rstrip()] if line else lines


def _pieces(text: str) -> list[str]:
    """What must not be torn apart: words with the spaces behind them, single Chinese or Japanese characters."""
    pieces = [""]
    for character in text:
        last = pieces[-1][-1:]
        if last and (character >= _CJK_FROM or last >= _CJK_FROM or (last == " " and character != " ")):
            pieces.append(character)
        else:
            pieces[-1] += character
    return pieces
