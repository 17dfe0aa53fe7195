"""`kikimimi review`, `correct` and `corrections export`: a person's word on the model's judgements."""

from __future__ import annotations

import getpass
import json
from dataclasses import dataclass, replace
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from listener import review
from listener.clock import SystemClock
from listener.commands.errors import CommandError
from listener.commands.output import choose_topics, err, load_config, out, print_json
from listener.commands.whole import whole
from listener.review import Question
from listener.web import shapes
from storage.db import Store
from storage.types import Mention
from storage.verdicts import Correction, CorrectionKind, Labels


@dataclass(frozen=True)
class Word:
    """What the person at the keyboard says of one mention."""

    kind: CorrectionKind
    labels: Labels
    by: str = ""
    note: str = ""


def show(path: Path, *, topic: str | None, as_json: bool) -> None:
    """What waits for a person, the most useful first."""
    config = load_config(path)
    topics = choose_topics(config, topic) if topic else review.own_topics(config)
    with Store.open(config.database_url) as store:
        found = review.questions(store, config, SystemClock().now(), topics)
    if as_json:
        print_json([shapes.question(one) for one in found])
        return
    table = Table("mention", "written", "topic", "why", "the model says", "conf.", "text", show_lines=True)
    for one in found:
        table.add_row(*_cells(one))
    if found:
        out.print(table)
        err.print("Answer with: kikimimi correct MENTION --sentiment … , --confirm or --irrelevant")
    else:
        err.print(
            "Nothing waits for you. Mentions come here when the model is unsure: review.min_confidence."
        )


def correct(path: Path, number: int, word: Word, *, as_json: bool) -> None:
    """Keep the word; prints what counts from now on."""
    config = load_config(path)
    said = Correction(number, word.kind, word.by or _user(), SystemClock().now(), word.labels, note=word.note)
    with Store.open(config.database_url) as store:
        told = review.correct(store, said, [one.topic() for one in config.topics])
        if told is None and store.mention(number) is not None:
            raise CommandError(
                f"mention {number} has no correction to undo; it stands as the model judged it"
            )
    if told is None:
        raise CommandError(f"there is no mention {number}; `kikimimi review` lists the numbers that wait")
    if as_json:
        print_json(shapes.mention(told))
    else:
        out.print(f"mention {number}: {_verdict(told)}", highlight=False, markup=False)


def export(path: Path, file: Path | None) -> None:
    """Every labelled mention as a line to train with; the file appears only when it is whole."""
    config = load_config(path)
    count = 0
    with Store.open(config.database_url) as store, whole(file, place="FILE") as sink:
        for count, lesson in enumerate(store.judgements.corrections(), start=1):  # noqa: B007
            sink.write(json.dumps(review.lesson_line(lesson), ensure_ascii=False) + "\n")
    err.print(f"{count} corrected mentions written")


def _cells(one: Question) -> list[str]:
    mention, sentiment = one.mention, one.mention.analysis.sentiment
    return [
        str(mention.id),
        f"{mention.post.created_at:%Y-%m-%d %H:%M}Z",
        escape(mention.topic),
        one.why.name.lower(),
        _judged(mention),
        f"{sentiment.confidence:.2f}",
        escape(" ".join(mention.post.full_text.split())[:200]),
    ]


def _judged(mention: Mention) -> str:
    analysis = mention.analysis
    words = [analysis.sentiment.label, *(one.kind for one in analysis.signals), analysis.disclosure.kind]
    return " ".join([*words, *(["sarcasm"] if analysis.sarcasm else [])])


def _verdict(told: Mention) -> str:
    if told.correction is None or told.model_said is None:
        return f"{_judged(told)} (as the model judged it)"
    by = told.correction.by
    if told.correction.kind is CorrectionKind.IRRELEVANT:
        return f"not about {told.topic}, counts nowhere (says {by})"
    before = _judged(replace(told, analysis=told.model_said))
    return f"{_judged(told)} (says {by}; the model: {before})"


def _user() -> str:
    """Who sits here, for the record."""
    try:
        return getpass.getuser()
    except (OSError, KeyError) as problem:
        raise CommandError("who says so? this machine knows no user name; give one with --by") from problem
