"""Discord: a channel's webhook.

Server settings → Integrations → Webhooks → New webhook → Copy webhook URL.

    channels:
      - name: team-discord
        kind: discord
        webhook_url_env: DISCORD_WEBHOOK_URL   # the URL is a secret: never write it into the file

The title is the message's text (what a phone's notification shows), the rest are embeds. Nobody is pinged,
whatever a post says. Webhooks have no idempotency key: after a crash in the middle of sending, a message may
appear twice. Limits kept by sending several messages: content 2,000, embed description 4,096, 25 fields of
256 and 1,024, 10 embeds, 6,000 in all embeds of a message. A 429 is tried again when Discord says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from alerts.channels import ChannelConfig, ChannelError, refused
from alerts.channels.parts import NUMBERING, Posted, Progress, numbered, pack, split, units
from alerts.channels.text import answer_of, byline, headline, is_over, web_link
from alerts.message import cut
from alerts.words import say
from listener.http import Fetcher, FetchError, Response
from storage.notices import Message, Quote
from storage.types import Severity

CONTENT, DESCRIPTION, FIELD_NAME, FIELD_VALUE, FOOTER = 2000, 4096, 256, 1024, 2048
FIELDS, EMBEDS, TOTAL = 25, 10, 6000
_COLOUR = {Severity.WATCH: 0xCA8A04, Severity.WARNING: 0xEA580C, Severity.CRISIS: 0xDC2626}
_OVER = 0x16A34A
_EMPTY = 50006  # "Cannot send an empty message"
_MARKUP = re.compile(r"[\\*_~`|<]|\](?=\()|^[#>-]", re.MULTILINE)
_PERHAPS = re.compile(r"[\\*_~`|<\]#>-]")  # what _MARKUP may find in any part of the text
_URL = re.compile(r"https?://[^\s<>\[\]()\\]+")
_REMEDIES = {
    401: "The webhook's token is wrong: copy its URL again",
    404: "The webhook was deleted: make a new one and set its URL",
    410: "The webhook was deleted: make a new one and set its URL",
}

Embed = dict[str, Any]


class DiscordConfig(ChannelConfig):
    webhook_url: SecretStr = Field(description="the webhook's address")

    @field_validator("webhook_url")
    @classmethod
    def _is_webhook(cls, given: SecretStr) -> SecretStr:
        parts = urlsplit(given.get_secret_value())
        if parts.scheme not in ("http", "https") or not re.search(r"/webhooks/[^/]+/[^/]+/?$", parts.path):
            raise ValueError("not a Discord webhook: copy https://discord.com/api/webhooks/… whole")
        return given


class DiscordChannel:
    Config: ClassVar[type[ChannelConfig]] = DiscordConfig

    def __init__(self, config: DiscordConfig, *, http: Fetcher) -> None:
        self._config = config
        self._http = http
        self._progress = Progress()

    def send(self, message: Message, *, reply_to: str = "") -> str:
        """Returns the id of the message in Discord."""
        return self._progress.send(message.key, payloads(message), self._part)

    def check(self) -> str:
        """An empty message: a living webhook refuses it with 400 and shows it to nobody."""
        try:
            self._post({})
        except FetchError as error:
            if error.status == 400 and answer_of(error).get("code") == _EMPTY:
                return "ok: Discord knows this webhook"
            raise _refused(error) from error
        raise ChannelError("Discord took an empty message: check the webhook's address", permanent=True)

    def _part(self, payload: dict[str, Any], number: int, first: str) -> Posted:
        try:
            answer = self._post(payload)
            said = answer.json()
        except FetchError as error:
            raise _refused(error) from error
        return Posted(str(said.get("id", "")) if isinstance(said, dict) else "", _pause(answer))

    def _post(self, payload: dict[str, Any]) -> Response:
        url = self._config.webhook_url.get_secret_value()
        mark = "&" if urlsplit(url).query else "?"
        return self._http.post(f"{url}{mark}wait=true", json=payload, guard=False)


def _pause(answer: Response) -> float:
    """Seconds to wait when this answer says that it was the last one allowed for now."""
    if answer.headers.get("x-ratelimit-remaining", "").strip() != "0":
        return 0.0
    return _seconds(answer.headers.get("x-ratelimit-reset-after", ""))


def _seconds(words: object) -> float:
    try:
        return min(max(float(str(words)), 0.0), 86_400.0)
    except ValueError:
        return 0.0


def _refused(error: FetchError) -> ChannelError:
    remedy = _REMEDIES.get(error.status or 0, "Check the webhook in the channel's settings")
    found = refused(error, "Discord", remedy)
    if error.status == 429 and found.retry_after is None:
        found.retry_after = _seconds(answer_of(error).get("retry_after")) or None
    return found


# ------------------------------------------------------------------ embeds


def payloads(message: Message) -> list[dict[str, Any]]:
    """The message within Discord's limits, as one or several."""
    *before, title = _titles(headline(message), CONTENT - NUMBERING)
    colour = _OVER if is_over(message) else _COLOUR[message.severity]
    more: Embed = {"description": say("more", message.lang), "color": colour}
    parts = pack([{**one, "color": colour} for one in _embeds(message)], _fits, more=more) or [[]]
    total = len(before) + len(parts)
    short = escape(cut(headline(message), 200))
    found: list[dict[str, Any]] = [
        {"content": numbered(one, number, total)} for number, one in enumerate(before)
    ]
    for number, embeds in enumerate(parts, start=len(before)):
        text = title if number == len(before) else short
        found.append({"content": numbered(text, number, total), "embeds": embeds})
    return [{**one, "allowed_mentions": {"parse": []}} for one in found]


def _titles(title: str, room: int) -> list[str]:
    """The title in bold; one that no message holds (nobody writes such a one) in several."""
    whole = f"**{escape(title)}**"
    return [whole] if units(whole) <= room else [escape(one) for one in split(title, room, size=_bound)]


def _fits(embeds: Sequence[Embed]) -> bool:
    return len(embeds) <= EMBEDS and sum(map(size_of, embeds)) <= TOTAL


def size_of(embed: Embed) -> int:
    """What Discord counts of an embed."""
    texts = [embed.get("title", ""), embed.get("description", ""), embed.get("footer", {}).get("text", "")]
    texts += [words for one in embed.get("fields", ()) for words in (one["name"], one["value"])]
    return sum(units(words) for words in texts)


def _embeds(message: Message) -> list[Embed]:
    """In reading order; each fits alone."""
    lang = message.lang
    found = _described(message.summary)
    short = [one for one in message.fields if _is_short(one.name, one.value)]
    for ten in (short[at : at + 10] for at in range(0, len(short), 10)):
        rows: list[Embed] = [
            {"name": escape(one.name), "value": escape(one.value) or "–", "inline": True} for one in ten
        ]
        found.append({"fields": rows})
    for one in message.fields:
        if one not in short:
            found += _described(one.value, heading=one.name)
    link = web_link(message.link)
    if link:
        found.append({"description": f"**[▶ {say('button', lang)}]({_in_link(link)})**"})
    found += _described("\n".join(f"・{one}" for one in message.reasons), heading=say("why", lang))
    for number, quote in enumerate(message.quotes):
        found += _quoted(quote, lang, heading=say("quotes", lang) if number == 0 else "")
    if found and message.footer:
        found.append({"footer": {"text": cut(message.footer, FOOTER, size=units)}})
    return _joined(found)


def _is_short(name: str, value: str) -> bool:
    return "\n" not in value and _bound(name) <= FIELD_NAME and _bound(value) <= FIELD_VALUE // 2


def _described(text: str, *, heading: str = "", after: str = "") -> list[Embed]:
    """`text` as descriptions; the first under its heading, the last followed by `after` (markup already)."""
    room = DESCRIPTION - _bound(heading) - len(after) - 10
    pieces = [escape(one) for one in split(text, room, size=_bound) if one.strip()]
    if pieces and heading:
        pieces[0] = f"**{escape(heading)}**\n{pieces[0]}"
    if pieces and after:
        pieces[-1] = f"{pieces[-1]}\n{after}"
    return [{"description": one} for one in pieces]


def _quoted(quote: Quote, lang: str, *, heading: str) -> list[Embed]:
    by = escape(byline(quote, lang))
    link = web_link(quote.url)
    if link:
        by += f"　[{say('open_post', lang)}]({_in_link(link)})"
    text = f"「{quote.text}」" if lang == "ja" else f"“{quote.text}”"
    return _described(text, heading=heading, after=by)


def _joined(embeds: Sequence[Embed]) -> list[Embed]:
    """Neighbours that fit into one embed as one: a phone shows a box for each."""
    found: list[Embed] = []
    for embed in embeds:
        last = found[-1] if found else None
        if last is None or "footer" in last or not _merges(last, embed):
            found.append(dict(embed))
            continue
        words = [one["description"] for one in (last, embed) if one.get("description")]
        last.update({key: embed[key] for key in ("fields", "footer") if key in embed})
        if words:
            last["description"] = "\n\n".join(words)
    return found


def _merges(last: Embed, embed: Embed) -> bool:
    """Descriptions stand above fields in an embed, so nothing may be added above fields that came first."""
    out_of_order = "fields" in last and (embed.get("description") or "fields" in embed)
    total = units(last.get("description", "")) + units(embed.get("description", "")) + 2
    return not out_of_order and total <= DESCRIPTION and size_of(last) + size_of(embed) + 2 <= TOTAL


def escape(text: str) -> str:
    """Discord's markup taken away, but for the addresses in it."""
    found, at = [], 0
    for url in _URL.finditer(text):
        found += [_MARKUP.sub(r"\\\g<0>", text[at : url.start()]), url.group()]
        at = url.end()
    return "".join([*found, _MARKUP.sub(r"\\\g<0>", text[at:])])


def _bound(text: str) -> int:
    """At least the units of `escape(text)`, and it adds up."""
    return units(text) + len(_PERHAPS.findall(text))


def _in_link(url: str) -> str:
    return url.replace("(", "%28").replace(")", "%29")
