"""One reading of a configuration: each block made into its model, every problem gathered on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from listener.config_file import Document, KeyPath, Problem
from listener.config_secrets import SecretError, secret, secret_fields
from listener.config_words import in_words

Model = TypeVar("Model", bound=BaseModel)


@dataclass
class Reading:
    """The document being read, where it gets secrets from, and the problems found so far."""

    document: Document
    folder: Path
    environ: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)
    _blamed: set[KeyPath] = field(default_factory=set)  # fields whose problem is already told

    def __post_init__(self) -> None:
        self.problems.extend(self.document.problems)

    def add(self, path: KeyPath, message: str, remedy: str, *, excerpt: str = "") -> None:
        self.problems.append(self.document.problem(path, message, remedy, excerpt=excerpt))

    def validated(self, model: type[Model], values: Mapping[str, Any], path: KeyPath) -> Model | None:
        """`values` as the model, secrets filled in, paths made absolute; None when a problem was added."""
        filled = self._with_secrets(model, values, path)
        try:
            found = model.model_validate(filled)
        except ValidationError as error:
            if not self._write_as_text(filled, error.errors(), path):
                self._tell(model, error, path)
                return None
            try:
                found = model.model_validate(filled)
            except ValidationError as still:
                self._tell(model, still, path)
                return None
        return _with_folder(found, self.folder)

    def _with_secrets(
        self, model: type[BaseModel], values: Mapping[str, Any], path: KeyPath
    ) -> dict[str, Any]:
        """`values` with each secret's value in place of the keys that point to it, in blocks below too."""
        filled = dict(values)
        for name in sorted(secret_fields(model)):
            try:
                value = secret(name, values, self.folder, self.environ)
            except SecretError as error:
                self.add((*path, error.key), error.message, error.remedy)
                self._blamed.add((*path, name))
                value = None
            for key in (name, f"{name}_env", f"{name}_file"):
                filled.pop(key, None)
            if value is not None:
                filled[name] = SecretStr(value)
        for name, below in _models_below(model).items():
            block = filled.get(name)
            if isinstance(block, Mapping):
                filled[name] = self._with_secrets(below, block, (*path, name))
        return filled

    def _write_as_text(self, values: dict[str, Any], errors: list[ErrorDetails], path: KeyPath) -> bool:
        """Put back `brand: 7777` as the text that was written. True when there was such a value."""
        changed = False
        for error in errors:
            place = self.document.places.get((*path, *error["loc"]))
            if error["type"] == "string_type" and place and place.text:
                changed = _put(values, error["loc"], place.text) or changed
        return changed

    def _tell(self, model: type[BaseModel], error: ValidationError, path: KeyPath) -> None:
        for one in error.errors():
            where = self._path(path, one)
            if self._is_told(where, one):
                continue
            message, remedy = in_words(one, _model_at(model, one["loc"]))
            if one["loc"] and str(one["loc"][-1]) in secret_fields(_model_at(model, one["loc"]) or model):
                message = _scrubbed(message, one["input"])
            if one["type"] != "missing" and where not in self.document.places:
                where = self._pointer(where)
            self.add(where, message, remedy)

    def _is_told(self, where: KeyPath, error: ErrorDetails) -> bool:
        """True for what follows from another problem: a block without its secret, a list without entries."""
        if error["type"] == "too_short" and error["input"]:
            return True
        follows = error["type"] in {"value_error", "assertion_error"} and where not in self._blamed
        return where in self._blamed or (follows and any(one[:-1] == where for one in self._blamed))

    def _path(self, path: KeyPath, error: ErrorDetails) -> KeyPath:
        """The error's key path, without what pydantic adds for the members of a union."""
        for part in error["loc"]:
            below = (*path, part)
            known = below in self.document.places or self._pointer(below) != below
            if not known and error["type"] != "missing":
                break
            path = below
        return path

    def _pointer(self, path: KeyPath) -> KeyPath:
        """The key in the file that points to the secret at `path`, when it is one."""
        for ending in ("_env", "_file"):
            pointer = (*path[:-1], f"{path[-1]}{ending}") if path else path
            if pointer in self.document.places:
                return pointer
        return path


def _put(values: dict[str, Any], loc: tuple[int | str, ...], text: str) -> bool:
    """Set the value at `loc`, copying what is on the way: the document itself stays as it was read."""
    block: Any = values
    for part in loc[:-1]:
        try:
            copy = dict(block[part]) if isinstance(block[part], dict) else list(block[part])
        except (KeyError, IndexError, TypeError):
            return False
        block[part] = copy
        block = copy
    block[loc[-1]] = text
    return True


def _scrubbed(message: str, value: Any) -> str:
    secret_value = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    return message.replace(secret_value, "…") if secret_value else message


def _models_below(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """The fields that are blocks themselves."""
    found = {}
    for name, info in model.model_fields.items():
        for kind in (info.annotation, *get_args(info.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel) and not get_args(kind):
                found[name] = kind
    return found


def _model_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> type[BaseModel] | None:
    """The model that holds the last part of `loc`."""
    for part in loc[:-1]:
        if isinstance(part, str):
            model = _models_below(model).get(part, model)
    return model


def _with_folder(found: Model, folder: Path) -> Model:
    """Relative paths, defaults too, begin at the configuration's folder."""
    update: dict[str, Any] = {}
    for name in type(found).model_fields:
        value = getattr(found, name)
        if isinstance(value, Path):
            update[name] = folder / value.expanduser()
        elif isinstance(value, BaseModel):
            update[name] = _with_folder(value, folder)
    return found.model_copy(update=update)
