"""Bytes of a feed to text. Pure.

Parsers trust the label and give up on Japanese reality: `Windows-31J` and `x-sjis` are no codec names in
Python, a `Shift_JIS` feed with one ① or 髙 fails strict decoding, ISO-2022-JP is read as ASCII, and a UTF-8
body that was cut in the middle of a character turns the whole feed into mojibake. None of these raises
anything. So the label is only a hint here; what decides is which reading looks like Japanese.
"""

from __future__ import annotations

import codecs
import re

import chardet

# What the label means in practice: servers write the standard's name and send the vendor's superset.
_CP932 = (
    "shift_jis shift-jis sjis x-sjis ms_kanji shift_jis-2004 shift_jisx0213 cp932 windows-31j windows31j "
    "cswindows31j windows-932 ms932"
)
_EUC = "euc-jp euc_jp eucjp x-euc-jp x-euc ujis cp51932 eucjp-ms eucjp-win euc-jis-2004"
_ISO2022 = (
    "iso-2022-jp iso2022jp csiso2022jp iso-2022-jp-ms iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-3 cp50220 "
    "cp50221 jis"
)
_ALIASES = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    **dict.fromkeys(_CP932.split(), "cp932"),
    **dict.fromkeys(_EUC.split(), "euc_jp"),
    **dict.fromkeys(_ISO2022.split(), "iso-2022-jp"),
}
_JAPANESE = frozenset({"cp932", "euc_jp"})
# Every byte is a letter in these, so decoding proves nothing; servers send them by default.
_WEAK = frozenset({"ascii", "iso8859-1", "cp1252", "iso8859-15", "iso8859-2"})

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BARE_UTF16 = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))
_ESCAPES = (b"\x1b$B", b"\x1b$@", b"\x1b$(D")
_ESCAPE = re.compile(rb"\x1b(\$@|\$B|\$\(D|\([BJIH])")

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']\s*([A-Za-z0-9._:-]+)""")
_ENCODING = re.compile(r"""^(<\?xml[^>]*?)\s+encoding\s*=\s*(["']).*?\2""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9._:-]+)""", re.IGNORECASE)
# XML 1.0 forbids these, and one of them makes a strict parser stop.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

_KANA = re.compile("[぀-ヿ]")
_KANJI = re.compile("[一-鿿]")
_ACCENTED = re.compile(
    "[A-Za-z][一-鿿]"
)  # "déjà" in Latin-1 reads as d駛à in Shift_JIS: a kanji inside a word
_GOOD_ENOUGH = 0.45  # mojibake of Japanese in a wrong Japanese codec measures −0.9…0.4, Japanese 0.55…0.95


def decode(body: bytes, content_type: str = "") -> str:
    """The text of a feed, never raising. `content_type` is the HTTP header."""
    return _CONTROLS.sub("", _read(body, content_type)).lstrip("\ufeff \t\r\n")


def as_utf8(body: bytes, content_type: str = "") -> bytes:
    """The feed in UTF-8 without an encoding declaration: for a parser that is told `charset=utf-8`."""
    return _ENCODING.sub(r"\1", decode(body, content_type), count=1).encode("utf-8", "replace")


def _read(body: bytes, content_type: str) -> str:
    marked = _by_mark(body)
    if marked is not None:
        return marked
    labels = _labels(body, content_type)
    utf8 = _whole(body, "utf-8")
    vague = all(name in _WEAK for name in labels)
    if utf8 is not None and (vague or labels[0] == "utf-8" or _score(utf8) >= _GOOD_ENOUGH):
        return utf8
    for name in labels:
        if name not in _WEAK and name not in _JAPANESE and name != "utf-8":
            text = _whole(body, name)
            if text is not None:
                return text
    return _by_looks(body, labels, utf8)


def _by_mark(body: bytes) -> str | None:
    """What the bytes themselves say: a byte order mark, UTF-16 without one, or JIS escapes."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    for start, name in _BARE_UTF16:
        if body.startswith(start):
            return body.decode(name, "replace")
    if any(escape in body for escape in _ESCAPES) and body.isascii():
        return _iso2022(body)
    return None


def _by_looks(body: bytes, labels: list[str], utf8: str | None) -> str:
    """The reading that looks most Japanese; else what the label says; else what a detector says."""
    readings = [(name, _whole(body, name)) for name in ("cp932", "euc_jp")]
    found = [(_score(text), name, text) for name, text in readings if text is not None]
    # A labelled reading may have a few broken characters and still be right.
    found += [(_score(text), name, text) for name in labels if (text := _replaced(body, name)) is not None]
    if not found or "utf-8" not in labels:
        found.append((_score(text := body.decode("utf-8", "replace")), "utf-8", text))
    best = max(found, key=lambda reading: (reading[0], reading[1] in labels))
    if best[0] >= _GOOD_ENOUGH:
        return best[2]
    for name in labels:
        text = _replaced(body, name)
        if text is not None and (name != "utf-8" or utf8 is not None):
            return text
    return _detected(body)


def _detected(body: bytes) -> str:
    """A detector's guess, for what is neither labelled nor Japanese."""
    guess = chardet.detect(body[:100_000]).get("encoding")
    text = _whole(body, _codec(guess)) if guess else None
    return text if text is not None else body.decode("utf-8", "replace")


def _labels(body: bytes, content_type: str) -> list[str]:
    """Codec names from the HTTP header and the XML declaration, unknown ones left out, vague ones last."""
    header = _CHARSET.search(content_type)
    declared = _DECLARED.match(body[:1024])
    named = [header[1] if header else "", declared[1].decode("ascii") if declared else ""]
    known = list(dict.fromkeys(name for label in named if label and (name := _codec(label))))
    return sorted(known, key=lambda name: name in _WEAK)


def _codec(label: str) -> str:
    """Python's name for a label; "" when there is none. UTF-16 has its mark, which was looked for already."""
    name = _ALIASES.get(label.lower(), label)
    if name == "iso-2022-jp":
        return name
    try:
        info = codecs.lookup(name)
    except LookupError:
        return ""
    text_codec = getattr(info, "_is_text_encoding", True)
    return info.name if text_codec and not info.name.startswith(("utf-16", "utf-32", "utf-7")) else ""


def _whole(body: bytes, name: str) -> str | None:
    """Strict, except that the last character may be cut off; None when anything else is wrong."""
    if not name or name == "iso-2022-jp":
        return None
    try:
        return codecs.getincrementaldecoder(name)(_ERRORS.get(name, "strict")).decode(body, final=False)
    except UnicodeError:
        return None


def _replaced(body: bytes, name: str) -> str | None:
    if name == "iso-2022-jp":
        return _iso2022(body)
    try:
        return body.decode(name, "kikimimi_nec_replace" if name == "euc_jp" else "replace")
    except UnicodeError:
        return None  # "idna" and the like are codecs too, but not of text


def _score(text: str) -> float:
    """How Japanese the letters beyond ASCII look, −1…1; 0 when there are none."""
    points = 0.0
    letters = 0
    for letter in text[:200_000]:
        if letter < "\x80":
            continue
        letters += 1
        if "぀" <= letter <= "ヿ":
            points += 1.0
        elif "一" <= letter <= "鿿" or "\u3000" <= letter <= "〿" or "！" <= letter <= "～":
            points += 0.6
        elif letter == "\ufffd" or "\ue000" <= letter <= "\uf8ff":
            points -= 1.0
        elif "｡" <= letter <= "ﾟ" or letter < "Ā":
            points -= 0.2
    if len(_ACCENTED.findall(text)) > len(_KANJI.findall(text)) / 2 and not _KANA.search(text):
        return 0.0
    return points / letters if letters else 0.0


# ------------------------------------------------------------------ what Python's JIS codecs lack


def _nec_row(error: UnicodeError) -> tuple[str, int]:
    """Read NEC's and IBM's letters (①, ㈱, 髙) in EUC-JP as Windows does: cp932 has them at that place."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    pair = error.object[error.start : error.start + 2]
    if len(pair) < 2 or min(pair) < 0xA1:
        raise error
    high, low = pair[0] - 0x80, pair[1] - 0x80
    lead = (high - 0x21) // 2 + 0x81
    lead += 0x40 if lead >= 0xA0 else 0
    trail = low + (0x1F + (low >= 0x60) if high % 2 else 0x7E)
    try:
        return bytes((lead, trail)).decode("cp932"), error.start + 2
    except UnicodeDecodeError:
        raise error from None


def _nec_row_or_replace(error: UnicodeError) -> tuple[str, int]:
    try:
        return _nec_row(error)
    except UnicodeDecodeError as broken:
        return "\ufffd", broken.end


codecs.register_error("kikimimi_nec", _nec_row)
codecs.register_error("kikimimi_nec_replace", _nec_row_or_replace)
_ERRORS = {"euc_jp": "kikimimi_nec"}


def _iso2022(body: bytes) -> str:
    """ISO-2022-JP with NEC's letters and half-width kana; Python's codecs refuse the former."""
    parts = _ESCAPE.split(body)
    pieces = [parts[0].decode("ascii", "replace")]
    for escape, chunk in zip(parts[1::2], parts[2::2], strict=True):
        if escape in (b"$B", b"$@", b"$(D"):
            pieces.append(_two_bytes(chunk, supplement=escape == b"$(D"))
        elif escape == b"(I":
            pieces.append(bytes(byte | 0x80 for byte in chunk).decode("cp932", "replace"))
        else:
            pieces.append(chunk.decode("ascii", "replace"))
    return "".join(pieces)


def _two_bytes(chunk: bytes, *, supplement: bool) -> str:
    """A run of JIS pairs. Line ends inside a run, and what is left of a cut pair, are ASCII and nothing."""
    pieces: list[str] = []
    for run in re.split(rb"([\x00-\x20]+)", chunk):
        if run[:1] <= b"\x20":
            pieces.append(run.decode("ascii"))
            continue
        pairs = [run[at : at + 2] for at in range(0, len(run) - 1, 2)]
        lead = b"\x8f" if supplement else b""
        euc = b"".join(lead + bytes(byte | 0x80 for byte in pair) for pair in pairs)
        pieces.append(euc.decode("euc_jp", "kikimimi_nec_replace"))
    return "".join(pieces)
