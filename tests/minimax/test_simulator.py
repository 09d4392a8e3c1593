"""The client against the simulator, whose rules were written from the documentation a second time: both must agree."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr

from demo.simulator.faults import ACTIONS, POINTS
from demo.simulator.films import Film, FilmOrder
from demo.simulator.server import running
from demo.simulator.service import Limits, Simulator
from jobs.errors import (
    BrokenDownload,
    Misconfigured,
    OutOfCredit,
    ProviderError,
    Reason,
    Refused,
    Throttled,
    Transient,
    Uncertain,
)
from jobs.model import Task, VideoRequest
from jobs.ports import TaskState, VideoLink, VideoProvider
from minimax.client import KeyVerdict, MiniMaxClient
from minimax.session import Sessions
from tests.minimax.conftest import KEY, StoppedClock
from tests.minimax.test_errors import TABLE
from tests.minimax.wire import free_port

FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 1000
LONG = 1000.0  # seconds, after which every video of the simulator is done
LIMIT = 10**7

OnCreate = type[ProviderError] | Reason
CREATE: dict[str, OnCreate] = {
    **{f"create=code:{code}": reason or kind for code, ((kind, reason), _) in TABLE.items()},
    "create=code:4711": Reason.REFUSED,
    "create=http:401": Misconfigured,
    "create=http:429": Throttled,
    "create=http:502": Uncertain,
    "create=text": Uncertain,
    "create=reset": Uncertain,
    "create=drop": Uncertain,
    "accepted=code:1000": Uncertain,
    "accepted=http:504": Uncertain,
    "accepted=text": Uncertain,
    "accepted=reset": Uncertain,
    "accepted=drop": Uncertain,
    "accepted=slow:9": Uncertain,
    "accepted=no-task-id": Uncertain,
}
TASK: dict[str, Reason | TaskState] = {
    "task=fail:0": Reason.PROVIDER_FAILED,
    "task=fail:1026": Reason.MODERATED_INPUT,
    "task=fail:1027": Reason.MODERATED_OUTPUT,
    "task=fail:1002": Reason.PROVIDER_FAILED,
    "task=fail:4711": Reason.PROVIDER_FAILED,
    "task=delay:processing:9999": TaskState.RUNNING,
    "task=delay:queueing:9999": TaskState.WAITING,
    "query=status:Throttling": TaskState.UNKNOWN,
    "query=lower": TaskState.SUCCEEDED,
    "query=no-file-id": TaskState.SUCCEEDED,
    "query=number-id": TaskState.SUCCEEDED,
    "query=slow:0.2": TaskState.SUCCEEDED,
}
QUERY: dict[str, type[ProviderError] | Reason] = {
    **{f"query=code:{code}": reason or kind for code, (_, (kind, reason)) in TABLE.items()},
    "query=code:4711": Transient,
    "query=http:403": Misconfigured,
    "query=http:429": Throttled,
    "query=http:502": Transient,
    "query=text": Transient,
    "query=reset": Transient,
    "query=drop": Transient,
    "query=slow:9": Transient,
}
RETRIEVE: dict[str, type[ProviderError] | Reason | None] = {
    **{
        f"retrieve=code:{code}": Reason.FILE_LOST if reason is Reason.TASK_LOST else reason or kind
        for code, (_, (kind, reason)) in TABLE.items()
    },
    "retrieve=http:502": Transient,
    "retrieve=text": Transient,
    "retrieve=reset": Transient,
    "retrieve=drop": Transient,
    "retrieve=slow:9": Transient,
    "retrieve=no-url": Transient,
    "retrieve=string-id": None,
}
DOWNLOAD: dict[str, type[ProviderError] | None] = {
    "download=http:404": BrokenDownload,
    "download=http:500": Transient,
    "download=text": BrokenDownload,
    "download=reset": Transient,
    "download=drop": Transient,
    "download=slow:0.2": None,
    "download=expired": BrokenDownload,
    "download=truncate:0": BrokenDownload,
    "download=truncate:100000": BrokenDownload,
    "download=type:text/html": BrokenDownload,
    "download=type:application/json": BrokenDownload,
    "download=type:application/octet-stream": None,
}
NOT_V1_VIDEO = ("account", "list", "delete", "files", "challenge", "push")
ELSEWHERE = frozenset(  # in tests of their own
    {
        "query=spell",
        *(f"{point}=overloaded" for point in POINTS),
        *(f"{point}={action}" for point in NOT_V1_VIDEO for action in ACTIONS),
    }
)


@dataclass(frozen=True)
class Service:
    simulator: Simulator
    client: MiniMaxClient
    url: str

    async def finished(self, request: VideoRequest) -> Task:
        task = await self.client.create(request)
        self.simulator.advance(LONG)
        return task

    async def link(self, request: VideoRequest) -> VideoLink:
        task = await self.finished(request)
        report = await self.client.query(task)
        assert report.file_id is not None
        return await self.client.locate(task, report.file_id)


def a_film(_: FilmOrder) -> Film:
    return Film(FILM)


def client_on(url: str, sessions: Sessions, *, key: str = KEY) -> MiniMaxClient:
    return MiniMaxClient(sessions, base_url=url, api_key=SecretStr(key), clock=StoppedClock())


@pytest.fixture
async def service(sessions: Sessions) -> AsyncGenerator[Service]:
    simulator = Simulator(keys={"tests": SecretStr(KEY)}, film_maker=a_film, seed=1)
    async with running(simulator) as url:
        yield Service(simulator, client_on(url, sessions), url)


def told(error: ProviderError) -> type[ProviderError] | Reason:
    return error.reason if isinstance(error, Refused) else type(error)


def test_every_switch_of_the_simulator_is_in_a_table_here() -> None:
    covered = {spec.split(":")[0] for table in (CREATE, TASK, QUERY, RETRIEVE, DOWNLOAD) for spec in table}
    switches = {f"{point}={name}" for point in POINTS for name, action in ACTIONS.items() if point in action.points}

    assert switches - ELSEWHERE - covered == set()


async def test_a_video_comes_byte_for_byte_and_the_key_stays_with_the_api(
    service: Service, wish: VideoRequest, tmp_path: Path
) -> None:
    provider: VideoProvider = service.client
    task = await provider.create(wish)
    before = await provider.query(task)
    service.simulator.advance(LONG)
    report = await provider.query(task)
    assert report.file_id is not None
    link = await provider.locate(task, report.file_id)
    size = await provider.download(link, tmp_path / "v.mp4", limit=LIMIT)

    assert (before.state, report.state) == (TaskState.WAITING, TaskState.SUCCEEDED)
    assert link.size == size == len(FILM)
    assert (tmp_path / "v.mp4").read_bytes() == FILM
    assert len(service.simulator.ledger.paid_creates()) == 1
    assert [(seen.site, seen.authorized) for seen in service.simulator.requests.all()] == [
        ("api", True),
        ("api", True),
        ("api", True),
        ("api", True),
        ("download", False),
    ]


@pytest.mark.parametrize("model", ["T2V-01", "T2V-01-Director"])
async def test_the_01_series_takes_what_it_is_sent(service: Service, model: str) -> None:
    await service.client.create(VideoRequest(prompt="a cat", model=model, resolution="720P", duration=6))

    assert service.simulator.ledger.paid_creates()[0].model == model


@pytest.mark.parametrize("spec", CREATE)
async def test_each_fault_of_a_create_has_its_class_and_is_paid_at_most_once(
    service: Service, wish: VideoRequest, spec: str
) -> None:
    service.simulator.faults.add(spec)

    with pytest.raises(ProviderError) as failure:
        await service.client.create(wish)

    paid = len(service.simulator.ledger.paid_creates())
    assert told(failure.value) == CREATE[spec]
    assert paid == (1 if spec.startswith("accepted") else 0)
    assert len(service.simulator.requests.all("/v1/video_generation")) == 1


@pytest.mark.parametrize("spec", TASK)
async def test_each_fate_of_a_task_is_understood(service: Service, wish: VideoRequest, spec: str) -> None:
    service.simulator.faults.add(spec)

    report = await service.client.query(await service.finished(wish))

    assert (report.failure.reason if report.failure else report.state) == TASK[spec]
    assert (report.file_id is not None) == (report.state is TaskState.SUCCEEDED and spec != "query=no-file-id")


async def test_a_failed_task_spelt_otherwise_has_failed(service: Service, wish: VideoRequest) -> None:
    service.simulator.faults.add("task=fail:1027", "query=spell:Failed")

    report = await service.client.query(await service.finished(wish))

    assert report.state is TaskState.FAILED
    assert report.failure is not None
    assert report.failure.reason is Reason.MODERATED_OUTPUT


@pytest.mark.parametrize("spec", QUERY)
async def test_each_fault_of_a_query_has_its_class_and_is_over_afterwards(
    service: Service, wish: VideoRequest, spec: str
) -> None:
    task = await service.finished(wish)
    service.simulator.faults.add(f"{spec},times=always")

    with pytest.raises(ProviderError) as failure:
        await service.client.query(task)
    service.simulator.faults.clear()
    report = await service.client.query(task)

    assert told(failure.value) == QUERY[spec]
    assert report.state is TaskState.SUCCEEDED


@pytest.mark.parametrize("spec", RETRIEVE)
async def test_each_fault_of_a_retrieve_has_its_class(service: Service, wish: VideoRequest, spec: str) -> None:
    service.simulator.faults.add(f"{spec},times=always")

    expected = RETRIEVE[spec]
    if expected is None:
        assert await service.link(wish)
    else:
        with pytest.raises(ProviderError) as failure:
            await service.link(wish)
        assert told(failure.value) == expected


@pytest.mark.parametrize("spec", DOWNLOAD)
async def test_each_fault_of_a_download_has_its_class_and_leaves_a_whole_file_or_none(
    service: Service, wish: VideoRequest, tmp_path: Path, spec: str
) -> None:
    link = await service.link(wish)
    service.simulator.faults.add(f"{spec},times=always")

    expected = DOWNLOAD[spec]
    if expected is None:
        await service.client.download(link, tmp_path / "v.mp4", limit=LIMIT)
        assert (tmp_path / "v.mp4").read_bytes() == FILM
    else:
        with pytest.raises(ProviderError) as failure:
            await service.client.download(link, tmp_path / "v.mp4", limit=LIMIT)
        assert told(failure.value) is expected
        assert list(tmp_path.iterdir()) == []


async def test_a_link_dies_after_its_hour_and_a_new_one_works(
    service: Service, wish: VideoRequest, tmp_path: Path
) -> None:
    task = await service.finished(wish)
    report = await service.client.query(task)
    assert report.file_id is not None
    link = await service.client.locate(task, report.file_id)
    service.simulator.advance(3601)

    with pytest.raises(BrokenDownload):
        await service.client.download(link, tmp_path / "v.mp4", limit=LIMIT)
    link = await service.client.locate(task, report.file_id)

    assert await service.client.download(link, tmp_path / "v.mp4", limit=LIMIT) == len(FILM)


async def test_an_unknown_task_and_an_unknown_file_are_lost(service: Service) -> None:
    task = Task(task_id="123456789012345678", base_url=service.url)
    with pytest.raises(Refused) as no_task:
        await service.client.query(task)
    with pytest.raises(Refused) as no_file:
        await service.client.locate(task, "123456789012345678")

    assert (no_task.value.reason, no_file.value.reason) == (Reason.TASK_LOST, Reason.FILE_LOST)


async def test_a_prompt_too_long_for_the_service_is_refused_by_it_too(service: Service) -> None:
    with pytest.raises(Refused) as refusal:
        await service.client.create(
            VideoRequest(prompt="x" * 2001, model="MiniMax-Hailuo-02", resolution="768P", duration=6)
        )

    assert refusal.value.reason is Reason.INVALID_REQUEST


@pytest.mark.parametrize("code", [1004, 2049])
async def test_a_wrong_key_is_the_operators_business(sessions: Sessions, wish: VideoRequest, code: int) -> None:
    simulator = Simulator(keys={"other": SecretStr("another-fake-key")}, wrong_key_code=code)
    async with running(simulator) as url:
        client = client_on(url, sessions)
        with pytest.raises(Misconfigured) as refusal:
            await client.create(wish)
        check = await client.check_key()

    assert refusal.value.code == code
    assert check.verdict is KeyVerdict.BAD_KEY
    assert str(code) in check.text


async def test_limits_of_the_account_are_told_apart(sessions: Sessions, wish: VideoRequest) -> None:
    for limits, kind in (
        (Limits(creates_per_minute=0), Throttled),
        (Limits(in_flight=0), Throttled),
        (Limits(balance=Decimal(0)), OutOfCredit),
    ):
        simulator = Simulator(keys={"tests": SecretStr(KEY)}, limits=limits)
        async with running(simulator) as url:
            with pytest.raises(kind):
                await client_on(url, sessions).create(wish)
        assert simulator.ledger.paid_creates() == []


async def test_a_good_key_is_told_from_an_empty_purse_and_a_dead_host_without_paying(
    service: Service, sessions: Sessions
) -> None:
    poor = Simulator(keys={"tests": SecretStr(KEY)}, limits=Limits(balance=Decimal(0)))
    async with running(poor) as url:
        empty = await client_on(url, sessions).check_key()
    good = await service.client.check_key()
    dead = await client_on(f"http://127.0.0.1:{free_port()}", sessions).check_key()

    assert [check.verdict for check in (good, empty, dead)] == [
        KeyVerdict.OK,
        KeyVerdict.NO_CREDIT,
        KeyVerdict.UNREACHABLE,
    ]
    assert service.simulator.ledger.paid_creates() == poor.ledger.paid_creates() == []


@pytest.mark.parametrize("fault", ["code:1004", "http:404", "text", "reset", "drop", "slow:9"])
async def test_a_key_is_good_also_where_the_balance_cannot_be_had(service: Service, fault: str) -> None:
    service.simulator.faults.add(f"account={fault},times=always")

    assert (await service.client.check_key()).verdict is KeyVerdict.OK
