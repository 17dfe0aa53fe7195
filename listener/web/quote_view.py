"""Quotable sentences as the page, the API and the downloads show them: an author only as far as they allow. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from alerts.exports.csv import table
from alerts.quotes import Quote, State, credit, may_stand_at
from listener.web.formats import web_link
from listener.web.shapes import plain
from listener.web.view import View

COLUMNS = (
    "quote",
    "credit",
    "topic",
    "platform",
    "posted_at",
    "url",
    "consent_at",
    "consent_until",
    "mention_id",
)
FORMS = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "html": "text/html; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Card:
    """One sentence on the page: `author` "" and no link where the author is to be left alone."""

    quote: Quote
    author: str
    author_link: str
    credit: str
    copied: str
    lacks: str
    ask: str


def card(one: Quote, view: View) -> Card:
    found, words = one.found, view.words
    blocked = one.state is State.BLOCKED
    place = f"/advocates/{one.advocate_id}" if one.advocate_id and not blocked else ""
    line = credit_line(one, view)
    may = may_stand_at(one, view.now)
    lacks = "" if may else "hidden" if one.state is State.GRANTED else one.state.value
    if not may and not blocked and not one.advocate_id:
        lacks = "nobody"
    return Card(
        one,
        "" if blocked else view.person(found.author),
        place,
        line,
        f"「{found.quote}」\n— {line}\n{found.url}" if may else "",
        words(f"testimonials.lacks.{lacks}") if lacks else "",
        f"{place}#consent" if place and not may and one.state is not State.GRANTED else "",
    )


def credit_line(one: Quote, view: View) -> str:
    return credit(one, view.platform(one.found.author.platform), view.zone(one.found.topic), view.lang)


def publishable(some: Iterable[Quote], now: datetime) -> list[Quote]:
    """Only what may be printed right now. Every download goes through here."""
    return [one for one in some if may_stand_at(one, now)]


def shape(one: Quote, view: View) -> dict[str, Any]:
    """As JSON. Who wrote it is null where the author is to be left alone; a credit stands only with permission."""
    found, may = one.found, may_stand_at(one, view.now)
    blocked = one.state is State.BLOCKED
    author = found.author
    return {
        "mention_id": found.mention_id,
        "topic": found.topic,
        "quote": found.quote,
        "start": found.start,
        "end": found.end,
        "benefit": found.benefit,
        "aspects": list(one.aspects),
        "url": None if blocked else found.url,
        "created_at": plain(found.created_at),
        "author": None
        if blocked
        else {
            "platform": author.platform,
            "external_id": author.external_id,
            "handle": author.handle,
            "name": author.name,
        },
        "advocate_id": one.advocate_id,
        "permission": one.state.value,
        "consent_until": plain(one.stands.until) if one.stands and one.stands.until else None,
        "publishable": may,
        "credit": credit_line(one, view) if may else None,
        "choice": one.choice.value,
        "published": [
            {"place": each.place, "at": plain(each.at), "by": each.by, "down_at": plain(each.down_at)}
            for each in one.published
        ],
    }


def download(form: str, some: Sequence[Quote], view: View) -> str:
    """What may be printed, as CSV, JSON or a piece of HTML. Asks of each once more whether it may."""
    rows = [_row(one, view) for one in publishable(some, view.now)]
    if form == "csv":
        return "".join(table(COLUMNS, ([row[name] for name in COLUMNS] for row in rows)))
    if form == "json":
        return json.dumps({"testimonials": rows}, ensure_ascii=False, indent=2) + "\n"
    return "".join(_snippet(row, view.lang) for row in rows)


def _row(one: Quote, view: View) -> dict[str, Any]:
    found, stands = one.found, one.stands
    return {
        "quote": found.quote,
        "credit": credit_line(one, view),
        "topic": found.topic,
        "platform": found.author.platform,
        "posted_at": plain(found.created_at),
        "url": found.url,
        "consent_at": plain(stands.at) if stands else None,
        "consent_until": plain(stands.until) if stands and stands.until else None,
        "mention_id": found.mention_id,
    }


def _snippet(row: dict[str, Any], lang: str) -> str:
    """A figure for somebody's own page; an address that is none of the web is left out."""
    link = web_link(row["url"]) or ""
    cite = f' cite="{escape(link)}"' if link else ""
    said = escape(row["credit"])
    credit_html = f'<a href="{escape(link)}">{said}</a>' if link else said
    return (
        f'<figure class="testimonial" lang="{escape(lang)}">\n'
        f"  <blockquote{cite}>{escape(row['quote'])}</blockquote>\n"
        f"  <figcaption>{credit_html}</figcaption>\n"
        "</figure>\n"
    )
