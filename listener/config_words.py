"""What pydantic says about a value, in the words of somebody who edits YAML."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from listener.config_secrets import secret_fields


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """'did you mean “feed”? ' or nothing."""
    near = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]}? " if near else ""


def unknown_key(key: str, known: Iterable[str]) -> tuple[str, str]:
    """Message and remedy for a key that does not exist here."""
    names = list(known)
    if "：" in key:
        return "a full-width colon （：） stands after the key", "write `key: value` with an ordinary colon"
    return "there is no such key here", f"{did_you_mean(key, names)}the keys are {', '.join(names)}"


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys of a model as they stand in the file."""
    secrets = secret_fields(model)
    keys: list[str] = []
    for name, info in model.model_fields.items():
        name = info.alias or name
        keys += [f"{name}_env", f"{name}_file"] if name in secrets else [name]
    return keys


def in_words(error: ErrorDetails, model: type[BaseModel] | None) -> tuple[str, str]:
    """Message and remedy for one pydantic error; `model` holds the key that the error is about."""
    kind = error["type"]
    context: Mapping[str, Any] = error.get("ctx", {})
    if kind == "extra_forbidden":
        return unknown_key(str(error["loc"][-1]), keys_of(model) if model else [])
    if kind == "missing":
        return "is missing", _add(str(error["loc"][-1]), model)
    if kind == "string_type" and error["input"] is None:
        return "is empty", "write a value; put one that begins with # in quotes"
    if kind in {"value_error", "assertion_error"}:
        return _split(str(context.get("error", error["msg"])))
    if kind in _FIXED:
        return _FIXED[kind]
    if kind in _BOUNDS:
        return _BOUNDS[kind].format(**context), "change the number"
    if kind in {"literal_error", "enum"}:
        expected = str(context.get("expected", "")).replace(" or ", ", ").replace("'", "")
        near = did_you_mean(str(error["input"]), expected.split(", "))
        return f"{error['input']!r} is not one of the choices", f"{near}write one of {expected}"
    return error["msg"][:1].lower() + error["msg"][1:], "compare with docs/config.md"


def _add(key: str, model: type[BaseModel] | None) -> str:
    if model and key in secret_fields(model):
        return f"add `{key}_env:` with the name of an environment variable, or `{key}_file:` with a path"
    return f"add `{key}:`"


def _split(words: str) -> tuple[str, str]:
    """A validator's own words: what is wrong, then what to do."""
    for mark in (" → ", "; ", ": "):
        message, found, remedy = words.partition(mark)
        if found:
            return message, remedy
    return words, "compare with docs/config.md"


_FIXED = {
    "string_type": ("this wants text", "write one value, in quotes if in doubt"),
    "string_too_short": ("is empty", "write a value"),
    "too_short": ("the list is empty", "write at least one entry"),
    "tuple_type": ("this wants a list", "write [one, two], or one `- ` line each"),
    "list_type": ("this wants a list", "write [one, two], or one `- ` line each"),
    "dict_type": ("this wants keys below it", "indent the keys by two spaces"),
    "model_type": ("this wants keys below it", "indent the keys by two spaces"),
    "model_attributes_type": ("this wants keys below it", "indent the keys by two spaces"),
    "dataclass_type": ("this wants keys below it", "indent the keys by two spaces"),
    "int_type": ("this wants a whole number", "write for example 10"),
    "int_parsing": ("this wants a whole number", "write for example 10"),
    "int_from_float": ("this wants a whole number", "write for example 10"),
    "float_type": ("this wants a number", "write for example 2.5"),
    "float_parsing": ("this wants a number", "write for example 2.5"),
    "bool_type": ("this wants true or false", "write true or false"),
    "bool_parsing": ("this wants true or false", "write true or false"),
    "path_type": ("this wants a path", "write for example var/kikimimi.db"),
}

_BOUNDS = {
    "greater_than": "has to be more than {gt}",
    "greater_than_equal": "has to be {ge} or more",
    "less_than": "has to be less than {lt}",
    "less_than_equal": "has to be {le} or less",
    "string_too_long": "is longer than {max_length} characters",
    "string_pattern_mismatch": "does not have the form {pattern}",
    "too_long": "has more than {max_length} entries",
}
