"""Disclosure by rule: posts whose words say that somebody paid, gave or is the brand, and their look-alikes.

The rules follow the guidelines on the Japanese law against hidden advertising (景品表示法, October 2023) and the
habits of Japanese posts. They speak only where the words are plain, so that the evidence convinces the author
too; doubtful cases are left to the model. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nlp.normalize import Canonical, canonical
from storage.types import Span


@dataclass(frozen=True, slots=True)
class Rule:
    """`name` is the evidence's `why`. `unless` cancels a match when it is found from 14 letters before it to
    22 after it: 「#PR ではありません」."""

    name: str
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None


_BEFORE, _AFTER = 14, 22
_NOT = r"(?:では|じゃ|とかじゃ|でも|なんかじゃ)(?:あり|ござい|な[いかくけ]|ね[えー]|ん)|もらってない|じゃなく"
_DENIED = re.compile(
    rf"{_NOT}|疑惑|疑い|っぽ|みたい|自称|勝手に|非公式|ばっか|うざ|うんざり|外れ|落ち"
    rf"|落選|友達が|友人が"
)


def _rule(name: str, *patterns: str, unless: re.Pattern[str] | None = _DENIED) -> Rule:
    return Rule(name, re.compile("|".join(patterns), re.IGNORECASE), unless)


_GIVEN = r"(?:いただ|頂|もら|させて|し(?:ています|てます|ております))"
_SELF = (
    r"(?:しています|してます|しております|させて|務め|つとめ|やらせて|就任(?:し|いた)"
    r"|に選(?:ばれ|出さ)|になりました)"
)

RULES: tuple[Rule, ...] = (
    _rule(
        "hashtag",
        r"#(?:PR|ad|ads|advert|advertisement|sponsored|gifted|paid|paidpartnership|広告|提供|案件"
        r"|企業案件|宣伝|商品提供"
        r"|サンプル提供|タイアップ|プロモーション|プレゼントキャンペーン|PR案件"
        r"|お仕事)(?!\w)(?!\s*(?:と書|って|を付|付け|が付))",
        r"#\w*(?:アンバサダー|タイアップ|ギフティング|モニター当選|アフィリエイト)(?!\w)",
    ),
    _rule(
        "label",
        r"[\[【(〔<《\u3010](?:PR|AD|広告|提供|タイアップ|プロモーション|sponsored)[\]】)〕>》]",
        r"(?:^|\n)(?:PR|AD|広告|Sponsored)\s?[:|]",
        r"(?:(?:本|この)(?:投稿|記事|動画|レビュー)(?:は|には))[^。\n]{0,16}(?:広告|PR|プロモーション"
        r"|提供|アフィリエイト)(?:です|を含|が含|を受け|により)",
    ),
    _rule(
        "provided",
        r"(?:^|[\n。(\s])(?:商品|製品|サンプル|協賛|機材|現品)?提供\s?[:/]\s?\S",
        rf"(?:商品|製品|サンプル|現品|無償|無料|試供品)(?:で|を|の)?(?:ご)?提供(?:を)?(?:{_GIVEN}"
        rf"|を受け|され|です|品です)",
        rf"(?:様|さん|さま)(?:より|から|に)(?:の)?(?:商品|製品|サンプル)?(?:を"
        rf"|の)?(?:ご)?提供(?:{_GIVEN}|です|を受け|品)",
        r"ご提供(?:いただ|頂|品|です)",
        r"(?:様|さん|さま)(?:から|より|に)(?:の)?(?:ご招待|お招き)",
    ),
    _rule(
        "paid_job",
        rf"(?:(?<!\w)|企業|PR|お仕事|これ|こちら|今回|本日|は|の)案件(?:です|でした|になります"
        rf"|で{_GIVEN}|を{_GIVEN})",
        r"(?:様|さん|さま)(?:から|より)(?:の)?案件",
        r"(?:お仕事|企業)案件",
        unless=re.compile(rf"{_DENIED.pattern}|炎上|通報|警察|だから褒め|くれ|断"),
    ),
    _rule("ambassador", rf"(?:公式)?アンバサダー(?:を|に|として|の\w{{1,6}}を)?(?:{_SELF}|です|活動|として)"),
    _rule(
        "trial",
        rf"モニター(?:として|で|に)[^。\n]{{0,20}}(?:{_GIVEN}|当選(?:し|した|で)|試し|体験し|参加(?:し"
        rf"|中|させ))",
        r"モニター(?:品(?:です|を)|させて(?:いただ|頂|もら)|当選(?:し|で|品)|会員として)",
        r"(?:レビュー|お試し)用に[^。\n]{0,16}(?:お借り|貸して|送って)",
    ),
    _rule(
        "gift",
        rf"ギフティング(?:で|を|に)?(?:{_GIVEN}|です|企画|品|投稿)",
        r"(?:様|さん)(?:から|より)の?ギフティング",
    ),
    _rule("tie_up", rf"タイアップ(?:で[^。\n]{{0,16}})?(?:{_GIVEN}|です|投稿です|企画です|しました|中です)"),
    _rule(
        "reward_code",
        r"(?:紹介|招待|友達)(?:コード|リンク|URL)(?:は|が|を|[:→「『(\s])*[A-Z0-9][A-Z0-9_\-]{3,}",
        r"(?:紹介|招待)(?:コード|リンク|URL)(?:から|を使って|で|経由で)[^。\n]{0,24}(?:円|ポイント|pt"
        r"|オフ|OFF|割引|もらえ)",
        r"(?:クーポン|割引)?コード[「『\s:→]*[A-Z0-9_\-]{4,}[」』]?\s?(?:で|を(?:使"
        r"|入))[^。\n]{0,24}(?:オフ|OFF|割引|円引|無料)",
        unless=re.compile(rf"{_DENIED.pattern}|載せない|使わ(?:ん|ない)|くれ|貸して|持って"),
    ),
    _rule(
        "affiliate",
        r"アフィリエイト(?:リンク|広告|プログラム)?(?:を(?:含|利用|使用)|です|が含|に参加)",
        r"(?:報酬|収益|紹介料)が(?:発生|入る|入り)",
        r"(?:Amazon)?アソシエイト(?:として|・?プログラム|の参加)",
        r"\baffiliate (?:link|code)|\b(?:my|use) (?:referral|discount|promo) code\b",
    ),
    _rule(
        "campaign",
        r"フォロー\s?(?:&|&amp;|\+|と|して|・|した上で|、)?\s?[^。\n]{0,10}?(?:RT|リツイート|リポスト"
        r"|引用|拡散|いいね)",
        r"(?:この)?(?:投稿|ポスト|ツイート)を(?:RT|リツイート|リポスト|引用)[^。\n]{0,20}(?:抽選|当た"
        r"|プレゼント)",
        r"\bfollow (?:and|&|\+) (?:RT|retweet|repost)\b",
    ),
    _rule(
        "own_account",
        r"(?:^|[\n。!?\s]|の)(?:公式|広報(?:担当)?|中の人|運営(?:事務局)?)(?:の\w{1,6})?(?:です"
        r"|でございます|より(?:お知らせ|ご案内))",
        r"(?:ご来店|ご来場|ご予約|ご応募|ご参加|ご来館|お越し|お申し?込み)を?(?:心より"
        r"|スタッフ一同)?お待ちして(?:おり|い)?ます",
        r"(?:いつも|この度は|このたびは)[^。\n]{0,24}ご(?:利用|愛顧|来店|宿泊|購入)(?:いただき|頂き"
        r"|くださり)(?:まして)?、?(?:誠に)?ありがとうございます",
        r"(?:ご不便|ご迷惑|ご心配)を?お(?:かけ|掛け)[^。\n]{0,24}お詫び(?:申し|いたし)",
        unless=re.compile(
            rf"{_DENIED.pattern}|とのこと|だそう|と(?:発表|コメント|説明)|って(?:書|言|返"
            rf"|定型)|定型"
        ),
    ),
    _rule(
        "disclosed",
        r"\bin exchange for (?:an?|my) (?:honest |fair |unbiased )?(?:review|opinion)",
        r"\b(?:kindly|was|were) gifted\b|\bgifted (?:to me )?by\b|\bpaid partnership\b|\bsponsored by\b"
        r"|\bPR sample\b",
        r"\b(?:I am|I'm|as) an? (?:brand )?ambassador\b|\bfull disclosure:? I work\b",
        unless=re.compile(r"\bnot (?:an? )?(?:ad|sponsored|paid|gifted)\b", re.IGNORECASE),
    ),
)

# The campaign rule needs a prize too: 「フォローして、いいねして」 alone is a fan's plea.
_PRIZE = re.compile(r"抽選|当た|当選|プレゼント|応募|名様|キャンペーン|giveaway|win\b", re.IGNORECASE)
_AFFILIATE_LINK = re.compile(
    r"https?://(?:px\.a8\.net|hb\.afl\.rakuten\.co\.jp|af\.moshimo\.com|ck\.jp\.ap\.valuecommerce\.com"
    r"|www\.amazon\.[a-z.]+/[\x21-\x7e]*[?&]tag=)[\x21-\x7e]*"
)
_ORGANIC = re.compile(
    r"自腹|自費で|自分の(?:お金|金)で|身銭"
    rf"|#?(?:PR|案件|ステマ|宣伝|広告|提供品?|モニター|ギフティング|アンバサダー|回し者)(?:投稿)?(?:{_NOT})"
    r"|\bnot (?:an ad|sponsored|paid|affiliated)\b|\bno affiliation\b",
    re.IGNORECASE,
)


def sponsored(text: str, *, target: str | None = None) -> Span | None:
    """The words that disclose a material connection, as a Span of `text`; None when none plainly do."""
    link = _AFFILIATE_LINK.search(text)
    if link:
        return Span(link.start(), link.end(), link[0], "affiliate_link")
    found = canonical(text)
    for rule in RULES:
        match = _first(rule, found.text)
        if match and (rule.name != "campaign" or _PRIZE.search(found.text)):
            return _span(text, found, match, rule.name)
    match = _staff(found.text, canonical(target).text) if target else None
    return _span(text, found, match, "staff") if match else None


def organic(text: str) -> Span | None:
    """The words with which the author says that nobody paid (「自腹」「案件じゃない」), as a Span of `text`."""
    found = canonical(text)
    match = _ORGANIC.search(found.text)
    return _span(text, found, match, "organic_claim") if match else None


def _first(rule: Rule, text: str) -> re.Match[str] | None:
    for match in rule.pattern.finditer(text):
        around = text[max(0, match.start() - _BEFORE) : match.end() + _AFTER]
        if rule.unless is None or not rule.unless.search(around):
            return match
    return None


def _staff(text: str, target: str) -> re.Match[str] | None:
    """「ミナモ珈琲の広報です」: the author says that they speak for the target or work there."""
    role = (
        r"(?:公式|広報|社員|スタッフ|店員|店長|店主|支配人|運営|開発者?|中の人|バイト|営業)"
        r"(?:の(?:者|\w{1,5}))?"
    )
    said = re.compile(
        rf"{re.escape(target)}(?:で|の|を運営する)?\w{{0,6}}{role}(?:です|でございます|と申します"
        rf"|をしています|してます|やってます)"
        rf"|(?:弊社|当社|当店|当館)(?:の|では|製品)?(?:「|『)?{re.escape(target)}"
    )
    match = said.search(text)
    if match and re.search(r"元(?:社員|店員|バイト|スタッフ)|友達|知り合い|家族", text[: match.end()]):
        return None
    return match


def _span(text: str, found: Canonical, match: re.Match[str], why: str) -> Span:
    begin = match.start() + len(match[0]) - len(match[0].lstrip())
    start, end = found.original(begin, match.end())
    return Span(start, end, text[start:end], why)
