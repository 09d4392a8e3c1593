"""Message components: walking them, Discord's rules for them, and filling in what Discord adds.

Pure functions over JSON. Source: Discord docs, Component Reference and Message Flags.
"""

import copy
from collections.abc import Callable, Iterator, Mapping

from tests.wire.fake_discord.errors import DiscordError
from tests.wire.fake_discord.values import Json

IS_COMPONENTS_V2 = 1 << 15

ACTION_ROW, BUTTON, SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 1, 2, 9, 10, 11, 12, 13, 14, 17
TEXT_INPUT, FILE_UPLOAD = 4, 19
TOP_LEVEL_V1 = {ACTION_ROW}
TOP_LEVEL_V2 = {ACTION_ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER}
MAX_COMPONENTS = 40
MAX_TEXT = 4000
NESTS = ("components", "accessory", "component")
MEDIA_KEY = {THUMBNAIL: "media", FILE: "file"}
# What Discord writes into its answer where the request left a field out.
DEFAULTS: dict[int, Json] = {
    CONTAINER: {"accent_color": None, "spoiler": False},
    FILE: {"spoiler": False},
    SEPARATOR: {"divider": True, "spacing": 1},
    THUMBNAIL: {"description": None, "spoiler": False},
}


def walk(components: list[Json]) -> Iterator[Json]:
    """Yield every component, nested ones after the one that holds them."""
    for component in components:
        yield component
        for nest in NESTS:
            inside = component.get(nest)
            if inside is not None:
                yield from walk(inside if isinstance(inside, list) else [inside])  # pyright: ignore[reportUnknownArgumentType]


def texts(components: list[Json]) -> list[str]:
    """Return the contents of all text displays."""
    return [part["content"] for part in walk(components) if part["type"] == TEXT]


def shown_media(component: Json) -> Iterator[tuple[Json, str]]:
    """Yield each object in a component that holds a media reference, with the key it stands under."""
    if component["type"] in MEDIA_KEY:
        yield component, MEDIA_KEY[component["type"]]
    elif component["type"] == GALLERY:
        for item in component["items"]:
            yield item, "media"


def check(components: list[Json], *, v2: bool, file_names: set[str]) -> None:
    """Hold components against Discord's rules.

    Args:
        components: As sent.
        v2: Whether the message carries IS_COMPONENTS_V2.
        file_names: The names under which the message's files can be referred to.

    Raises:
        DiscordError: 50035, with the rule that is broken.
    """
    allowed = TOP_LEVEL_V2 if v2 else TOP_LEVEL_V1
    if wrong := [part["type"] for part in components if part["type"] not in allowed]:
        raise DiscordError(50035, f"component types {wrong} are not allowed at the top level")
    parts = list(walk(components))
    if len(parts) > MAX_COMPONENTS:
        raise DiscordError(50035, f"{len(parts)} components, at most {MAX_COMPONENTS}")
    if sum(map(len, texts(components))) > MAX_TEXT:
        raise DiscordError(50035, f"more than {MAX_TEXT} characters of text")
    custom_ids = [part["custom_id"] for part in parts if "custom_id" in part]
    if len(custom_ids) != len(set(custom_ids)):
        raise DiscordError(50035, "Component custom id cannot be duplicated")
    for part in parts:
        for holder, key in shown_media(part):
            scheme, _, name = holder[key]["url"].partition("://")
            if scheme == "attachment" and name not in file_names:
                raise DiscordError(50035, f"attachment://{name} is not among the files {sorted(file_names)}")


def fill_in(
    components: list[Json], media: Mapping[str, Json], sizes: Mapping[str, int], next_media_id: Callable[[], int]
) -> list[Json]:
    """Return components as Discord answers them: ids given, defaults written out, media resolved.

    Args:
        components: As sent, already checked.
        media: The resolved media object of each file, by file name.
        sizes: The length of each file in bytes, by file name.
        next_media_id: Gives each shown medium its id.
    """
    filled = copy.deepcopy(components)
    for number, part in enumerate(walk(filled), start=1):
        part.setdefault("id", number)
        for name, value in DEFAULTS.get(part["type"], {}).items():
            part.setdefault(name, value)
        for holder, key in shown_media(part):
            url = holder[key]["url"]
            name = url.partition("attachment://")[2]
            resolved = media[name] if name else {"url": url, "proxy_url": url}
            holder[key] = {"id": str(next_media_id()), **resolved}
            if part["type"] == GALLERY:
                holder.setdefault("description", None)
                holder.setdefault("spoiler", False)
            elif part["type"] == FILE:
                holder["name"], holder["size"] = name, sizes[name]
    return filled
