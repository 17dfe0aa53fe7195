"""LINE: a push message from an official account (Messaging API; LINE Notify ended in 2025).

developers.line.biz → a Messaging API channel → Messaging API → issue a long-lived channel access token.
`to` is a user (U…) who added the account as a friend, or a group (C…) or room (R…) that it was invited to;
the id comes with the webhook event, and your own user id stands under "Basic settings".

    channels:
      - name: on-call-line
        kind: line
        token_env: LINE_CHANNEL_TOKEN
        to: C0123456789abcdef0123456789abcdef
        format: flex                           # or text

Every push counts against the account's messages of the month, once for each person who gets it (the free plan
has 200): send LINE only what is urgent, with `min_severity` in a route. When they are used up, LINE refuses
until the next month; that is given up at once and told through the other channels.

X-Line-Retry-Key follows from the alert, so a push that is tried again within 24 hours arrives once. Limits
kept by sending several messages: text 5,000, a bubble 30 KB, five messages a push.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field, SecretStr, field_validator

from alerts.channels import ChannelConfig, ChannelError, refused
from alerts.channels.parts import NUMBERING, Posted, Progress, continued, pack, split, units, wider
from alerts.channels.text import answer_of, byline, headline, is_over, paragraphs, web_link
from alerts.message import cut
from alerts.words import say
from listener.http import Fetcher, FetchError
from storage.notices import Message, Quote
from storage.types import Severity

TEXT, BUBBLE, ALT_TEXT, A_PUSH = 5000, 28_000, 400, 5  # a bubble: 30 KB; 400: all clients' alternative text
_RUN = 2000  # units of one text in a bubble
_NAMESPACE = uuid.UUID("5b0c1a53-6d5c-5b6f-9d3e-2f6f1c0f6c1e")
_COLOUR = {Severity.WATCH: "#8a6d00", Severity.WARNING: "#b45309", Severity.CRISIS: "#b91c1c"}
_OVER = "#15803d"
_QUIET = "#6b7280"
_USED_UP = (
    "LINE: this month's messages are used up: nothing more arrives before next month; take a larger plan "
    "in LINE Official Account Manager, or send LINE less (min_severity in a route)"
)
_REMEDIES = {
    400: "Check `to`: a friend's user id, or a group or room that the account was invited to",
    401: "The channel access token is wrong or has run out: issue a new one",
    403: "The account may not push to this target: check its plan and the token's channel",
    404: "Nobody has the id in `to`, or the account is not a friend or member any more",
    410: "Nobody has the id in `to` any more",
}

Part = dict[str, Any]


class LineConfig(ChannelConfig):
    token: SecretStr = Field(description="channel access token")
    to: str = Field(description="the id of a user (U…), group (C…) or room (R…)")
    format: Literal["flex", "text"] = Field(default="flex", description="cards, or plain text")
    base_url: str = Field(default="https://api.line.me", description="the Messaging API's address")

    @field_validator("to")
    @classmethod
    def _is_id(cls, to: str) -> str:
        if not re.fullmatch(r"[UCR][0-9a-f]{32}", to):
            raise ValueError("not a LINE id: U, C or R and 32 digits or letters a–f (not the @name)")
        return to


class LineChannel:
    Config: ClassVar[type[ChannelConfig]] = LineConfig

    def __init__(self, config: LineConfig, *, http: Fetcher) -> None:
        self._config = config
        self._http = http
        self._progress = Progress()

    def send(self, message: Message, *, reply_to: str = "") -> str:
        """Returns the first message's id in LINE. A push that LINE has taken before counts as sent."""
        made = bubbles(message) if self._config.format == "flex" else texts(message)
        pushes = [made[at : at + A_PUSH] for at in range(0, len(made), A_PUSH)]
        key = f"{self._config.to}/{self._config.format}/{message.key}"

        def post(messages: list[Part], number: int, first: str) -> Posted:
            return Posted(self._push(messages, str(uuid.uuid5(_NAMESPACE, f"{key}/{number}"))))

        return self._progress.send(message.key, pushes, post)

    def check(self) -> str:
        """Whether the token works, the target is known, and how many messages of the month are left."""
        try:
            content = {"messages": [{"type": "text", "text": "ok"}]}
            self._http.post(
                self._url("/message/validate/push"), json=content, headers=self._headers(), guard=False
            )
            who, used = self._target(), self._used()
        except FetchError as error:
            raise self._refused(error) from error
        return f"ok: {who}, {used}"

    def _push(self, messages: list[Part], retry_key: str) -> str:
        content = {"to": self._config.to, "messages": messages}
        headers = {**self._headers(), "X-Line-Retry-Key": retry_key}
        try:
            answer = self._http.post(
                self._url("/message/push"), json=content, headers=headers, guard=False
            ).json()
        except FetchError as error:
            if error.status == 409:  # this very push was taken before
                return _first_id(answer_of(error))
            raise self._refused(error) from error
        return _first_id(answer) if isinstance(answer, dict) else ""

    def _target(self) -> str:
        """The name of the user or group; a room has none."""
        paths = {"U": "/profile/{}", "C": "/group/{}/summary"}
        path = paths.get(self._config.to[0])
        if path is None:
            return "room"
        said = self._get(path.format(self._config.to))
        return str(said.get("displayName") or said.get("groupName") or self._config.to[0])

    def _used(self) -> str:
        limit = self._get("/message/quota")
        used = int(self._get("/message/quota/consumption").get("totalUsage", 0))
        if limit.get("type") != "limited":
            return f"{used} messages this month"
        if used >= int(limit.get("value", 0)):
            raise ChannelError(_USED_UP, permanent=True)
        return f"{used} of {limit.get('value')} messages used this month"

    def _get(self, path: str) -> Part:
        said = self._http.get(self._url(path), headers=self._headers()).json()
        return said if isinstance(said, dict) else {}

    def _url(self, path: str) -> str:
        return f"{self._config.base_url.rstrip('/')}/v2/bot{path}"

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._config.token.get_secret_value()}"}

    def _refused(self, error: FetchError) -> ChannelError:
        said = str(answer_of(error).get("message", ""))
        if error.status == 429 and "monthly limit" in said.lower():
            return ChannelError(_USED_UP, permanent=True)
        return refused(error, "LINE", _REMEDIES.get(error.status or 0, "Check `token` and `to`"))


def _first_id(answer: Mapping[str, Any]) -> str:
    sent = answer.get("sentMessages")
    first = sent[0] if isinstance(sent, list) and sent else {}
    return str(first.get("id", "")) if isinstance(first, dict) else ""


# ------------------------------------------------------------------ text


def texts(message: Message) -> list[Part]:
    """The message as plain text, as one or several."""
    heading, *rest = split(headline(message), TEXT // 2)
    room = TEXT - NUMBERING - units(heading) - 2
    said = [*rest, *paragraphs(message)]
    pieces = [piece for one in said for piece in split(one, room) if piece.strip()]
    more = say("more", message.lang)
    parts = pack(pieces, lambda some: units("\n\n".join(some)) <= room, more=more) or [[]]
    return [
        {"type": "text", "text": "\n\n".join([continued(heading, number, len(parts)), *part])}
        for number, part in enumerate(parts)
    ]


# ------------------------------------------------------------------ flex


def bubbles(message: Message) -> list[Part]:
    """The message as a card, or as several where one would be too large. Flex text has no markup."""
    more = _text(say("more", message.lang), color=_QUIET)
    room = BUBBLE - _size(_bubble(message, [], number=9, total=10))
    parts = pack(_contents(message), lambda some: _size(some) <= room, more=more)
    return [_bubble(message, body, number=number, total=len(parts)) for number, body in enumerate(parts)]


def _bubble(message: Message, body: Sequence[Part], *, number: int, total: int) -> Part:
    title = continued(headline(message), number, total)
    colour = _OVER if is_over(message) else _COLOUR[message.severity]
    heads = [_text(one, color="#ffffff", weight="bold") for one in split(title, _RUN)]
    bubble: Part = {
        "type": "bubble",
        "size": "giga",
        "header": {"type": "box", "layout": "vertical", "backgroundColor": colour, "contents": heads},
        "body": {"type": "box", "layout": "vertical", "spacing": "sm", "contents": list(body)},
    }
    link = web_link(message.link)
    if link:
        action = {"type": "uri", "label": say("button", message.lang), "uri": link}
        button = {"type": "button", "style": "primary", "color": colour, "action": action}
        bubble["footer"] = {"type": "box", "layout": "vertical", "contents": [button]}
    alternative = continued(f"{headline(message)}\n{message.summary}", number, total)
    return {"type": "flex", "altText": cut(alternative, ALT_TEXT, size=units), "contents": bubble}


def _contents(message: Message) -> list[Part]:
    lang = message.lang
    found = _texts(message.summary)
    for one in message.fields:
        if "\n" in one.value or units(one.value) > _RUN // 10:
            found += [_heading(one.name), *_texts(one.value)]
        else:
            name = _text(one.name, color=_QUIET, size="sm", flex=2)
            row = [name, _text(one.value or "–", size="sm", flex=5)]
            found.append({"type": "box", "layout": "horizontal", "spacing": "md", "contents": row})
    if message.reasons:
        found += [_heading(say("why", lang)), *_texts("\n".join(f"・{one}" for one in message.reasons))]
    if message.quotes:
        found.append(_heading(say("quotes", lang)))
    for quote in message.quotes:
        found += _quoted(quote, lang)
    return [*found, *_texts(message.footer, size="xs", color=_QUIET)] or [_text("–")]


def _quoted(quote: Quote, lang: str) -> list[Part]:
    words = _texts(f"「{quote.text}」" if lang == "ja" else f"“{quote.text}”")
    words[0] = {**words[0], "margin": "lg"}
    found = [*words, _text(byline(quote, lang), size="xs", color=_QUIET)]
    link = web_link(quote.url)
    if link:
        label = say("open_post", lang)
        action = {"type": "uri", "label": label, "uri": link}
        found.append(_text(label, size="sm", color="#1d4ed8", decoration="underline", action=action))
    return found


def _heading(words: str) -> Part:
    return _text(words, weight="bold", margin="xl")


def _texts(text: str, **style: Any) -> list[Part]:
    return [_text(one.strip("\n"), **style) for one in split(text, _RUN) if one.strip()]


def _text(words: str, **style: Any) -> Part:
    return {"type": "text", "text": words, "wrap": True, **style}


def _size(part: Part | Sequence[Part]) -> int:
    return wider(json.dumps(part, ensure_ascii=False))
