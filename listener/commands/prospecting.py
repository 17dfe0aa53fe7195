"""`kikimimi prospects`: who may become an advocate, and what such predictions were worth on one's own history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from rich.markup import escape
from rich.table import Column, Table

from alerts.advocacy.prospects import Backtest, Outlook, Prospect
from listener import foresight
from listener.clock import SystemClock
from listener.commands.errors import CommandError
from listener.commands.output import choose_topics, err, load_config, out, parse_time, print_json
from listener.commands.whole import whole
from listener.web import prospects as say
from listener.web.language import Words
from storage.db import Store


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for."""

    topic: str | None
    at: str | None
    limit: int
    backtest: bool
    page: Path | None


def prospects(path: Path, wish: Wish, *, as_json: bool) -> None:
    """Worked out now from the stored mentions, as they stood at `at`; nothing is written to the store."""
    config = load_config(path)
    names = choose_topics(config, wish.topic)
    topics = [one.topic() for one in config.topics if one.name in names and one.own]
    if not topics:
        raise CommandError(
            "--topic: prospects are for topics of your own; a competitor's advocates are theirs"
        )
    if wish.page and len(topics) > 1:
        raise CommandError("--out: one page is for one topic; say which with --topic")
    now = parse_time(wish.at, timezone=config.timezone, option="--at") or SystemClock().now()
    with Store.open(config.database_url) as store:
        found = [
            foresight.outlook(store, one, config.thresholds.advocate, now, limit=wish.limit) for one in topics
        ]
        posts = _posts(store, found)
    words = Words(config.language)
    if wish.page:
        with whole(wish.page, place="--out") as handle:
            handle.write(page(found[0], topics[0].brand, words))
    if as_json:
        print_json([_as_json(one, posts, words, wish) for one in found])
        return
    for one in found:
        _show(one, words, wish)
    if wish.page:
        err.print(f"the calibration plot is in {wish.page}")


def page(one: Outlook, brand: str, words: Words) -> str:
    """The backtest as one HTML file that needs nothing else."""
    environment = Environment(
        loader=PackageLoader("listener.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    tried = one.backtest
    return environment.get_template("prospects_backtest.html").render(
        t=words,
        lang=words.lang,
        say=say,
        title=words("prospects.backtest.title", topic=brand),
        intro=_intro(tried, words) if tried else "",
        fallback=say.why_not(one.fallback, words) if one.fallback else "",
        tried=tried,
        plot=say.plot(tried.bins, words) if tried else None,
    )


def _intro(tried: Backtest, words: Words) -> str:
    return words(
        "prospects.backtest.intro",
        first=f"{tried.first:%Y-%m-%d}",
        last=f"{tried.last:%Y-%m-%d}",
        cases=f"{tried.cases:,}",
        people=f"{tried.people:,}",
        made=tried.made,
    )


def _posts(store: Store, found: Sequence[Outlook]) -> dict[int | None, str]:
    """The posts' own ids by mention."""
    wanted = {mention for one in found for prospect in one.prospects for mention in prospect.evidence}
    return {one.id: one.post.external_id for one in store.mentions_by_id(wanted)}


# ------------------------------------------------------------------ what is shown


def _as_json(one: Outlook, posts: dict[int | None, str], words: Words, wish: Wish) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "topic": one.topic,
        "at": one.at,
        "days": one.days,
        "made": one.made,
        "candidates": one.candidates,
        "fallback": one.fallback,
        "backtest": one.backtest,
    }
    if not wish.backtest:
        shown["prospects"] = [_prospect(each, posts, words) for each in one.prospects]
    return shown


def _prospect(one: Prospect, posts: dict[int | None, str], words: Words) -> dict[str, Any]:
    influences = [{**asdict(each), "words": say.influence(each, words)} for each in one.influences]
    return {
        "author": one.author,
        "score": one.score,
        "probability": one.probability,
        "low": one.low,
        "high": one.high,
        "influences": influences,
        "missing": {**asdict(one.missing), "words": say.to_go(one.missing, words)},
        "evidence": one.evidence,
        "evidence_ids": [posts[mention] for mention in one.evidence if mention in posts],
        "mentions": one.mentions,
        "last_at": one.last_at,
    }


def _show(one: Outlook, words: Words, wish: Wish) -> None:
    if one.fallback:
        err.print(escape(f"{one.topic}: {say.why_not(one.fallback, words)}"), highlight=False)
    if one.backtest:
        err.print(escape(f"{one.topic}: {say.right(one.backtest, words)}"), highlight=False)
    if not wish.backtest:
        out.print(_table(one, words))
    elif one.backtest:
        out.print(_qualities(one.backtest, words))
        out.print(_bins(one.backtest, words))


def _table(one: Outlook, words: Words) -> Table:
    # Japanese has no spaces to break a line at: a cell is folded, not cut.
    heads = ("prospects.likely", "author.one", "prospects.still")
    columns = [
        Column(words(key), overflow="fold", ratio=share) for key, share in zip(heads, (2, 2, 5), strict=True)
    ]
    table = Table(*columns, title=escape(one.topic), title_justify="left", show_lines=True, expand=True)
    for each in one.prospects:
        why = [f"{'+' if said.adds > 0 else '−'} {say.influence(said, words)}" for said in each.influences]
        score = words("prospects.score_now", value=f"{each.score:.0f}")
        table.add_row(
            say.chance(each.probability, each.low, each.high, words),
            escape(f"{each.author.name or each.author.handle} ({each.author.platform})\n{score}"),
            escape("\n".join([say.to_go(each.missing, words), *why])),
        )
    return table


def _qualities(tried: Backtest, words: Words) -> Table:
    heads = ("by", "auc", "brier", "skill", "precision")
    table = Table(*(words(f"prospects.column.{name}") for name in heads))
    rows = (("model", tried.model), ("score", tried.score), ("mentions", tried.mentions))
    for name, one in rows:
        figures = (f"{one.auc:.3f}", f"{one.brier:.4f}", f"{one.skill:.3f}", f"{one.average_precision:.3f}")
        table.add_row(words(f"prospects.by.{name}"), *figures)
    return table


def _bins(tried: Backtest, words: Words) -> Table:
    heads = ("range", "said", "happened", "interval", "people")
    table = Table(*(words(f"prospects.column.{name}") for name in heads))
    for one in tried.bins:
        table.add_row(
            f"{one.low:.0%}–{one.high:.0%}",
            f"{one.said:.1%}",
            f"{one.happened:.1%}",
            f"{one.floor:.1%}–{one.ceiling:.1%}",
            str(one.people),
        )
    return table
