"""The light baseline: a word list, Japanese and English, that knows negation. A few MB, no model files.

Good for a first look and for machines without the memory; it reads no irony, no target beyond nearness, and no
word that it does not list. docs/model-card.md has its figures beside the bundled model's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from nlp.normalize import canonical
from nlp.sentiment import EMOTIONS, SIGNALS, Prediction, Thresholds
from nlp.signals.cues import CUES
from nlp.signals.rules import sponsored
from nlp.tokenizers.mecab import words
from storage.types import Emotion


def _listed(words_of_a_kind: str) -> list[str]:
    return words_of_a_kind.split()


_GOOD_JA = _listed("""
良い 最高 美味しい 旨い 好き 大好き 素晴らしい 素敵 可愛い 綺麗 快適 便利 丁寧 親切 優しい 感動 感謝
有り難い 嬉しい 楽しい 満足 完璧 優秀 有能 安心 癒す 癒し 流石 お勧め 推す 愛用 絶品 極上 神 天才
正解 快挙 受賞 称賛 好評 人気 復活 楽 ぴったり 当たり リピ 温かい 美しい 柔らかい 救う 価値 偉い
優勝 気に入る 賞 勝つ 贈る 驚く 丁度 毎朝 一生 一択 大満足 重宝 手軽 上手 見直す 感心 頼もしい
爽やか 濃厚 賑わう 成功 首位 最多 黒字 金賞 是非 助かる 喜ぶ 笑顔 面白い 格好良い 静か 清潔 お得 得
軽い 早い 速い 凄い ふわふわ 感激 信頼 誠実 神対応 沼 嵌まる
""")
_BAD_JA = _listed("""
悪い 最悪 酷い 不味い 嫌い 嫌 残念 不満 不便 不親切 不快 不安 失望 がっかり 無駄 面倒 高い 遅い 汚い
臭い 煩い 危険 怖い 詐欺 嘘 騙す 壊れる 故障 不具合 バグ エラー 欠陥 返金 解約 退会 改悪 値上げ 劣化
炎上 謝罪 苦情 クレーム 事故 違反 漏洩 流出 不正 隠蔽 虚偽 疑惑 異物 混入 回収 リコール 停止 遅延
障害 批判 怒り 苛々 呆れる 腹立つ むかつく 諦める 取り消す 取り消し キャンセル 返品 修理 不在 別人
別物 放置 限界 被害 不良 逮捕 詫び だらけ 廃止 寂しい 崩れる 折れる 問い合わせる 抜ける 漏れる
錆びる 滲む 詰まる 途切れる 薄い 減る 誇大 塩対応 ミス 文句 中止 品切れ 圏外 改善 揉める 赤字 送検
処分 提訴 訴える 損 萎える 泣き寝入り 適当 断る 失礼 雑 粗悪 最低 地雷 糞 ゴミ 論外 二度と 待つ 固い
重い 狭い 落ちる 消える 止まる 汚れる 破れる 剥げる 辛い 悲しい
""")
_GOOD_EN = _listed("""
good great love loved loves amazing awesome excellent best perfect nice delicious fantastic
wonderful lovely brilliant reliable comfy comfortable happy helpful friendly fast easy worth
recommend recommended beautiful fresh favorite favourite thanks thank impressed saved clean smooth
glad enjoy enjoyed superb solid gem
""")
_BAD_EN = _listed("""
bad worst terrible awful horrible hate hated broken broke rude slow bug buggy crash crashes crashed
disappointing disappointed overpriced useless refund scam waste poor dirty cold late lost expensive
annoying annoyed angry garbage trash sucks fail failed fails error errors avoid disgusting worse
cancel cancelled canceled leaks stale
""")
_WEIGHTS: dict[str, float] = {
    **dict.fromkeys((*_GOOD_JA, *_GOOD_EN), 1.0),
    **dict.fromkeys((*_BAD_JA, *_BAD_EN), -1.0),
    # Words that blame or praise only sometimes.
    **dict.fromkeys(_listed("凄い 軽い 早い 速い 静か 人気"), 0.5),
    **dict.fromkeys(_listed("高い 遅い 重い 狭い 固い 待つ 落ちる 消える 停止"), -0.5),
}
_EXPECTED = frozenset(
    _listed(
        "届く 動く 繋がる 取れる 出来る 使える 開く 来る 効く 納得 出る 読める 直る 戻る 温まる 冷える 足りる"
    )
)
_PHRASES: tuple[tuple[re.Pattern[str], float], ...] = (
    (re.compile(r"もう(?:買わ|行か|使わ|頼ま|いい(?:です|や|わ)|無理)|(?:二度|2度)と"), -1.5),
    (re.compile(r"やめ(?:と[けい]|た方|たほう)|金返|時間返"), -1.5),
    (re.compile(r"(?:使い|見|分かり|わかり|飲み|食べ|持ち|読み)(?:にく|づら|辛)"), -0.8),
    (re.compile(r"のに(?:[。!\s]|$)|どうなって|いい加減に"), -0.8),
    (re.compile(r"使い(?:やす|易)|買って(?:よかった|良かった|正解)|手放せ|何度でも"), 1.2),
    (re.compile(r"また(?:行|買|来|頼|使)(?:き|い|お|こ)"), 1.2),
    (re.compile(r"気持ち(?:い|良)い|推せる|沼|神(?!社|奈|戸|田)"), 0.8),
)
_NOT_JA = frozenset(("無い", "ない", "ず", "ぬ", "ん", "まい"))
_NOT_EN = frozenset(
    ("not", "never", "no", "isn't", "wasn't", "don't", "didn't", "doesn't", "hardly", "without")
)
_REACH = 3  # words between a word and its negation
_SENTENCE = re.compile(r"[。!?\n]+|(?<=[a-z])\. ")
_ANGER = re.compile(r"怒|ふざけ|許せ|ムカ|むか|腹立|いい加減|舐め|angry|furious|ridiculous", re.IGNORECASE)
_FAR = 0.4  # weight of a sentence that does not name the target, when another does


class LexiconModel:
    """Counts good and bad words; sentences that name the target count more."""

    name = "kikimimi-lexicon-1"
    thresholds = Thresholds()

    def predict(self, texts: Sequence[tuple[str, str | None]]) -> list[Prediction]:
        return [_predict(text, target) for text, target in texts]


def _predict(text: str, target: str | None) -> Prediction:
    found = canonical(text).text
    score = _score(found, canonical(target).text if target else None)
    positive, neutral, negative = _shares(score)
    emotion = Emotion.JOY if score > 0.5 else Emotion.NONE
    if score < -0.5:
        emotion = Emotion.ANGER if _ANGER.search(found) else Emotion.SADNESS
    return Prediction(
        sentiment=(positive, neutral, negative),
        emotion=tuple(0.6 if kind is emotion else 0.4 / (len(EMOTIONS) - 1) for kind in EMOTIONS),
        signals=tuple(0.6 if CUES[kind].search(found) else 0.1 for kind in SIGNALS),
        disclosure=0.95 if sponsored(text, target=target) else 0.05,
        sarcasm=0.05,
    )


def _shares(score: float) -> tuple[float, float, float]:
    """A soft maximum of (score, a constant, −score), so that one plain word decides and none means neutral."""
    powers = [math.exp(value) for value in (2 * score, 0.6, -2 * score)]
    total = sum(powers)
    return powers[0] / total, powers[1] / total, powers[2] / total


def _score(text: str, target: str | None) -> float:
    sentences = [part for part in _SENTENCE.split(text) if part]
    named = bool(target) and any(target in part for part in sentences if target)
    total = 0.0
    for part in sentences:
        weight = _FAR if named and target and target not in part else 1.0
        total += weight * _count(part, target)
    return max(-3.0, min(3.0, total))


def _count(sentence: str, target: str | None) -> float:
    """Good minus bad words of one sentence; the target's own name says nothing."""
    if target:
        sentence = sentence.replace(target, "、")
    lemmas = [word.lemma.lower() for word in words(sentence.replace("'", "’"))]
    if not re.search(r"[ぁ-ヿ一-龥]", sentence):
        lemmas = re.findall(r"[a-z']+", sentence.lower())
    phrases = sum(weight for pattern, weight in _PHRASES if pattern.search(sentence))
    return phrases + sum(_weight(lemma, lemmas, index) for index, lemma in enumerate(lemmas))


def _weight(lemma: str, lemmas: list[str], index: int) -> float:
    weight = _WEIGHTS.get(lemma, 0.0)
    before, after = lemmas[max(0, index - _REACH) : index], lemmas[index + 1 : index + 1 + _REACH]
    if lemma in _EXPECTED:  # 「届く」 says nothing, 「届かない」 does
        return -0.8 if _any(_NOT_JA, after[:2]) else 0.0
    if not weight:
        return 0.0
    denied = _any(_NOT_EN, before) != _any(_NOT_JA, after)
    return -0.8 * weight if denied else weight


def _any(these: frozenset[str], within: Iterable[str]) -> bool:
    return any(word in these for word in within)
