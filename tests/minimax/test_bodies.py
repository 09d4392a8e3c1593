"""The JSON of the paid call in each mode, held against the documentation's own examples field by field."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from jobs.errors import Reason, Refused
from jobs.model import Api, Draft, InputFile, Role, VideoRequest
from minimax import v1, v2
from minimax.body import encode_body
from minimax.catalog import MiniMaxCatalog
from tests.minimax.conftest import ClientFor
from tests.minimax.files import a_file
from tests.minimax.verdicts import sent_body
from tests.minimax.wire import Peer, answer
from tests.minimax.wishes import OWN_PRICES, sources

SWITCHES = {"prompt_optimizer": True, "aigc_watermark": False}
"""V1's, always sent, with the values the documentation gives as defaults."""

FIRST, LAST, THIRD = (
    "data:image/jpeg;base64,Zmlyc3Q=",
    "data:image/jpeg;base64,bGFzdA==",
    "data:video/mp4;base64,Y2xpcA==",
)
DATA = {Role.FIRST_FRAME: b"first", Role.LAST_FRAME: b"last", Role.REFERENCE_VIDEO: b"clip"}

V1_EXAMPLES: list[tuple[dict[str, Any], tuple[Role, ...], dict[str, Any]]] = [
    (
        {"model": "MiniMax-Hailuo-2.3", "resolution": "1080P", "duration": 6, "camera": ("Push in", "Pedestal up")},
        (),
        {
            "model": "MiniMax-Hailuo-2.3",
            "prompt": "A man picks up a book [Push in,Pedestal up]",
            "duration": 6,
            "resolution": "1080P",
        },
    ),
    ({"model": "T2V-01"}, (), {"model": "T2V-01", "prompt": "A man picks up a book"}),
    (
        {"model": "MiniMax-Hailuo-02", "resolution": "512P", "duration": 10},
        (Role.FIRST_FRAME,),
        {
            "model": "MiniMax-Hailuo-02",
            "prompt": "A man picks up a book",
            "first_frame_image": FIRST,
            "duration": 10,
            "resolution": "512P",
        },
    ),
    (
        {"model": "I2V-01-live"},
        (Role.FIRST_FRAME,),
        {"model": "I2V-01-live", "prompt": "A man picks up a book", "first_frame_image": FIRST},
    ),
    (
        {"model": "MiniMax-Hailuo-02"},
        (Role.FIRST_FRAME, Role.LAST_FRAME),
        {
            "model": "MiniMax-Hailuo-02",
            "prompt": "A man picks up a book",
            "first_frame_image": FIRST,
            "last_frame_image": LAST,
            "duration": 6,
            "resolution": "1080P",
        },
    ),
    (
        {"model": "S2V-01"},
        (Role.SUBJECT,),
        {
            "model": "S2V-01",
            "prompt": "A man picks up a book",
            "subject_reference": [{"type": "character", "image": [FIRST]}],
        },
    ),
]
"""Options, files, and the example (MiniMax docs, T2V, I2V, FL2V, S2V) with our prompt and data URLs in it."""

TEXT = {"type": "text", "text": "A boy plays basketball by the sea"}
V2_EXAMPLES: list[tuple[dict[str, Any], tuple[Role, ...], dict[str, Any]]] = [
    (
        {"duration": 5},
        (),
        {"model": "MiniMax-H3", "content": [TEXT], "resolution": "768P", "duration": 5, "ratio": "16:9"},
    ),
    (
        {"duration": 5},
        (Role.FIRST_FRAME, Role.LAST_FRAME),
        {
            "model": "MiniMax-H3",
            "content": [
                TEXT,
                {"type": "image_url", "image_url": {"url": FIRST}, "role": "first_frame"},
                {"type": "image_url", "image_url": {"url": LAST}, "role": "last_frame"},
            ],
            "resolution": "768P",
            "duration": 5,
        },
    ),
    (
        {"duration": 15, "resolution": "2K", "ratio": "21:9"},
        (Role.SUBJECT, Role.REFERENCE_VIDEO, Role.REFERENCE_AUDIO),
        {
            "model": "MiniMax-H3",
            "content": [
                TEXT,
                {"type": "image_url", "image_url": {"url": FIRST}, "role": "reference_image"},
                {"type": "video_url", "video_url": {"url": THIRD}, "role": "reference_video"},
                {
                    "type": "audio_url",
                    "audio_url": {"url": "data:audio/wav;base64,Zmlyc3Q="},
                    "role": "reference_audio",
                },
            ],
            "resolution": "2K",
            "duration": 15,
            "ratio": "21:9",
        },
    ),
    (
        {"model": "MiniMax-H3-Max", "enhance": False},
        (Role.FIRST_FRAME,),
        {
            "model": "MiniMax-H3-Max",
            "content": [TEXT, {"type": "image_url", "image_url": {"url": FIRST}, "role": "first_frame"}],
            "resolution": "768P",
            "duration": 6,
            "extra": {"prompt_expansion_mode": "disabled"},
        },
    ),
    (
        {"model": "MiniMax-H3-Max", "ratio": "1:1"},
        (),
        {"model": "MiniMax-H3-Max", "content": [TEXT], "resolution": "768P", "duration": 6, "ratio": "1:1"},
    ),
]
"""Likewise (MiniMax docs, V2 create)."""


def wished(prompt: str, roles: tuple[Role, ...], **options: Any) -> tuple[VideoRequest, list[InputFile]]:
    offer = MiniMaxCatalog(prices=OWN_PRICES).offer(Draft(prompt=prompt, inputs=sources(*roles), **options))
    return offer.request, [a_file(source.role, DATA.get(source.role, b"first")) for source in offer.request.inputs]


@pytest.mark.parametrize(("options", "roles", "example"), V1_EXAMPLES)
def test_v1_is_sent_the_documented_example_in_each_mode(
    options: dict[str, Any], roles: tuple[Role, ...], example: dict[str, Any]
) -> None:
    assert sent_body(*wished("A man picks up a book", roles, **options)) == example | SWITCHES


@pytest.mark.parametrize(("options", "roles", "example"), V2_EXAMPLES)
def test_v2_is_sent_the_documented_example_in_each_mode(
    options: dict[str, Any], roles: tuple[Role, ...], example: dict[str, Any]
) -> None:
    assert sent_body(*wished(TEXT["text"], roles, **({"model": "MiniMax-H3"} | options))) == example


def test_a_callback_and_the_watermark_are_sent_where_they_are_wished_for() -> None:
    text, _ = wished("a cat", ())
    h3, _ = wished("a cat", (), model="MiniMax-H3")

    for request, write in ((text, v1.create_body), (h3, v2.create_body)):
        plain = write(request)
        full = write(replace(request, watermark=True), callback_url="https://bot.example/x")

        assert "callback_url" not in plain
        assert {name: full[name] for name in ("callback_url", "aigc_watermark")} == {
            "callback_url": "https://bot.example/x",
            "aigc_watermark": True,
        }


def test_a_picture_without_words_is_sent_without_a_prompt() -> None:
    request, files = wished("", (Role.FIRST_FRAME,))
    moving, _ = wished("", (Role.FIRST_FRAME,), camera=("Zoom in",))

    assert "prompt" not in sent_body(request, files)
    assert sent_body(moving, files)["prompt"] == "[Zoom in]"


@pytest.mark.parametrize(
    ("api", "role"),
    [(Api.V1, Role.REFERENCE_IMAGE), (Api.V1, Role.REFERENCE_AUDIO), (Api.V2, Role.SUBJECT)],
)
def test_a_file_that_an_interface_has_no_place_for_is_not_sent(api: Api, role: Role) -> None:
    request = replace(wished("a cat", ())[0], api=api)

    with pytest.raises(Refused) as refusal:
        sent_body(request, [a_file(role, b"x")])

    assert refusal.value.reason is Reason.INVALID_REQUEST


@pytest.mark.parametrize(
    ("model", "api", "path"),
    [
        ("MiniMax-Hailuo-02", Api.V1, "/v1/video_generation"),
        ("MiniMax-H3", Api.V2, "/v2/video_generation"),
    ],
)
async def test_a_large_file_goes_out_whole_with_its_length(
    client_for: ClientFor, model: str, api: Api, path: str
) -> None:
    request, _ = wished("a cat", (Role.FIRST_FRAME,), model=model)
    file = a_file(Role.FIRST_FRAME, bytes(range(256)) * 20_000)  # five megabytes
    async with Peer([answer({"task_id": "1069"})]) as peer:
        task = await client_for(peer.url).create(request, [file], callback_url="https://bot.example/x")

    (sent,) = peer.requests
    assert (sent.method, sent.path, task.api) == ("POST", path, api)
    assert sent.headers["content-type"] == "application/json"
    assert json.loads(sent.body) == json.loads(
        encode_body(
            (v2 if api is Api.V2 else v1).create_body(request, [file], callback_url="https://bot.example/x")
        ).read()
    )


async def test_a_request_over_the_limit_of_v2_is_refused_before_anything_is_sent(client_for: ClientFor) -> None:
    request, _ = wished("a cat", (Role.REFERENCE_VIDEO,))
    fits = a_file(Role.REFERENCE_VIDEO, bytes(47_000_000))
    async with Peer([answer({"task_id": "1069"})]) as peer:
        client = client_for(peer.url)
        with pytest.raises(Refused) as refusal:
            await client.create(request, [fits, a_file(Role.REFERENCE_AUDIO, bytes(1_000_000))])
        assert (refusal.value.reason, peer.requests) == (Reason.INPUT_TOO_LARGE, [])


def test_the_clips_that_the_catalog_lets_pass_fit_into_a_request_with_the_longest_prompt() -> None:
    request, _ = wished("🐈" * 7000, (Role.REFERENCE_VIDEO,))
    clips = a_file(Role.REFERENCE_VIDEO, bytes(47_000_000))

    assert encode_body(v2.create_body(request, [clips])).getbuffer().nbytes <= 64_000_000
