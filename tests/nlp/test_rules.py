import pytest

from nlp.signals.cues import evidence
from nlp.signals.rules import organic, sponsored
from storage.types import SignalKind


@pytest.mark.parametrize(
    ("text", "why", "words"),
    [
        ("#PR ミナモ珈琲の新作、香りが最高でした", "hashtag", "#PR"),
        ("ミナモ珈琲の新作ラテ ＃ＰＲ", "hashtag", "＃ＰＲ"),
        ("新作いただきました #ミナモ珈琲アンバサダー", "hashtag", "#ミナモ珈琲アンバサダー"),
        ("My new favorite latte #ad #minamo", "hashtag", "#ad"),
        ("【広告】ミナモ珈琲の定期便、初回500円", "label", "【広告】"),
        ("PR：ミナモ珈琲なら送料無料", "label", "PR："),
        ("今日の一杯。\n提供：ミナモ珈琲", "provided", None),
        ("ミナモ珈琲様より商品をご提供いただきました", "provided", None),
        ("サンプル提供を受けて書いています", "provided", None),
        ("ミナモ珈琲さんから案件をいただき飲んでみました", "paid_job", None),
        ("これ案件です。ミナモ珈琲のドリップバッグ", "paid_job", None),
        ("ミナモ珈琲のアンバサダーに就任しました", "ambassador", None),
        ("モニターとしてミナモ珈琲を一か月使わせていただきました", "trial", None),
        ("ギフティングでいただいたミナモ珈琲のタンブラー", "gift", None),
        ("ミナモ珈琲さんとタイアップさせていただきました", "tie_up", None),
        (
            "招待コード MNM123 を入れると私にも200円入るのでぜひ！ミナモ珈琲",
            "reward_code",
            "招待コード MNM123",
        ),
        ("ミナモ珈琲の愛用品リンク（報酬が発生することがあります）", "affiliate", "報酬が発生"),
        ("ミナモ珈琲の豆 https://px.a8.net/svt/ejp?a8mat=XX", "affiliate_link", None),
        ("フォロー＆リポストで抽選10名様にミナモ珈琲のカップ", "campaign", None),
        ("ミナモ珈琲の公式です。新店が開きました", "own_account", None),
        ("皆様のご来店を心よりお待ちしております", "own_account", None),
        ("ミナモ珈琲の社員です。個人の意見ですが味には自信あります", "staff", None),
        ("I got a gifted mug: it was gifted by Minamo", "disclosed", None),
        ("Minamo sent this in exchange for an honest review", "disclosed", None),
    ],
)
def test_plain_disclosure_shows_its_words(text: str, why: str, words: str | None) -> None:
    span = sponsored(text, target="ミナモ珈琲")
    assert span is not None
    assert span.why == why
    assert span.text == text[span.start : span.end]
    assert words in (None, span.text)


@pytest.mark.parametrize(
    "text",
    [
        "自腹で買ったミナモ珈琲、正直うまい",
        "案件じゃないけどミナモ珈琲ほんとおすすめ",
        "PRではありません。ミナモ珈琲が好きなだけです",
        "#PR じゃないよ、ミナモ珈琲うまい",
        "ミナモ珈琲、提供が遅い。30分待った",
        "ミナモ珈琲の提供スピードは優秀",
        "ミナモ珈琲でバイトの自己PR書いてる",
        "友達紹介コードってミナモ珈琲でも使える？",
        "友達紹介コード載せろって言われるけど載せない。ミナモ珈琲が好きなだけ",
        "勝手にミナモ珈琲のアンバサダーやってます",
        "ミナモ珈琲のPRばっかり流れてきてうざい",
        "モニターの色がミナモ珈琲の青に似てる",
        "ミナモ珈琲のモニターに応募したけど外れた",
        "炎上案件です、ミナモ珈琲の謝罪文",
        "ステマ疑惑があったミナモ珈琲の話",
        "元社員です。ミナモ珈琲の豆は良かった",
        "ミナモ珈琲の公式サイトが重い",
        "フォローしてるミナモ珈琲の通知がうるさい",
        "This is not an ad. Minamo is simply good",
        "Minamo's ads are everywhere, please stop",
    ],
)
def test_look_alikes_are_left_alone(text: str) -> None:
    assert sponsored(text, target="ミナモ珈琲") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("自腹で買ったミナモ珈琲", "自腹"),
        ("案件じゃないけどおすすめ", "案件じゃな"),
        ("PRではありません", "PRではあり"),
        ("this is not an ad, promise", "not an ad"),
    ],
)
def test_the_author_says_that_nobody_paid(text: str, words: str) -> None:
    span = organic(text)
    assert span is not None
    assert span.text.startswith(words)
    assert text[span.start : span.end] == span.text


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("ミナモ珈琲、ほんとオススメ", SignalKind.RECOMMEND, "オススメ"),
        ("ミナモ珈琲はやめとけ", SignalKind.WARN, "やめとけ"),
        ("店員の態度が最悪だった", SignalKind.COMPLAINT, "最悪"),
        ("香りが良くて美味しい", SignalKind.PRAISE, None),
        ("駅前の店って何時までですか？", SignalKind.QUESTION, None),
        ("カフェインレスを増やしてほしい", SignalKind.REQUEST, "てほしい"),
        ("次の休みに行ってみたい", SignalKind.PURCHASE_INTENT, None),
        ("二度と行かない", SignalKind.CHURN_INTENT, "二度と行"),
        ("もう解約しました", SignalKind.CHURN_INTENT, "解約"),
        ("叩かれてるけど悪くないと思うよ", SignalKind.DEFEND, None),
        ("3か月毎日飲み続けてます", SignalKind.TESTIMONIAL, None),
        ("友達に勧められて飲んだ", SignalKind.REFERRAL, None),
        ("You should avoid this place", SignalKind.WARN, "avoid"),
    ],
)
def test_a_signal_shows_its_words(text: str, kind: SignalKind, words: str | None) -> None:
    span = evidence(text, kind)
    assert span is not None
    assert text[span.start : span.end] == span.text
    assert words in (None, span.text)


def test_evidence_points_into_the_original_of_a_stretched_text() -> None:
    text = "ﾐﾅﾓ珈琲 https://example.com/ ｵｽｽﾒ〜〜！！！！"
    span = evidence(text, SignalKind.RECOMMEND)
    assert span is not None
    assert span.text == "ｵｽｽﾒ"


def test_no_cue_no_evidence() -> None:
    assert evidence("駅前で待ち合わせ", SignalKind.WARN) is None
