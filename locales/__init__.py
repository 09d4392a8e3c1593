"""Every text a person reads, in English and Chinese: gettext catalogues with keys as message ids, read through Babel.

Knows nothing of the rest of the program. The `.po` files are compiled in memory, so there is no build step.
"""

from __future__ import annotations

import gettext
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

DEFAULT: Final = "en_US"
CHINESE: Final = "zh_CN"
CATALOGUES: Final = (DEFAULT, CHINESE)


class Translate:
    """The texts of one language.

    Args:
        locale: The language, as Babel names it (`en_US`).
        catalogue: Its texts by key.
    """

    def __init__(self, locale: str, catalogue: gettext.NullTranslations) -> None:
        self.locale = locale
        self._catalogue = catalogue

    def __call__(self, key: str, /, **values: object) -> str:
        """The text with this key, its placeholders filled in.

        Args:
            key: Such as `card.phase.queued`.
            **values: What the placeholders stand for; braces in them are left alone.
        """
        return self._catalogue.gettext(key).format(**values)

    def count(self, key: str, n: int, /, **values: object) -> str:
        """The text with this key in the form that `n` asks for; `{n}` is filled in too."""
        return self._catalogue.ngettext(key, key, n).format(n=n, **values)


class Texts:
    """All languages.

    Args:
        catalogues: The texts of each language by Babel's name for it; holds at least `en_US`.
    """

    def __init__(self, catalogues: dict[str, Translate]) -> None:
        self._catalogues = catalogues

    @classmethod
    def load(cls, folder: Path | None = None) -> Texts:
        """Reads and compiles the catalogues.

        Args:
            folder: Where the `.po` files are; beside this module unless given.
        """
        folder = folder or Path(__file__).parent
        return cls({name: Translate(name, _compiled(folder / f"{name}.po")) for name in CATALOGUES})

    def for_locale(self, locale: str | None) -> Translate:
        """The texts for a language as Discord names it; all Chinese reads zh-CN, everything else en-US."""
        chinese = locale is not None and locale.lower().startswith("zh")
        return self._catalogues[CHINESE if chinese else DEFAULT]


def _compiled(path: Path) -> gettext.GNUTranslations:
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
