"""A job as a row, and back: the one place that knows which column holds which field.

Pure: knows `jobs.model` and the names of the columns, and sends nothing to a database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, Final

from sqlalchemy import RowMapping

from jobs.errors import Reason
from jobs.model import (
    Answer,
    Api,
    Card,
    Charge,
    Delivery,
    Derivation,
    Derived,
    Draft,
    Failure,
    Gate,
    InputFile,
    Job,
    JobState,
    MediaSource,
    Mode,
    Money,
    Note,
    Origin,
    Posted,
    Role,
    Task,
    VideoRequest,
)
from jobs.ports import KeptDraft

_REQUEST_COLUMNS: Final = ("prompt", "model", "resolution", "duration", "mode")
_OPTIONS: Final = tuple(f.name for f in fields(VideoRequest) if f.name not in _REQUEST_COLUMNS)
_SAME_NAME: Final = (
    "charge",
    "state",
    "state_since",
    "due_at",
    "attempt",
    "waiting_for",
    "submitted_at",
    "asked_at",
    "asks",
    "provider_status",
    "rendered_after",
    "rendered_at",
    "file_id",
    "link",
    "link_expires_at",
    "as_link",
    "upload_limit",
    "delivery",
    "post_attempted",
    "overdue",
    "cancel_asked",
    "callback_key",
    "finished_at",
)
"""The engine's fields that are one column of their own name."""


def engine_values(job: Job) -> dict[str, Any]:
    """The columns that change during a job's life; the fence and the lease are the claim's, not the job's."""
    values: dict[str, Any] = {name: getattr(job, name) for name in _SAME_NAME}
    return values | {
        "price_micros": job.price.micros,
        "currency": job.price.currency,
        "answer_token": job.answer and job.answer.token,
        "answer_until": job.answer and job.answer.expires_at,
        "task_id": job.task and job.task.task_id,
        "task_base_url": job.task and job.task.base_url,
        "task_api": job.task and job.task.api,
        "notes": " ".join(job.notes),
        "posted_channel_id": job.posted and job.posted.channel_id,
        "posted_message_id": job.posted and job.posted.message_id,
        "failure_reason": job.failure and job.failure.reason,
        "failure_code": job.failure and job.failure.code,
        "failure_detail": job.failure and job.failure.detail,
    }


def all_values(job: Job) -> dict[str, Any]:
    """Every column of a new row; nobody holds it yet."""
    origin, request, derivation = job.origin, job.request, job.derivation
    return engine_values(job) | {
        "id": job.id,
        "interaction_id": origin.interaction_id,
        "user_id": origin.user_id,
        "guild_id": origin.guild_id,
        "channel_id": origin.channel_id,
        "locale": origin.locale,
        "guild_locale": origin.guild_locale,
        "place_upload_limit": origin.upload_limit,
        "created_at": job.created_at,
        "private": origin.private,
        "guest": origin.guest,
        "age_restricted": origin.age_restricted,
        "source_id": derivation and derivation.source_id,
        "derived": derivation and derivation.kind,
        "chain": list(derivation.chain) if derivation else [],
        **{name: getattr(request, name) for name in _REQUEST_COLUMNS},
        "options": _options_of(request),
        "pushed_at": job.pushed_at,
        "hinted_task_id": job.hinted_task_id,
        "fence": job.fence,
    }


def job_of(row: RowMapping) -> Job:
    """The job in this row.

    Raises:
        ValueError: If a word in it is none of ours: something else wrote to the table.
    """
    return Job(
        id=row["id"],
        request=_request_of(row),
        origin=Origin(
            interaction_id=row["interaction_id"],
            user_id=row["user_id"],
            guild_id=row["guild_id"],
            channel_id=row["channel_id"],
            locale=row["locale"],
            guild_locale=row["guild_locale"],
            upload_limit=row["place_upload_limit"],
            private=row["private"],
            guest=row["guest"],
            age_restricted=row["age_restricted"],
        ),
        price=Money(row["price_micros"], row["currency"]),
        charge=Charge(row["charge"]),
        created_at=row["created_at"],
        state=JobState(row["state"]),
        state_since=row["state_since"],
        due_at=row["due_at"],
        attempt=row["attempt"],
        derivation=_derivation_of(row),
        answer=_answer_of(row),
        waiting_for=None if row["waiting_for"] is None else Reason(row["waiting_for"]),
        task=_task_of(row),
        submitted_at=row["submitted_at"],
        asked_at=row["asked_at"],
        asks=row["asks"],
        provider_status=row["provider_status"],
        rendered_after=row["rendered_after"],
        rendered_at=row["rendered_at"],
        file_id=row["file_id"],
        link=row["link"],
        link_expires_at=row["link_expires_at"],
        upload_limit=row["upload_limit"],
        as_link=row["as_link"],
        delivery=Delivery(row["delivery"]),
        post_attempted=row["post_attempted"],
        posted=_posted_of(row),
        failure=_failure_of(row),
        overdue=row["overdue"],
        cancel_asked=row["cancel_asked"],
        notes=tuple(Note(note) for note in row["notes"].split()),
        callback_key=row["callback_key"],
        pushed_at=row["pushed_at"],
        hinted_task_id=row["hinted_task_id"],
        finished_at=row["finished_at"],
        fence=row["fence"],
    )


def draft_values(kept: KeptDraft) -> dict[str, Any]:
    """The row of a kept draft."""
    content = {"draft": asdict(kept.draft), "derivation": kept.derivation and asdict(kept.derivation)}
    return {
        "key": kept.key,
        "user_id": kept.user_id,
        "content": content | {"private": kept.private},
        "kept_at": kept.kept_at,
    }


def draft_of(row: RowMapping) -> KeptDraft:
    """The kept draft in this row."""
    draft, derivation = row["content"]["draft"], row["content"]["derivation"]
    return KeptDraft(
        key=row["key"],
        user_id=row["user_id"],
        draft=Draft(**(draft | {"camera": tuple(draft["camera"]), "inputs": _sources_of(draft["inputs"])})),
        derivation=derivation
        and Derivation(
            kind=Derived(derivation["kind"]), source_id=derivation["source_id"], chain=tuple(derivation["chain"])
        ),
        private=row["content"]["private"],
        kept_at=row["kept_at"],
    )


def card_of(row: RowMapping) -> Card:
    """The card in this row."""
    return Card(
        job_id=row["job_id"],
        channel_id=row["channel_id"],
        message_id=row["message_id"],
        version=row["version"],
        edited_at=row["edited_at"],
        lost=row["lost"],
    )


def gate_of(row: RowMapping) -> Gate:
    """The gate in this row."""
    return Gate(
        reason=Reason(row["reason"]),
        since=row["since"],
        closed_until=row["closed_until"],
        attempt=row["attempt"],
        detail=row["detail"],
    )


def input_values(job_id: str, files: Sequence[InputFile]) -> list[dict[str, Any]]:
    """The rows of a job's files, in order."""
    return [
        {
            "job_id": job_id,
            "position": position,
            "role": file.role,
            "media_type": file.media_type,
            "data": file.data,
            "notes": list(file.notes),
        }
        for position, file in enumerate(files)
    ]


def input_of(row: RowMapping) -> InputFile:
    """The file in this row."""
    return InputFile(
        role=Role(row["role"]),
        media_type=row["media_type"],
        data=row["data"],
        notes=tuple(Note(note) for note in row["notes"]),
    )


def _options_of(request: VideoRequest) -> dict[str, Any]:
    options = {name: getattr(request, name) for name in _OPTIONS}
    return options | {"camera": list(request.camera), "inputs": [asdict(source) for source in request.inputs]}


def _request_of(row: RowMapping) -> VideoRequest:
    options: dict[str, Any] = dict(row["options"])
    inputs = _sources_of(options.pop("inputs", ()))
    return VideoRequest(
        prompt=row["prompt"],
        model=row["model"],
        resolution=row["resolution"],
        duration=row["duration"],
        mode=Mode(row["mode"]),
        camera=tuple(options.pop("camera", ())),
        inputs=inputs,
        api=Api(options.pop("api", Api.V1)),
        **options,
    )


def _sources_of(described: Iterable[Mapping[str, Any]]) -> tuple[MediaSource, ...]:
    def source(values: Mapping[str, Any]) -> MediaSource:
        return MediaSource(**dict(values, role=Role(values["role"])))

    return tuple(source(values) for values in described)


def _task_of(row: RowMapping) -> Task | None:
    if row["task_id"] is None:
        return None
    return Task(task_id=row["task_id"], base_url=row["task_base_url"], api=Api(row["task_api"]))


def _derivation_of(row: RowMapping) -> Derivation | None:
    if row["derived"] is None:
        return None
    return Derivation(kind=Derived(row["derived"]), source_id=row["source_id"], chain=tuple(row["chain"]))


def _answer_of(row: RowMapping) -> Answer | None:
    if row["answer_token"] is None:
        return None
    return Answer(token=row["answer_token"], expires_at=row["answer_until"])


def _posted_of(row: RowMapping) -> Posted | None:
    if row["posted_message_id"] is None:
        return None
    return Posted(channel_id=row["posted_channel_id"], message_id=row["posted_message_id"])


def _failure_of(row: RowMapping) -> Failure | None:
    if row["failure_reason"] is None:
        return None
    return Failure(reason=Reason(row["failure_reason"]), code=row["failure_code"], detail=row["failure_detail"])
