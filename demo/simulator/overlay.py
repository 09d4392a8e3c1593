"""What is laid over a film's scene for the people who watch it: the prompt, and the subjects it was made from."""

from io import BytesIO

from PIL import Image, ImageOps

from demo.simulator.films import FilmOrder
from demo.simulator.poster import LOWER, WHOLE, draw_poster, hang_subjects


def draw_overlay(order: FilmOrder) -> bytes:
    """The RGBA pixels that lie over every frame; pictures leave the prompt the lower part.

    Args:
        order: What the film must be.
    """
    pictured = order.first or order.last or order.subjects
    poster = draw_poster(order.prompt, order.caption, order.width, order.height, LOWER if pictured else WHOLE)
    if order.subjects:
        hang_subjects(poster, [open_picture(subject) for subject in order.subjects])
    return poster.tobytes()


def fill_frame(content: bytes, width: int, height: int) -> bytes:
    """The RGBA pixels of a picture, cut to the shape of a frame and brought to its size.

    Args:
        content: The file.
        width: Pixels.
        height: Pixels.
    """
    return ImageOps.fit(open_picture(content), (width, height)).tobytes()


def open_picture(content: bytes) -> Image.Image:
    """A picture the right way up, in RGBA."""
    with Image.open(BytesIO(content)) as image:
        return ImageOps.exif_transpose(image).convert("RGBA")
