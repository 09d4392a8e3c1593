"""What is posted beside cards, at any length: results, links to them, and alerts to the operators."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import discord
import pytest

from cogs.ui.alert import alert_text
from cogs.ui.result import link_text, render_result
from jobs.errors import Reason
from jobs.model import Gate, JobState
from locales import Texts

from .cards import LONGEST
from .jobs import NOW, job_in


@pytest.mark.parametrize("prompt", ["*" * 2000, "狐" * 2000])
def test_a_result_fits_whatever_the_prompt(texts: Texts, tmp_path: Path, prompt: str) -> None:
    path = tmp_path / "video.mp4"
    path.write_bytes(b"film")
    with closing(discord.File(path)) as film:
        view = render_result(job_in(JobState.POSTING, prompt=prompt), film, texts.for_locale("en-US"), now=NOW)
    gallery = next(item for item in view.walk_children() if isinstance(item, discord.ui.MediaGallery))

    assert view.content_length() < LONGEST
    assert len(gallery.items[0].description or "") <= 1024


def test_a_link_post_is_plain_holds_the_job_s_id_and_says_how_long_it_works(texts: Texts) -> None:
    job = job_in(
        JobState.POSTING,
        id="abc123",
        link="https://cdn.example.com/v.mp4?sig=1_2",
        link_expires_at=NOW,
        origin={"user_id": 7},
        prompt="*" * 2000,
    )
    text = link_text(job, texts.for_locale("en-US"))

    assert text.startswith("<@7> Your video is ready. The file is too large for this channel")
    assert "\nhttps://cdn.example.com/v.mp4?sig=1_2\n" in text
    assert f"until <t:{int(NOW)}:f>" in text
    assert text.endswith("abc123")
    assert len(text) < 2000


@pytest.mark.parametrize(
    ("reason", "words"), [(Reason.OUT_OF_CREDIT, "Top up"), (Reason.MISCONFIGURED, "MINIMAX_API_KEY")]
)
def test_the_operators_read_what_to_do_and_the_provider_s_own_words(texts: Texts, reason: Reason, words: str) -> None:
    gate = Gate(reason=reason, since=NOW, closed_until=NOW, detail="1004 *login fail*")
    text = alert_text(gate, texts.for_locale("en-US"))

    assert words in text
    assert r"1004 \*login fail\*" in text
