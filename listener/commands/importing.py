"""`kikimimi surveys import`, `referrals import` and `referrals pull`: files and tools into the store, once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from rich.markup import escape

from alerts.exports.friendbuy import FriendbuyExportConfig
from alerts.exports.friendbuy_pull import EVENTS, FriendbuyPull
from listener.clock import SystemClock
from listener.commands.errors import CommandError
from listener.commands.output import err, load_config, out, parse_time, print_json
from listener.config import Config
from listener.feedback import referrals as referral_rows
from listener.feedback import surveys as survey_rows
from listener.feedback.cells import Moments
from listener.feedback.referrals import ReferralAsk
from listener.feedback.surveys import SurveyAsk
from listener.feedback.table import BadRow, FeedbackError, Taken, refuse
from listener.http import Fetcher
from storage.db import Store
from storage.once import Added
from storage.referrals import ReferralGiven, ReferralKind
from storage.responses import Scale, SurveyKind

FIRST_PULL = timedelta(days=90)
OVERLAP = timedelta(days=2)  # events that a tool counts late
T = TypeVar("T")


@dataclass(frozen=True)
class SurveyWish:
    """What a file of answers holds, in the words of the options."""

    preset: str
    kind: str
    question: str
    scale: str
    segments: tuple[str, ...]


@dataclass(frozen=True)
class ReferralWish:
    preset: str
    event: str
    currency: str


@dataclass(frozen=True)
class Rest:
    """What every import is told."""

    topic: str
    columns: tuple[str, ...]
    skip_bad: bool
    dry_run: bool
    as_json: bool


def surveys(path: Path, file: Path, wish: SurveyWish, rest: Rest) -> None:
    """All or nothing, unless bad rows are to be skipped."""
    config, now = load_config(path), SystemClock().now()
    zone = _zone(config, rest.topic)
    ask = SurveyAsk(
        wish.preset,
        SurveyKind(wish.kind) if wish.kind else None,
        wish.question,
        _scale(wish.scale),
        _columns(rest.columns),
        wish.segments,
    )
    with _mended():
        taken = _checked(survey_rows.read(file, ask, Moments(zone, now)), str(file), rest)
    with Store.open(config.database_url) as store:
        added = store.surveys.add(rest.topic, wish.preset, taken.rows, now, dry=rest.dry_run)
    _tell(added, taken, rest, "answers")


def referrals(path: Path, file: Path, wish: ReferralWish, rest: Rest) -> None:
    config, now = load_config(path), SystemClock().now()
    zone = _zone(config, rest.topic)
    event = ReferralKind(wish.event) if wish.event else None
    ask = ReferralAsk(wish.preset, event, wish.currency, _columns(rest.columns))
    with _mended():
        taken = _checked(referral_rows.read(file, ask, Moments(zone, now)), str(file), rest)
    with Store.open(config.database_url) as store:
        added = store.referrals.add(rest.topic, wish.preset, taken.rows, now, dry=rest.dry_run)
    _tell(added, taken, rest, "referrals")


def pull(path: Path, name: str, *, since: str | None, currency: str, rest: Rest) -> None:
    """Everything of the stretch is read before anything is stored; the next pull goes on from there."""
    config, now = load_config(path), SystemClock().now()
    chosen = _source(config, name)
    topic = _topic(config, chosen, rest.topic)
    rest = replace(rest, topic=topic)
    start = parse_time(since, timezone=config.timezone, option="--since")
    moments = Moments(_zone(config, topic), now)
    http = Fetcher(user_agent=config.user_agent, allow=config.network.allow)
    with Store.open(config.database_url) as store:
        remembered = f"referrals.pulled:{name}:{topic}"
        ended = _ended(store.setting(remembered))
        begin = start or ended or now - FIRST_PULL
        try:
            source = FriendbuyPull(chosen, http=http, wait=time.sleep)
            taken = _pulled(source, (begin, now), currency, _columns(rest.columns), moments, rest)
        finally:
            http.close()
        added = store.referrals.add(topic, "friendbuy", taken.rows, now, dry=rest.dry_run)
        if not rest.dry_run and (ended is None or begin <= ended):  # a gap must stay to be read
            store.set_setting(remembered, now.isoformat())
    _tell(added, taken, rest, "referrals")


def _pulled(
    source: FriendbuyPull,
    stretch: tuple[datetime, datetime],
    currency: str,
    columns: Mapping[str, str],
    moments: Moments,
    rest: Rest,
) -> Taken[ReferralGiven]:
    rows: list[ReferralGiven] = []
    bad: list[BadRow] = []
    for address, word in EVENTS.items():
        ask = ReferralAsk("friendbuy", ReferralKind(word), currency, columns)
        found = list(source.rows(address, *stretch))
        with _mended():
            taken = _checked(referral_rows.pulled(found, ask, moments), f"/analytics/{address}", rest)
        rows += taken.rows
        bad += taken.bad
    return Taken(tuple(rows), tuple(bad))


# ------------------------------------------------------------------ what the options mean


def _zone(config: Config, name: str) -> ZoneInfo:
    """The topic's. Raises CommandError for a topic that config.yaml does not know."""
    found = next((one for one in config.topics if one.name == name), None)
    if found is None:
        known = ", ".join(one.name for one in config.topics)
        raise CommandError(f"--topic: no topic is called '{name}'; config.yaml has {known}")
    return ZoneInfo(found.topic().timezone)


def _topic(config: Config, chosen: FriendbuyExportConfig, name: str) -> str:
    if name:
        return name
    own = chosen.topics or tuple(one.name for one in config.topics if one.own)
    if len(own) != 1:
        raise CommandError(f"--topic: which of {', '.join(own)} are these referrals about?")
    return own[0]


def _source(config: Config, name: str) -> FriendbuyExportConfig:
    found = next((one for one in config.exports if one.name == name), None)
    if found is None:
        raise CommandError(f"there is no export called '{name}'; add it under `exports:` in config.yaml")
    if not isinstance(found, FriendbuyExportConfig):
        raise CommandError(
            f"'{name}' is of the kind {found.kind}, from which nothing can be read by API: export its referrals "
            "as CSV there, and use `kikimimi referrals import`"
        )
    return found


def _scale(written: str) -> Scale | None:
    if not written:
        return None
    low, _, high = written.partition("-")
    if not (low.strip().isdecimal() and high.strip().isdecimal()):
        raise CommandError("--scale: write the lowest and the highest score, as in 1-5")
    return Scale(int(low), int(high))


def _columns(written: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for one in written:
        field, equals, column = one.partition("=")
        if not (equals and field.strip() and column.strip()):
            raise CommandError(f"--column: '{one}' wants FIELD=COLUMN, as in score=Rating")
        found[field.strip()] = column.strip()
    return found


def _ended(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) - OVERLAP if written else None


# ------------------------------------------------------------------ what is told


@contextmanager
def _mended() -> Iterator[None]:
    """A file's mistakes as the command's own."""
    try:
        yield
    except FeedbackError as error:
        raise CommandError(str(error)) from error


def _checked(taken: Taken[T], place: str, rest: Rest) -> Taken[T]:
    if rest.skip_bad:
        for one in taken.bad:
            err.print(f"{escape(place)}, line {one.line}: {escape(one.problem)}", highlight=False)
    else:
        refuse(taken.bad, place)
    return taken


def _tell(added: Added, taken: Taken[Any], rest: Rest, noun: str) -> None:
    shape = {
        "topic": rest.topic,
        "dry_run": rest.dry_run,
        "stored": added.stored,
        "known": added.known,
        "erased": added.erased,
        "unanswered": taken.unanswered,
        "skipped": [{"line": one.line, "problem": one.problem} for one in taken.bad],
    }
    if rest.as_json:
        print_json(shape)
        return
    verb = "would be stored" if rest.dry_run else "stored"
    out.print(f"{added.stored} {noun} {verb}, {added.known} were there already", highlight=False)
    for number, words in (
        (taken.unanswered, "rows have no score and were left out"),
        (len(taken.bad), "rows could not be taken and were left out"),
        (added.erased, "rows belong to people who were erased and are refused"),
    ):
        if number:
            err.print(f"{number} {words}", highlight=False)
