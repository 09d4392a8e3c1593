"""Discord's rate limits per route and major parameter: switched on by a test, off otherwise.

Source: Discord docs, Rate Limits: a bucket per route and per channel, announced in headers, 429 when overdrawn.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.wire.fake_discord.calls import Call
from tests.wire.fake_discord.journal import Recorded
from tests.wire.fake_discord.values import Json


@dataclass
class Bucket:
    """What is left of one allowance.

    Attributes:
        resets_at: Monotonic seconds at which it is full again.
    """

    remaining: int
    resets_at: float


@dataclass(frozen=True)
class Verdict:
    """What the limits say to one request."""

    headers: dict[str, str]
    refusal: Json | None


class Limits:
    """Counts requests against the allowances that a test has set.

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._allowances: dict[Call, tuple[int, float]] = {}
        self._buckets: dict[tuple[Call, str], Bucket] = {}
        self.exceeded = 0

    def allow(self, call: Call, count: int, *, per: float) -> None:
        """Allow ``count`` requests of a kind per ``per`` seconds and channel."""
        self._allowances[call] = (count, per)

    def judge(self, request: Recorded) -> Verdict:
        """Count a request; return the headers of its answer, and the 429's body if it is one too many."""
        if request.call not in self._allowances:
            return Verdict({}, None)
        count, per = self._allowances[request.call]
        now = self._clock()
        key = (request.call, request.params.get("channel_id", ""))
        bucket = self._buckets.get(key)
        if bucket is None or now >= bucket.resets_at:
            bucket = self._buckets[key] = Bucket(count, now + per)
        left = bucket.resets_at - now
        headers = {
            "X-RateLimit-Limit": str(count),
            "X-RateLimit-Remaining": str(max(0, bucket.remaining - 1)),
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Reset": f"{time.time() + left:.3f}",
            "X-RateLimit-Bucket": request.call.name.lower(),
        }
        bucket.remaining -= 1
        if bucket.remaining >= 0:
            return Verdict(headers, None)
        self.exceeded += 1
        refusal: Json = {"message": "You are being rate limited.", "retry_after": left, "global": False}
        return Verdict({**headers, "Via": "1.1 google", "Retry-After": str(max(1, round(left)))}, refusal)
