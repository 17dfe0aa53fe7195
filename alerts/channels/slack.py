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

Buttons. "Acknowledge" and "silence" are links, which need nothing but a page that the reader can open
(`web.public_url`). To press them inside Slack, give the app's signing secret and set its Interactivity Request URL
to https://YOUR-PAGE/slack/interactions, or, where no address is public, turn on Socket Mode and give an app-level
token (scope `connections:write`):

    signing_secret_env: SLACK_SIGNING_SECRET   # or
    app_token_env: SLACK_APP_TOKEN             # xapp-…

Messages are Block Kit. Slack has no idempotency key: after
a crash in the middle of sending, the same message may appear twice. Limits kept by sending several messages (a
bot puts the later ones into the thread): header 150, section 3,000, 10 fields of 2,000, 50 blocks, and about
13,000 in all (longer ones answer msg_blocks_too_long).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import Field, SecretStr, model_validator

from alerts.channels import ChannelConfig, ChannelError, refused
from alerts.channels.parts import NUMBERING, Posted, Progress, numbered, pack, split, units
from alerts.channels.text import byline, is_over, name_of, web_link
from alerts.message import cut
from alerts.words import say
from listener.http import Fetcher, FetchError
from storage.notices import Message, Quote
from storage.types import Severity

HEADER, SECTION, FIELD, FIELDS, BLOCKS, TOTAL = 150, 3000, 2000, 10, 50, 12_000
_SHORT = 300  # a field that stands beside others; longer ones get a section
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
    signing_secret: SecretStr | None = Field(
        default=None, description="of the app: its buttons then work by the Request URL"
    )
    app_token: SecretStr | None = Field(
        default=None, description="app-level token: its buttons then work by Socket Mode"
    )
    base_url: str = Field(default="https://slack.com", description="the Web API's address")

    @property
    def interactive(self) -> bool:
        """Whether a pressed button reaches us, so that nobody has to leave Slack."""
        return self.signing_secret is not None or self.app_token is not None

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
        self._progress = Progress()

    def send(self, message: Message, *, reply_to: str = "") -> str:
        """Post the message; the bot returns the message's `ts` (a thread's id), the webhook ""."""
        made, text = messages(message, interactive=self._config.interactive), fallback(message)

        def post(blocks: list[Block], number: int, first: str) -> Posted:
            payload: dict[str, Any] = {"text": numbered(text, number, len(made)), "blocks": blocks}
            if self._config.webhook_url is not None:
                self._webhook(self._config.webhook_url.get_secret_value(), payload)
                return Posted()
            payload |= {"channel": self._config.channel, "unfurl_links": False, "unfurl_media": False}
            if reply_to or first:
                payload["thread_ts"] = reply_to or first
                payload["reply_broadcast"] = number == 0 and message.severity is Severity.CRISIS
            return Posted(str(self._call("chat.postMessage", payload).get("ts", "")))

        return self._progress.send(message.key, made, post)

    def update(self, message: Message, remote_id: str) -> None:
        """Show `message` in place of the one with this `ts`. A webhook cannot. Raises ChannelError."""
        blocks = messages(message, interactive=self._config.interactive)[0]
        payload = {
            "channel": self._config.channel,
            "ts": remote_id,
            "text": fallback(message),
            "blocks": blocks,
        }
        self._call("chat.update", payload)

    @property
    def can_update(self) -> bool:
        return self._config.token is not None

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


def fallback(message: Message) -> str:
    """The one text that a phone's notification shows."""
    return escape(cut(f"{message.title}\n{message.summary}", 1000, size=escaped_units))


def messages(message: Message, *, interactive: bool = False) -> list[list[Block]]:
    """The message as Block Kit within Slack's limits, as one or several. `interactive`: a press reaches us."""
    button, footer = _buttons(message, interactive=interactive), _footer(message)
    places = BLOCKS - 1 - len(button) - len(footer)
    room = TOTAL - HEADER - _size([*button, *footer])

    def fits(some: Sequence[Block]) -> bool:
        return len(some) <= places and _size(some) <= room

    parts = pack(_body(message), fits, more=_section(say("more", message.lang))) or [[]]
    found = [[_header(message, number, len(parts)), *part] for number, part in enumerate(parts)]
    if len(parts) > 1:  # nobody should have to scroll through all of them for the button
        found[0] += button
        found[-1] += footer
    else:
        found[0] += [*button, *footer]
    return found


def _body(message: Message) -> list[Block]:
    """All between the header and the button; each block fits alone."""
    title = " ".join(message.title.split())
    found = _sections(title) if cut(title, _title_room(message), size=units) != title else []
    found += _sections(message.summary)
    short = [one for one in message.fields if _is_short(one.value)]
    for at in range(0, len(short), FIELDS):
        pairs = [_mrkdwn(_pair(one.name, one.value)) for one in short[at : at + FIELDS]]
        found.append({"type": "section", "fields": pairs})
    for one in message.fields:
        if not _is_short(one.value):
            found += _sections(one.value, heading=one.name)
    reasons = "\n".join(f"・{reason}" for reason in message.reasons)
    found += _sections(reasons, heading=say("why", message.lang))
    if message.quotes:
        found.append({"type": "divider"})
    for quote in message.quotes:
        found += _quoted(quote, message.lang)
    return found


def _is_short(value: str) -> bool:
    return "\n" not in value and escaped_units(value) <= _SHORT


def _title_room(message: Message) -> int:
    return HEADER - len(_mark(message)) - 1 - NUMBERING


def _mark(message: Message) -> str:
    return ":white_check_mark:" if is_over(message) else _MARK[message.severity]


def _header(message: Message, number: int, total: int) -> Block:
    title = cut(" ".join(message.title.split()), _title_room(message), size=units)
    text = f"{_mark(message)} {numbered(title, number, total)}"
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": True}}


def _buttons(message: Message, *, interactive: bool) -> list[Block]:
    """To the page, and what the reader may do: inside Slack where a press reaches us, else by a link."""
    found: list[Block] = []
    link = web_link(message.link)
    if link:
        found.append(_button("open", say("button", message.lang), url=link))
        if message.severity is Severity.CRISIS and not is_over(message):
            found[0]["style"] = "danger"
    for one in message.actions:
        if interactive:
            found.append(_button(one.code, one.label, value=one.url.rpartition("/")[2]))
        elif web_link(one.url):
            found.append(_button(one.code, one.label, url=one.url))
    return [{"type": "actions", "block_id": "kikimimi", "elements": found}] if found else []


def _button(code: str, label: str, **goal: str) -> Block:
    text = {"type": "plain_text", "text": cut(label, 75), "emoji": True}
    return {"type": "button", "action_id": f"kikimimi.{code}", "text": text, **goal}


def _footer(message: Message) -> list[Block]:
    words = escape(cut(message.footer, _SHORT, size=escaped_units))
    return [{"type": "context", "elements": [_mrkdwn(words)]}] if words else []


def _quoted(quote: Quote, lang: str) -> list[Block]:
    """Who, when and the link, then the words; a post too long for one section goes on in the next."""
    name = name_of(quote)
    link = web_link(quote.url)
    line = f"*{escape(name)}*{byline(quote, lang).removeprefix(name)}"
    line += f"　{_link(link, say('open_post', lang))}" if link else ""
    pieces = _pieces(quote.text, SECTION - units(line) - 10, line_extra=1) or ["–"]
    texts = ["\n".join(f">{row}" for row in escape(piece).split("\n")) for piece in pieces]
    return [{"type": "section", "text": _mrkdwn(one)} for one in (f"{line}\n{texts[0]}", *texts[1:])]


def _pieces(text: str, limit: int, *, line_extra: int = 0) -> list[str]:
    """Pieces whose escaped text fits; `line_extra` is what markup adds to each line."""

    def size(some: str) -> int:
        return escaped_units(some) + line_extra * some.count("\n")

    return [one for one in split(text, limit, size=size) if one.strip()]


def _link(url: str, words: str) -> str:
    safe = url.replace("|", "%7C").replace("<", "%3C").replace(">", "%3E").replace("&", "&amp;")
    return f"<{safe}|{escape(words)}>"


def _sections(text: str, *, heading: str = "") -> list[Block]:
    """`text` from outside as sections, the first one under its heading; none for an empty text."""
    above = f"*{escape(cut(heading, 80))}*\n" if heading else ""
    pieces = [escape(one) for one in _pieces(text, SECTION - units(above))]
    if pieces:
        pieces[0] = above + pieces[0]
    return [{"type": "section", "text": _mrkdwn(one)} for one in pieces]


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(escape(text))}


def _pair(name: str, value: str) -> str:
    return f"*{escape(cut(name, 80))}*\n{escape(value) or '–'}"


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


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
