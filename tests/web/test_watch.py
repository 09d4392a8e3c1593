"""The pages of videos over a real socket: what a browser, a chat program and somebody who guesses get to see."""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs
from yarl import URL

from locales import Texts
from tests.jobs.world import World
from tests.web.conftest import PUBLIC, WELL
from web.app import create_app
from web.health import Health
from web.server import serving
from web.watch import SIGNATURE, WATCH_PATH, WatchPages

KEY = "0123456789abcdef" * 2
OTHER = "f" * 32
FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 400
LOST = [
    f"/watch/{OTHER}",
    f"/watch/{OTHER}/video.mp4",
    "/watch/",
    "/watch/short",
    f"/watch/{KEY}0",
    f"/watch/{KEY.upper()}",
    f"/watch/{KEY}/",
    f"/watch/{KEY}/video.webm",
    f"/watch/{KEY}.mp4",
    f"/watch/{KEY}/video.mp4/",
    "/watch/../secret.mp4",
    "/watch/..%2Fsecret.mp4",
    "/watch/%2e%2e/secret.mp4",
    f"/watch/{KEY}/..%2F..%2Fsecret.mp4",
    f"/watch/{KEY}%00",
    "/watch/%2Fetc%2Fpasswd",
    "/watch//etc/passwd",
]


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Visitor:
    """Somebody with an address, and the folder behind it."""

    folder: Path
    session: aiohttp.ClientSession
    url: str

    async def get(self, path: str, *, method: str = "GET", **headers: str) -> Answer:
        """Asks for exactly this path, however odd it is; header names are written with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        url = URL(self.url + path, encoded=True)
        async with self.session.request(method, url, headers=sent, allow_redirects=False) as response:
            return Answer(response.status, dict(response.headers), await response.read())


class Page(HTMLParser):
    """What a page holds: its tags with their attributes, its meta data by name, its style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.meta: dict[str, str] = {}
        self.style = ""
        self._in_style = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        self._in_style = tag == "style"
        name = given.get("property") or given.get("name")
        if tag == "meta" and name:
            self.meta[name] = given.get("content") or ""

    def handle_endtag(self, tag: str) -> None:
        self._in_style = self._in_style and tag != "style"

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.style += data

    def one(self, tag: str) -> dict[str, str | None]:
        (found,) = [attributes for name, attributes in self.tags if name == tag]
        return found


@asynccontextmanager
async def visiting(world: World, folder: Path, *, base: str = f"{PUBLIC}{WATCH_PATH}/") -> AsyncGenerator[Visitor]:
    published = folder / "watch"
    published.mkdir(exist_ok=True)
    (published / f"{KEY}.mp4").write_bytes(FILM)
    (folder / "secret.mp4").write_bytes(b"not for anybody")

    def watched(key: str) -> Path | None:
        path = published / f"{key}.mp4"
        return path if path.is_file() else None

    async def health() -> Health:
        return WELL

    pages = WatchPages(watched, base=base, texts=Texts.load())
    async with (
        serving(create_app(world.service, health, pages=pages), host="127.0.0.1", port=0) as port,
        aiohttp.ClientSession(auto_decompress=False) as session,
    ):
        yield Visitor(folder, session, f"http://127.0.0.1:{port}")


@pytest.fixture
async def visitor(world: World, tmp_path: Path) -> AsyncGenerator[Visitor]:
    async with visiting(world, tmp_path) as visitor:
        yield visitor


# --- the page ------------------------------------------------------------------------------------------------------


async def test_the_page_plays_the_video_and_offers_it_for_download(visitor: Visitor) -> None:
    answer = await visitor.get(f"/watch/{KEY}")
    page = Page(answer.text)

    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    video = page.one("video")
    assert {"controls", "autoplay", "muted", "playsinline"} <= video.keys()
    for address in (video["src"], page.one("a")["href"]):
        assert address
        found = URL(f"/watch/{KEY}").join(URL(address))
        assert (await visitor.get(found.path)).body == FILM


async def test_chat_programs_find_the_file_at_its_public_address(visitor: Visitor) -> None:
    meta = Page((await visitor.get(f"/watch/{KEY}")).text).meta
    page, file = f"{PUBLIC}/watch/{KEY}", f"{PUBLIC}/watch/{KEY}/video.mp4"

    assert {name: value for name, value in meta.items() if name.startswith(("og:", "twitter:"))} == {
        "og:type": "video.other",
        "og:title": "A video made with AI",
        "og:url": page,
        "og:video": file,
        "og:video:url": file,
        "og:video:secure_url": file,
        "og:video:type": "video/mp4",
        "twitter:card": "player",
        "twitter:title": "A video made with AI",
        "twitter:player": file,
        "twitter:player:stream": file,
        "twitter:player:stream:content_type": "video/mp4",
    }


async def test_the_page_runs_nothing_and_loads_nothing_but_the_video_and_its_own_style(visitor: Visitor) -> None:
    answer = await visitor.get(f"/watch/{KEY}")
    page = Page(answer.text)
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()

    assert policy == {
        "default-src": "'none'",
        "media-src": "'self'",
        "style-src": f"'sha256-{digest}'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "form", "base"} == set()
    assert [(tag, name) for tag, given in page.tags for name in given if name.startswith("on") or name == "style"] == []
    assert re.findall(r"url\(|@import", page.style) == []


async def test_the_page_suits_phones_and_both_kinds_of_light(visitor: Visitor) -> None:
    page = Page((await visitor.get(f"/watch/{KEY}")).text)

    assert "width=device-width" in page.meta["viewport"]
    assert "color-scheme: light dark" in page.style
    assert "prefers-color-scheme: dark" in page.style


@pytest.mark.parametrize("path", [f"/watch/{KEY}", f"/watch/{KEY}/video.mp4", f"/watch/{OTHER}"])
async def test_no_search_engine_keeps_it_and_no_site_learns_the_address(visitor: Visitor, path: str) -> None:
    headers = (await visitor.get(path)).headers

    assert "noindex" in headers["X-Robots-Tag"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("languages", "language", "words"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN", "AI 生成"),
        ("zh-TW", "zh-CN", "AI 生成"),
        ("de-DE,de;q=0.9", "en-US", "Made with AI"),
        ("", "en-US", "Made with AI"),
    ],
)
async def test_the_page_speaks_the_readers_language(
    visitor: Visitor, languages: str, language: str, words: str
) -> None:
    answer = await visitor.get(f"/watch/{KEY}", Accept_Language=languages)

    assert Page(answer.text).one("html")["lang"] == language
    assert words in answer.text
    assert answer.headers["Vary"] == "Accept-Language"


async def test_an_odd_public_address_does_not_break_out_of_the_page(world: World, tmp_path: Path) -> None:
    base = 'https://videos.example.com/"><script>/watch/'
    async with visiting(world, tmp_path, base=base) as visitor:
        page = Page((await visitor.get(f"/watch/{KEY}")).text)

    assert page.meta["og:url"] == base + KEY
    assert "script" not in {tag for tag, _ in page.tags}


# --- the file ------------------------------------------------------------------------------------------------------


async def test_the_file_is_a_video_that_browsers_may_keep_and_proxies_may_not_touch(visitor: Visitor) -> None:
    answer = await visitor.get(f"/watch/{KEY}/video.mp4")

    assert (answer.status, answer.body) == (200, FILM)
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Content-Length"] == str(len(FILM))
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Cache-Control"] == "private, max-age=3600, no-transform"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-", 0, len(FILM) - 1),
        ("bytes=0-1", 0, 1),
        ("bytes=1000-1999", 1000, 1999),
        ("bytes=100000-", 100_000, len(FILM) - 1),
        ("bytes=-500", len(FILM) - 500, len(FILM) - 1),
        ("bytes=1000-99999999", 1000, len(FILM) - 1),
    ],
)
async def test_a_player_gets_the_part_it_asks_for(visitor: Visitor, asked: str, first: int, last: int) -> None:
    answer = await visitor.get(f"/watch/{KEY}/video.mp4", Range=asked)

    assert (answer.status, answer.body) == (206, FILM[first : last + 1])
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(FILM)}"
    assert answer.headers["Content-Type"] == "video/mp4"


@pytest.mark.parametrize("asked", [f"bytes={len(FILM)}-", "bytes=20-10", "bytes=a-b"])
async def test_a_part_that_does_not_exist_is_refused(visitor: Visitor, asked: str) -> None:
    answer = await visitor.get(f"/watch/{KEY}/video.mp4", Range=asked)

    assert (answer.status, answer.body) == (416, b"")
    assert answer.headers["Content-Range"] == f"bytes */{len(FILM)}"


async def test_a_browser_that_has_the_file_is_not_sent_it_again(visitor: Visitor) -> None:
    first = await visitor.get(f"/watch/{KEY}/video.mp4")
    again = await visitor.get(f"/watch/{KEY}/video.mp4", If_None_Match=first.headers["Etag"])

    assert (again.status, again.body) == (304, b"")


async def test_head_tells_the_same_without_the_body(visitor: Visitor) -> None:
    for path, whole in ((f"/watch/{KEY}", None), (f"/watch/{KEY}/video.mp4", len(FILM)), (f"/watch/{OTHER}", None)):
        got, head = await visitor.get(path), await visitor.get(path, method="HEAD")

        assert (head.status, head.body) == (got.status, b"")
        assert head.headers["Content-Type"] == got.headers["Content-Type"]
        if whole is not None:
            assert head.headers["Content-Length"] == str(whole)


async def test_no_compressed_file_beside_it_is_sent_instead(visitor: Visitor) -> None:
    (visitor.folder / f"{KEY}.mp4.gz").write_bytes(b"beside the folder")

    answer = await visitor.get(f"/watch/{KEY}/video.mp4", Accept_Encoding="gzip, br")

    assert answer.body == FILM
    assert "Content-Encoding" not in answer.headers


# --- what is not there ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", LOST)
async def test_an_address_that_leads_nowhere_is_answered_in_a_friendly_way(visitor: Visitor, path: str) -> None:
    answer = await visitor.get(path)

    # A client or a server may have made a plain path of it: then it is none of these pages.
    assert answer.status == 404
    assert b"not for anybody" not in answer.body
    assert b"root:" not in answer.body
    if URL(path, encoded=True).raw_path.startswith("/watch/"):
        assert "Videos are kept here for a limited time" in answer.text
        assert Page(answer.text).meta["application-name"] == SIGNATURE
        assert answer.headers["Content-Type"].startswith("text/html")


async def test_a_page_ends_with_its_file(visitor: Visitor) -> None:
    assert (await visitor.get(f"/watch/{KEY}")).status == 200

    (visitor.folder / "watch" / f"{KEY}.mp4").unlink()

    assert (await visitor.get(f"/watch/{KEY}")).status == 404
    assert (await visitor.get(f"/watch/{KEY}/video.mp4")).status == 404


async def test_a_page_that_is_not_there_is_asked_for_again(visitor: Visitor) -> None:
    """It may be there a moment later: nobody keeps the answer."""
    assert (await visitor.get(f"/watch/{OTHER}")).headers["Cache-Control"] == "no-store"


async def test_the_pages_only_show(visitor: Visitor) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert (await visitor.get(f"/watch/{KEY}", method=method)).status == 405


async def test_no_address_is_ever_logged(visitor: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "aiosqlite")
    with capture_logs() as lines:
        await visitor.get(f"/watch/{KEY}")
        await visitor.get(f"/watch/{KEY}/video.mp4", Range="bytes=20-10")
        await visitor.get(f"/watch/{OTHER}")

    said = caplog.text + repr(lines)
    assert KEY not in said
    assert OTHER not in said


async def test_where_the_world_cannot_come_there_are_no_pages(world: World) -> None:
    async def health() -> Health:
        return WELL

    async with (
        serving(create_app(world.service, health), host="127.0.0.1", port=0) as port,
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/watch/{KEY}") as response,
    ):
        assert (response.status, await response.json()) == (404, {"status": "not found"})
