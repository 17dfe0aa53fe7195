"""Who is told what, when: stories of delivery on a real store, with inboxes for channels.

    Desk(
        store,
        at(0).tell(opened),
        at(0.1).do(acknowledge),
        expect(between(0, 0), message("slack", "【炎上の兆し】")),
        routes=[Route(channels=("slack",))],
    ).run(until=24)

Times are hours from the story's zero, as in `tests.timeline`. `run` asks dispatch for what is due every `every`
minutes, fails when an expected message does not come, and when one comes that nobody expects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from alerts.channels import ChannelConfig, ChannelError
from alerts.dispatch import Dispatcher
from alerts.quiet import QuietHours
from alerts.routes import Route
from listener.http import Fetcher
from storage.db import Store
from storage.notices import Alert, Message, Silence
from storage.types import Incident, Reason
from tests.alerts.made import NOW, TOPIC, alert, incident
from tests.timeline import HOUR, Deed

ANYBODY = "佐藤"


class Inbox:
    """A channel that keeps what it gets. `refuses` are the errors of the next attempts, one each."""

    Config: ClassVar[type[ChannelConfig]] = ChannelConfig

    def __init__(self, config: Any = None, *, http: Fetcher | None = None) -> None:
        self.got: list[Message] = []
        self.replies: list[str] = []
        self.attempts = 0
        self.refuses: list[ChannelError] = []
        self.broken: ChannelError | None = None  # until somebody mends it

    def send(self, message: Message, *, reply_to: str = "") -> str:
        self.attempts += 1
        if self.refuses:
            raise self.refuses.pop(0)
        if self.broken is not None:
            raise self.broken
        self.got.append(message)
        self.replies.append(reply_to)
        return f"id-{len(self.got)}"

    def check(self) -> str:
        if self.broken is not None:
            raise self.broken
        return "ok"


@dataclass(frozen=True)
class Expected:
    start: float
    end: float
    channel: str
    words: str


def message(channel: str, words: str) -> tuple[str, str]:
    """`words` stand in the title or among what the message lists."""
    return channel, words


def expect(when: tuple[float, float], what: tuple[str, str]) -> Expected:
    return Expected(*when, *what)


@dataclass
class Desk:
    store: Store
    parts: Sequence[Deed | Expected]
    routes: Sequence[Route]
    zero: datetime
    inboxes: Mapping[str, Inbox]
    settings: Mapping[str, Any]
    heard: list[tuple[float, str, Message]] = field(default_factory=list)

    def __init__(
        self,
        store: Store,
        *parts: Deed | Expected,
        routes: Sequence[Route] = (),
        inboxes: Mapping[str, Inbox] | None = None,
        zero: datetime = NOW,
        timezone: str = "Asia/Tokyo",
        quiet: QuietHours | None = None,
    ) -> None:
        self.store, self.parts, self.routes, self.zero = store, parts, routes, zero
        self.inboxes = inboxes or {"slack": Inbox(), "phone": Inbox()}
        self.settings = {"timezone": timezone, "quiet_hours": quiet}
        self.heard = []

    def dispatcher(self) -> Dispatcher:
        return Dispatcher(self.store, self.inboxes, self.routes, base_url="http://k.example", **self.settings)

    def run(self, *, until: float = 24, every: float = 5) -> Desk:
        """Every look is by a fresh process, so that nothing may hang on memory."""
        times = {step * every / 60 for step in range(int(until * 60 / every) + 1)}
        deeds = [part for part in self.parts if isinstance(part, Deed)]
        for hour in sorted(times | {deed.hour for deed in deeds}):
            now, before = self.zero + hour * HOUR, {name: len(box.got) for name, box in self.inboxes.items()}
            for deed in (one for one in deeds if one.hour == hour):
                self._do(deed, now)
            self.dispatcher().retry_due(now)
            for name, box in self.inboxes.items():
                self.heard += [(hour, name, one) for one in box.got[before[name] :]]
        self._compare()
        return self

    def _do(self, deed: Deed, now: datetime) -> None:
        if deed.act is not None:
            deed.act(self.store, now)
        for about in deed.alerts:
            if isinstance(about.subject, Incident):
                self.store.save_incident(about.subject)
        if deed.alerts:
            self.dispatcher().dispatch([replace(one, created_at=now) for one in deed.alerts], now)

    def _compare(self) -> None:
        told = "; ".join(f"{hour:.2f} h {name}: {one.title}" for hour, name, one in self.heard) or "nothing"
        left = list(self.heard)
        for one in (part for part in self.parts if isinstance(part, Expected)):
            met = [heard for heard in left if _meets(one, *heard)]
            assert met, f"no {one.channel} “{one.words}” between {one.start} and {one.end} h; told: {told}"
            left.remove(met[0])
        assert not left, f"not expected: {[(h, n, m.title) for h, n, m in left]}; told: {told}"


def _meets(one: Expected, hour: float, channel: str, got: Message) -> bool:
    said = "\n".join([got.title, *(line.value for line in got.fields)])
    return channel == one.channel and one.start <= hour <= one.end and one.words in said


def about(subject: Incident, reason: str = "opened", **values: Any) -> Alert:
    """The alert that says `reason` of an incident."""
    key = f"{subject.key}/{reason}/{subject.severity.value}"
    return alert(subject, key=key, reason=Reason(reason, values), mentions=())


def crisis(key: str = "", **more: Any) -> Incident:
    """An incident of `negative_excess`, a warning unless told otherwise; not stored yet."""
    named = {"key": f"{TOPIC.name}/{key}"} if key else {}
    return incident(**{**named, "id": None, "evidence": (), **more})


def acknowledge(store: Store, now: datetime) -> None:
    for one in store.open_incidents():
        assert store.acknowledge(one.id or 0, ANYBODY, now)


def resolve(store: Store, now: datetime) -> None:
    for one in store.open_incidents():
        assert store.resolve(one.id or 0, ANYBODY, now)


Act = Callable[[Store, datetime], object]


def silence(until: timedelta, **scope: Any) -> Act:
    """Somebody silences a topic (this one, unless `scope` says otherwise)."""
    values = {"topic": TOPIC.name, "reason": "発表会のため", "by": ANYBODY, **scope}
    return lambda store, now: store.add_silence(Silence(until=now + until, created_at=now, **values))
