"""Files as people attach them: a name and the bytes."""

from __future__ import annotations

from tests.media.samples import a_film, a_picture, a_sound, saved

Named = tuple[str, bytes]


def picture(width: int = 1280, height: int = 720, *, name: str = "boat.png") -> Named:
    """A picture that every model takes as it is."""
    return name, saved(a_picture(width, height), "PNG")


def clip() -> Named:
    """Three seconds of video."""
    return "waves.mp4", a_film()


def sound() -> Named:
    """Three seconds of sound."""
    return "gulls.wav", a_sound()
