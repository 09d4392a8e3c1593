"""The V2 client against the simulator over loopback: every mode to its film, lost answers found, cancels, every switch."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr

from demo.simulator.faults import ACTIONS, POINTS
from demo.simulator.server import running
from demo.simulator.service import Limits, Simulator
from demo.simulator.tasks import StagePlan
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
from jobs.model import Draft, Role, Task, VideoRequest
from jobs.ports import TaskState
from minimax.catalog import MiniMaxCatalog
from minimax.client import KeyVerdict
from minimax.session import Sessions
from tests.minimax.conftest import KEY
from tests.minimax.files import files_for
from tests.minimax.test_errors import TABLE
from tests.minimax.test_simulator import FILM, LIMIT, LONG, Service, a_film, client_on, told
from tests.minimax.wishes import sources

SECONDS = 100.0  # from create to success; the first tenth in preparing, two more in the queue
IN_QUEUE, RUNNING = 20.0, 50.0
DAY = 86400.0

MODES: list[Sequence[Role]] = [
    (),
    (Role.FIRST_FRAME,),
    (Role.FIRST_FRAME, Role.LAST_FRAME),
    (Role.SUBJECT,),
    (Role.REFERENCE_IMAGE, Role.REFERENCE_IMAGE, Role.REFERENCE_VIDEO, Role.REFERENCE_AUDIO),
]

OnCreate = type[ProviderError] | Reason
CREATE: dict[str, OnCreate] = {
    **{f"create=code:{code}": reason or kind for code, ((kind, reason), _) in TABLE.items()},
    "create=code:4711": Uncertain,  # an HTTP 500
    "create=overloaded": Uncertain,
    "create=http:401": Misconfigured,
    "create=http:429": Throttled,
    "create=http:502": Uncertain,
    "create=text": Uncertain,
    "create=reset": Uncertain,
    "create=drop": Uncertain,
    "accepted=code:1000": Uncertain,
    "accepted=overloaded": Uncertain,
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
    "task=delay:processing:9999": TaskState.RUNNING,
    "task=delay:queueing:9999": TaskState.WAITING,
    "query=status:throttling": TaskState.UNKNOWN,
    "query=lower": TaskState.SUCCEEDED,
    "query=no-file-id": TaskState.SUCCEEDED,
    "query=number-id": TaskState.SUCCEEDED,
    "query=slow:0.2": TaskState.SUCCEEDED,
}
QUERY: dict[str, type[ProviderError] | Reason] = {
    **{f"query=code:{code}": reason or kind for code, (_, (kind, reason)) in TABLE.items()},
    "query=code:4711": Transient,
    "query=overloaded": Transient,
    "query=http:403": Misconfigured,
    "query=http:429": Throttled,
    "query=http:502": Transient,
    "query=text": Transient,
    "query=reset": Transient,
    "query=drop": Transient,
    "query=slow:9": Transient,
}
LIST: dict[str, type[ProviderError]] = {
    **{f"list=code:{code}": kind if kind is not Refused else Transient for code, (_, (kind, _reason)) in TABLE.items()},
    "list=overloaded": Transient,
    "list=http:429": Throttled,
    "list=http:502": Transient,
    "list=text": Transient,
    "list=reset": Transient,
    "list=drop": Transient,
    "list=slow:9": Transient,
}
DELETE: dict[str, type[ProviderError] | None] = {
    **{f"delete=code:{code}": kind if kind is not Refused else None for code, (_, (kind, _reason)) in TABLE.items()},
    "delete=overloaded": Transient,
    "delete=http:429": Throttled,
    "delete=http:502": Transient,
    "delete=text": Transient,
    "delete=reset": Transient,
    "delete=drop": Transient,
    "delete=slow:9": Transient,
}
ELSEWHERE = frozenset({"query=spell"})
V2_POINTS = frozenset({"create", "accepted", "task", "query", "list", "delete"})


@pytest.fixture
async def service(sessions: Sessions) -> AsyncGenerator[Service]:
    plan = StagePlan.taking(SECONDS, spread=0)
    simulator = Simulator(keys={"tests": SecretStr(KEY)}, film_maker=a_film, seed=1, plan=plan, currency="USD")
    async with running(simulator) as url:
        yield Service(simulator, client_on(url, sessions), url)


async def lost(service: Service, request: VideoRequest, *, since: float = -5.0) -> Sequence[Task]:
    """What may be the task of a create that went out just now."""
    now = service.simulator.now()
    return await service.client.lost(request, since=now + since, until=now + 180.0)


def test_every_switch_of_the_simulator_that_v2_meets_is_in_a_table_here() -> None:
    covered = {spec.split(":")[0] for table in (CREATE, TASK, QUERY, LIST, DELETE) for spec in table}
    met = {f"{point}={name}" for point in V2_POINTS for name, action in ACTIONS.items() if point in action.points}

    assert set(POINTS) > V2_POINTS
    assert met - ELSEWHERE - covered == set()


@pytest.mark.parametrize("roles", MODES, ids=lambda roles: "+".join(roles) or "text")
async def test_a_video_of_each_mode_comes_byte_for_byte_and_the_key_stays_with_the_api(
    service: Service, tmp_path: Path, roles: Sequence[Role]
) -> None:
    client, catalog = service.client, MiniMaxCatalog()
    offer = catalog.offer(Draft(prompt="a cat", model="MiniMax-H3", inputs=sources(*roles)))
    task = await client.create(offer.request, files_for(offer.request.inputs))
    before = await client.query(task)
    service.simulator.advance(LONG)
    report = await client.query(task)
    assert report.file_id is not None
    link = await client.locate(task, report.file_id)
    size = await client.download(link, tmp_path / "v.mp4", limit=LIMIT)

    (paid,) = service.simulator.ledger.paid_creates()
    assert (before.state, report.state) == (TaskState.WAITING, TaskState.SUCCEEDED)
    assert ((tmp_path / "v.mp4").read_bytes(), size) == (FILM, len(FILM))
    assert paid.price <= offer.price.amount
    assert [(seen.site, seen.authorized) for seen in service.simulator.requests.all()] == [
        *[("api", True)] * 4,
        ("download", False),
    ]


@pytest.mark.parametrize("spec", CREATE)
async def test_each_fault_of_a_create_has_its_class_and_is_paid_at_most_once(
    service: Service, h3_wish: VideoRequest, spec: str
) -> None:
    service.simulator.faults.add(spec)

    with pytest.raises(ProviderError) as failure:
        await service.client.create(h3_wish)

    paid = len(service.simulator.ledger.paid_creates())
    assert told(failure.value) == CREATE[spec]
    assert paid == (1 if spec.startswith("accepted") else 0)
    assert len(service.simulator.requests.all("/v2/video_generation")) == 1


# --- the lost answer ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", [spec for spec, kind in CREATE.items() if kind is Uncertain])
async def test_a_lost_answer_is_found_in_the_list_if_and_only_if_the_task_was_taken(
    service: Service, h3_wish: VideoRequest, spec: str
) -> None:
    service.simulator.faults.add(spec)
    with pytest.raises(Uncertain):
        await service.client.create(h3_wish)

    found = await lost(service, h3_wish)

    assert [task.task_id for task in found] == [paid.task_id for paid in service.simulator.ledger.paid_creates()]
    assert len(found) == spec.startswith("accepted")
    for task in found:
        assert (await service.client.query(task)).state is TaskState.WAITING


async def test_only_a_task_for_the_same_made_then_may_be_the_lost_one(service: Service, h3_wish: VideoRequest) -> None:
    for other in (
        replace(h3_wish, resolution="2K"),
        replace(h3_wish, duration=6),
        replace(h3_wish, ratio="9:16"),
        replace(h3_wish, model="MiniMax-H3-Max"),
        VideoRequest(prompt="a cat", model="MiniMax-Hailuo-02", resolution="768P", duration=6),
    ):
        await service.client.create(other)
    await service.client.create(h3_wish)
    service.simulator.advance(60)
    task = await service.client.create(h3_wish)

    assert await lost(service, h3_wish) == (task,)
    assert len(await lost(service, h3_wish, since=-70)) == 2


async def test_a_lost_task_is_found_behind_several_pages_of_others(service: Service, h3_wish: VideoRequest) -> None:
    task = await service.client.create(h3_wish)
    for _ in range(45):
        await service.client.create(replace(h3_wish, duration=6))

    assert await lost(service, h3_wish) == (task,)


@pytest.mark.parametrize("spec", LIST)
async def test_each_fault_of_the_list_has_its_class_and_says_nothing_about_the_task(
    service: Service, h3_wish: VideoRequest, spec: str
) -> None:
    await service.client.create(h3_wish)
    service.simulator.faults.add(f"{spec},times=always")

    with pytest.raises(LIST[spec]) as failure:
        await lost(service, h3_wish)
    service.simulator.faults.clear()

    assert type(failure.value) is LIST[spec]
    assert len(await lost(service, h3_wish)) == 1


# --- query, locate ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", TASK)
async def test_each_fate_of_a_task_is_understood(service: Service, h3_wish: VideoRequest, spec: str) -> None:
    service.simulator.faults.add(spec)

    report = await service.client.query(await service.finished(h3_wish))

    assert (report.failure.reason if report.failure else report.state) == TASK[spec]
    assert (report.file_id is not None) == (report.state is TaskState.SUCCEEDED and spec != "query=no-file-id")


async def test_a_failed_task_spelt_otherwise_has_failed(service: Service, h3_wish: VideoRequest) -> None:
    service.simulator.faults.add("task=fail:1027", "query=spell:Fail")

    report = await service.client.query(await service.finished(h3_wish))

    assert report.failure is not None
    assert report.failure.reason is Reason.MODERATED_OUTPUT


@pytest.mark.parametrize("spec", QUERY)
async def test_each_fault_of_a_query_has_its_class_and_is_over_afterwards(
    service: Service, h3_wish: VideoRequest, spec: str
) -> None:
    task = await service.finished(h3_wish)
    service.simulator.faults.add(f"{spec},times=always")

    with pytest.raises(ProviderError) as failure:
        await service.client.query(task)
    service.simulator.faults.clear()
    report = await service.client.query(task)

    assert told(failure.value) == QUERY[spec]
    assert report.state is TaskState.SUCCEEDED


async def test_an_expired_link_is_renewed_by_asking_again_for_seven_days(
    service: Service, h3_wish: VideoRequest, tmp_path: Path
) -> None:
    task = await service.finished(h3_wish)
    link = await service.client.locate(task, task.task_id)
    service.simulator.advance(5 * DAY)

    with pytest.raises(BrokenDownload):
        await service.client.download(link, tmp_path / "v.mp4", limit=LIMIT)
    link = await service.client.locate(task, task.task_id)
    assert await service.client.download(link, tmp_path / "v.mp4", limit=LIMIT) == len(FILM)

    service.simulator.advance(3 * DAY)
    with pytest.raises(Refused) as no_task:
        await service.client.query(task)
    with pytest.raises(Refused) as no_file:
        await service.client.locate(task, task.task_id)
    assert (no_task.value.reason, no_file.value.reason) == (Reason.TASK_LOST, Reason.FILE_LOST)


# --- cancel -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("waited", [0.0, IN_QUEUE])
async def test_a_waiting_task_is_cancelled_free_of_charge(
    service: Service, h3_wish: VideoRequest, waited: float
) -> None:
    task = await service.client.create(h3_wish)
    service.simulator.advance(waited)

    assert await service.client.cancel(task) is True
    assert await service.client.cancel(task) is True
    assert (await service.client.query(task)).raw_status == "cancelled"
    assert service.simulator.ledger.paid_creates() == []


@pytest.mark.parametrize("waited", [RUNNING, LONG])
async def test_a_task_that_has_begun_goes_on_and_one_that_has_ended_keeps_its_video(
    service: Service, h3_wish: VideoRequest, waited: float
) -> None:
    task = await service.client.create(h3_wish)
    service.simulator.advance(waited)

    assert await service.client.cancel(task) is False
    service.simulator.advance(LONG)
    assert (await service.client.query(task)).file_id == task.task_id
    assert len(service.simulator.ledger.paid_creates()) == 1


async def test_a_failed_task_is_not_deleted_by_a_cancel(service: Service, h3_wish: VideoRequest) -> None:
    service.simulator.faults.add("task=fail:1026")
    task = await service.finished(h3_wish)

    assert await service.client.cancel(task) is False
    assert (await service.client.query(task)).state is TaskState.FAILED


@pytest.mark.parametrize("spec", DELETE)
async def test_each_fault_of_a_cancel_has_its_class_and_the_next_try_tells_the_truth(
    service: Service, h3_wish: VideoRequest, spec: str
) -> None:
    task = await service.client.create(h3_wish)
    service.simulator.faults.add(f"{spec},times=always")
    kind = DELETE[spec]

    if kind is None:
        assert await service.client.cancel(task) is False
    else:
        with pytest.raises(kind):
            await service.client.cancel(task)
    service.simulator.faults.clear()
    assert await service.client.cancel(task) is True


# --- the account --------------------------------------------------------------------------------------------------


async def test_a_wrong_key_is_the_operators_business(sessions: Sessions, h3_wish: VideoRequest) -> None:
    simulator = Simulator(keys={"other": SecretStr("another-fake-key")})
    async with running(simulator) as url:
        with pytest.raises(Misconfigured) as refusal:
            await client_on(url, sessions).create(h3_wish)
        check = await client_on(url, sessions).check_key()

    assert refusal.value.code == 1004
    assert check.verdict is KeyVerdict.BAD_KEY


@pytest.mark.parametrize(
    ("limits", "kind"),
    [
        (Limits(creates_per_minute=0), Throttled),
        (Limits(in_flight=0), Throttled),
        (Limits(balance=Decimal(0)), OutOfCredit),
    ],
)
async def test_limits_of_the_account_are_told_apart(
    sessions: Sessions, h3_wish: VideoRequest, limits: Limits, kind: type[ProviderError]
) -> None:
    simulator = Simulator(keys={"tests": SecretStr(KEY)}, limits=limits)
    async with running(simulator) as url:
        with pytest.raises(kind):
            await client_on(url, sessions).create(h3_wish)

    assert simulator.ledger.paid_creates() == []
