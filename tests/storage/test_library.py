"""What people come back to: found again in their order, by any word, and never mixed up with anybody else's."""

from __future__ import annotations

import asyncio
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.model import Derivation, Derived, Draft, Job, JobState, MediaSource, Role
from jobs.ports import Found, KeptDraft, Library, Wanted
from storage.store import SqlJobStore
from tests.factories import NOW, a_job, a_request, an_origin
from tests.storage.acts import put

ME, SOMEBODY = an_origin().user_id, 77
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


async def a_video(store: SqlJobStore, prompt: str = "a red fox", *, user_id: int = ME, **changes: Any) -> Job:
    request = a_request(prompt=prompt, model=changes.pop("model", "MiniMax-Hailuo-02"))
    job = a_job(**({"state": JobState.DONE, "request": request, "origin": an_origin(user_id=user_id)} | changes))
    await put(store, job)
    return job


async def found(store: SqlJobStore, wanted: Wanted | None = None, *, offset: int = 0, limit: int = 25) -> Found:
    return await store.library.history(ME, wanted or Wanted(), offset=offset, limit=limit)


async def prompts(store: SqlJobStore, search: str) -> set[str]:
    return {job.request.prompt for job in (await found(store, Wanted(search=search))).jobs}


def test_the_library_is_a_library(store: SqlJobStore) -> None:
    port: Library = store.library
    assert port is store.library


# --- history -----------------------------------------------------------------------------------------------------


async def test_a_history_has_everything_one_asked_for_newest_first_and_nobody_elses(store: SqlJobStore) -> None:
    old = await a_video(store, created_at=NOW - 2, state=JobState.FAILED)
    new = await a_video(store, created_at=NOW, state=JobState.QUEUED)
    middle = await a_video(store, created_at=NOW - 1)
    await a_video(store, user_id=SOMEBODY)

    assert await found(store) == Found(jobs=[new, middle, old], total=3)


async def test_videos_asked_for_at_one_moment_stay_in_the_order_of_asking(store: SqlJobStore) -> None:
    jobs = [await a_video(store) for _ in range(5)]

    assert (await found(store)).jobs == jobs[::-1]


async def test_pages_follow_one_another_without_a_gap_and_each_tells_how_many_there_are(store: SqlJobStore) -> None:
    jobs = [await a_video(store, created_at=NOW + number) for number in range(7)]
    pages = [await found(store, offset=offset, limit=3) for offset in (0, 3, 6, 9)]

    assert [job for page in pages for job in page.jobs] == jobs[::-1]
    assert [(len(page.jobs), page.total) for page in pages] == [(3, 7), (3, 7), (1, 7), (0, 7)]


async def test_nothing_is_found_where_there_is_nothing(store: SqlJobStore) -> None:
    assert await found(store) == await found(store, Wanted(favourites=True)) == Found(jobs=[], total=0)


async def test_a_search_finds_all_words_in_any_order_and_case_within_words_too(store: SqlJobStore) -> None:
    await a_video(store, "A red FOX in fresh snow")
    await a_video(store, "a grey wolf in fresh snow")

    assert await prompts(store, "snow Fox") == {"A red FOX in fresh snow"}
    assert await prompts(store, "FRE no") == {"A red FOX in fresh snow", "a grey wolf in fresh snow"}
    assert await prompts(store, "fox wolf") == set()
    assert len(await prompts(store, "  ")) == 2


@pytest.mark.parametrize(
    ("prompt", "search"),
    [
        ("100% wool", "100%"),
        ("snake_case letters", "e_c"),
        ("a path C:\\films", "c:\\f"),
        ("a 50% \\% _ mix", "\\% _"),
        ('it\'s "quoted"; -- not ended', '\'s "quoted"; --'),
    ],
)
async def test_what_means_something_to_a_pattern_is_searched_for_as_it_is(
    store: SqlJobStore, prompt: str, search: str
) -> None:
    await a_video(store, prompt)
    await a_video(store, "100 x wool, snakeXcase letters, a path C:xfilms")

    assert await prompts(store, search) == {prompt}


@pytest.mark.parametrize(
    ("prompt", "search"),
    [
        ("ÄRGER im Büro", "ärger BÜRO"),
        ("Красная лиса в снегу", "ЛИСА снегу"),
        ("ένα ΓΑΛΆΖΙΟ ψάρι", "γαλάζιο"),
        ("雪の中の赤い狐", "狐\u3000雪"),
        ("一只红色的狐狸", "狐狸 红色"),
        ("눈 속의 여우", "여우"),
        ("ثعلب في الثلج", "الثلج"),
        ("a 🦊 in the snow", "🦊"),
    ],
)
async def test_a_search_works_in_every_language(store: SqlJobStore, prompt: str, search: str) -> None:
    await a_video(store, prompt)
    await a_video(store, "something else")

    assert await prompts(store, search) == {prompt}


async def test_a_search_for_what_no_text_can_hold_finds_what_was_kept_in_its_place(store: SqlJobStore) -> None:
    await a_video(store, "a nul \0 and half a pair \ud83d")
    await a_video(store, "nothing odd")

    assert await prompts(store, "\0 \ud83d") == {"a nul \ufffd and half a pair \ufffd"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(prompt=TEXT, data=st.data())
async def test_any_word_of_a_prompt_finds_it(store: SqlJobStore, prompt: str, data: st.DataObject) -> None:
    video = await a_video(store, prompt)
    words = data.draw(st.permutations(prompt.split()))

    assert video in (await found(store, Wanted(search=" ".join(words)), limit=1000)).jobs


async def test_a_history_can_be_kept_to_one_model(store: SqlJobStore) -> None:
    await a_video(store, "a fox", model="MiniMax-Hailuo-02")
    newer = await a_video(store, "a fox", model="MiniMax-H3")
    await a_video(store, "a wolf", model="MiniMax-H3")

    assert await found(store, Wanted(search="fox", model="MiniMax-H3")) == Found(jobs=[newer], total=1)
    assert (await found(store, Wanted(model="MiniMax"))).total == 0


# --- favourites --------------------------------------------------------------------------------------------------


async def favour(store: SqlJobStore, job: Job, *, now: float = NOW, user_id: int = ME) -> bool:
    return await store.library.toggle_favourite(user_id, job.id, now=now)


async def test_favourites_come_in_the_order_of_being_chosen_whoever_asked_for_them(store: SqlJobStore) -> None:
    mine = await a_video(store, created_at=NOW)
    theirs = await a_video(store, user_id=SOMEBODY, created_at=NOW - 9)
    await a_video(store)
    assert await favour(store, mine, now=NOW + 1)
    assert await favour(store, theirs, now=NOW + 2)

    assert await found(store, Wanted(favourites=True)) == Found(jobs=[theirs, mine], total=2)
    assert await found(store, Wanted(favourites=True), offset=1, limit=1) == Found(jobs=[mine], total=2)


async def test_the_same_press_again_makes_a_favourite_none_for_this_person_alone(store: SqlJobStore) -> None:
    job = await a_video(store)
    assert await favour(store, job, user_id=SOMEBODY)
    assert await favour(store, job)
    assert not await favour(store, job)

    assert (await found(store, Wanted(favourites=True))).total == 0
    assert (await store.library.history(SOMEBODY, Wanted(favourites=True), offset=0, limit=9)).jobs == [job]
    assert await favour(store, job)


@pytest.mark.parametrize("state", sorted(set(JobState) - {JobState.DONE}))
async def test_a_favourite_is_listed_once_there_is_a_video(store: SqlJobStore, state: JobState) -> None:
    job = await a_video(store, state=state)
    await favour(store, job)

    assert await found(store, Wanted(favourites=True)) == Found(jobs=[], total=0)


async def test_favourites_can_be_searched_and_kept_to_one_model(store: SqlJobStore) -> None:
    fox = await a_video(store, "a fox", user_id=SOMEBODY)
    wolf = await a_video(store, "a wolf", model="MiniMax-H3")
    for job in (fox, wolf):
        await favour(store, job)
    await a_video(store, "a fox, not chosen")

    assert (await found(store, Wanted(favourites=True, search="FOX"))).jobs == [fox]
    assert (await found(store, Wanted(favourites=True, model="MiniMax-H3"))).jobs == [wolf]


async def test_presses_in_two_processes_at_once_count_one_by_one(store: SqlJobStore, other_store: SqlJobStore) -> None:
    job = await a_video(store)
    presses = [favour(each, job) for each in (store, other_store) * 3]

    assert sorted(await asyncio.gather(*presses)) == [False] * 3 + [True] * 3


# --- drafts ------------------------------------------------------------------------------------------------------

SOURCE: dict[str, st.SearchStrategy[Any]] = {
    "role": st.sampled_from(Role),
    "url": st.text(),
    "filename": st.text(),
    "size": st.integers(0, 2**40),
    "media_type": st.none() | st.text(),
    "last_frame": st.booleans(),
    "spoiler": st.booleans(),
}
DRAFT: dict[str, st.SearchStrategy[Any]] = {
    "prompt": st.text(),
    "model": st.none() | st.text(),
    "resolution": st.none() | st.text(),
    "duration": st.none() | st.integers(-1000, 1000),
    "ratio": st.none() | st.text(),
    "camera": st.lists(st.text(), max_size=3).map(tuple),
    "enhance": st.none() | st.booleans(),
    "inputs": st.lists(st.builds(MediaSource, **SOURCE), max_size=3).map(tuple),
}
DERIVATION: dict[str, st.SearchStrategy[Any]] = {
    "kind": st.sampled_from(Derived),
    "source_id": st.none() | st.text(max_size=25),
    "chain": st.lists(st.text(), max_size=3).map(tuple),
}
KEPT: dict[str, st.SearchStrategy[Any]] = {
    "key": st.text("abcXYZ019-_", min_size=1, max_size=25),
    "user_id": st.integers(1, 2**63 - 1),
    "draft": st.builds(Draft, **DRAFT),
    "derivation": st.none() | st.builds(Derivation, **DERIVATION),
    "private": st.booleans(),
    "kept_at": st.floats(0, 1e11),
}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(kept=st.builds(KeptDraft, **KEPT))
async def test_any_draft_comes_back_as_it_was_kept(store: SqlJobStore, kept: KeptDraft) -> None:
    await store.library.keep_draft(kept)

    assert await store.library.draft(kept.key) == kept


@pytest.mark.parametrize(
    ("drawn", "kind"), [(SOURCE, MediaSource), (DRAFT, Draft), (DERIVATION, Derivation), (KEPT, KeptDraft)]
)
def test_the_law_above_leaves_out_no_field(drawn: dict[str, object], kind: type[Draft | MediaSource]) -> None:
    assert set(drawn) == {field.name for field in fields(kind)}


def a_draft(key: str = "draft", **changes: Any) -> KeptDraft:
    return replace(KeptDraft(key=key, user_id=ME, draft=Draft(prompt="a fox"), kept_at=NOW), **changes)


async def test_a_draft_kept_again_takes_the_place_of_the_first(store: SqlJobStore, other_store: SqlJobStore) -> None:
    other = a_draft("other")
    await store.library.keep_draft(other)
    await store.library.keep_draft(a_draft())
    again = replace(a_draft(), draft=Draft(prompt="a wolf"), private=True, kept_at=NOW + 5)
    await other_store.library.keep_draft(again)

    assert [await store.library.draft(key) for key in ("draft", "other", "none")] == [again, other, None]


async def test_two_processes_may_keep_a_draft_of_one_name_at_once(store: SqlJobStore, other_store: SqlJobStore) -> None:
    await asyncio.gather(*(each.library.keep_draft(a_draft()) for each in (store, other_store) * 4))

    assert await store.library.draft("draft") == a_draft()


async def test_old_drafts_are_forgotten_and_others_are_not(store: SqlJobStore) -> None:
    for number in range(5):
        await store.library.keep_draft(a_draft(f"draft{number}", kept_at=NOW + number))

    assert await store.library.drop_drafts(kept_before=NOW + 3) == 3
    assert await store.library.drop_drafts(kept_before=NOW + 3) == 0
    assert [await store.library.draft(f"draft{number}") is None for number in range(5)] == [True] * 3 + [False] * 2


# --- wishes ------------------------------------------------------------------------------------------------------


async def test_nobody_wants_notes_until_they_say_so_and_each_for_themselves(
    store: SqlJobStore, other_store: SqlJobStore
) -> None:
    assert not await store.library.wants_note(ME)
    for wanted in (True, True, False, True):
        await store.library.set_note(ME, wanted=wanted)
        assert await other_store.library.wants_note(ME) is wanted

    assert not await store.library.wants_note(SOMEBODY)


async def test_two_processes_may_write_the_same_wish_at_once(store: SqlJobStore, other_store: SqlJobStore) -> None:
    await asyncio.gather(*(each.library.set_note(ME, wanted=True) for each in (store, other_store) * 4))

    assert await store.library.wants_note(ME)
