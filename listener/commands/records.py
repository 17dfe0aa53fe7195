"""`kikimimi collect`, `query`, `incidents` and `advocates`: what is stored, and one more try to fetch."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table

from alerts.advocates import AuthorNps, Study
from alerts.words import say
from listener import watching
from listener.clock import SystemClock
from listener.collectors import SourceConfig
from listener.commands import segmenting
from listener.commands.errors import CommandError
from listener.commands.output import choose_topics, err, load_config, out, parse_time, print_json
from listener.config import Config
from listener.segmenting import suggestions
from listener.service import Service, opened, publisher_at_hand, story_epoch
from listener.web.language import Words
from listener.web.reasons import contribution, incident_card, organic_reason
from listener.web.segment_view import suggestion_shape
from storage.db import MentionFilter, Store
from storage.notices import Delivery, Notification
from storage.types import Advocate, Fetch, Outcome, Post

QUERY_PAGE = 1000
SHOWN_ADVOCATES = 100
NPS_NOTE = "implied by what people posted, not a survey: nobody was asked, and who posts is not who buys"


def collect(path: Path, name: str, *, once: bool, notify: bool) -> None:
    """Collect one source, then look at its topics. Exit code 1 when the last try failed."""
    config = load_config(path)
    source = next((one for one in config.sources if one.name == name), None)
    if source is None:
        known = ", ".join(one.name for one in config.sources) or "none"
        raise CommandError(f"no source is called '{name}'; {path} has: {known}")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    clock = SystemClock()
    with opened(config, clock) as service, publisher_at_hand(config, clock, story_epoch(service)):
        while True:
            fetch = _try(service, source)
            _look(service, source, notify=notify)
            print_json(fetch, indent=None)
            wait = ((fetch.next_at or service.clock.now()) - service.clock.now()).total_seconds()
            if once or stop.wait(max(wait, 1)):
                break
    if fetch.outcome is Outcome.FAILED:
        raise SystemExit(1)


def _try(service: Service, source: SourceConfig) -> Fetch:
    """One try, with a line that counts while it runs."""
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), console=err, transient=True) as progress:
        task = progress.add_task(f"{source.name} …", total=None)

        def show(posts: int, mentions: int) -> None:
            progress.update(task, description=f"{source.name}: {posts} posts read, {mentions} new mentions")

        return service.attempts.run(source, progress=show)


def _look(service: Service, source: SourceConfig, *, notify: bool) -> None:
    """Bring incidents and advocates of the source's own topics up to date; send only when asked to.

    With `notify` as the service does, competitors' spikes included.
    """
    pipeline, now = service.pipeline, service.clock.now()
    thresholds = service.config.thresholds
    begun: list[Notification] = []
    for topic in (one.topic() for one in service.config.topics):
        if source.topics and topic.name not in source.topics:
            continue
        if notify:
            begun += pipeline.trend(topic, now=now) or []
        if not topic.own:
            continue
        if notify:
            begun += pipeline.watch(topic, now=now) or []
            begun += pipeline.rank(topic, now=now) or []
            continue
        watching.incidents(service.store, topic, service.store.history(topic, now), thresholds.crisis, now)
        ranking = watching.ranked(service.store, topic, thresholds.advocate, now)
        service.store.save_advocates(topic.name, ranking, now)
    if notify:
        _send(service, begun)


def _send(service: Service, begun: Sequence[Notification]) -> None:
    """What waits for more of its group goes out now: nobody else is there to send it when this command ends."""
    now = service.clock.now()
    for row in begun:
        if row.state is Delivery.WAITING and row.why is not None and row.why.code == "grouped":
            service.store.alerting.settle(replace(row, next_at=now), before=(Delivery.WAITING,))
    service.pipeline.dispatcher.retry_due(now)


def query(path: Path, expression: str, *, texts: list[str], limit: int, as_json: bool) -> None:
    """Which posts an expression matches, and which of its words did it."""
    from listener.matching import explain, match, parse
    from nlp.tokenizers.mecab import boundaries

    parsed = parse(expression)
    if texts:
        now = SystemClock().now()
        posts: Iterable[Post] = [
            Post("text", str(n), "text", text, now, now) for n, text in enumerate(texts, start=1)
        ]
    else:
        posts = _stored_posts(load_config(path))
    found, looked_at = [], 0
    for post in posts:
        looked_at += 1
        spans = match(parsed, post, boundaries=boundaries)
        if texts or spans is not None:
            found.append((post, spans))
    if as_json:
        print_json(
            [
                {"post": post, "matches": spans is not None, "spans": spans or ()}
                for post, spans in (found if texts else found[:limit])
            ]
        )
        return
    for post, spans in found[:limit]:
        verdict = "[green]match[/]" if spans is not None else "[red]no match[/]"
        out.print(f"{verdict} {escape(_one_line(post))}", highlight=False)
        for line in explain(parsed, post, boundaries=boundaries):
            out.print("   " + line, highlight=False, markup=False)
    err.print(f"{sum(1 for _, spans in found if spans is not None)} of {looked_at} posts match")


def incidents(path: Path, *, topic: str | None, as_json: bool) -> None:
    config = load_config(path)
    choose_topics(config, topic)
    store = Store.open(config.database_url)
    try:
        rows = store.incidents(topic)
    finally:
        store.close()
    if as_json:
        print_json(rows)
        return
    table = Table("since", "topic", "what", "severity", "state", "why", show_lines=True)
    for row in rows:
        why = "\n".join(incident_card(row, config.language, config.timezone).reasons)
        table.add_row(f"{row.opened_at:%Y-%m-%d %H:%M}Z", row.topic, row.kind, row.severity, row.state, why)
    out.print(table)


def advocates(
    path: Path,
    *,
    topic: str | None,
    at: str | None,
    segment: str | None,
    limit: int | None,
    nps: bool,
    as_json: bool,
) -> None:
    """Ranked now from the stored mentions, as they stood at `at`; nothing is written."""
    if segment is not None and nps:
        raise CommandError("--nps is about all authors of a topic: leave --segment out")
    config = load_config(path)
    names = choose_topics(config, topic)
    now = parse_time(at, timezone=config.timezone, option="--at") or SystemClock().now()
    store = Store.open(config.database_url)
    try:
        studies = [
            watching.studied(store, one.topic(), config.thresholds.advocate, now)
            for one in config.topics
            if one.name in names and (one.own or topic)
        ]
        if segment is not None:
            studies = segmenting.narrowed(store, config, studies, segment, now)
        if as_json:
            print_json(_implied_rows(studies, now) if nps else _ranked(store, config, studies, limit, now))
            return
    finally:
        store.close()
    for one in studies:
        out.print(_table(one, config.language, limit or SHOWN_ADVOCATES))


def _implied_rows(studies: Sequence[Study], now: datetime) -> list[dict[str, Any]]:
    """What `advocates --nps --json` prints: each topic's implied NPS."""
    return [{**asdict(one.implied), "at": now, "note": NPS_NOTE} for one in studies]


def _ranked(
    store: Store, config: Config, studies: Sequence[Study], limit: int | None, now: datetime
) -> list[dict[str, Any]]:
    """What `advocates --json` prints: who recommends each topic, best first."""
    rows: list[dict[str, Any]] = []
    topics = {one.name: one.topic() for one in config.topics}
    for study in studies:
        nps = {one.author: one for one in study.authors}
        listed = study.advocates[:limit]
        wanted = {mention for one in listed for part in one.contributions for mention in part.evidence}
        posts = {one.id: one.post.external_id for one in store.mentions_by_id(wanted)}
        topic = topics[study.implied.topic]
        fits = suggestions(store, topic, listed, config.thresholds.advocate, now)
        for one, fit in zip(listed, fits, strict=True):
            row = _advocate(one, nps[one.author], posts, len(rows) + 1)
            rows.append({**row, "fit": suggestion_shape(fit)})
    return rows


def _advocate(row: Advocate, nps: AuthorNps, posts: dict[int | None, str], rank: int) -> dict[str, Any]:
    """Who, how strong, why, with the ids of what shows it.

    `evidence` are mention ids, as in `contributions`; `evidence_ids` the same posts' ids where they were written.
    """
    evidence = list(dict.fromkeys(mention for part in row.contributions for mention in part.evidence))
    return {
        "rank": rank,
        "topic": row.topic,
        "author": row.author,
        "score": round(row.score, 1),
        "organic": row.organic,
        "organic_reasons": row.organic_reasons,
        "contributions": row.contributions,
        "evidence": evidence,
        "evidence_ids": [posts[mention] for mention in evidence if mention in posts],
        "mentions": row.mentions,
        "first_at": row.first_at,
        "last_at": row.last_at,
        "nps": {"class": nps.standing, "attitude": nps.attitude, "reasons": nps.reasons},
    }


def _table(study: Study, lang: str, limit: int) -> Table:
    """One topic's advocates, below what all its authors come to."""
    words = Words(lang)
    table = Table(
        "score", "author", "organic", "NPS", "mentions", "why",
        title=_implied(study, lang), title_justify="left", show_lines=True,
    )  # fmt: skip
    nps = {one.author: one.standing for one in study.authors}
    for row in study.advocates[:limit]:
        why = [
            f"{part.points:+.1f} {contribution(part.name, lang)} {part.quote[:40]}"
            for part in row.contributions
        ]
        against = [organic_reason(reason, words) for reason in row.organic_reasons if not row.organic]
        who = f"{row.author.name or row.author.handle} ({row.author.platform})"
        cells = (f"{row.score:.0f}", who, "yes" if row.organic else "no", nps[row.author], str(row.mentions))
        table.add_row(*map(escape, (*cells, "\n".join(against + why))))
    return table


def _implied(study: Study, lang: str) -> str:
    """The implied NPS in words, with the warning that nobody was asked."""
    one = study.implied
    if one.nps is None:
        return escape(one.topic)
    counts = {
        "for_us": one.promoters,
        "passive": one.passives,
        "against": one.detractors,
        "out": one.not_counted,
    }
    line = say(
        "nps.implied", lang, nps=f"{one.nps:+.0f}", low=f"{one.low:+.0f}", high=f"{one.high:+.0f}", **counts
    )
    return escape(f"{one.topic}: {line} {say('nps.note', lang)}")


def _stored_posts(config: Config) -> Iterator[Post]:
    """Every stored post once, newest first."""
    store = Store.open(config.database_url)
    try:
        seen: set[tuple[str, str]] = set()
        offset = 0
        while rows := store.mentions(MentionFilter(irrelevant=None), limit=QUERY_PAGE, offset=offset):
            offset += len(rows)
            for post in (row.post for row in rows):
                if (post.platform, post.external_id) not in seen:
                    seen.add((post.platform, post.external_id))
                    yield post
    finally:
        store.close()


def _one_line(post: Post) -> str:
    text = " ".join(post.full_text.split())
    return text if len(text) <= 100 else text[:99] + "…"
