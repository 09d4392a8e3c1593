"""The fake proves itself with a real bot: discord.py in a process of its own, killed and restarted."""

import asyncio
import hashlib
import signal
from pathlib import Path

import aiohttp
import pytest

from tests.wire.fake_discord import (
    MIB,
    Call,
    CannotType,
    Channel,
    FakeDiscord,
    Guild,
    LocalFile,
    Moment,
    Permission,
    User,
)
from tests.wire.fake_discord.messages import LOADING
from tests.wire.process import BotProcess
from tests.wire.sample_bot import payload


async def test_a_command_is_synced_typed_and_acknowledged_within_a_second(
    discord: FakeDiscord, sample: BotProcess, channel: Channel, person: User
) -> None:
    interaction = await (await discord.slash(channel, person, "sample now", text="hello")).acknowledged()
    message = await interaction.answer()

    assert interaction.latency < 1
    assert message.is_v2
    assert message.text == "hello"
    assert [one["custom_id"] for one in message.buttons] == ["sample:again:j1"]
    assert channel.timeline == [message]
    choices = await discord.autocomplete(channel, person, "sample now", "text", "cat")
    assert choices == [{"name": "CAT", "value": "CAT"}]
    for name, options in (
        ("video create", {}),
        ("sample", {}),
        ("sample nothing", {}),
        ("sample now", {}),
        ("sample now", {"text": ""}),
        ("sample now", {"text": 3}),
        ("sample now", {"text": "a", "colour": "red"}),
    ):
        with pytest.raises(CannotType):
            await discord.slash(channel, person, name, **options)
    sample.sigterm()
    assert await sample.exited() == 0


@pytest.mark.usefixtures("sample")
async def test_the_same_interaction_delivered_twice_is_acknowledged_once(
    discord: FakeDiscord, channel: Channel, person: User
) -> None:
    interaction = await (await discord.slash(channel, person, "sample now", text="hello")).acknowledged()

    await discord.redeliver(interaction)

    second = await discord.journal.wait_for(Call.RESPOND, count=2)
    assert second.status == 400
    assert len(channel.timeline) == 1


@pytest.mark.usefixtures("sample")
async def test_a_deferred_answer_shows_its_file_in_its_components(
    discord: FakeDiscord, channel: Channel, person: User
) -> None:
    hold = discord.faults.hold(Call.EDIT_ORIGINAL)
    interaction = await discord.slash(channel, person, "sample later")
    await hold.reached()

    assert interaction.original is not None
    assert interaction.original.flags & LOADING
    hold.release()
    message = await interaction.answer()

    assert [file.read() for file in message.files] == [payload(2000)]
    private = await (await discord.slash(channel, person, "sample later", private=True)).answer()
    assert private.seen_by is person
    assert private not in channel.timeline


@pytest.mark.usefixtures("sample")
async def test_a_posted_file_arrives_byte_for_byte_once_and_pings_only_the_requester(
    discord: FakeDiscord, channel: Channel, person: User
) -> None:
    discord.limits.allow(Call.CREATE_MESSAGE, 1, per=0.3)
    started = await discord.slash(channel, person, "sample post", job="j1", size=300_000)
    await discord.journal.wait_for(Call.EDIT_MESSAGE)
    again = await discord.slash(channel, person, "sample post", job="j2", size=10)
    await discord.journal.wait_for(Call.EDIT_MESSAGE, count=2)

    card, video, _, _ = channel.timeline
    assert started.original is card
    assert card.text == "done"
    assert video.pinged == [person.id]
    assert not video.pinged_everyone
    (file,) = video.files
    assert file.name == "video.j1.mp4"
    assert file.sha256 == hashlib.sha256(payload(300_000)).hexdigest()
    sent = discord.journal.of(Call.CREATE_MESSAGE)[0]
    assert [(one.name, one.size) for one in sent.files] == [("video.j1.mp4", 300_000)]
    assert discord.limits.exceeded == 0  # discord.py obeyed the announced limit by itself

    found = await (await discord.slash(channel, person, "sample find", after=str(card.id))).answer()
    assert found.text == "video.j1.mp4 video.j2.mp4"
    assert (await again.answer()).text == "done"


async def test_a_button_still_works_after_the_process_was_killed_and_restarted(
    discord: FakeDiscord, sample: BotProcess, channel: Channel, person: User
) -> None:
    message = await (await discord.slash(channel, person, "sample now", text="hello")).answer()
    await sample.sigkill()
    assert await sample.exited() == -signal.SIGKILL

    await sample.start_ready()
    answer = await (await discord.press(message, person, "sample:again:j1")).answer()

    assert answer.text == "again j1"
    assert answer.seen_by is person
    with pytest.raises(CannotType):
        await discord.press(message, person, "sample:again:j2")


async def test_a_502_after_the_effect_and_a_repeat_after_a_crash_make_one_message(
    discord: FakeDiscord, sample: BotProcess, channel: Channel, person: User
) -> None:
    discord.faults.answer(Call.CREATE_MESSAGE, 502, after_effect=True)
    await discord.slash(channel, person, "sample post", job="j1", size=10)
    await discord.journal.wait_for(Call.EDIT_MESSAGE)

    assert len(discord.journal.of(Call.CREATE_MESSAGE)) == 2
    assert len(channel.posted_files) == 1

    hold = discord.faults.hold(Call.CREATE_MESSAGE, Moment.AFTER_EFFECT)
    await discord.slash(channel, person, "sample post", job="j2", size=10)
    await hold.reached()
    await sample.sigkill()
    hold.drop()
    await sample.start_ready()
    await discord.slash(channel, person, "sample post", job="j2", size=10)
    await discord.journal.wait_for(Call.EDIT_MESSAGE, count=2)

    assert [file.name for file in channel.posted_files] == ["video.j1.mp4", "video.j2.mp4"]


@pytest.mark.usefixtures("sample")
async def test_refusals_resets_and_limits_reach_the_bot_as_discord_sends_them(
    discord: FakeDiscord, channel: Channel, person: User
) -> None:
    async def outcome(size: int = 10) -> str:
        nonlocal runs
        runs += 1
        card = await (await discord.slash(channel, person, "sample post", job=f"j{runs}", size=size)).answer()
        await discord.until(lambda: card.text != "working", what="the card's end")
        return card.text

    runs = 0
    discord.world.upload_limit = 1000
    assert await outcome(size=1001) == "refused 413 40005"
    assert await outcome(size=1000) == "done"
    discord.faults.refuse(Call.CREATE_MESSAGE, 40005)
    assert await outcome() == "refused 413 40005"
    discord.faults.rate_limit(Call.CREATE_MESSAGE, 0.1)
    assert await outcome() == "done"
    discord.faults.reset(Call.CREATE_MESSAGE)
    assert (await outcome()).startswith("broken ")
    before = len(channel.posted_files)
    discord.faults.reset(Call.CREATE_MESSAGE, after_effect=True)
    assert (await outcome()).startswith("broken ")
    assert len(channel.posted_files) == before + 1
    channel.refuses = 160005
    assert await outcome() == "refused 403 160005"
    channel.refuses = 0
    channel.app_permissions &= ~Permission.ATTACH_FILES
    assert await outcome() == "refused 403 50013"


@pytest.mark.usefixtures("sample")
async def test_a_channel_deleted_under_a_running_job_is_gone_for_posts_and_edits(
    discord: FakeDiscord, channel: Channel, person: User
) -> None:
    hold = discord.faults.hold(Call.CREATE_MESSAGE)
    await discord.slash(channel, person, "sample post", job="j1", size=10)
    await hold.reached()

    await discord.delete_channel(channel)
    hold.release()
    edit = await discord.journal.wait_for(Call.EDIT_MESSAGE)

    assert [one.status for one in discord.journal.of(Call.CREATE_MESSAGE)] == [404]
    assert edit.status == 404


async def test_a_held_request_may_take_effect_after_its_sender_died(
    discord: FakeDiscord, sample: BotProcess, channel: Channel, person: User
) -> None:
    hold = discord.faults.hold(Call.CREATE_MESSAGE)
    await discord.slash(channel, person, "sample post", job="j1", size=10)
    await hold.reached()
    await sample.sigkill()

    assert channel.posted_files == []
    hold.release()
    await discord.journal.wait_for(Call.CREATE_MESSAGE)
    assert len(channel.posted_files) == 1


@pytest.mark.usefixtures("sample")
async def test_a_bot_thrown_out_of_its_server_has_no_access_there(
    discord: FakeDiscord, guild: Guild, channel: Channel, person: User
) -> None:
    hold = discord.faults.hold(Call.CREATE_MESSAGE)
    await discord.slash(channel, person, "sample post", job="j1", size=10)
    await hold.reached()

    await discord.remove_bot(guild)
    hold.release()

    assert (await discord.journal.wait_for(Call.EDIT_MESSAGE)).status == 403
    assert [one.status for one in discord.journal.of(Call.CREATE_MESSAGE)] == [403]


@pytest.mark.parametrize("kept", [False, True], ids=["dropped", "released"])
async def test_an_upload_whose_sender_is_killed_midway_never_becomes_a_message(
    kept: bool, discord: FakeDiscord, sample: BotProcess, channel: Channel, person: User
) -> None:
    hold = discord.faults.hold(Call.CREATE_MESSAGE, Moment.UPLOADING, after_bytes=200_000)
    await discord.slash(channel, person, "sample post", job="j1", size=8 * MIB)
    held = await hold.reached()
    await sample.sigkill()
    hold.release() if kept else hold.drop()
    await discord.journal.wait_for(Call.CREATE_MESSAGE)

    assert held.cut
    assert channel.posted_files == []


@pytest.mark.usefixtures("sample")
async def test_a_slow_upload_takes_its_time(discord: FakeDiscord, channel: Channel, person: User) -> None:
    discord.faults.slow_upload(Call.CREATE_MESSAGE, bytes_per_second=1_000_000)
    began = asyncio.get_running_loop().time()
    await discord.slash(channel, person, "sample post", job="j1", size=600_000)
    await discord.journal.wait_for(Call.EDIT_MESSAGE)

    assert asyncio.get_running_loop().time() - began > 0.5
    assert len(channel.posted_files) == 1


@pytest.mark.usefixtures("sample")
async def test_the_bot_resumes_and_receives_what_it_missed(
    discord: FakeDiscord, channel: Channel, person: User
) -> None:
    discord.gateway.cut()
    interaction = await discord.slash(channel, person, "sample now", text="missed")
    await discord.gateway.resumed()
    assert (await interaction.answer()).text == "missed"

    await discord.gateway.ask_to_reconnect()
    await discord.gateway.resumed(count=2)
    await discord.gateway.close()
    await discord.gateway.resumed(count=3)
    assert len(discord.gateway.identifies) == 1

    await discord.gateway.forget_sessions()
    await discord.gateway.ready(identifies=2)
    assert (await (await discord.slash(channel, person, "sample now", text="anew")).answer()).text == "anew"


@pytest.mark.usefixtures("sample")
async def test_a_late_acknowledgement_and_a_dead_token_are_refused(
    discord: FakeDiscord, channel: Channel, person: User
) -> None:
    discord.desk.ack_deadline = 0.2
    hold = discord.faults.hold(Call.RESPOND)
    interaction = await discord.slash(channel, person, "sample now", text="slow")
    await hold.reached()
    await asyncio.sleep(0.25)
    hold.release()
    late = await discord.journal.wait_for(Call.RESPOND)
    assert late.status == 404
    assert interaction.answered_at is None

    discord.desk.ack_deadline = 3
    discord.desk.token_life = 0
    deferred = await (await discord.slash(channel, person, "sample later")).acknowledged()
    refused = await discord.journal.wait_for(Call.EDIT_ORIGINAL)
    assert refused.status == 401
    assert deferred.original is not None
    assert deferred.original.flags & LOADING


@pytest.mark.usefixtures("sample")
async def test_pictures_menus_and_forms_reach_the_bot(discord: FakeDiscord, channel: Channel, person: User) -> None:
    picture = LocalFile("cat.png", b"not really a cat")
    read = await (await discord.slash(channel, person, "sample picture", image=picture)).answer()
    assert read.text == f"cat.png {hashlib.sha256(picture.data).hexdigest()} {10 * MIB}"

    said = discord.say(channel, person, "look", picture)
    seen = await (await discord.menu(said, person, "Look at this")).answer()
    assert seen.text == "look ['cat.png']"

    form = await (await discord.slash(channel, person, "sample form")).acknowledged()
    filled = await (await discord.submit_modal(form, person, prompt="a cat", picture=[picture])).answer()
    assert filled.text == "a cat ['cat.png']"


@pytest.mark.usefixtures("sample")
async def test_the_bot_is_told_where_it_is(discord: FakeDiscord, channel: Channel, person: User) -> None:
    async def where(place: Channel) -> str:
        return (await (await discord.slash(place, person, "sample where")).answer()).text

    assert await where(channel) == "[0] tier 0 en-US en-US True member"
    assert await where(discord.world.add_thread(channel, "a thread")) == "[0] tier 0 en-US en-US True member"
    person.locale = "zh-CN"
    channel.app_permissions &= ~Permission.ATTACH_FILES
    assert await where(channel) == "[0] tier 0 zh-CN en-US False member"
    assert await where(discord.world.dm(person)) == "[1] tier None zh-CN None True member"


async def test_shards_and_boosted_servers(discord: FakeDiscord, person: User, tmp_path: Path) -> None:
    discord.gateway.shards = 2
    places: dict[int, Channel] = {}
    while len(places) < 2:
        boosted = discord.world.add_guild("Studio", premium_tier=2)
        places[(boosted.id >> 22) % 2] = discord.world.add_channel(boosted, "videos")
    process = BotProcess(discord, tmp_path, program="tests/wire/sample_bot.py", arguments=())
    await process.start_ready()
    try:
        for place in places.values():
            answer = await (await discord.slash(place, person, "sample where")).answer()
            assert answer.text == "[0] tier 2 en-US en-US True member"
    finally:
        await process.stop()
    assert {tuple(one["shard"]) for one in discord.gateway.identifies} == {(0, 2), (1, 2)}
    assert discord.world.upload_limit_of(places[0]) == 50 * MIB


async def test_a_wrong_token_is_let_in_nowhere(discord: FakeDiscord, tmp_path: Path) -> None:
    wrong = {"DISCORD_TOKEN": "another-fake-token"}
    process = BotProcess(discord, tmp_path, program="tests/wire/sample_bot.py", arguments=(), env=wrong)
    await process.start()

    assert await process.exited() == 1
    assert "LoginFailure" in process.log
    async with aiohttp.ClientSession() as session, session.ws_connect(discord.gateway.url) as socket:
        await socket.receive()
        await socket.send_json({"op": 2, "d": {"token": "another-fake-token"}})
        assert (await socket.receive()).data == 4004
