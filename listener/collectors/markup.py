"""HTML to plain text: what a reader would see, and nothing that is hidden from them. Pure.

Not built on html.parser: on 400 kB of "<!--" that takes two minutes (Python 3.11), and strangers write what is
read here. This reader looks at every character a bounded number of times.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping

# Elements that begin and end a line of their own.
_BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "dir", "div", "dl",
        "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
        "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "optgroup", "option", "p", "pre",
        "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
    }
)  # fmt: skip
_CELLS = frozenset({"td", "th"})
# Their content is not markup: it ends at their own end tag only.
_RAW = frozenset({"script", "style", "textarea", "title", "iframe", "noembed", "noframes", "noscript", "xmp"})
_CODE = frozenset({"script", "style"})  # not words, even when nothing closes them
# Never shown as text. `select` and `button` are controls, not words of the author.
_UNSEEN = frozenset(
    {"head", "template", "audio", "video", "canvas", "svg", "math", "select", "button", "datalist"}
)  # fmt: skip
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
)  # fmt: skip
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_NAME = re.compile(r"/?([a-zA-Z][^\s/>]*)")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|<!--|&(?:#\d+|#[xX][0-9a-fA-F]+|[a-zA-Z]\w{1,30});")
_SPACES = re.compile(r"[ \t\r\n\f]+")

_LINE = "\x00"  # a line's end that stays; line ends of the source are spaces, except in <pre>
_DEEPEST = 200
_LONGEST = 200_000
_LONGEST_ATTRIBUTES = 2_000


def looks_like_markup(text: str) -> bool:
    """True when `text` holds a tag, a comment or an entity; "3 < 5 & 7 > 6" does not."""
    return bool(_MARKUP.search(text))


def plain(markup: str) -> str:
    """The visible words of an HTML fragment: blocks become lines, entities characters, scripts vanish.

    Spaces are collapsed as a browser does; 全角 spaces stay. An image gives its alt text. What is beyond 200,000
    characters is not read.
    """
    page = _Page()
    for is_tag, piece in _tokens(markup[:_LONGEST].replace(_LINE, "")):
        if is_tag:
            page.tag(piece)
        else:
            page.words(piece)
    return tidy(page.text())


def tidy(text: str) -> str:
    """Trim every line, keep at most one empty line between two paragraphs."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    lines = (re.sub(r"[ \t\f\v]+", " ", line).strip(" ") for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


# ------------------------------------------------------------------ tokens


def _tokens(text: str) -> Iterator[tuple[bool, str]]:
    """(True, "a href=…") for a tag, (False, words) for what is between; comments and raw elements are left out."""
    at = 0
    endless: set[str] = set()  # raw elements that nothing closes: looked for once only
    while at < len(text):
        start = text.find("<", at)
        if start < 0:
            break
        if start > at:
            yield False, text[at:start]
        name = _NAME.match(text, start + 1)
        if text.startswith("<!--", start):
            at = _after(text, "-->", start + 4)
        elif text.startswith(("<!", "<?"), start):
            at = _after(text, ">", start)
        elif name is None:
            yield False, "<"
            at = start + 1
        else:
            at = _tag_end(text, start)
            if at < 0:
                yield False, text[start:]  # no tag ends after this: the rest is words
                return
            yield True, text[start + 1 : at - 1]
            raw = name[1].lower()
            closed_itself = text[start + 1] == "/" or text[at - 2] == "/"
            if raw in _RAW and raw not in endless and not closed_itself:
                at = _after_raw(text, raw, at, endless)
    yield False, text[at:]


def _after(text: str, mark: str, start: int) -> int:
    """Where `mark` ends; the end of the text when it never comes, as in a browser."""
    found = text.find(mark, start)
    return len(text) if found < 0 else found + len(mark)


def _tag_end(text: str, start: int) -> int:
    """After the ">" that closes the tag; one inside quotes does not, if the quotes close soon. −1 when none."""
    first = end = text.find(">", start)
    for _ in range(8):
        if end < 0:
            break
        inside = re.sub(
            r"""=\s*(?:"[^"]*"|'[^']*')""", "", text[start : min(end, start + _LONGEST_ATTRIBUTES)]
        )
        if not re.search(r"""=\s*["']""", inside):
            return end + 1
        end = text.find(">", end + 1)
    return first + 1 if first >= 0 else -1


def _after_raw(text: str, name: str, start: int, endless: set[str]) -> int:
    """After the end tag of a raw element. Without one, code hides the rest, and an <iframe> only itself."""
    end = re.compile(rf"</{re.escape(name)}[\s/>]", re.IGNORECASE).search(text, start)
    if end:
        return _after(text, ">", end.start())
    endless.add(name)
    return len(text) if name in _CODE else start


# ------------------------------------------------------------------ what is seen


class _Page:
    """Collects what is visible. Unclosed and crossed tags are taken as they come."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._seen: list[str] = []  # open elements, as deep as _DEEPEST
        self._unseen: list[str] = []  # open elements from the outermost hidden one on
        self._pre = 0

    def text(self) -> str:
        lines = "".join(self._pieces).split(_LINE)
        return "\n".join(line.strip(" ") for line in lines)

    def words(self, raw: str) -> None:
        if not self._unseen:
            text = html.unescape(raw).replace(_LINE, "")
            self._pieces.append(text.replace("\n", _LINE) if self._pre else _SPACES.sub(" ", text))

    def tag(self, inside: str) -> None:
        match = _NAME.match(inside)
        name = match[1].lower() if match else ""
        if inside.startswith("/"):
            self._close(name)
        else:
            self._open(name, inside)

    def _open(self, name: str, inside: str) -> None:
        if self._unseen:
            if name not in _VOID and len(self._unseen) < _DEEPEST:
                self._unseen.append(name)
            return
        attributes = _attributes(inside) if " " in inside or "\n" in inside or "\t" in inside else {}
        if name in _VOID:
            self._void(name, attributes)
        elif name in _RAW:
            return  # its content was left out with it
        elif name in _UNSEEN or _is_hidden(attributes):
            self._unseen.append(name)
        else:
            if len(self._seen) < _DEEPEST:
                self._seen.append(name)
            self._pre += name == "pre"
            if name in _BLOCKS:
                self._break()

    def _void(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "br":
            self._pieces.append(_LINE)
        elif name == "img":
            self.words(attributes.get("alt", ""))
        elif name == "hr":
            self._break()

    def _close(self, name: str) -> None:
        if self._unseen:
            if name in self._unseen:
                del self._unseen[_last(self._unseen, name) :]
                return
            if name not in self._seen:
                return
            self._unseen.clear()  # the parent ends, and what is hidden in it
        if name in self._seen:
            del self._seen[_last(self._seen, name) :]
        if name in _BLOCKS:
            self._break()
        if name == "p":
            self._pieces.append(_LINE)
        elif name in _CELLS:
            self._pieces.append(" ")
        self._pre -= name == "pre" and self._pre > 0

    def _break(self) -> None:
        """End the line, unless it is empty."""
        if self._pieces and not self._pieces[-1].endswith(_LINE):
            self._pieces.append(_LINE)


def _last(names: list[str], name: str) -> int:
    return len(names) - 1 - names[::-1].index(name)


def _attributes(inside: str) -> dict[str, str]:
    found = _ATTRIBUTE.findall(inside[:_LONGEST_ATTRIBUTES])[1:]  # the first is the element's name
    return {name.lower(): value.strip("\"'") for name, value in found}


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    return "hidden" in attributes or bool(_HIDDEN_STYLE.search(attributes.get("style", "")))
