"""Microsoft Teams: a workflow (Power Automate) that posts Adaptive Cards into a channel or chat.

Teams → the channel's … → Workflows → "Send webhook alerts to a channel" → copy the URL. Addresses of the
old Office 365 connectors (webhook.office.com) ended in 2026 and are refused.

    channels:
      - name: team-teams
        kind: teams
        webhook_url_env: TEAMS_WEBHOOK_URL     # the URL is a secret: never write it into the file

The workflow answers 202 as soon as it starts and never says whether Teams took the card; look at its run
history when a message is missing. Teams takes about 28 KB a message and fails silently beyond: longer ones
become several. There is no idempotency key: after a crash in the middle of sending, a message may appear
twice. `kikimimi check` starts the workflow once with nothing to post.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from alerts.channels import ChannelConfig, refused
from alerts.channels.parts import Posted, Progress, continued, pack, split, wider
from alerts.channels.text import byline, headline, is_over, web_link
from alerts.words import say
from listener.http import Fetcher, FetchError, Response
from storage.notices import Message, Quote
from storage.types import Severity

LIMIT = 24_000  # bytes of the whole request; Teams says "approximately 28 KB" of its own encoding
TEXT = 3_000  # bytes of one paragraph
_STYLE = {Severity.WATCH: "accent", Severity.WARNING: "warning", Severity.CRISIS: "attention"}
_ENDED = ("webhook.office.com", "outlook.office.com")
_REMEDIES = {
    400: "Look at the workflow's run history in Power Automate; it may be switched off",
    401: "The address is incomplete or was renewed: copy it from the workflow again",
    403: "The workflow lets only some people in: allow anyone, or set its address anew",
    404: "The workflow is gone: make a new one and set its address",
    410: "The workflow is gone: make a new one and set its address",
    413: "Teams takes no message of this size: please report this",
}

Element = dict[str, Any]


class TeamsConfig(ChannelConfig):
    webhook_url: SecretStr = Field(description="the workflow's address")

    @field_validator("webhook_url")
    @classmethod
    def _is_workflow(cls, given: SecretStr) -> SecretStr:
        parts = urlsplit(given.get_secret_value())
        host = parts.hostname or ""
        if parts.scheme not in ("http", "https") or not host:
            raise ValueError("not a web address: copy it whole from the workflow")
        if host.endswith(_ENDED):
            raise ValueError("Office 365 connectors ended in 2026: make a workflow in Teams and use its URL")
        return given


class TeamsChannel:
    Config: ClassVar[type[ChannelConfig]] = TeamsConfig

    def __init__(self, config: TeamsConfig, *, http: Fetcher) -> None:
        self._config = config
        self._http = http
        self._progress = Progress()

    def send(self, message: Message, *, reply_to: str = "") -> str:
        """Returns the id of the workflow's run, where the answer names it."""
        return self._progress.send(message.key, payloads(message), self._part)

    def check(self) -> str:
        """A card-less message: the workflow runs and posts nothing."""
        self._post(_content({"type": "message", "attachments": []}))
        return "ok: the workflow answers"

    def _part(self, payload: Element, number: int, first: str) -> Posted:
        return Posted(self._post(_content(payload)).headers.get("x-ms-workflow-run-id", ""))

    def _post(self, content: bytes) -> Response:
        url, headers = self._config.webhook_url.get_secret_value(), {"Content-Type": "application/json"}
        try:
            return self._http.post(url, content=content, headers=headers, guard=False)
        except FetchError as error:
            remedy = _REMEDIES.get(error.status or 0, "Look at the workflow in Power Automate")
            raise refused(error, "Teams", remedy) from error


# ------------------------------------------------------------------ Adaptive Cards


def payloads(message: Message) -> list[Element]:
    """The message as one card, or as several where one would be too large."""
    more = _line(say("more", message.lang))
    room = LIMIT - _size(_payload(message, [], number=9, total=10))
    parts = pack(_elements(message), lambda some: _size(some) <= room, more=more)
    return [_payload(message, body, number=number, total=len(parts)) for number, body in enumerate(parts)]


def _payload(message: Message, body: Sequence[Element], *, number: int, total: int) -> Element:
    title = continued(headline(message), number, total)
    heads = [
        {"type": "RichTextBlock", "inlines": [_run(one, weight="Bolder", size="Large")]}
        for one in split(title, TEXT, size=wider)
    ]
    style = "good" if is_over(message) else _STYLE[message.severity]
    card: Element = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": title[:200] if total == 1 else title[:100],
        "msteams": {"width": "Full"},
        "body": [{"type": "Container", "style": style, "bleed": True, "items": heads}, *body],
    }
    link = web_link(message.link)
    if link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": say("button", message.lang), "url": link}]
    kind = "application/vnd.microsoft.card.adaptive"
    attachment = {"contentType": kind, "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _elements(message: Message) -> list[Element]:
    """The card below its title. RichTextBlock shows text as it is: a post cannot smuggle in markup."""
    lang = message.lang
    found = _lines(message.summary)
    for one in message.fields:
        if "\n" in one.value:
            found += [_heading(one.name), *_lines(one.value)]
        else:
            first, *rest = split(one.value, TEXT, size=wider) or [""]
            inlines = [_run(f"{one.name}  ", weight="Bolder"), _run(first or "–")]
            found += [{"type": "RichTextBlock", "inlines": inlines}, *(_line(words) for words in rest)]
    if message.reasons:
        found += [_heading(say("why", lang)), *_lines("\n".join(f"・{one}" for one in message.reasons))]
    if message.quotes:
        found.append(_heading(say("quotes", lang)))
    for quote in message.quotes:
        found += _quoted(quote, lang)
    if message.footer:
        found += [_line(one, size="Small", isSubtle=True) for one in split(message.footer, TEXT, size=wider)]
    return found


def _quoted(quote: Quote, lang: str) -> list[Element]:
    by = [_run(byline(quote, lang), size="Small", isSubtle=True)]
    link = web_link(quote.url)
    if link:
        action = {"type": "Action.OpenUrl", "url": link}
        by += [_run("  "), _run(say("open_post", lang), color="Accent", underline=True, selectAction=action)]
    words = _lines(quote.text) or [_line("–")]
    words[0] = {**words[0], "separator": True, "spacing": "Medium"}
    return [*words, {"type": "RichTextBlock", "inlines": by, "spacing": "Small"}]


def _heading(words: str) -> Element:
    return {"type": "RichTextBlock", "spacing": "Large", "inlines": [_run(words, weight="Bolder")]}


def _lines(text: str) -> list[Element]:
    """One block a line: a line break inside a run is not shown everywhere."""
    lines = (piece for line in text.splitlines() for piece in split(line, TEXT, size=wider))
    return [_line(line) for line in lines if line.strip()]


def _line(words: str, **style: Any) -> Element:
    return {"type": "RichTextBlock", "inlines": [_run(words, **style)]}


def _run(words: str, **style: Any) -> Element:
    return {"type": "TextRun", "text": words, **style}


def _content(payload: Element) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def _size(payload: Element | Sequence[Element]) -> int:
    return wider(json.dumps(payload, ensure_ascii=False, separators=(",", ":")))
