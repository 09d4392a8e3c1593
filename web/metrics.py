"""`/metrics`: the figures an operator watches, in the form that Prometheus reads. Knows aiohttp and prometheus-client.

Nothing is counted here or anywhere for it: each time somebody asks, the figures are taken from the jobs themselves. So they
go on over restarts, and are the same whichever process is asked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Final

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from jobs.errors import StoreUnavailable
from jobs.model import MICROS
from jobs.ports import Bookkeeper, Clock, Deliveries, Figures

from .answers import in_few_words
from .health import Health

DELIVERY_BOUNDS: Final = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)
"""Seconds by which deliveries are told apart."""

log = structlog.get_logger(__name__)


def create_metrics_app(
    bookkeeper: Bookkeeper, health: Callable[[], Awaitable[Health]], clock: Clock
) -> web.Application:
    """The application that answers whoever collects figures.

    Args:
        bookkeeper: Counts the jobs.
        health: Looks whether all is well.
        clock: What time it is.
    """

    async def tell(_: web.Request) -> web.Response:
        found = await health()
        now = clock.now()
        try:
            figures = await bookkeeper.figures(now=now, bounds=DELIVERY_BOUNDS)
        except StoreUnavailable as error:
            # Whoever watches must hear just that: the rest is told all the same.
            log.warning("figures not taken", error=str(error))
            figures = None
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        registry.register(Exhibit(found, figures, now))
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    app = web.Application(middlewares=[in_few_words])
    app.router.add_get("/metrics", tell)
    return app


@dataclass(frozen=True, slots=True, eq=False)  # registries tell collectors apart by which they are
class Exhibit(Collector):
    """What was found at one moment, for a registry.

    Args:
        health: Whether all is well.
        figures: What was counted; None while the database does not answer.
        now: Epoch seconds.
    """

    health: Health
    figures: Figures | None
    now: float

    def collect(self) -> Iterator[Metric]:
        """All of it, one family of metrics after the other."""
        yield _gauge(
            "video_bot_well",
            "Whether this part of the bot works: 1, or 0.",
            ("part",),
            [((part,), float(well)) for part, well in asdict(self.health).items()],
        )
        if self.figures is not None:
            yield from _figures(self.figures, self.now)


def _figures(figures: Figures, now: float) -> Iterator[Metric]:
    yield _gauge(
        "video_bot_jobs",
        "Videos asked for, by the state they are in now, and by the reason where they failed or were not delivered.",
        ("state", "reason"),
        sorted(((state, reason or ""), number) for (state, reason), number in figures.jobs.items()),
    )
    yield GaugeMetricFamily(
        "video_bot_jobs_overdue", "Videos under way past JOB_DEADLINE_MINUTES.", value=figures.overdue
    )
    yield _gauge(
        "video_bot_money",
        "What all videos cost, in units of the currency: held for those under way, spent, or released.",
        ("currency", "charge"),
        sorted(((currency, charge), micros / MICROS) for (currency, charge), micros in figures.money.items()),
    )
    yield _gauge(
        "video_bot_submitting_paused",
        "1 while nothing is submitted, by the reason; nothing while all goes on.",
        ("reason",),
        [((figures.gate.reason,), 1.0)] if figures.gate is not None else [],
    )
    yield CounterMetricFamily(
        "video_bot_tasks", "Paid tasks that the provider is known to have made.", value=figures.tasks
    )
    yield CounterMetricFamily("video_bot_questions", "Questions to the provider about its tasks.", value=figures.asks)
    yield _histogram(
        "video_bot_delivery_seconds", "From when a video was known to be finished to its post.", figures.deliveries
    )
    yield GaugeMetricFamily(
        "video_bot_cards_late", "Status cards that were to be shown by now, and are not.", value=figures.cards_late
    )
    yield GaugeMetricFamily(
        "video_bot_cards_late_seconds",
        "For how long the first of them has been waiting.",
        value=0.0 if figures.oldest_card is None else max(now - figures.oldest_card, 0.0),
    )


def _gauge(
    name: str, about: str, labels: tuple[str, ...], samples: Iterable[tuple[tuple[str, ...], float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family


def _histogram(name: str, about: str, deliveries: Deliveries) -> HistogramMetricFamily:
    buckets = [(str(bound), float(number)) for bound, number in deliveries.within.items()]
    return HistogramMetricFamily(
        name, about, buckets=[*buckets, ("+Inf", float(deliveries.number))], sum_value=deliveries.seconds
    )
