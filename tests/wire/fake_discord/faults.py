"""Faults as data: which request goes wrong, when, and how; and holds, by which a test stops time at one request.

A rule matches a call (and a predicate on the request), lets ``nth - 1`` matches pass and then applies ``times``
times. ``exchange`` carries the rules out; nothing here touches a socket.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from tests.wire.fake_discord.calls import Call
from tests.wire.fake_discord.changes import Changes
from tests.wire.fake_discord.errors import DiscordError
from tests.wire.fake_discord.journal import Recorded, Wanted
from tests.wire.fake_discord.values import Json


class Moment(Enum):
    """Where in a request's life a fault strikes."""

    UPLOADING = auto()  # the JSON has arrived, the files are on their way
    BEFORE_EFFECT = auto()  # the whole request has arrived, nothing has happened yet
    AFTER_EFFECT = auto()  # it has happened, the answer has not been sent


@dataclass(frozen=True)
class Answer:
    """Answer with this, whatever the truth is."""

    status: int
    body: Json
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Reset:
    """Cut the connection (TCP reset)."""


@dataclass(frozen=True)
class Pace:
    """Read the upload no faster than this."""

    bytes_per_second: float


class Hold:
    """A request stopped at one moment until the test decides.

    Args:
        changes: Announces that a request has reached this point.
        after_bytes: For uploads: the number of file bytes after which to stop.
    """

    def __init__(self, changes: Changes, *, after_bytes: int = 0) -> None:
        self.after_bytes = after_bytes
        self._changes = changes
        self._held: list[Recorded] = []
        self._decision: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def reached(self, within: float = 10.0) -> Recorded:
        """Wait until a request stands here, and return it.

        Args:
            within: Seconds.
        """
        return (await self._changes.until(lambda: self._held, within=within, what="the held request"))[0]

    def release(self) -> None:
        """Let the request go on: take effect, be answered; even where its sender is dead by now."""
        self._decide(go_on=True)

    def drop(self) -> None:
        """Cut the connection here: a request held before its effect never has one."""
        self._decide(go_on=False)

    async def passing(self, request: Recorded) -> bool:
        """Stand here with a request; return whether it goes on."""
        self._held.append(request)
        self._changes.announce()
        return await asyncio.shield(self._decision)

    def _decide(self, *, go_on: bool) -> None:
        if not self._decision.done():
            self._decision.set_result(go_on)


Action = Answer | Reset | Pace | Hold


@dataclass
class Rule:
    """One fault.

    Attributes:
        nth: The first matching request it applies to, counted from 1.
        times: How many matching requests it applies to from there; None for all.
    """

    call: Call
    moment: Moment
    action: Action
    where: Wanted
    nth: int = 1
    times: int | None = 1
    seen: int = 0

    def applies(self, request: Recorded) -> bool:
        """Count a request, and say whether this rule strikes it."""
        if request.call is not self.call or not self.where(request):
            return False
        self.seen += 1
        return self.nth <= self.seen and (self.times is None or self.seen < self.nth + self.times)


def everyone(_: Recorded) -> bool:
    """Match every request."""
    return True


class Faults:
    """The faults a test has ordered."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._rules: list[Rule] = []

    def hold(
        self,
        call: Call,
        moment: Moment = Moment.BEFORE_EFFECT,
        *,
        where: Wanted = everyone,
        nth: int = 1,
        after_bytes: int = 1,
    ) -> Hold:
        """Stop one request at a moment; the test lets it go with ``release()`` or ``drop()``.

        Args:
            call: Which kind of request.
            moment: Where in its life.
            where: Which of that kind.
            nth: The how-manieth match, from 1.
            after_bytes: With ``Moment.UPLOADING``: file bytes to read before stopping.
        """
        hold = Hold(self._changes, after_bytes=after_bytes)
        self._add(Rule(call, moment, hold, where, nth))
        return hold

    def answer(
        self,
        call: Call,
        status: int,
        body: Json | None = None,
        *,
        after_effect: bool = False,
        where: Wanted = everyone,
        nth: int = 1,
        times: int | None = 1,
    ) -> None:
        """Answer with a status and JSON of the test's choice, before or after the request took effect."""
        action = Answer(status, {"message": "ordered by the test", "code": 0} if body is None else body)
        self._add(Rule(call, _moment(after_effect=after_effect), action, where, nth, times))

    def refuse(self, call: Call, code: int, *, where: Wanted = everyone, nth: int = 1, times: int | None = 1) -> None:
        """Refuse with one of Discord's error codes, such as 40005 (too large) or 10003 (channel gone)."""
        error = DiscordError(code)
        self._add(Rule(call, Moment.BEFORE_EFFECT, Answer(error.status, error.body()), where, nth, times))

    def rate_limit(
        self, call: Call, retry_after: float, *, where: Wanted = everyone, nth: int = 1, times: int | None = 1
    ) -> None:
        """Answer 429 as Discord itself does: with ``Retry-After``, and ``Via`` without which it means Cloudflare.

        Args:
            call: Which kind of request.
            retry_after: Seconds.
            where: Which of that kind.
            nth: The first match it strikes, from 1.
            times: How many it strikes; None for all.
        """
        body: Json = {"message": "You are being rate limited.", "retry_after": retry_after, "global": False}
        headers = {"Retry-After": str(max(1, round(retry_after))), "Via": "1.1 google", "X-RateLimit-Scope": "user"}
        self._add(Rule(call, Moment.BEFORE_EFFECT, Answer(429, body, headers), where, nth, times))

    def reset(
        self,
        call: Call,
        *,
        after_effect: bool = False,
        where: Wanted = everyone,
        nth: int = 1,
        times: int | None = 1,
    ) -> None:
        """Cut the connection instead of answering, before or after the request took effect."""
        self._add(Rule(call, _moment(after_effect=after_effect), Reset(), where, nth, times))

    def slow_upload(
        self, call: Call, bytes_per_second: float, *, where: Wanted = everyone, nth: int = 1, times: int | None = 1
    ) -> None:
        """Take the files of a request in slowly."""
        self._add(Rule(call, Moment.UPLOADING, Pace(bytes_per_second), where, nth, times))

    def clear(self) -> None:
        """Forget all rules and let go what is held."""
        for rule in self._rules:
            if isinstance(rule.action, Hold):
                rule.action.drop()
        self._rules.clear()

    def striking(self, request: Recorded) -> list[Rule]:
        """Return the rules that strike a request that has just arrived. Counts it: ask once."""
        return [rule for rule in self._rules if rule.applies(request)]

    def _add(self, rule: Rule) -> None:
        self._rules.append(rule)


def _moment(*, after_effect: bool) -> Moment:
    return Moment.AFTER_EFFECT if after_effect else Moment.BEFORE_EFFECT
