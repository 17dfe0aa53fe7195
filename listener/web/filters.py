"""The mention filter as it stands in an address: read, checked, and turned into storage's filter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from listener.web.periods import PERIODS, window
from storage.db import MentionFilter
from storage.types import DisclosureKind, Label, SignalKind


def _date_or_time(value: object) -> date | datetime:
    """Only ISO 8601 as a person writes it; a bare number is not taken for seconds since 1970."""
    text = str(value).strip()
    return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)


Moment = Annotated[date | datetime, BeforeValidator(_date_or_time)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
PAGE_SIZE = 25
MOST_PAGES = 4000  # so that an offset stays something a database can skip


class MentionQuery(BaseModel):
    """Every filter; what is left out lets all through.

    `since` and `until` are a date (a whole day of the topic's time zone) or a time with its zone. They win
    over `period`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    q: Short | None = Field(None, description="a piece of the title or text")
    sentiment: Label | None = Field(None, description="positive, neutral or negative")
    signal: SignalKind | None = Field(None, description="mentions with this signal")
    platform: Short | None = Field(None, description="where it was written, such as mastodon")
    source: Short | None = Field(None, description="the name of the source that brought it")
    author: Short | None = Field(None, description="a handle, or platform:external_id")
    disclosure: DisclosureKind | None = Field(None, description="organic or sponsored")
    lang: Short | None = Field(
        None, alias="text_lang", description="the language it is written in, such as ja"
    )
    story: int | None = Field(None, ge=-(2**63), lt=2**63, description="mentions of this story")
    period: Literal["24h", "7d", "30d", "90d", "all"] | None = Field(None, description="up to now")
    since: Moment | None = Field(None, description="from this date or time on")
    until: Moment | None = Field(None, description="to the end of this date, or before this time")

    def where(self, topic: str | None, now: datetime, zone: tzinfo) -> MentionFilter:
        """For storage. A period begins where the chart of that period begins."""
        since, until = moment(self.since, zone), moment(self.until, zone, end=True)
        if self.since is None and self.until is None and self.period in PERIODS:
            since = window(PERIODS[self.period], now, zone).start
        return MentionFilter(
            topic=topic,
            label=self.sentiment,
            source=self.source or None,
            platform=self.platform or None,
            author=self.author.lstrip("@") if self.author else None,
            text=self.q or None,
            since=since,
            until=until,
            signal=self.signal,
            lang=self.lang or None,
            disclosure=self.disclosure,
            story=self.story,
        )


def lenient(values: Mapping[str, str]) -> tuple[MentionQuery, tuple[str, ...]]:
    """From a page's address: what cannot be read is left out and named, so that an old link still opens."""
    known = {field.alias or name for name, field in MentionQuery.model_fields.items()}
    given: dict[str, Any] = {name: value for name, value in values.items() if name in known and value.strip()}
    try:
        return MentionQuery.model_validate(given), ()
    except ValidationError as error:
        wrong = {str(problem["loc"][0]) for problem in error.errors()}
        kept = {name: value for name, value in given.items() if name not in wrong}
        return MentionQuery.model_validate(kept), tuple(sorted(wrong))


def moment(value: date | datetime | None, zone: tzinfo, *, end: bool = False) -> datetime | None:
    """A date is its first moment in `zone`, or with `end` the first after it; a time without zone is local."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
    if value.year in (date.min.year, date.max.year):
        return datetime(value.year, 1, 2, tzinfo=UTC)  # a day more or less would leave the calendar
    whole = value + timedelta(days=1) if end else value
    return datetime.combine(whole, time(), tzinfo=zone).astimezone(UTC)


def page_number(text: str | None) -> int:
    """The page asked for, from 1; anything else is the first."""
    return (
        min(max(1, int(text)), MOST_PAGES)
        if text and text.isascii() and text.isdigit() and len(text) < 6
        else 1
    )
