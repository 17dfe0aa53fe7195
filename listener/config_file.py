"""Reading config.yaml: text to plain values, each with the line it stands on; and the words for a problem.

YAML is read by the 1.2 rules: only `true` and `false` are switches, `no` and `on` are words, and a date or
`12:30` stays text. That is what a person who writes `name: no` or `interval: 1:30` expects to have said.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

KeyPath = tuple[str | int, ...]  # where in the file: ("topics", 0, "query")

MAX_BYTES = 2_000_000  # a configuration of a thousand topics is a tenth of this
MAX_NODES = 30_000  # a thousand topics have a third of this; aliases can make a small file unfold without end


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the configuration: where, what, and what to do about it.

    `line` counts from 1 and is 0 when the whole file is meant. `excerpt` shows the place with a caret below.
    """

    file: str
    line: int
    key: str
    message: str
    remedy: str
    excerpt: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        parts = [where, self.key, self.message] if self.key else [where, self.message]
        words = ": ".join(parts) + (f" → {self.remedy}" if self.remedy else "")
        return f"{words}\n{self.excerpt}" if self.excerpt else words


class ConfigError(Exception):
    """The configuration cannot be used. `problems` has every reason found, in the order of the file."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Place:
    """Where one value stands: its line (from 1), and the text of a scalar as it was written."""

    line: int
    value_line: int
    text: str | None = None
    style: str = ""  # "" plain, "'" or '"' quoted, "|" or ">" a block


@dataclass(frozen=True)
class Document:
    """A read file: its plain value, and the place of every value in it."""

    file: str
    value: Any
    places: Mapping[KeyPath, Place]
    problems: tuple[Problem, ...] = ()

    def place(self, path: KeyPath) -> Place:
        """The place of `path`, or of the nearest thing around it that stands in the file."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(0, 0))

    def problem(self, path: KeyPath, message: str, remedy: str, *, excerpt: str = "") -> Problem:
        return Problem(self.file, self.place(path).line, key_path(path), message, remedy, excerpt)


def key_path(path: KeyPath) -> str:
    """("topics", 0, "query") as a person writes it: topics[0].query"""
    words = ""
    for part in path:
        words += f"[{part}]" if isinstance(part, int) else f".{part}" if words else part
    return words


def read(path: Path) -> Document:
    """The file as values with places. Raises ConfigError when it cannot be read as YAML at all."""
    file = str(path)
    text = _decode(_bytes(path), file)
    if wide := _full_width_indents(text, file):
        raise ConfigError(wide)
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise ConfigError((_yaml_problem(error, text, file),)) from None
    except yaml.YAMLError as error:
        raise ConfigError((_unreadable(error, text, file),)) from None
    except RecursionError:
        message, remedy = "too many brackets stand inside each other", "write plain lists and keys"
        raise ConfigError((Problem(file, 0, "", message, remedy),)) from None
    if root is None or (isinstance(root, yaml.ScalarNode) and not root.value.strip()):
        raise ConfigError(
            (Problem(file, 0, "", "the file is empty", "write at least one topic, or run `kikimimi init`"),)
        )
    reading = _Reading(file)
    value = reading.value(root, ())
    return Document(file, value, reading.places, tuple(reading.problems))


# ------------------------------------------------------------------ bytes to text


def _bytes(path: Path) -> bytes:
    file = str(path)
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        remedy = "run `kikimimi init` to make one, or name another file with --config"
        raise ConfigError((Problem(file, 0, "", "there is no such file", remedy),)) from None
    except IsADirectoryError:
        remedy = f"name the file in it, for example {path / 'config.yaml'}"
        raise ConfigError((Problem(file, 0, "", "this is a folder, not a file", remedy),)) from None
    except OSError as error:
        remedy = "let the user that runs Kikimimi read the file"
        message = f"the file cannot be read ({error.strerror})"
        raise ConfigError((Problem(file, 0, "", message, remedy),)) from None
    if len(body) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES:,} bytes"
        raise ConfigError((Problem(file, 0, "", message, "name a configuration file"),))
    return body


def _decode(body: bytes, file: str) -> str:
    remedy = "save it as UTF-8"
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ConfigError((Problem(file, 0, "", "the file is saved as UTF-16 (“Unicode”)", remedy),))
    try:
        return body.decode("utf-8-sig")  # Notepad's mark at the beginning is harmless
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
    name = "Shift_JIS" if _is_text(body, "cp932") else "EUC-JP" if _is_text(body, "euc_jp") else ""
    message = f"the file is saved as {name}, not UTF-8" if name else "the file is not UTF-8 text"
    raise ConfigError((Problem(file, line, "", message, remedy),))


def _is_text(body: bytes, encoding: str) -> bool:
    try:
        return re.search("[ぁ-んァ-ヶ一-龠]", body.decode(encoding)) is not None
    except UnicodeDecodeError:
        return False


# ------------------------------------------------------------------ text to values


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with the scalars of YAML 1.2."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"^[-+]?(?:0|[1-9][0-9]{0,17})$", list("-+0123456789")),
    (
        "float",
        r"^[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$",
        list("-+.0123456789"),
    ),
    ("merge", r"^<<$", ["<"]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)


@dataclass
class _Reading:
    """One walk over the YAML nodes; gathers places and problems as it goes."""

    file: str
    places: dict[KeyPath, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    nodes: int = 0

    def value(self, node: yaml.Node, path: KeyPath, *, key: yaml.Node | None = None) -> Any:
        self.nodes += 1
        line = (key or node).start_mark.line + 1
        if self.nodes > MAX_NODES or len(path) > 20:
            remedy = "write the values out without * aliases"
            raise ConfigError(
                (Problem(self.file, line, key_path(path), "the file unfolds without end", remedy),)
            )
        text = node.value if isinstance(node, yaml.ScalarNode) else None
        style = (node.style or "") if isinstance(node, yaml.ScalarNode) else ""
        self.places[path] = Place(line, node.start_mark.line + 1, text, style)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*path, index)) for index, child in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, child, key in self._keys(node, path):
            if name in values:
                first = self.places[(*path, name)].line
                line = key.start_mark.line + 1
                message = f"this key is written twice; the first is on line {first}"
                self.problems.append(
                    Problem(self.file, line, key_path((*path, name)), message, "keep one of the two")
                )
                continue
            values[name] = self.value(child, (*path, name), key=key)
        return values

    def _keys(self, node: yaml.MappingNode, path: KeyPath) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        for key, child in node.value:
            line, name = key.start_mark.line + 1, str(key.value).strip("\u3000 ")
            if not isinstance(key, yaml.ScalarNode):
                message, remedy = "a key has to be a word", "write `name: value`"
                self.problems.append(Problem(self.file, line, key_path(path), message, remedy))
                continue
            if key.tag == "tag:yaml.org,2002:merge":
                message, remedy = "`<<` is not understood here", "write the keys out"
                self.problems.append(Problem(self.file, line, key_path(path), message, remedy))
                continue
            if name != key.value:
                message, remedy = "a full-width space (全角スペース) stands at the key", "use ordinary spaces"
                self.problems.append(Problem(self.file, line, key_path((*path, name)), message, remedy))
            yield name, child, key

    def _scalar(self, node: yaml.Node, path: KeyPath) -> Hashable:
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        if kind == "bool":
            return bool(node.value.lower() == "true")
        if kind == "null":
            return None
        if kind == "int":
            return int(node.value)
        if kind == "float":
            return float(node.value)
        if kind != "str":
            line = node.start_mark.line + 1
            message = f"the tag {node.tag} is not understood here"
            self.problems.append(Problem(self.file, line, key_path(path), message, "take the tag away"))
        return str(node.value)


# ------------------------------------------------------------------ what the YAML parser says, in plain words


def _full_width_indents(text: str, file: str) -> tuple[Problem, ...]:
    """Keys indented by full-width spaces: YAML takes them for names at the top, and every message misleads."""
    return tuple(
        Problem(file, number, "", *_FULL_WIDTH)
        for number, line in enumerate(text.splitlines(), 1)
        if re.match(r" *\u3000[ \u3000]*(?:- )?[A-Za-z_]+:", line)
    )


def _unreadable(error: yaml.YAMLError, text: str, file: str) -> Problem:
    """A character that no YAML file may hold (PyYAML gives its position in the text, not a line)."""
    position = getattr(error, "position", 0)
    line = text.count("\n", 0, position) + 1
    message = "there is a control character that cannot be shown"
    return Problem(file, line, "", message, "delete it, or type the line again")


def _yaml_problem(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    lines = text.splitlines()
    number = min(mark.line, len(lines) - 1) if mark and lines else 0
    # An error is often noticed only at the start of the line after the one that causes it.
    for near in (number, number - 1):
        if 0 <= near < len(lines) and (words := _line_problem(lines[near])):
            return Problem(file, near + 1, "", *words)
    said = f"{error.context or ''} {error.problem or ''}"
    for sign, message, remedy in _YAML_WORDS:
        if sign in said:
            line = (error.context_mark.line if error.context_mark and "end of stream" in said else number) + 1
            return Problem(file, line, "", message, remedy)
    message = f"this is not YAML ({' '.join(said.split())})"
    return Problem(
        file, number + 1, "", message, "compare the indentation and the quotes with docs/config.md"
    )


def _line_problem(line: str) -> tuple[str, str] | None:
    """The usual slips, seen in the line itself."""
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in indent:
        return "the line begins with a tab", "indent with spaces"
    if "\u3000" in indent:
        return _FULL_WIDTH
    if re.match(r"\s*(?:- )?\s*[A-Za-z_]+：", line):
        return "a full-width colon （：） stands after the key", "write `key: value` with an ordinary colon"
    value = line.split(":", 1)[1].strip() if ":" in line else line.strip().removeprefix("- ")
    if re.match(r"(?:\"[^\"]*\"|'[^']*')\s*[^\s#,}\]]", value):
        return "text goes on after the closing quote", "put the whole value in single quotes: '…'"
    if value.startswith(("@", "`", "%", "*", "&", "!")):
        return f"a value cannot begin with {value[0]}", "put the value in quotes: '…'"
    if ": " in value and not value.startswith(("'", '"', "{", "[", "#")):
        return "the value itself has a colon in it", "put the value in quotes: '…'"
    return None


_FULL_WIDTH = ("the line begins with a full-width space (全角スペース)", "indent with ordinary spaces")
_YAML_WORDS = (
    ("expected a single document", "the file has a second document after ---", "keep one document a file"),
    ("undefined alias", "an * alias names an anchor that does not exist", "put the value in quotes: '…'"),
    ("while scanning a quoted scalar", "a quote is opened and never closed", "close it on the same line"),
    ("while parsing a flow sequence", "a [ is opened and never closed", "close it with ]"),
    ("while parsing a flow mapping", "a { is opened and never closed", "close it with }"),
    ("could not find expected ':'", "a key stands without a colon", "write `key: value`"),
    (
        "mapping values are not allowed",
        "this line is indented further than its neighbours, or has two colons",
        "line it up with the line above, or put the value in quotes",
    ),
    (
        "while parsing a block",
        "the indentation does not fit the lines above",
        "line up keys that belong together, and begin each entry of a list with `- `",
    ),
)
