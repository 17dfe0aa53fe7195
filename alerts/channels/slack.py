"""Slack: an incoming webhook, or a bot that can answer in threads.

Webhook (one channel, nothing else to set up): api.slack.com → Your Apps → Incoming Webhooks → Add.

    channels:
      - name: team-slack
        kind: slack
        webhook_url_env: SLACK_WEBHOOK_URL     # the URL is a secret: never write it into the file

Bot (follow-ups of one incident stay in one thread): scope `chat:write`, then /invite the bot.

    channels:
      - name: team-slack
        kind: slack
        token_env: SLACK_BOT_TOKEN             # xoxb-…
        channel: C0123456789                   # the channel's id, or #name

Messages are Block Kit with a link button, which needs no public address. Slack has no idempotency key: after
a crash in the middle of sending, the same message may appear twice. Limits kept: header 150, section 3,000,
10 fields of 2,000, 50 blocks, and about 13,000 in all (longer ones answer msg_blocks_too_long).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from alerts.channels import ChannelConfig, ChannelError, refused
from alerts.message import cut
from alerts.words import say
from listener.http import Fetcher, FetchError
from storage.notices import Message, Quote
from storage.types import Severity

HEADER, SECTION, FIELD, BUTTON_URL, BLOCKS, TOTAL = 150, 3000, 2000, 3000, 50, 12_000
# Shorter than Slack allows, so that there is always room for quotes within the total.
_PART, _SHORT, _QUOTE = 1200, 300, 600
_MARK = {
    Severity.WATCH: ":large_yellow_circle:",
    Severity.WARNING: ":large_orange_circle:",
    Severity.CRISIS: ":red_circle:",
}
# Answers of the Web API after which the same call may work later; every other `error` needs a person.
_LATER = {
    "ratelimited",
    "rate_limited",
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
}

Block = dict[str, Any]


class SlackConfig(ChannelConfig):
    webhook_url: SecretStr | None = Field(
        default=None, description="incoming webhook (or: token and channel)"
    )
    token: SecretStr | None = Field(default=None, description="bot token with chat:write")
    channel: str = Field(default="", description="with token: the channel's id or #name")
    base_url: str = Field(default="https://slack.com", description="the Web API's address")

    @model_validator(mode="after")
    def _one_way(self) -> SlackConfig:
        if (self.webhook_url is None) == (self.token is None):
            raise ValueError("give either webhook_url_env, or token_env with channel")
        if self.token is not None and not self.channel:
            raise ValueError("token_env needs channel: the id (C…) or #name to post to")
        return self


class SlackChannel:
    Config: ClassVar[type[ChannelConfig]] = SlackConfig

    def __init__(self, config: SlackConfig, *, http: Fetcher) -> None:
        self._config = config
        self._http = http

    def send(self, message: Message, *, reply_to: str = "") -> str:
        """Post the message; the bot returns the message's `ts` (a thread's id), the webhook ""."""
        payload: dict[str, Any] = {"text": fallback(message), "blocks": blocks(message)}
        if self._config.webhook_url is not None:
            self._webhook(self._config.webhook_url.get_secret_value(), payload)
            return ""
        payload |= {"channel": self._config.channel, "unfurl_links": False, "unfurl_media": False}
        if reply_to:
            payload["thread_ts"] = reply_to
            payload["reply_broadcast"] = message.severity is Severity.CRISIS
        return str(self._call("chat.postMessage", payload).get("ts", ""))

    def check(self) -> str:
        """The bot's name from `auth.test`; for a webhook, whether Slack still knows it.

        An empty webhook message is refused with 400 and shown to nobody; a dead one answers 403, 404 or 410.
        """
        if self._config.webhook_url is None:
            who = self._call("auth.test", {})
            return f"ok: {who.get('user', 'bot')} @ {who.get('team', 'Slack')}"
        try:
            self._http.post(self._config.webhook_url.get_secret_value(), json={}, guard=False)
        except FetchError as error:
            if error.status == 400:
                return "ok: Slack knows this webhook"
            raise _webhook_error(error) from error
        return "ok: the webhook answers"

    def _webhook(self, url: str, payload: dict[str, Any]) -> None:
        try:
            self._http.post(url, json=payload, guard=False)
        except FetchError as error:
            raise _webhook_error(error) from error

    def _call(self, method: str, payload: dict[str, Any]) -> dict[str, Any]:
        assert self._config.token is not None
        headers = {"Authorization": f"Bearer {self._config.token.get_secret_value()}"}
        url = f"{self._config.base_url.rstrip('/')}/api/{method}"
        try:
            answer = self._http.post(url, json=payload, headers=headers, guard=False).json()
        except FetchError as error:
            raise refused(error, "Slack") from error
        if isinstance(answer, dict) and answer.get("ok"):
            return answer
        code = str(answer.get("error", "unknown_error")) if isinstance(answer, dict) else "not an object"
        remedy = _REMEDIES.get(code, "see this code in Slack's chat.postMessage documentation")
        raise ChannelError(f"Slack: {code}: {remedy}", permanent=code not in _LATER)


_REMEDIES = {
    "not_in_channel": "invite the bot to the channel (/invite @bot)",
    "channel_not_found": "check `channel` in config.yaml; a private channel needs the bot invited",
    "invalid_auth": "the bot token is wrong: set it anew",
    "token_revoked": "the bot token was revoked: install the app again",
    "missing_scope": "give the app the scope chat:write and install it again",
    "is_archived": "the channel is archived: choose another one",
    "ratelimited": "tried again later",
}


def _webhook_error(error: FetchError) -> ChannelError:
    return refused(error, "Slack webhook", "Make a new incoming webhook and set its URL")


# ------------------------------------------------------------------ Block Kit


def units(text: str) -> int:
    """Length in UTF-16 units, the stricter way to count: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def fallback(message: Message) -> str:
    """The one text that a phone's notification shows."""
    return escape(cut(f"{message.title}\n{message.summary}", 1000, size=escaped_units))


def blocks(message: Message) -> list[Block]:
    """The message as Block Kit within Slack's limits; quotes that do not fit are left to the page."""
    head = [_header(message), _section(message.summary)]
    short = [one for one in message.fields if "\n" not in one.value]
    if short:
        head.append(
            {"type": "section", "fields": [_mrkdwn(_pair(one.name, one.value), FIELD) for one in short[:10]]}
        )
    steps = [one for one in message.fields if "\n" in one.value]
    head += [_section(f"*{escape(cut(one.name, 80))}*\n", one.value) for one in steps[:2]]
    if message.reasons:
        why = f"*{escape(say('why', message.lang))}*\n"
        head.append(_section(why, "\n".join(f"・{reason}" for reason in message.reasons)))
    tail = _tail(message)
    quotes = _quotes(message, TOTAL - _size([*head, *tail]), BLOCKS - len(head) - len(tail) - 1)
    return [*head, *quotes, *tail]


def _header(message: Message) -> Block:
    mark = _MARK[message.severity]
    text = cut(" ".join(message.title.split()), HEADER - len(mark) - 1, size=units)
    return {"type": "header", "text": {"type": "plain_text", "text": f"{mark} {text}", "emoji": True}}


def _tail(message: Message) -> list[Block]:
    tail: list[Block] = []
    if message.link and units(message.link) <= BUTTON_URL:
        label = {"type": "plain_text", "text": say("button", message.lang)}
        button = {"type": "button", "text": label, "url": message.link}
        if message.severity is Severity.CRISIS:
            button["style"] = "danger"
        tail.append({"type": "actions", "elements": [button]})
    if message.footer:
        tail.append({"type": "context", "elements": [_mrkdwn(escape(cut(message.footer, _SHORT)), FIELD)]})
    return tail


def _quotes(message: Message, room: int, places: int) -> list[Block]:
    found: list[Block] = []
    for quote in message.quotes:
        block = {"type": "section", "text": {"type": "mrkdwn", "text": _quoted(quote, message.lang)}}
        if _size([*found, block]) > room or len(found) + 1 >= places:
            break
        found.append(block)
    return [{"type": "divider"}, *found] if found else []


def _quoted(quote: Quote, lang: str) -> str:
    who = (
        f"*{escape(cut(quote.author, 80))}* {quote.at:%m/%d %H:%M}・{say(f'label.{quote.label.value}', lang)}"
    )
    link = f"　{_link(quote.url, say('open_post', lang))}" if _linkable(quote.url) else ""
    lines = escape(cut(quote.text, _QUOTE, size=escaped_units)).splitlines()
    return "\n>".join([f"{who}{link}", *(lines or [""])])


def _linkable(url: str) -> bool:
    return urlsplit(url).scheme in ("http", "https") and len(url) < 1500


def _link(url: str, words: str) -> str:
    safe = url.replace("|", "%7C").replace("<", "%3C").replace(">", "%3E").replace("&", "&amp;")
    return f"<{safe}|{escape(words)}>"


def _section(text: str, more: str = "") -> Block:
    """`text` is mrkdwn already when `more` is given; what comes from outside is escaped and cut to fit."""
    if not more:
        text, more = "", text
    body = escape(cut(more, _PART, size=escaped_units))
    return {"type": "section", "text": {"type": "mrkdwn", "text": text + body}}


def _pair(name: str, value: str) -> str:
    return f"*{escape(cut(name, 80))}*\n{escape(cut(value, _SHORT, size=escaped_units))}"


def _mrkdwn(text: str, limit: int) -> Block:
    return {"type": "mrkdwn", "text": text if units(text) <= limit else cut(text, limit, size=units)}


def escape(text: str) -> str:
    """Slack's three control characters; nothing else needs it, and `<!channel>` cannot be smuggled in."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escaped_units(text: str) -> int:
    return units(escape(text))


def _size(some: Sequence[Block]) -> int:
    """All the text in these blocks."""
    total = 0
    for block in some:
        parts = [block.get("text"), *block.get("fields", ()), *block.get("elements", ())]
        for part in parts:
            words = part.get("text", "") if isinstance(part, dict) else ""
            total += units(words if isinstance(words, str) else words["text"])
    return total
