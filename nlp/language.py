"""Which language a text is in: by script where script decides, by n-grams (py3langid) for the rest. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

UNKNOWN = "und"

_NOISE = re.compile(r"(?:https?://|www\.)[\x21-\x7e]+|[@＠][\w.\-]+(?:@[\w.\-]+)?|:[A-Za-z0-9_+\-]+:|[#＃]")
_HIRAGANA = re.compile(r"[ぁ-ゖ]")
_KATAKANA = re.compile(r"[ァ-ヺｦ-ｯｱ-ﾝ]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々]")
_CJK = re.compile(r"[ぁ-ヿ\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々]+")
_HANGUL = re.compile(r"[\uac00-\ud7a3\u1100-\u11ff\u3131-\u318e]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_FACE = re.compile(r"[(（][^()（）]{0,4}[^\w\s()（）][^()（）]{0,8}[)）][ノﾉシｼ]?|[ヽ＼][(（]")
# Characters that only simplified Chinese writes, and words that carry Chinese sentences but not Japanese ones.
_SIMPLIFIED = re.compile(
    r"[这们吗说让对开关买卖东车门问间闻题书长见观觉现发经过还进运远连选边给红纸纯贵质费资贝负财货场难欢妈张"
    r"样钱铁银头]"
)
_CHINESE = re.compile(r"[吗呢吧很你她们這個嗎啊沒麼]|不是|我们|我們|一个|就是|可以")
_SHORT_ENGLISH = re.compile(
    r"a|and|amazing|awesome|bad|best|buy|cool|cute|excellent|fine|garbage|good|great|hate|i|is|it|like"
    r"|love|lol|me|my|never|nice|no|not|of|ok|okay|omg|perfect|product|shop|so|sucks|terrible|thank"
    r"|thanks|the|this|time|to|trash|very|what|why|worst|wow|yes|you|yummy"
)
_SURE = 0.9  # below it a guess is worse than "und"; a declared language then decides
_MIN_LETTERS = 16  # n-grams of fewer letters guess wildly: "Minamo latte" is no Finnish


def detect(text: str, declared: str | None = None) -> str:
    """ISO 639-1 code, or "und". `declared` is what the source says; it decides only where the text does not.

    Kanji alone ("返金対応中") counts as Japanese unless it shows Chinese: we listen to Japanese first.
    """
    stated = _code(declared)
    text = _FACE.sub(" ", _NOISE.sub(" ", text))
    hiragana, katakana = len(_HIRAGANA.findall(text)), len(_KATAKANA.findall(text))
    han, hangul = len(_HAN.findall(text)), len(_HANGUL.findall(text))
    letters = sum(map(str.isalpha, text))
    if not letters:
        return stated or UNKNOWN
    if hangul > letters * 0.3:
        return "ko"
    # A Japanese name inside an English sentence does not make it Japanese, one particle nearly does.
    if hiragana >= max(1, letters * 0.05) or (katakana + han > letters * 0.3 and katakana):
        return "ja"
    if han > letters * 0.3:
        return _han(text, han, stated)
    return _by_letters(text, letters, stated)


def _code(declared: str | None) -> str | None:
    code = (declared or "").replace("_", "-").split("-")[0].lower()
    return code if code.isalpha() and code != UNKNOWN else None


def _han(text: str, count: int, stated: str | None) -> str:
    if _SIMPLIFIED.search(text) or (count >= 6 and _CHINESE.search(text)):
        return "zh"
    return stated if stated in ("ja", "zh") else "ja"


def _by_letters(text: str, letters: int, stated: str | None) -> str:
    words = re.findall(r"[a-z']+", text.lower())
    latin = len(_LATIN.findall(text)) > letters * 0.5
    if latin and letters < _MIN_LETTERS:
        known = sum(bool(_SHORT_ENGLISH.fullmatch(word)) for word in words)
        return "en" if known * 2 >= len(words) and known else stated or UNKNOWN
    rest = _CJK.sub(" ", text) if latin else text
    code, probability = _identifier().classify(rest.lower() if rest.isupper() else rest)
    if probability >= _SURE:
        return str(code)
    return stated or ("en" if latin and code == "en" and probability > 0.5 else UNKNOWN)


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
