"""The JSON Schema of config.yaml, made from the models: an editor completes keys and checks values with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from alerts.channels import CHANNELS, channel_class
from alerts.exports import EXPORTS, export_class
from listener.collectors import COLLECTORS, collector_class
from listener.config_models import FILE_KEYS, Config, RouteConfig

_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of config.yaml. A secret `X` appears as `X_env` and `X_file`."""
    sources: dict[str, type[BaseModel]] = {kind: collector_class(kind).Config for kind in COLLECTORS}
    channels: dict[str, type[BaseModel]] = {kind: channel_class(kind).Config for kind in CHANNELS}
    exports: dict[str, type[BaseModel]] = {kind: export_class(kind).Config for kind in EXPORTS}
    unions = (("sources", sources), ("channels", channels), ("exports", exports))
    models: list[type[BaseModel]] = [
        Config,
        RouteConfig,
        *(one for _, union in unions for one in union.values()),
    ]
    refs, made = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/$defs/{model}"
    )
    defs = {name: _block(one) for name, one in made["$defs"].items()}
    root = defs[refs[(Config, "validation")]["$ref"].removeprefix("#/$defs/")]
    root["properties"] = {key: root["properties"][key] for key in FILE_KEYS}
    for key, union in unions:
        members = {kind: refs[(model, "validation")] for kind, model in union.items()}
        root["properties"][key]["items"] = _union(members, defs)
    root["properties"]["routes"]["items"] = refs[(RouteConfig, "validation")]
    used = _used(root, defs, set())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **root,
        "title": "Kikimimi's config.yaml",
        "$defs": {name: defs[name] for name in sorted(used)},
    }


def _union(members: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    """One of several blocks, told apart by `kind`."""
    for kind, ref in members.items():
        block = defs[ref["$ref"].removeprefix("#/$defs/")]
        block["properties"]["kind"] = {"const": kind, "description": f"always {kind}"}
        block["required"] = sorted({*block.get("required", []), "kind"})
    return {
        "oneOf": list(members.values()),
        "discriminator": {"propertyName": "kind", "mapping": {k: ref["$ref"] for k, ref in members.items()}},
    }


def _block(made: dict[str, Any]) -> dict[str, Any]:
    """One model's schema as the file has it: secrets as pointers, durations as words, no null."""
    if "properties" not in made:
        return made
    block = {**made, "properties": {}}
    required = set(made.get("required", []))
    for name, prop in made["properties"].items():
        if not _is_secret(prop):
            block["properties"][name] = _plain(prop)
            continue
        block["properties"] |= _pointers(name, prop.get("description", ""))
        if name in required:
            required.remove(name)
            choices = [{"required": [f"{name}_env"]}, {"required": [f"{name}_file"]}]
            block.setdefault("allOf", []).append({"oneOf": choices})
    if "required" in block:
        block["required"] = sorted(required)
    return block


def _is_secret(prop: Any) -> bool:
    if isinstance(prop, dict):
        return prop.get("format") == "password" or any(map(_is_secret, prop.get("anyOf", ())))
    return False


def _pointers(name: str, description: str) -> dict[str, Any]:
    what = f" ({description})" if description else ""
    return {
        f"{name}_env": {
            "type": "string",
            "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
            "description": f"the environment variable that holds the {name.replace('_', ' ')}{what}",
        },
        f"{name}_file": {
            "type": "string",
            "description": f"the file that holds the {name.replace('_', ' ')}{what}",
        },
    }


def _plain(prop: dict[str, Any]) -> dict[str, Any]:
    prop = {key: value for key, value in prop.items() if key != "title"}
    members = [one for one in prop.get("anyOf", ()) if one != {"type": "null"}]
    if len(members) == 1:  # "X or nothing" is said by leaving the key out
        del prop["anyOf"]
        prop = {**members[0], **prop}
    if isinstance(prop.get("default"), dict) or prop.get("default", ...) is None:
        del prop["default"]
    if prop.get("format") == "duration":
        prop.update(type=["string", "number"], examples=["15m", "1h30m", "90d"])
        del prop["format"]
        if "default" in prop:
            prop["default"] = duration_words(TypeAdapter(timedelta).validate_python(prop["default"]))
    return prop


def duration_words(span: timedelta) -> str:
    """A timedelta as config.yaml writes it: 90d, 1h30m."""
    left, words = int(span.total_seconds()), ""
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        words += f"{count}{unit}" if count else ""
    return words or "0s"


def _used(part: Any, defs: dict[str, Any], found: set[str]) -> set[str]:
    """The names of the definitions that `part` refers to, directly or through others."""
    if isinstance(part, dict):
        name = str(part.get("$ref", "")).removeprefix("#/$defs/")
        if name in defs and name not in found:
            found.add(name)
            _used(defs[name], defs, found)
    if isinstance(part, dict | list):
        for below in part.values() if isinstance(part, dict) else part:
            _used(below, defs, found)
    return found
