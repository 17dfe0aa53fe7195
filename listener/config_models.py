"""The keys of config.yaml as frozen models: names, defaults, bounds, and what each is for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    SerializeAsAny,
    StringConstraints,
)

from alerts.advocates import AdvocateSettings
from alerts.channels import ChannelConfig
from alerts.crises import CrisisSettings
from alerts.dispatch import Route
from listener.collectors import SourceConfig
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


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(_plain_name)
]
Zone = Annotated[str, AfterValidator(_known_zone)]
Port = Annotated[int, Field(ge=1, le=65535)]
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


class RouteConfig(BaseModel):
    """Which alerts go to which channels. Empty means every one."""

    model_config = _FROZEN

    topics: tuple[str, ...] = Field(default=(), description="alerts about these topics; empty: about any")
    kinds: tuple[AlertKind, ...] = Field(default=(), description="alerts of these kinds; empty: of any")
    min_severity: Severity = Field(default=Severity.WATCH, description="alerts at least as severe as this")
    channels: tuple[str, ...] = Field(min_length=1, description="the names of the channels to tell")

    def route(self) -> Route:
        return Route(self.topics, self.kinds, self.min_severity, self.channels)


class Thresholds(BaseModel):
    """When something counts as a crisis, and somebody as an advocate."""

    model_config = _FROZEN

    crisis: CrisisSettings = CrisisSettings()
    advocate: AdvocateSettings = AdvocateSettings()


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
    routes: tuple[Route, ...] = ()
    thresholds: Thresholds = Thresholds()
    review: ReviewConfig = ReviewConfig()
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
