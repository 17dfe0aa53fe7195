"""What only shows when the parts of a configuration are seen together: problems, and mere warnings."""

from __future__ import annotations

import ipaddress
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from listener.collectors import SourceConfig
from listener.config_file import KeyPath, Place, Problem, key_path
from listener.config_section import Reading
from listener.config_words import did_you_mean
from listener.matching import QueryError, parse

SHORTEST_INTERVAL = timedelta(seconds=60)
POLITE_FEED_INTERVAL = timedelta(
    minutes=15
)  # what feed publishers ask of readers; shorter gets clients blocked
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def check_all(reading: Reading, values: Mapping[str, Any], sources: Sequence[SourceConfig]) -> list[Problem]:
    """Add every problem to `reading`; return the warnings."""
    for key in ("topics", "sources", "channels", "exports"):
        _unique_names(reading, values, key)
    _references(reading, values, "routes", "topics")
    _references(reading, values, "routes", "channels")
    _escalation(reading, values)
    _references(reading, values, "sources", "topics")
    _references(reading, values, "exports", "topics")
    for path, topic in _blocks(values, "topics"):
        _query(reading, (*path, "query"), topic.get("query"))
    _ports(reading, values)
    allow = _networks(reading, values)
    warnings = list(_intervals(reading, values, sources, allow))
    warnings += _open_to_all(reading, values)
    warnings += _useless(reading, values)
    return warnings


def _blocks(values: Mapping[str, Any], key: str) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    raw = values.get(key)
    for index, block in enumerate(raw if isinstance(raw, list) else ()):
        if isinstance(block, dict):
            yield (key, index), block


def _section(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    block = values.get(key)
    return block if isinstance(block, dict) else {}


def _texts(block: Mapping[str, Any], key: str) -> list[str]:
    raw = block.get(key)
    return [str(one) for one in raw] if isinstance(raw, list) else []


def _names(values: Mapping[str, Any], key: str) -> list[str]:
    return [str(block["name"]) for _, block in _blocks(values, key) if "name" in block]


# ------------------------------------------------------------------ problems


def _unique_names(reading: Reading, values: Mapping[str, Any], key: str) -> None:
    first: dict[str, int] = {}
    for path, block in _blocks(values, key):
        name = block.get("name")
        if not name:
            continue
        line = reading.document.place((*path, "name")).line
        if str(name) in first:
            message = f"the name {name!r} is taken by line {first[str(name)]}"
            reading.add((*path, "name"), message, "give each its own name")
        first.setdefault(str(name), line)


def _references(reading: Reading, values: Mapping[str, Any], key: str, named: str) -> None:
    """Every name that a block of `key` lists under `named` has to exist."""
    known = _names(values, named)
    for path, block in _blocks(values, key):
        for index, name in enumerate(_texts(block, named)):
            if name not in known:
                have = f"there are {', '.join(known)}" if known else f"add it under `{named}:`"
                message = f"there is no {named.removesuffix('s')} called {name!r}"
                reading.add((*path, named, index), message, did_you_mean(name, known) + have)


def _escalation(reading: Reading, values: Mapping[str, Any]) -> None:
    """Every channel that a step of escalation names has to exist."""
    known = _names(values, "channels")
    for path, route in _blocks(values, "routes"):
        for where, step in _blocks(route, "escalation"):
            for index, name in enumerate(_texts(step, "channels")):
                if name not in known:
                    have = f"there are {', '.join(known)}" if known else "add it under `channels:`"
                    message = f"there is no channel called {name!r}"
                    reading.add((*path, *where, "channels", index), message, did_you_mean(name, known) + have)


def _query(reading: Reading, path: KeyPath, query: Any) -> None:
    if not isinstance(query, str) or not query.strip():
        return
    try:
        parse(query)
    except QueryError as error:
        place = reading.document.place(path)
        message = f"{error.message} (character {error.position + 1} of the query)"
        line = _line_of(place, query, error.position)
        excerpt = _with_caret(query, error.position)
        reading.problems.append(
            Problem(reading.document.file, line, key_path(path), message, error.remedy, excerpt)
        )


def _line_of(place: Place, query: str, position: int) -> int:
    """The line of the file that holds this character; a folded block (>) has lost its lines."""
    if place.style == "|":
        return place.value_line + 1 + query.count("\n", 0, position)
    return place.line if place.style == ">" else place.value_line


def _with_caret(query: str, position: int) -> str:
    """The query's line with a caret below the character; a full-width character is two columns wide."""
    start = query.rfind("\n", 0, position) + 1
    end = query.find("\n", position)
    line = query[start : end if end >= 0 else len(query)]
    before = line[: position - start]
    columns = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in before)
    return f"    {line}\n    {' ' * columns}^"


def _ports(reading: Reading, values: Mapping[str, Any]) -> None:
    publisher = _section(values, "publisher")
    if publisher.get("enabled") is not True:
        return
    taken = {_section(values, "web").get("port", 8484): "web.port"}
    for key, default in (("port", 8485), ("smtp_port", 8486)):
        port = publisher.get(key, default)
        if port in taken:
            reading.add(("publisher", key), f"port {port} is {taken[port]} too", "choose another port")
        taken.setdefault(port, f"publisher.{key}")


def _networks(reading: Reading, values: Mapping[str, Any]) -> list[str]:
    allow = _texts(_section(values, "network"), "allow")
    for index, entry in enumerate(allow):
        if "/" in entry:
            try:
                ipaddress.ip_network(entry, strict=False)
            except ValueError:
                remedy = "write a host (feeds.example), an address, or a network such as 10.0.0.0/8"
                reading.add(("network", "allow", index), f"{entry!r} is not a network", remedy)
    return allow


# ------------------------------------------------------------------ warnings


def _intervals(
    reading: Reading, values: Mapping[str, Any], sources: Sequence[SourceConfig], allow: Sequence[str]
) -> Iterator[Problem]:
    """Reading strangers' servers too often is a problem; reading our own is our own affair."""
    paths = {str(block.get("name")): path for path, block in _blocks(values, "sources")}
    for source in sources:
        host = _host(source)
        if source.kind == "file" or (host and _is_allowed(host, allow)):
            continue
        path: KeyPath = (*paths.get(source.name, ("sources",)), "interval")
        if source.interval < SHORTEST_INTERVAL:
            message = f"{source.interval.total_seconds():g} seconds is too often for somebody else's server"
            reading.add(path, message, "write 60s or more, or name the host in network.allow if it is yours")
        elif source.kind == "feed" and source.interval < POLITE_FEED_INTERVAL:
            message = "feeds are not made to be read this often, and some publishers block who does"
            yield reading.document.problem(path, message, "write 15m or more")


def _host(source: SourceConfig) -> str:
    for key in ("url", "instance", "host", "server", "base_url"):
        value = getattr(source, key, None)
        if value:
            text = str(value)
            return urlsplit(text if "://" in text else f"//{text}").hostname or ""
    return ""


def _is_allowed(host: str, allow: Iterable[str]) -> bool:
    for entry in allow:
        if entry.lower() == host:
            return True
        try:
            if ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False):
                return True
        except ValueError:
            continue
    return False


def _open_to_all(reading: Reading, values: Mapping[str, Any]) -> Iterator[Problem]:
    web = _section(values, "web")
    host = str(web.get("host", "127.0.0.1"))
    if host not in _LOOPBACK and not {"password_env", "password_file"} & set(web):
        message = f"anyone who reaches {host} can read and change everything"
        yield reading.document.problem(("web", "host"), message, "set web.password_env or web.password_file")


def _useless(reading: Reading, values: Mapping[str, Any]) -> Iterator[Problem]:
    if not values.get("sources"):
        yield reading.document.problem(("sources",), "there is nothing to collect", "add a source")
    routes = list(_blocks(values, "routes"))
    told = {name for _, route in routes for name in _texts(route, "channels")}
    steps = [step for _, route in routes for _, step in _blocks(route, "escalation")]
    told |= {name for step in steps for name in _texts(step, "channels")}
    for path, channel in _blocks(values, "channels"):
        if routes and channel.get("name") and str(channel["name"]) not in told:
            message = f"no route leads to {channel['name']!r}, so it is never told anything"
            yield reading.document.problem((*path, "name"), message, "name it in a route")
    yield from _unknown_tags(reading, values)


def _unknown_tags(reading: Reading, values: Mapping[str, Any]) -> Iterator[Problem]:
    known = {tag for _, topic in _blocks(values, "topics") for tag in _texts(topic, "tags")}
    for path, route in _blocks(values, "routes"):
        for index, tag in enumerate(_texts(route, "tags")):
            if tag not in known:
                message = f"no topic has the tag {tag!r}, so this lets nothing through"
                remedy = did_you_mean(tag, known) + "add it to a topic's `tags`"
                yield reading.document.problem((*path, "tags", index), message, remedy)
