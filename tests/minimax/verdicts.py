"""Three opinions on one wish: the catalog's, what the client would send, and the simulator's of that."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from demo.simulator import rules, rules_v2
from demo.simulator.codes import ServiceError
from demo.simulator.orders import CURRENCIES, Order
from jobs.errors import Refused, RequestProblem
from jobs.model import Api, InputFile, Mode, Role, VideoRequest
from jobs.ports import Offer
from minimax import v1, v2
from minimax.body import encode_body
from minimax.catalog import MiniMaxCatalog
from minimax.models import MODELS
from tests.minimax.files import a_file
from tests.minimax.wishes import Draft, sources

ROLES: dict[Mode, tuple[Role, ...]] = {
    Mode.TEXT: (),
    Mode.IMAGE: (Role.FIRST_FRAME,),
    Mode.FRAMES: (Role.FIRST_FRAME, Role.LAST_FRAME),
    Mode.SUBJECT: (Role.SUBJECT,),
    Mode.REFERENCE: (Role.REFERENCE_IMAGE,),
}
LONGEST = 15  # seconds of all reference videos together
V1_FIELDS = {Role.FIRST_FRAME: "first_frame_image", Role.LAST_FRAME: "last_frame_image"}


class Agreement(StrEnum):
    MADE = "made by all three"
    REFUSED = "refused by catalog and simulator"
    UNSAYABLE = "refused by the catalog, and the client has no words for it"


@dataclass(frozen=True)
class Wish:
    """One combination, everything of it given outright; the model's own ratio where that is None."""

    model: str
    mode: Mode
    resolution: str
    duration: int
    ratio: str | None

    @property
    def draft(self) -> Draft:
        return Draft(
            prompt="a cat",
            model=self.model,
            resolution=self.resolution,
            duration=self.duration,
            ratio=self.ratio,
            inputs=sources(*ROLES[self.mode]),
        )


def sent_body(request: VideoRequest, files: Sequence[InputFile]) -> Any:
    """The JSON that goes over the wire, byte for byte what the client writes."""
    write = v2.create_body if request.api is Api.V2 else v1.create_body
    return json.loads(encode_body(write(request, files)).read())


def judge(api: Api, body: Any) -> Order | ServiceError:
    """The simulator's opinion."""
    try:
        return rules_v2.read_order(body) if api is Api.V2 else rules.read_order(body)
    except ServiceError as error:
        return error


def agreement(wish: Wish, catalogs: Mapping[str, MiniMaxCatalog]) -> Agreement:
    """Holds the three against one another.

    Raises:
        AssertionError: They do not agree.
    """
    offers = {currency: _offer(catalog, wish.draft) for currency, catalog in catalogs.items()}
    made = {currency: offer for currency, offer in offers.items() if offer is not None}
    if made:
        _check_made(wish, made)
        return Agreement.MADE
    body = literal_body(wish)
    if body is not None and isinstance(judge(MODELS[wish.model].api, body), ServiceError):
        return Agreement.REFUSED
    assert not _sayable(wish), wish
    return Agreement.UNSAYABLE


def _offer(catalog: MiniMaxCatalog, draft: Draft) -> Offer | None:
    try:
        return catalog.offer(draft)
    except RequestProblem:
        return None


def _check_made(wish: Wish, offers: Mapping[str, Offer]) -> None:
    request = next(iter(offers.values())).request
    order = judge(request.api, sent_body(request, [a_file(source.role) for source in request.inputs]))
    assert isinstance(order, Order), (wish, order)
    assert (order.model, order.resolution, order.duration) == (wish.model, wish.resolution, wish.duration)
    assert order.prompt == "a cat"
    for currency, offer in offers.items():
        assert offer.request == request, wish
        assert offer.price.amount == order.price(currency), wish
    if wish.ratio not in {None, "adaptive"} and request.api is Api.V2:
        assert order.ratio == wish.ratio


def _sayable(wish: Wish) -> bool:
    """Whether the client would write this combination down at all, were it handed it past the catalog."""
    model = MODELS[wish.model]
    request = VideoRequest(
        prompt="a cat",
        model=wish.model,
        resolution=wish.resolution,
        duration=wish.duration,
        mode=wish.mode,
        ratio=wish.ratio,
        api=model.api,
    )
    try:
        sent_body(request, [a_file(role) for role in ROLES[wish.mode]])
    except Refused:
        return False
    return True


def literal_body(wish: Wish) -> dict[str, Any] | None:
    """The combination as the documentation has it written, whether it makes sense or not; None where it has no word.

    V1 has no ratio, so that there it is left out.
    """
    urls = {role: f"https://cdn.example/{role}.jpg" for role in ROLES[wish.mode]}
    body: dict[str, Any] = {"model": wish.model, "resolution": wish.resolution, "duration": wish.duration}
    if MODELS[wish.model].api is Api.V2:
        media = [{"type": "image_url", "image_url": {"url": url}, "role": str(role)} for role, url in urls.items()]
        ratio = {} if wish.ratio is None else {"ratio": wish.ratio}
        return {**body, "content": [{"type": "text", "text": "a cat"}, *media], **ratio}
    for role, url in urls.items():
        if role is Role.SUBJECT:
            body["subject_reference"] = [{"type": "character", "image": [url]}]
        elif role in V1_FIELDS:
            body[V1_FIELDS[role]] = url
        else:
            return None
    return {**body, "prompt": "a cat"}


def most_held(order: Order, currency: str) -> Decimal:
    """What a video would cost if its reference videos were as long as they may be."""
    if not order.video_seconds:
        return order.price(currency)
    rate = Decimal(rules_v2.MODELS[order.model].seconds[order.resolution][CURRENCIES.index(currency)])
    return order.price(currency) + (LONGEST - order.video_seconds) * rate
