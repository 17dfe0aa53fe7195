"""E-mail through any SMTP server.

    channels:
      - name: on-call-mail
        kind: smtp
        host: smtp.example.jp
        port: 587
        security: starttls            # tls (port 465), or none for a relay on this machine
        username: kikimimi@example.jp
        password_env: SMTP_PASSWORD
        sender: Kikimimi <kikimimi@example.jp>
        recipients: [pr@example.jp, oncall@example.jp]

Plain text and HTML in one message, no image and nothing loaded from outside. The Message-ID follows from the
alert, so a mail that was sent twice after a crash is shown once by most programs; all mails about one
incident form one thread. A greylisting answer (4xx) is tried again; 5xx needs a person.
"""

from __future__ import annotations

import email.policy
import hashlib
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from html import escape
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from alerts.channels import ChannelConfig, ChannelError
from alerts.message import cut
from alerts.words import say
from listener.http import Fetcher
from storage.notices import Message, Quote
from storage.types import Severity

TIMEOUT_S = 20.0
_COLOUR = {Severity.WATCH: "#8a6d00", Severity.WARNING: "#b45309", Severity.CRISIS: "#b91c1c"}


class SmtpConfig(ChannelConfig):
    host: str = Field(min_length=1, description="the mail server")
    port: int = Field(default=587, ge=1, le=65535, description="587 for starttls, 465 for tls")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="how the connection is encrypted"
    )
    username: str = Field(default="", description="login, where the server wants one")
    password: SecretStr | None = Field(default=None, description="its password")
    sender: str = Field(description="From: address, or Name <address>")
    recipients: tuple[str, ...] = Field(min_length=1, description="To: addresses")
    timeout_s: float = Field(default=TIMEOUT_S, gt=0, description="seconds to wait for the server")

    @field_validator("sender", "recipients")
    @classmethod
    def _is_address(cls, given: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for one in (given,) if isinstance(given, str) else given:
            if "@" not in parseaddr(one)[1] or "\n" in one:
                raise ValueError(f"not an e-mail address: {one!r}")
        return given

    @model_validator(mode="after")
    def _is_safe(self) -> SmtpConfig:
        if bool(self.username) != (self.password is not None):
            raise ValueError("username and password_env belong together")
        if self.password is not None and self.security == "none" and not _on_this_machine(self.host):
            raise ValueError("a password would travel unencrypted: use security: starttls or tls")
        return self


def _on_this_machine(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


class SmtpChannel:
    Config: ClassVar[type[ChannelConfig]] = SmtpConfig

    def __init__(self, config: SmtpConfig, *, http: Fetcher) -> None:
        self._config = config

    def send(self, message: Message, *, reply_to: str = "") -> str:
        """Returns the Message-ID. One refused recipient of several does not stop the others."""
        mail = compose(message, self._config, reply_to=reply_to)
        with self._session() as server:
            try:
                server.send_message(mail)
            except smtplib.SMTPRecipientsRefused as error:
                raise _all_refused(error) from error
        return str(mail["Message-ID"])

    def check(self) -> str:
        """Connect, encrypt, log in, and leave again."""
        with self._session() as server:
            server.noop()
        return f"ok: {self._config.host}:{self._config.port}"

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        """A server that is ready to send; every failure inside comes out as a ChannelError."""
        try:
            server = self._connected()
            try:
                if self._config.security == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if self._config.password is not None:
                    server.login(self._config.username, self._config.password.get_secret_value())
                yield server
            finally:
                _leave(server)
        except smtplib.SMTPAuthenticationError as error:
            words = f"SMTP {error.smtp_code}: login refused. Check username and password"
            raise ChannelError(words, permanent=error.smtp_code >= 500) from error
        except smtplib.SMTPResponseException as error:
            raise _answered(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            words = f"SMTP: {error}. Check `security` and the login in config.yaml"
            raise ChannelError(words, permanent=True) from error
        except ssl.SSLCertVerificationError as error:
            words = f"SMTP: the certificate of {self._config.host} is not valid: {error.verify_message}"
            raise ChannelError(words, permanent=True) from error
        except (smtplib.SMTPException, OSError) as error:
            where = f"{self._config.host}:{self._config.port}"
            raise ChannelError(f"SMTP: no connection to {where} ({type(error).__name__})") from error

    def _connected(self) -> smtplib.SMTP:
        where = (self._config.host, self._config.port)
        # smtplib would look the own name up in DNS, which can hang for seconds.
        name, timeout = socket.gethostname() or "localhost", self._config.timeout_s
        if self._config.security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(*where, local_hostname=name, timeout=timeout, context=context)
        return smtplib.SMTP(*where, local_hostname=name, timeout=timeout)


def _leave(server: smtplib.SMTP) -> None:
    """Say goodbye; how it is answered changes nothing about a mail that was accepted."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()


def _all_refused(error: smtplib.SMTPRecipientsRefused) -> ChannelError:
    answers = list(error.recipients.values())
    later = [answer for answer in answers if answer[0] < 500]
    return _answered(*(later or answers)[0])


def _answered(code: int, words: bytes | str) -> ChannelError:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return ChannelError(f"SMTP {code}: {cut(' '.join(text.split()), 200)}", permanent=code >= 500)


# ------------------------------------------------------------------ the mail


def compose(message: Message, config: SmtpConfig, *, reply_to: str = "") -> EmailMessage:
    """The mail: RFC 2047 subject, plain and HTML parts, ids that follow from the alert."""
    domain = parseaddr(config.sender)[1].rpartition("@")[2]
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["Subject"] = cut(" ".join(message.title.split()), 200)
    mail["From"] = config.sender
    mail["To"] = ", ".join(config.recipients)
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = _id(message.key, domain)
    # The thread's root is an id that no mail has: programs then group the first mail with the later ones.
    root = _id(f"thread/{message.thread}", domain)
    mail["In-Reply-To"] = reply_to or root
    mail["References"] = f"{root} {reply_to}".strip()
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    if message.severity is Severity.CRISIS:
        mail["Importance"] = "high"
    mail.set_content(plain(message), charset="utf-8", cte="base64")
    mail.add_alternative(html(message), subtype="html", charset="utf-8", cte="base64")
    return mail


def _id(name: str, domain: str) -> str:
    return f"<{hashlib.sha256(name.encode()).hexdigest()[:32]}@{domain}>"


def plain(message: Message) -> str:
    parts = [message.title, message.summary]
    parts.append("\n".join(_line(one.name, one.value) for one in message.fields))
    if message.link:
        parts.append(f"{say('button', message.lang)}: {message.link}")
    if message.actions:
        parts.append("\n".join(f"{one.label}: {one.url}" for one in message.actions))
    if message.reasons:
        parts.append("\n".join([f"■ {say('why', message.lang)}", *(f"・{one}" for one in message.reasons)]))
    if message.quotes:
        parts.append(f"■ {say('quotes', message.lang)}")
        parts += [f"{_byline(one, message.lang)}\n{one.text}\n{one.url}".strip() for one in message.quotes]
    return "\n\n".join([*(part for part in parts if part), f"-- \n{message.footer}"]) + "\n"


def _line(name: str, value: str) -> str:
    return f"{name}:\n{value}" if "\n" in value else f"{name}: {value}"


def _byline(quote: Quote, lang: str) -> str:
    return f"{quote.author}  {quote.at:%m/%d %H:%M}  [{say(f'label.{quote.label.value}', lang)}]"


def html(message: Message) -> str:
    """Inline styles only, one column, 16 px: what mail programs on phones show reliably."""
    colour = _COLOUR[message.severity]
    rows = "".join(
        f'<tr><td style="padding:4px 12px 4px 0;color:#555;white-space:nowrap;vertical-align:top">'
        f'{escape(one.name)}</td><td style="padding:4px 0">{_lines(one.value)}</td></tr>'
        for one in message.fields
    )
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in message.reasons)
    parts = [
        f'<h1 style="font-size:18px;line-height:1.5;margin:0 0 12px;color:{colour}">'
        f"{escape(message.title)}</h1>",
        f'<p style="margin:0 0 12px">{_lines(message.summary)}</p>',
        _button(message, colour),
        _actions(message),
        f'<table style="border-collapse:collapse;margin:12px 0">{rows}</table>' if rows else "",
        f'{_heading(say("why", message.lang))}<ul style="margin:0 0 12px;padding-left:20px">{reasons}</ul>'
        if reasons
        else "",
        _heading(say("quotes", message.lang)) if message.quotes else "",
        *(_quoted(one, message.lang) for one in message.quotes),
        f'<p style="font-size:12px;color:#555;margin:16px 0 0">{escape(message.footer)}</p>',
    ]
    return (
        f'<!doctype html><html lang="{message.lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"></head>'
        '<body style="margin:0;background:#f4f4f5">'
        '<div style="max-width:600px;margin:0 auto;padding:20px;background:#fff;color:#111;'
        "font:16px/1.6 -apple-system,'Hiragino Sans','Yu Gothic',Meiryo,sans-serif\">"
        f"{''.join(parts)}</div></body></html>"
    )


def _heading(words: str) -> str:
    return f'<h2 style="font-size:15px;margin:16px 0 6px">{escape(words)}</h2>'


def _button(message: Message, colour: str) -> str:
    if not message.link:
        return ""
    return (
        f'<p style="margin:0 0 12px"><a href="{escape(message.link)}" style="display:inline-block;'
        f'padding:12px 20px;background:{colour};color:#fff;text-decoration:none;border-radius:6px">'
        f"{escape(say('button', message.lang))}</a></p>"
    )


def _actions(message: Message) -> str:
    links = "　".join(
        f'<a href="{escape(one.url)}" style="color:#1d4ed8">{escape(one.label)}</a>'
        for one in message.actions
    )
    return f'<p style="margin:0 0 12px;font-size:15px">{links}</p>' if links else ""


def _quoted(quote: Quote, lang: str) -> str:
    link = ""
    if urlsplit(quote.url).scheme in ("http", "https"):
        link = f' <a href="{escape(quote.url)}" style="color:#1d4ed8">{escape(say("open_post", lang))}</a>'
    return (
        '<blockquote style="margin:0 0 12px;padding:8px 12px;border-left:4px solid #d4d4d8">'
        f'{_lines(quote.text)}<br><span style="font-size:13px;color:#555">'
        f"{escape(_byline(quote, lang))}</span>{link}</blockquote>"
    )


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")
