"""Secrets stand outside config.yaml: `X_env` and `X_file` fill the field `X` of any model.

A field holds a secret when its type is SecretStr. No message made here repeats a value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr

MAX_SECRET_BYTES = 65_536


def secret_fields(model: type[BaseModel]) -> frozenset[str]:
    """The names of the model's fields that hold a secret."""
    return frozenset(name for name, field in model.model_fields.items() if _is_secret(field.annotation))


def _is_secret(annotation: Any) -> bool:
    return annotation is SecretStr or any(_is_secret(part) for part in get_args(annotation))


class SecretError(Exception):
    """A secret that cannot be had. `key` is the key of the file that is to blame."""

    def __init__(self, key: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.key = key
        self.message = message
        self.remedy = remedy


def secret(name: str, values: Mapping[str, Any], folder: Path, environ: Mapping[str, str]) -> str | None:
    """The value of the secret `name` as `values` points to it; None when they do not. Raises SecretError."""
    by_variable, by_file = f"{name}_env", f"{name}_file"
    if values.get(name) is not None:
        remedy = (
            f"take it out, put it into an environment variable, and name that one: `{by_variable}: NAME` "
            f"(or a file: `{by_file}: path`)"
        )
        raise SecretError(name, "a secret stands openly in the file", remedy)
    if by_variable in values and by_file in values:
        raise SecretError(by_file, f"both {by_variable} and {by_file} are given", "keep one of the two")
    if by_variable in values:
        return _from_variable(by_variable, values[by_variable], environ)
    if by_file in values:
        return _from_file(by_file, values[by_file], folder)
    return None


def _from_variable(key: str, variable: Any, environ: Mapping[str, str]) -> str:
    if not isinstance(variable, str) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", variable):
        # What stands here may be the secret itself, so it is not repeated.
        message = "this is not the name of an environment variable"
        raise SecretError(key, message, "write the variable's name, not the secret, for example MY_SECRET")
    value = environ.get(variable)
    if value is None:
        message = f"the environment variable {variable} is not set"
        raise SecretError(key, message, f"run `export {variable}=…` before the start")
    if not value.strip():
        message = f"the environment variable {variable} is empty"
        raise SecretError(key, message, f"run `export {variable}=…` with the secret in it")
    return value.rstrip("\r\n")


def _from_file(key: str, name: Any, folder: Path) -> str:
    if not isinstance(name, str) or not name or "://" in name or "\n" in name or len(name) > 400:
        raise SecretError(key, "this is not a path", "write the path of a file that holds the secret")
    path = folder / Path(name).expanduser()
    try:
        with path.open("rb") as stream:
            value = stream.read(MAX_SECRET_BYTES + 1)
        text = value.decode("utf-8-sig").rstrip("\r\n")
    except FileNotFoundError:
        message = f"there is no file {path}"
        raise SecretError(key, message, "write the secret into it, on one line") from None
    except UnicodeDecodeError:
        raise SecretError(key, f"the file {path} is not text", "save it as UTF-8") from None
    except OSError as error:
        message = f"the file {path} cannot be read ({error.strerror})"
        raise SecretError(key, message, "let the user that runs Kikimimi read it") from None
    if not text.strip():
        raise SecretError(key, f"the file {path} is empty", "write the secret into it, on one line")
    if len(value) > MAX_SECRET_BYTES:
        raise SecretError(key, f"the file {path} is too large for a secret", "name the right file")
    return text
