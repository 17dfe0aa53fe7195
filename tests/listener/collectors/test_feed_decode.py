"""Reading Japanese bytes: what the label says, and what they are."""

from __future__ import annotations

import pytest

from listener.collectors.feed_decode import as_utf8, decode

PLAIN = "ミナモ珈琲の新作、とても美味しい。テスト～です"
SPECIAL = "ミナモ珈琲①号店、㈱髙橋フーズと提携しました"


def feed(words: str, label: str = "") -> str:
    declared = f' encoding="{label}"' if label else ""
    return (
        f'<?xml version="1.0"{declared}?><rss version="2.0"><channel><title>{words}</title></channel></rss>'
    )


def euc(words: str) -> bytes:
    """EUC-JP as Windows writes it (CP51932), which Python has no codec for."""
    special = {"①": b"\xad\xa1", "㈱": b"\xad\xea", "髙": b"\xfc\xe2", "～": b"\xa1\xc1"}
    return b"".join(special.get(letter) or letter.encode("euc_jp") for letter in words)


def jis(words: str) -> bytes:
    """ISO-2022-JP as Windows writes it."""
    pieces = []
    for letter in words:
        code = euc(letter)
        pieces.append(code if code.isascii() else b"\x1b$B" + bytes(b & 0x7F for b in code) + b"\x1b(B")
    return b"".join(pieces).replace(b"\x1b(B\x1b$B", b"")


ENCODERS = {
    "cp932": lambda words: words.encode("cp932"),
    "euc": euc,
    "jis": jis,
    "utf-8": lambda words: words.encode(),
    "utf-8-sig": lambda words: words.encode("utf-8-sig"),
    "utf-16": lambda words: words.encode("utf-16"),
    "utf-16-le": lambda words: words.encode("utf-16-le"),
    "utf-16-be": lambda words: words.encode("utf-16-be"),
}


def same(one: str, other: str) -> bool:
    """EUC-JP and JIS have the wave dash where Shift_JIS has the full-width tilde."""
    return one.replace("〜", "～") == other.replace("〜", "～")


@pytest.mark.parametrize("words", [PLAIN, SPECIAL])
@pytest.mark.parametrize(
    ("really", "label"),
    [
        ("cp932", "Shift_JIS"), ("cp932", "Windows-31J"), ("cp932", "x-sjis"), ("cp932", "SJIS"),
        ("cp932", "CP932"), ("cp932", "MS932"), ("euc", "EUC-JP"), ("euc", "x-euc-jp"), ("euc", "CP51932"),
        ("euc", "eucJP-ms"), ("jis", "ISO-2022-JP"), ("jis", "csISO2022JP"), ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("utf-16-be", "UTF-16"),
    ],
)  # fmt: skip
def test_declared(words, really, label):
    whole = feed(words, label)
    assert same(decode(ENCODERS[really](whole)), whole)


@pytest.mark.parametrize("words", [PLAIN, SPECIAL])
@pytest.mark.parametrize("really", ENCODERS)
def test_undeclared(words, really):
    whole = feed(words)
    assert same(decode(ENCODERS[really](whole)), whole)


@pytest.mark.parametrize("words", [PLAIN, SPECIAL])
@pytest.mark.parametrize(
    "label", ["UTF-8", "Shift_JIS", "EUC-JP", "ISO-2022-JP", "us-ascii", "ISO-8859-1", "no-such"]
)
@pytest.mark.parametrize("really", ["cp932", "euc", "jis", "utf-8"])
def test_a_lying_label(words, label, really):
    whole = feed(words, label)
    assert same(decode(ENCODERS[really](whole)), whole)


@pytest.mark.parametrize("really", ["cp932", "euc", "jis", "utf-8"])
def test_the_http_header_is_a_label_too(really):
    whole = feed(PLAIN)
    names = {"cp932": "Windows-31J", "euc": "EUC-JP", "jis": "ISO-2022-JP", "utf-8": "utf-8"}
    for label in (names[really], "ISO-8859-1", "utf-8", "nonsense"):
        assert same(decode(ENCODERS[really](whole), f"text/xml; charset={label}"), whole)


def test_header_and_declaration_disagree():
    whole = feed(PLAIN, "EUC-JP")
    assert same(decode(euc(whole), "text/xml; charset=Shift_JIS"), whole)
    assert same(decode(whole.encode("cp932"), "text/xml; charset=EUC-JP"), feed(PLAIN, "EUC-JP"))


@pytest.mark.parametrize("words", ["最高", "髙", "旨い①"])
def test_very_short_text_with_a_lying_label(words):
    whole = f'<?xml version="1.0" encoding="UTF-8"?><a>{words}</a>'
    assert decode(whole.encode("cp932")) == whole


@pytest.mark.parametrize("cut", [1, 2])
@pytest.mark.parametrize("label", ["UTF-8", ""])
def test_utf8_cut_in_the_middle_of_a_character(cut, label):
    whole = f'<?xml version="1.0" encoding="{label}"?><a>' if label else "<a>"
    text = decode((whole + PLAIN + "珈").encode()[:-cut])
    assert text == whole + PLAIN


@pytest.mark.parametrize("really", ["cp932", "euc"])
def test_other_encodings_cut_in_the_middle_of_a_character(really):
    assert same(decode(ENCODERS[really]("<a>" + PLAIN + "珈")[:-1]), "<a>" + PLAIN)


def test_one_broken_byte_does_not_spoil_the_rest():
    body = feed(PLAIN, "UTF-8").encode().replace("新作".encode(), b"\xe6\x96\xff")
    text = decode(body)
    assert "とても美味しい" in text
    assert "\ufffd" in text
    text = decode(euc(feed(PLAIN, "EUC-JP")).replace(euc("新作"), b"\xbf\xff"))
    assert "とても美味しい" in text


def test_half_width_kana_in_jis():
    body = b"<a>\x1b$B" + bytes(b & 0x7F for b in euc("半角")) + b"\x1b(I\x36\x45\x1b(B</a>"
    assert decode(body) == "<a>半角ｶﾅ</a>"


@pytest.mark.parametrize(
    ("words", "codec"),
    [
        ("café à Zürich", "iso-8859-1"),
        ("“quoted” €", "cp1252"),
        ("Привет, как дела", "koi8-r"),
        ("中文新聞報導", "big5"),
        ("한국어 뉴스", "euc-kr"),
    ],
)
def test_other_languages_by_label(words, codec):
    whole = feed(words, codec)
    assert decode(whole.encode(codec)) == whole


@pytest.mark.parametrize("label", ["ISO-8859-1", "UTF-8", ""])
def test_accents_are_no_kanji(label):
    words = "déjà vu, Über die Brücke, garçon né à Orléans, señor, coração, año"
    whole = feed(words, label)
    assert decode(whole.encode("iso-8859-1")) == whole


def test_utf8_without_japanese_and_a_vague_header():
    assert decode("<a>café</a>".encode(), "text/xml; charset=ISO-8859-1") == "<a>café</a>"


@pytest.mark.parametrize(
    "label", ["punycode", "idna", "utf-7", "base64", "rot13", "undefined", "unicode_escape"]
)
def test_strange_labels_do_no_harm(label):
    assert "とても" in decode(feed(PLAIN, label).encode())
    assert isinstance(decode(feed(PLAIN, label).encode("cp932")), str)


def test_never_raises():
    for body in (
        b"",
        b"\xff",
        b"\xff\xfe",
        b"\x00",
        bytes(range(256)),
        b"\x1b$B",
        b"\x1b$B\x41",
        b"\xef\xbb\xbf",
    ):
        assert isinstance(decode(body), str)
        assert isinstance(decode(body, "text/xml; charset="), str)


def test_control_characters_and_leading_space_are_removed():
    assert decode(b"\r\n <a>x\x0b\x08y\tz</a>") == "<a>xy\tz</a>"


def test_as_utf8_takes_the_declaration_away():
    body = as_utf8(feed(PLAIN, "Windows-31J").encode("cp932"))
    assert body == feed(PLAIN).encode()
    assert as_utf8(b"<?xml version='1.0' encoding='EUC-JP' standalone='yes'?><a/>") == (
        b"<?xml version='1.0' standalone='yes'?><a/>"
    )
