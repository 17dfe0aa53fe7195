"""config.yaml and the environment, made into one frozen Config. Nobody else reads either.

`load` finds every problem before it complains, names the line, the key and the remedy of each, and never
repeats a secret. Secrets stand outside the file: `password_env: NAME` takes a field's value from the
environment, `password_file: path` from a file. Paths are relative to the folder of the configuration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from pydantic import BaseModel

from alerts.channels import CHANNELS, channel_class
from alerts.exports import EXPORTS, export_class
from alerts.routes import Route
from listener.collectors import COLLECTORS, collector_class
from listener.config_checks import check_all
from listener.config_file import ConfigError, KeyPath, Problem, read
from listener.config_models import (
    FILE_KEYS,
    Config,
    EvidenceConfig,
    NetworkConfig,
    PublisherConfig,
    ReviewConfig,
    RouteConfig,
    StorageConfig,
    Thresholds,
    TopicConfig,
    WebConfig,
)
from listener.config_schema import schema
from listener.config_section import Reading
from listener.config_words import did_you_mean, unknown_key
from storage.types import Severity

__all__ = [
    "Config",
    "ConfigError",
    "EvidenceConfig",
    "NetworkConfig",
    "Problem",
    "PublisherConfig",
    "ReviewConfig",
    "RouteConfig",
    "StorageConfig",
    "Thresholds",
    "TopicConfig",
    "WebConfig",
    "load",
    "schema",
]

Block = dict[str, Any]


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """The configuration in `path`, with secrets from `environ` and files. Raises ConfigError."""
    document = read(path)
    reading = Reading(document, path.absolute().parent, environ)
    if not isinstance(document.value, dict):
        reading.add((), "the file holds no keys at the top", "begin with `topics:`, as in docs/config.md")
        raise ConfigError(tuple(reading.problems))
    values = _known(document.value, reading)
    values["sources"] = list(_by_kind(reading, values, "sources", COLLECTORS, _source_model))
    values["channels"] = list(_by_kind(reading, values, "channels", CHANNELS, _channel_model))
    values["exports"] = list(_by_kind(reading, values, "exports", EXPORTS, _export_model))
    values["routes"] = list(_routes(reading, values))
    _give_topics_the_zone(values)
    config = reading.validated(Config, values, ())
    warnings = check_all(reading, document.value, values["sources"])
    if reading.problems or config is None:
        raise ConfigError(_in_order(reading.problems))
    routes, model = config.routes or _all_to_all(config), _model_path(config.model, reading.folder)
    return config.model_copy(update={"warnings": _in_order(warnings), "routes": routes, "model": model})


def _known(values: Mapping[str, Any], reading: Reading) -> Block:
    """The top level without unknown keys, and without keys left empty (`sources:` and nothing below)."""
    for key in values:
        if key not in FILE_KEYS:
            reading.add((key,), *unknown_key(key, FILE_KEYS))
    return {key: value for key, value in values.items() if key in FILE_KEYS and value is not None}


def _elements(
    reading: Reading, values: Mapping[str, Any], key: str
) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """The blocks of a list, each with its path; what is no block becomes a problem."""
    raw = values.get(key, [])
    if not isinstance(raw, list):
        reading.add((key,), "this wants a list", "begin each entry with `- `")
        return
    for index, element in enumerate(raw):
        if isinstance(element, dict):
            yield (key, index), element
        else:
            reading.add(
                (key, index), "each entry wants keys of its own", "write `- name: …` and the keys below it"
            )


def _by_kind(
    reading: Reading,
    values: Mapping[str, Any],
    key: str,
    kinds: Mapping[str, str],
    model: Callable[[str], type[BaseModel]],
) -> Iterator[BaseModel]:
    """The sources, the channels or the exports: each read by the model of its `kind`."""
    for path, element in _elements(reading, values, key):
        kind = element.get("kind")
        if kind is None:
            reading.add((*path, "kind"), "is missing", f"add `kind:` with one of {', '.join(kinds)}")
        elif not isinstance(kind, str) or kind not in kinds:
            remedy = f"{did_you_mean(str(kind), kinds)}the kinds are {', '.join(kinds)}"
            reading.add((*path, "kind"), f"there is no kind {kind!r}", remedy)
        elif (one := reading.validated(model(kind), element, path)) is not None:
            yield one


def _source_model(kind: str) -> type[BaseModel]:
    return collector_class(kind).Config


def _channel_model(kind: str) -> type[BaseModel]:
    return channel_class(kind).Config


def _export_model(kind: str) -> type[BaseModel]:
    return export_class(kind).Config


def _routes(reading: Reading, values: Mapping[str, Any]) -> Iterator[Route]:
    for path, element in _elements(reading, values, "routes"):
        if (one := reading.validated(RouteConfig, element, path)) is not None:
            yield one.route()


def _give_topics_the_zone(values: Block) -> None:
    """A topic that names no zone lives in the configuration's."""
    zone, topics = values.get("timezone"), values.get("topics")
    if zone in available_timezones() and isinstance(topics, list):
        values["topics"] = [{"timezone": zone, **one} if isinstance(one, dict) else one for one in topics]


def _model_path(model: str, folder: Path) -> str:
    """A model's folder begins at the configuration's folder; a name or hub id stays as it is."""
    place, mark, options = model.partition("?")
    path = folder / Path(place).expanduser()
    return f"{path}{mark}{options}" if place.startswith((".", "~")) or path.is_dir() else model


def _all_to_all(config: Config) -> tuple[Route, ...]:
    """Without routes every channel hears everything: nobody configures a channel to be told nothing."""
    names = tuple(channel.name for channel in config.channels)
    return (Route(min_severity=Severity.WATCH, channels=names),) if names else ()


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: problem.line))
