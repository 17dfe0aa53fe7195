"""The keys of config.yaml as frozen models: names, defaults, bounds, and what each is for."""

from __future__ import annotations

import re
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Literal, cast
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    SerializeAsAny,
    StringConstraints,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)

from alerts.advocates import AdvocateSettings
from alerts.channels import ChannelConfig
from alerts.crises import CrisisSettings
from alerts.digest import DigestTimes
from alerts.exports import ExportConfig
from alerts.queues import QueueSettings
from alerts.quiet import QuietHours
from alerts.ratings import RatingSettings
from alerts.routes import GROUP_INTERVAL, SHORTEST_REPEAT, Route, Step
from alerts.spikes import SpikeSettings
from alerts.viral import ViralSettings
from listener.collectors import Duration, SourceConfig
from listener.config_file import Problem
from listener.http import agent
from storage.notices import AlertKind
from storage.types import Severity, Topic


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"there is no time zone called {name!r} → write a name such as Asia/Tokyo or UTC")
    return name


def _plain_name(name: str) -> str:
    if "/" in name or not name.isprintable():
        raise ValueError("a name becomes part of an address → write it without / and control characters")
    return name


def _web_address(url: str) -> str:
    if url and not url.startswith(("http://", "https://")):
        raise ValueError("not a web address → begin with https:// or http://")
    return url.rstrip("/")


def _wall_clock(value: object) -> object:
    """22:00, 7:00 or 22, as people write it."""
    found = re.fullmatch(r"(\d{1,2})(?::(\d{2}))?", str(value).strip())
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (99, 0)
    if hour > 23 or minute > 59:
        raise ValueError(f"{value} is not a time of day → write an hour and minutes such as 22:00")
    return time(hour, minute)


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(_plain_name)
]
Zone = Annotated[str, AfterValidator(_known_zone)]
Port = Annotated[int, Field(ge=1, le=65535)]


def _zero_too(value: object, duration: ValidatorFunctionWrapHandler) -> timedelta:
    """A wait may be none at all."""
    none = str(value).strip().lower() in {"0", "0s", "0m"}
    return timedelta(0) if none else cast("timedelta", duration(value))


Wait = Annotated[Duration, Field(le=timedelta(days=7)), WrapValidator(_zero_too)]
WallClock = Annotated[
    time,
    BeforeValidator(_wall_clock),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,2}(:[0-9]{2})?$", "examples": ["22:00"]}),
]
WebAddress = Annotated[str, AfterValidator(_web_address)]

_FROZEN = ConfigDict(frozen=True, extra="forbid")


class TopicConfig(BaseModel):
    """A brand, product or theme to watch."""

    model_config = _FROZEN

    name: Name = Field(description="what the topic is called on the page and in alerts")
    brand: Words = Field(description="the brand as people write it")
    aliases: tuple[Words, ...] = Field(default=(), description="other ways to write the brand")
    query: str = Field(
        default="", description="which posts are about the topic; empty: the brand or any alias"
    )
    timezone: Zone = Field(
        "Asia/Tokyo", description="days and hours are counted in this zone; default: the one above"
    )
    own: bool = Field(
        default=True, description="false for a competitor: watched, but never an incident of yours"
    )
    tags: tuple[Words, ...] = Field(default=(), description="words of your own to group topics")

    def topic(self) -> Topic:
        return Topic(self.name, self.brand, self.aliases, self.query, self.timezone, self.own, self.tags)


class StorageConfig(BaseModel):
    """Where posts are kept, and how long."""

    model_config = _FROZEN

    path: Path = Field(default=Path("var/kikimimi.db"), description="the SQLite file; its folder is made")
    url: SecretStr | None = Field(default=None, description="a PostgreSQL address, used instead of the file")
    retention_days: int = Field(
        default=400, ge=1, description="posts older than this are deleted; the counts stay"
    )


class WebConfig(BaseModel):
    """Where the page is served."""

    model_config = _FROZEN

    host: Words = Field(
        default="127.0.0.1", description="the address to listen on; 0.0.0.0 for every network"
    )
    port: Port = 8484
    password: SecretStr | None = Field(default=None, description="asked for by the page when set")
    public_url: WebAddress = Field(
        default="", description="the page's address as others reach it, for links in alerts"
    )


class NetworkConfig(BaseModel):
    """How we go out."""

    model_config = _FROZEN

    allow: tuple[Words, ...] = Field(
        default=(), description="private hosts, addresses or networks that may be read"
    )
    contact: str = Field(default="", description="your address or page, told to the servers that are read")


class PublisherConfig(BaseModel):
    """The bundled publisher of an invented story, to try everything without the network."""

    model_config = _FROZEN

    enabled: bool = False
    port: Port = 8485
    smtp_port: Port = 8486
    mailbox: Path = Field(
        default=Path("var/mailbox"), description="mail sent to the publisher is written here"
    )


class EscalationConfig(BaseModel):
    """Who is told as well when nobody has acknowledged an incident."""

    model_config = _FROZEN

    after: Duration = Field(
        ge=timedelta(minutes=1), le=timedelta(days=7), description="so long after the first alert"
    )
    channels: tuple[str, ...] = Field(min_length=1, description="the names of the channels to tell then")


class RouteConfig(BaseModel):
    """Which alerts go to which channels. Empty means every one."""

    model_config = _FROZEN

    topics: tuple[str, ...] = Field(default=(), description="alerts about these topics; empty: about any")
    kinds: tuple[AlertKind, ...] = Field(default=(), description="alerts of these kinds; empty: of any")
    tags: tuple[str, ...] = Field(
        default=(), description="alerts about topics with one of these tags; empty: about any"
    )
    min_severity: Severity = Field(default=Severity.WATCH, description="alerts at least as severe as this")
    channels: tuple[str, ...] = Field(min_length=1, description="the names of the channels to tell")
    group_wait: Wait | None = Field(
        default=None,
        description="how long it waits for others of its topic and kind; default: 2m, incidents 0s",
    )
    group_interval: Wait = Field(
        default=GROUP_INTERVAL,
        description="the next message of the same topic and kind comes no earlier than this",
    )
    escalation: tuple[EscalationConfig, ...] = Field(
        default=(), description="who is told as well when nobody acknowledges an incident"
    )
    repeat: Wait | None = Field(
        default=None,
        description="an incident that nobody took is told again every so often; default: after 1, 3, 7, 15 days",
    )

    @model_validator(mode="after")
    def _repeats(self) -> RouteConfig:
        if self.repeat is None:
            return self
        if timedelta(0) < self.repeat < SHORTEST_REPEAT:
            raise ValueError("repeat is shorter than 10m → write for example 4h, or 0s to be told once only")
        if self.kinds and AlertKind.INCIDENT not in self.kinds:
            raise ValueError(
                "repeat is about incidents, and `kinds` lets none through → add incident, or leave it out"
            )
        return self

    def route(self) -> Route:
        return Route(
            self.topics,
            self.kinds,
            self.min_severity,
            self.channels,
            tags=self.tags,
            group_wait=self.group_wait,
            group_interval=self.group_interval,
            escalation=tuple(Step(one.after, one.channels) for one in self.escalation),
            repeat=self.repeat,
        )


class QuietHoursConfig(BaseModel):
    """When only what cannot wait is told. The rest follows in one message when the quiet ends."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)

    start: WallClock = Field(alias="from", description='when the quiet begins, such as "22:00"')
    end: WallClock = Field(alias="to", description='when it ends, such as "07:00"')
    weekends: bool = Field(default=False, description="all of Saturday and Sunday are quiet too")
    holidays: bool = Field(default=False, description="Japanese holidays (祝日) are quiet too")
    passes: Severity = Field(
        default=Severity.CRISIS, alias="break", description="alerts as severe as this are told at once"
    )

    @model_validator(mode="after")
    def _ends(self) -> QuietHoursConfig:
        if self.start == self.end:
            raise ValueError("from and to are the same → write the hour at which the quiet ends")
        return self

    def quiet_hours(self) -> QuietHours:
        return QuietHours(self.start, self.end, self.weekends, self.holidays, self.passes)


class DigestConfig(BaseModel):
    """When a summary of the day or the week is sent. Goes where `routes` send the kind `digest`."""

    model_config = _FROZEN

    daily: WallClock | None = Field(default=None, description='every day at this time, such as "09:00"')
    weekly: WallClock | None = Field(default=None, description="once a week at this time")
    weekday: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = Field(
        default="mon", description="the day of the weekly one"
    )
    when_empty: bool = Field(default=False, description="also say that nothing happened")

    def times(self) -> DigestTimes:
        days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
        return DigestTimes(self.daily, self.weekly, days.index(self.weekday), self.when_empty)


class Thresholds(BaseModel):
    """When something counts as a crisis, and somebody as an advocate."""

    model_config = _FROZEN

    crisis: CrisisSettings = CrisisSettings()
    advocate: AdvocateSettings = AdvocateSettings()
    viral: ViralSettings = ViralSettings()
    rating: RatingSettings = RatingSettings()
    spike: SpikeSettings = SpikeSettings()
    review_queue: QueueSettings = QueueSettings()


class ReviewConfig(BaseModel):
    """Which mentions a person is asked about.

    The default floor is measured: on mentions of brands it had never seen, the bundled model was less sure
    than 0.6 of one in ten; every second of these was judged wrong, of the others one in eight.
    """

    model_config = _FROZEN

    min_confidence: float = Field(
        default=0.6, ge=0, le=1, description="mentions judged with less confidence wait for a person"
    )
    days: int = Field(default=7, ge=1, le=90, description="older mentions are not asked about")
    limit: int = Field(default=30, ge=1, le=200, description="at most so many wait at a time")


class EvidenceConfig(BaseModel):
    """Whether the posts that are evidence are looked at again, to notice that one was deleted."""

    model_config = _FROZEN

    recheck: bool = Field(
        default=True, description="ask for the posts behind open and lately resolved incidents again"
    )
    requests: int = Field(default=20, ge=1, le=200, description="at most so many requests every ten minutes")


class PrivacyConfig(BaseModel):
    """What people are told about their data: in `kikimimi privacy export`, and when they are asked for consent."""

    model_config = _FROZEN

    controller: str = Field(
        default="", description="who answers for the data: company and address to write to"
    )
    purpose: Words = Field(
        default="公開投稿から評判を把握し、商品・サービスを改善するため",
        description="what the data is used for",
    )
    legal_basis: Words = Field(
        default="利用目的の公表（個人情報保護法第21条）、正当な利益（GDPR第6条1項f）。連絡・引用・外部連携は本人の同意",
        description="why it may be used; have it checked by your lawyer",
    )
    consent_wording: Words = Field(
        default="連絡・投稿の紹介・プログラムの運営のために、アカウント名と投稿を利用することに同意します。"
        "同意はいつでも撤回できます。",
        description="what people are shown when they are asked for consent",
    )


class Config(BaseModel):
    """Everything the operator decided, checked as a whole. `warnings` are things that work but are unwise."""

    model_config = _FROZEN

    language: Literal["ja", "en"] = Field(default="ja", description="of the page and of alerts")
    timezone: Zone = Field(
        default="Asia/Tokyo", description="for topics that name none, and for the times in alerts"
    )
    storage: StorageConfig = StorageConfig()
    model: Words = Field(
        default="bundled", description='"bundled", "lexicon", or a model\'s hub id or folder'
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        default="auto", description="where a model of your own runs; auto: on a GPU if there is one"
    )
    web: WebConfig = WebConfig()
    network: NetworkConfig = NetworkConfig()
    publisher: PublisherConfig = PublisherConfig()
    topics: tuple[TopicConfig, ...] = Field(min_length=1)
    sources: tuple[SerializeAsAny[SourceConfig], ...] = ()
    channels: tuple[SerializeAsAny[ChannelConfig], ...] = ()
    exports: tuple[SerializeAsAny[ExportConfig], ...] = ()
    routes: tuple[Route, ...] = ()
    quiet_hours: QuietHoursConfig | None = None
    digest: DigestConfig = DigestConfig()
    thresholds: Thresholds = Thresholds()
    review: ReviewConfig = ReviewConfig()
    evidence: EvidenceConfig = EvidenceConfig()
    privacy: PrivacyConfig = PrivacyConfig()
    warnings: tuple[Problem, ...] = Field(default=(), exclude=True)

    @property
    def database_url(self) -> str:
        """The database as SQLAlchemy names it. May hold a password: never log it."""
        if self.storage.url:
            return self.storage.url.get_secret_value()
        return f"sqlite:///{self.storage.path}"

    @property
    def base_url(self) -> str:
        """Where a reader of an alert finds the page."""
        host = "127.0.0.1" if self.web.host in {"0.0.0.0", "::"} else self.web.host
        return self.web.public_url or f"http://{f'[{host}]' if ':' in host else host}:{self.web.port}"

    @property
    def user_agent(self) -> str:
        """Who we say we are to the servers we read."""
        return agent(self.network.contact)


FILE_KEYS = tuple(name for name in Config.model_fields if name != "warnings")
"""The keys that stand at the top of config.yaml."""
