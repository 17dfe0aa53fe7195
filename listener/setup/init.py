"""`kikimimi init`: a few questions, one try at every source, and a config.yaml that is yours.

The present file is kept beside the new one, and no secret is written into it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError
from rich.console import Console

from listener.collectors import CollectError
from listener.config import ConfigError, Problem, load
from listener.http import Fetcher
from listener.setup.proposals import Block, Value, app_store, competitor_sources, proposals, tried
from listener.setup.questions import Ask, Defaults, Person
from listener.setup.render import Answers, rendered
from listener.setup.variants import variants
from listener.setup.words import WORDS

PROBE_TIMEOUT_S = 10.0  # a person is waiting; a slow source is tried again by the service
SECRETS = "secrets"  # the folder beside config.yaml for secrets in files


@dataclass
class _Wizard:
    """One run: whom to ask, where to print, and what is known so far."""

    folder: Path
    ask: Ask
    console: Console
    http: Fetcher
    environ: dict[str, str]  # with the secrets that were typed, to try the file before it is used
    words: Mapping[str, str]

    def say(self, key: str, **values: object) -> None:
        self.console.print(self.words[key].format(**values), markup=False, highlight=False)

    def says(self, key: str, **values: object) -> str:
        return self.words[key].format(**values)


def run(
    path: Path,
    *,
    brand: str | None = None,
    aliases: Sequence[str] = (),
    competitors: Sequence[str] = (),
    yes: bool = False,
    language: str | None = None,
    console: Console | None = None,
    ask: Ask | None = None,
    http: Fetcher | None = None,
    environ: Mapping[str, str] | None = None,
) -> bool:
    """Ask, try, write. True when `path` was written. Raises ConfigError when nobody can answer."""
    console = console or Console(stderr=True)
    ask = ask or (Defaults() if yes else Person(console))
    if yes and not (brand or "").strip():
        raise _nobody("--yes asks nothing, so it needs the brand")
    fetcher = http or Fetcher(timeout_s=PROBE_TIMEOUT_S)
    known = dict(os.environ if environ is None else environ)
    try:
        language = language or _language(ask, brand, yes=yes)
        wizard = _Wizard(path.absolute().parent, ask, console, fetcher, known, WORDS[language])
        backup = _free_name(path)
        if path.exists() and not yes and not ask.yes(wizard.says("exists", path=path, backup=backup)):
            wizard.say("stopped")
            return False
        answers = _answers(wizard, language, brand, aliases, competitors)
        _write(wizard, path, backup, rendered(answers))
        return True
    except EOFError:
        raise _nobody("the questions need a terminal") from None
    finally:
        if http is None:
            fetcher.close()


def _nobody(message: str) -> ConfigError:
    return ConfigError((Problem("kikimimi init", 0, "", message, "write kikimimi init --yes --brand NAME"),))


def _language(ask: Ask, brand: str | None, *, yes: bool) -> str:
    suggested = "en" if brand and brand.isascii() else "ja"
    if yes:
        return suggested
    return "en" if ask.text("言語 / Language (ja, en)", default=suggested).lower().startswith("en") else "ja"


def _answers(
    wizard: _Wizard, language: str, brand: str | None, aliases: Sequence[str], competitors: Sequence[str]
) -> Answers:
    brand = (brand or "").strip()
    while not brand:
        brand = wizard.ask.text(wizard.words["brand"])
        if not brand:
            wizard.say("brand_again")
    names = tuple(dict.fromkeys(aliases)) or _list(
        wizard.ask.text(wizard.words["aliases"], default=", ".join(variants(brand)))
    )
    rivals = tuple(dict.fromkeys(competitors)) or _list(wizard.ask.text(wizard.words["competitors"]))
    rivals = tuple(name for name in rivals if name != brand)
    sources = _sources(wizard, brand, names, rivals, language)
    channels = _channels(wizard)
    routes: list[Block] = [{"channels": [str(channel["name"]) for channel in channels]}]
    return Answers(language, brand, names, rivals, sources, channels, routes=routes)


def _list(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.strip() for one in re.split("[,、，]", text) if one.strip()))


# ------------------------------------------------------------------ sources


def _sources(
    wizard: _Wizard, brand: str, aliases: Sequence[str], rivals: Sequence[str], language: str
) -> list[Block]:
    wizard.say("sources")
    chosen: list[Block] = []
    for one in proposals(brand, aliases, language=language):
        if one.server:
            server = wizard.ask.text(
                wizard.says("server", label=one.label), default=one.server if one.wanted else ""
            )
            if server:
                chosen.append({**one.block, "instance": server})
        elif wizard.ask.yes(wizard.says("use", label=one.label), default=one.wanted):
            chosen.append(one.block)
    app_id = re.sub(r"^.*/id|\D", "", wizard.ask.text(wizard.words["app"]))
    if app_id:
        chosen.append(app_store(app_id, brand.replace("/", "／")))
    chosen += competitor_sources(rivals, language=language)
    return [block for block in chosen if _try(wizard, block)]


def _try(wizard: _Wizard, block: Block) -> bool:
    """False for a block that can never work, such as one with a typing error in the server's address."""
    wizard.say("trying", label=block["name"])
    try:
        wizard.say("works", count=tried(block, http=wizard.http, now=datetime.now(UTC)))
    except ValidationError as error:
        wizard.say("unusable", why=error.errors()[0]["msg"].removeprefix("Value error, "))
        return False
    except CollectError as error:
        wizard.say("unreachable", why=error.message)
    return True


# ------------------------------------------------------------------ channels


def _channels(wizard: _Wizard) -> list[Block]:
    channels: list[Block] = [{"name": "terminal", "kind": "console"}]
    if wizard.ask.yes(wizard.words["slack"], default="SLACK_WEBHOOK_URL" in wizard.environ):
        pointer = _secret(
            wizard, "webhook_url", "SLACK_WEBHOOK_URL", "slack-webhook", wizard.words["slack_url"]
        )
        channels.append({"name": "slack", "kind": "slack", **pointer})
    if wizard.ask.yes(wizard.words["mail"], default=False):
        channels.append(_mail(wizard))
    return channels


def _mail(wizard: _Wizard) -> Block:
    block: dict[str, Value] = {"name": "mail", "kind": "smtp"}
    block["host"] = wizard.ask.text(wizard.words["mail_host"], default="localhost")
    local = block["host"] in ("localhost", "127.0.0.1")
    block |= {"port": 25, "security": "none"} if local else {"port": 587, "security": "starttls"}
    user = wizard.ask.text(wizard.words["mail_user"])
    if user:
        block["username"] = user
        block |= _secret(wizard, "password", "SMTP_PASSWORD", "smtp-password", wizard.words["mail_password"])
    block["sender"] = _address(wizard, "mail_from")
    block["recipients"] = list(_list(_address(wizard, "mail_to")))
    return block


def _address(wizard: _Wizard, key: str) -> str:
    while "@" not in (address := wizard.ask.text(wizard.words[key])):
        wizard.say("mail_again")
    return address


def _secret(wizard: _Wizard, key: str, variable: str, file: str, question: str) -> dict[str, str]:
    """The keys that point to a secret: a variable that is set, a file that is written now, or a variable to set."""
    if wizard.environ.get(variable):
        return {f"{key}_env": variable}
    value = wizard.ask.secret(question)
    target = wizard.folder / SECRETS / file
    if value and wizard.ask.yes(wizard.says("secret_file", path=target, variable=variable)):
        _keep(target, value)
        wizard.say("saved", path=target)
        return {f"{key}_file": f"{SECRETS}/{file}"}
    wizard.environ[variable] = value
    wizard.say("export", variable=variable)
    return {f"{key}_env": variable}


def _keep(target: Path, value: str) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    with os.fdopen(
        os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(f"{value}\n")


# ------------------------------------------------------------------ writing


def _write(wizard: _Wizard, path: Path, backup: Path, text: str) -> None:
    """The new file is complete and tried before it takes the old one's place."""
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(text, encoding="utf-8")
    unset = [name for name, value in wizard.environ.items() if not value and f": {name}\n" in text]
    if unset:
        wizard.say("not_set", variable=", ".join(unset))
    else:
        try:
            load(draft, wizard.environ)
        except ConfigError:
            draft.unlink()
            raise
    if path.exists():
        path.rename(backup)
        wizard.say("kept", backup=backup)
    draft.rename(path)
    wizard.say("done", path=path)
    wizard.say("next")


def _free_name(path: Path) -> Path:
    """config.yaml.bak, or config.yaml.bak2 … when that one is taken: no earlier file is lost."""
    backup = path.with_name(f"{path.name}.bak")
    number = 2
    while backup.exists():
        backup = path.with_name(f"{path.name}.bak{number}")
        number += 1
    return backup
