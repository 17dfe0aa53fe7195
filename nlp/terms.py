"""The words of a text that say what it is about: nouns, adjectives and verbs, in a form a reader recognises.

Nouns that stand together are one word as well as each for itself (「製氷機」, 「アイススコップ」). Verbs and
adjectives come in UniDic's dictionary form, which brings spellings together. Links, hashtags' marks, handles,
numbers, auxiliary and empty words are left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from nlp.tokenizers.mecab import Word, words

_MARKS = re.compile(r"(?:https?://|www\.)[\x21-\x7e]+|[@＠][\w.\-]+(?:@[\w.\-]+)?|[#＃]", re.IGNORECASE)
_LINK = re.compile(r"https?://[\x21-\x7e]+", re.IGNORECASE)
_LATIN = re.compile(r"[a-z][a-z'’\-]*[a-z]", re.IGNORECASE)
_SAYS = re.compile(r"[^\W\d_]")
_KANA = re.compile(r"[ぁ-んー]+")
_LONGEST = 14  # letters of nouns joined: longer runs are headlines


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_EMPTY_LEMMAS = _set(
    "為る 有る 居る 成る 言う 仰る 行く 来る 出来る 見る 思う 遣る 貰う 呉れる 下さる 頂く 置く 仕舞う 御座る 無い 良い"
    " 同じ 凄い 得る 掛かる 付く 出る 入る 知る 分かる 過ぎる 続ける 聞く 欲しい 掛ける 取る 書く 待つ 因る 持つ"
)
_EMPTY_NOUNS = _set(
    "事 物 者 所 時 為 訳 筈 様 方 人 中 今 前 後 上 下 内 他 何 誰 此れ 其れ 自分 皆 今日 昨日 明日 さん 件 笑 草 的"
    " 感じ 等 性 化 系 店 さっき うち ほんと 本当 マジ まじ 一番 全部 以上 以下 時間 分 円 年 月 日 回 度 つもり まま"
    " とこ ところ やつ こと もの ため わけ はず よう みたい そう"
)
_STOP = _set(
    "a about after again all also am an and any are as at be because been before being but by can could did do does"
    " doing don't down for from get go going gone got had has have he her here him his how i if i'm in into is it it's"
    " its just like made make me more most much my never no not now of off on one only or other our out over own really"
    " said same say see she should so some still such than that that's the their them then there these they thing this"
    " those to too up us very was way we well went were what when where which who why will with would you your"
    " de http https www com amp rt via re"
)


def links(text: str) -> frozenset[str]:
    """The web addresses in `text`, without scheme, `www.`, fragment and closing punctuation."""
    found = (link.partition("://")[2].removeprefix("www.") for link in _LINK.findall(text))
    return frozenset(link.partition("#")[0].rstrip("/.,;:!?)'\"") for link in found)


def terms(text: str, *, without: Iterable[str] = ()) -> frozenset[str]:
    """The words of `text`; `without` are names (the brand's) that say nothing here."""
    clean = unicodedata.normalize("NFKC", _MARKS.sub(" ", text))
    for name in sorted(without, key=len, reverse=True):
        clean = re.sub(re.escape(unicodedata.normalize("NFKC", name)), " 。", clean, flags=re.IGNORECASE)
    return frozenset(_terms(clean))


def _terms(text: str) -> Iterator[str]:
    run: list[Word] = []
    for word in words(text):
        if run and not (_is_noun(word) and word.start == run[-1].end):
            yield from _nouns(run)
            run = []
        if _is_noun(word):
            run.append(word)
        elif word.tag.startswith(("動詞", "形容詞", "形状詞")) and _says(word):
            yield word.lemma
    yield from _nouns(run)


def _is_noun(word: Word) -> bool:
    if word.surface in _EMPTY_NOUNS and _KANA.fullmatch(word.surface):
        return False
    return word.tag.startswith(("名詞", "接尾辞-名詞", "接頭辞")) and not word.tag.startswith("名詞-数詞")


def _nouns(run: list[Word]) -> Iterator[str]:
    whole = "".join(word.surface for word in run)
    if len(run) > 1 and len(whole) <= _LONGEST and _tells(whole) and not _LATIN.fullmatch(whole):
        yield whole
    for word in run:
        if word.tag.startswith("名詞") and _tells(word.surface) and word.lemma not in _EMPTY_NOUNS:
            yield word.surface.lower() if word.surface.isascii() else word.surface


def _tells(noun: str) -> bool:
    """One kana letter, a stop word or a number tells nothing; one kanji (氷) does."""
    if noun in _EMPTY_NOUNS or noun.lower() in _STOP or not _SAYS.search(noun):
        return False
    return len(noun) > 1 if _KANA.fullmatch(noun) or noun.isascii() else True


def _says(word: Word) -> bool:
    """A verb or adjective with a meaning of its own."""
    helps = "非自立可能" in word.tag and _KANA.fullmatch(word.surface) is not None
    return not helps and word.lemma not in _EMPTY_LEMMAS and not word.tag.startswith("形状詞-助動詞語幹")
