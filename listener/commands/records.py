"""`kikimimi collect`, `query`, `incidents` and `advocates`: what is stored, and one more try to fetch."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table

from listener import watching
from listener.clock import SystemClock
from listener.collectors import SourceConfig
from listener.commands.errors import CommandError
from listener.commands.output import choose_topics, err, load_config, out, parse_time, print_json
from listener.config import Config
from listener.service import Service, opened, publisher_at_hand, story_epoch
from listener.web.reasons import incident_card
from storage.db import MentionFilter, Store
from storage.types import Advocate, Fetch, Outcome, Post

QUERY_PAGE = 1000


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
    """Bring incidents and advocates of the source's own topics up to date; send only when asked to."""
    pipeline, now = service.pipeline, service.clock.now()
    thresholds = service.config.thresholds
    for topic in (one.topic() for one in service.config.topics if one.own):
        if source.topics and topic.name not in source.topics:
            continue
        if notify:
            pipeline.watch(topic, now=now)
            pipeline.rank(topic, now=now)
            continue
        watching.incidents(service.store, topic, service.store.history(topic, now), thresholds.crisis, now)
        ranking = watching.ranked(service.store, topic, thresholds.advocate, now)
        service.store.save_advocates(topic.name, ranking, now)


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


def advocates(path: Path, *, topic: str | None, at: str | None, limit: int, as_json: bool) -> None:
    """Ranked now from the stored mentions, as they stood at `at`; nothing is written."""
    config = load_config(path)
    names = choose_topics(config, topic)
    now = parse_time(at, timezone=config.timezone, option="--at") or SystemClock().now()
    store = Store.open(config.database_url)
    try:
        rows: list[Advocate] = []
        for one in config.topics:
            if one.name in names and (one.own or topic):
                rows += watching.ranked(store, one.topic(), config.thresholds.advocate, now)[:limit]
        listed = [_advocate(store, row, rank) for rank, row in enumerate(rows, start=1)] if as_json else []
    finally:
        store.close()
    if as_json:
        print_json(listed)
        return
    table = Table("score", "author", "topic", "organic", "mentions", "why", show_lines=True)
    for row in rows:
        why = "\n".join(f"{part.points:+.1f} {part.name} {part.quote[:40]}" for part in row.contributions)
        who = f"{row.author.name or row.author.handle} ({row.author.platform})"
        table.add_row(
            f"{row.score:.0f}", who, row.topic, "yes" if row.organic else "no", str(row.mentions), why
        )
    out.print(table)


def _advocate(store: Store, row: Advocate, rank: int) -> dict[str, Any]:
    """The contract of `advocates --json`: who, how strong, why, with the ids of what shows it.

    `evidence` are mention ids, as in `contributions`; `evidence_ids` the same posts' ids where they were written.
    """
    evidence = dict.fromkeys(mention for part in row.contributions for mention in part.evidence)
    shown = store.mentions_by_id(evidence)
    return {
        "rank": rank,
        "topic": row.topic,
        "author": row.author,
        "score": round(row.score, 1),
        "organic": row.organic,
        "organic_reasons": row.organic_reasons,
        "contributions": row.contributions,
        "evidence": list(evidence),
        "evidence_ids": [mention.post.external_id for mention in shown],
        "mentions": row.mentions,
        "first_at": row.first_at,
        "last_at": row.last_at,
    }


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
