"""What a post's own words say about its author: paid, rewarded, employed, after a prize, and how they speak up.

Two kinds of signs are kept apart. *Plain* ones convince the author too (「弊社の新作です」, a code with a reward).
*Faint* ones only raise a doubt (「本日より発売」). A model has read the post before; the cues here are a second
opinion on its signals, because each of the two is wrong in one of three or four posts on the rarer signals. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

BRAND = "◇"  # stands for the brand's names in the patterns below


@dataclass(frozen=True, slots=True)
class Marks:
    """What one text says. Strings are the words that say so, "" when none do."""

    prize: str
    affiliate: str
    staff: str
    insider: str
    announcing: str
    advert: str
    recommends: bool
    benefit: bool
    defends: bool
    unpaid: bool


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_PRIZE = _words(
    r"プレゼント(企画|キャンペーン)",
    r"キャンペーン(に)?(応募|参加|実施中)",
    r"抽選で",
    r"当選者|懸賞|モニター当選|抽選会",
    r"フォロー\s*(と|and|[&＆+・])\s*(rt|リポスト|リツイート|いいね|拡散)",
    r"#[^\s#]*(キャンペーン|プレゼント企画|懸賞|プレゼントください)",
    r"(に|へ|を)?応募(し|完了|させ|でき|します)",
    r"応募(です|!|ー|〜|。|$)",
    r"当たり?ますように|当たれ|当たったら|当選(し|発表|確率)|(リポスト|rt|リツイート|拡散)(して|で)[^。\n]{0,12}(当た|抽選|もらえ)",
    r"抽選(の|で|に)[^。\n]{0,20}(当た|応募)",
    r"\bgiveaway\b|\bsweepstakes?\b",
)
_AFFILIATE = _words(
    r"アフィリ(?:エイト)?",
    r"https?://(?:px\.a8\.net|hb\.afl\.rakuten|af\.moshimo|ck\.jp\.ap\.valuecommerce|amzn\.to|a\.r10\.to)\S*",
    r"https?://\S*[?&](?:tag|ref|aff|affiliate|afid|a8mat|coupon|partner)=\S+",
    r"(?:紹介|招待|クーポン|割引|友達|プロモ)(?:コード|リンク|ＵＲＬ|url)[^。\n]{0,6}?[「『:→\s]*[a-z0-9][a-z0-9_\-]{3,}",
    r"(?:クーポン|割引|紹介|招待)(?:コード|リンク)(?:は|を|で|から|が|使)",
    r"コード[「『:\s→]*[a-z0-9_\-]{4,}[」』]?[^。\n]{0,20}(?:オフ|off|割引|円引|無料|ポイント|お得)",
    r"(?:プロフ(?:ィール)?|固ポス|固定(?:ツイ|ポスト)?|ハイライト|概要欄|bio)(?:の|に|欄の)?(?:リンク|url|から|に貼)",
    r"リンク(?:は|を)?(?:プロフ|こちら|固定|下)|(?:こちら|この|下記)の?リンク(?:から|より|で)",
    r"楽天\s?room|myroom|roomに(?:載|のせ|掲載|追加)",
    r"購入(?:は|先は|リンクは)こちら|(?:最安|お得)(?:で|に)(?:買|購入)(?:う|え|する)(?:方法|なら|る)",
    r"(?:紹介料|報酬)(?:が|を)(?:もら|発生|入)",
    r"\baffiliate\b|\b(?:my|use) (?:referral|discount|promo) code\b|\blink in bio\b",
)
_NOT_OURS = (
    r"(?:の(?:近く|隣|となり|前|横|裏|向かい|最寄り|人|同僚|後輩|先輩|上司|みんな|会議|ビル|近所|帰り)"
    r"|から|帰り|まで)"
)
_ME = (
    r"(?:店長|社員|正社員|スタッフ|店員|クルー|バリスタ|アルバイト|バイト|広報(?:担当)?|中の人|従業員|関係者"
    r"|開発(?:者|担当))"
)
_STAFF = _words(
    rf"(?:弊社|当社|当店|自社|弊店)(?!{_NOT_OURS})(?:の|は|で|では|が|も|に|を|[一-龥ァ-ヶ])",
    rf"(?:^|[。!\n、]|◇(?:\S{{0,6}}店)?の?|ここの|こちらの|元気な)(?:現役)?{_ME}(?:です|だけど|だが|ですが|をして|してます|しております|やって|として|の(?:私|僕|俺))",
    r"◇(?:\S{0,6}店)?(?:で|に)(?:働い|勤め|勤務し)て(?:い?て)?(?:もう|早|かれこれ)?[0-9一二三四五六七八九十半]+\s?(?:年|か月|ヶ月|カ月|日)",
    r"◇(?:\S{0,6}店)?(?:で|の|に)(?:今日も|今日は|本日)?(?:バイト(?:中|して|終わり|上がり)|シフト|勤務(?:中|して)|出勤|入社|社員)(?!募集)",
    r"(?:中の人|広報担当|公式アカウント|スタッフ一同|店長)(?:です|より|が|一同)",
    r"(?:自分|私|僕|うち|俺)(?:たち)?の(?:働く|働いてる|勤める|勤務する)(?:店|お店|会社|カフェ)",
    r"(?:自分|うち)の(?:店|会社)の|勤務先(?:の|で|が)(?:◇|新|商品|店)|うちの会社(?:の|が|で)(?:◇|新|商品|出し|作)",
    r"\bour (?:team|product|company|store)\b|\bi work (?:at|for)\b",
)
_OTHERS = re.compile(
    r"(?:友達|友人|友だち|娘|息子|妹|弟|姉|兄|母|父|夫|妻|旦那|嫁|彼女|彼氏|後輩|先輩|知り合い|いとこ|甥|姪|子|元カレ|店員さん)(?:が|も|は|の)[^。\n]{0,10}$"
)
_DENIED = re.compile(
    r"^[^。\n]{0,6}(?:では|じゃ)(?:ない|なく|ありません|ねえ|ないけど)|^[^。\n]{0,4}(?:募集|さん|に聞|の方)"
)
_INSIDER = _words(
    r"本部|シフト|仕込(?:み|ん)|開店準備|開店前|閉店作業|朝礼|終礼|研修|棚卸|納品|発注|締め作業|レジ締め|社内|社員割|社割|部署",
    r"開発(?:チーム|陣|に|担当|秘話|中)|試作|お客様|お客さま|スタッフ一同|自信作|オペレーション|売り?上げ|売れ行き|製造|工場|原価|店舗数|出店",
    r"企画会議|社長|先行試飲|新人(?:さん)?の?教育|オープン(?:準備|作業)|準備も?整|業務|営業部|弊|上の人|会議で",
)
_ANNOUNCING = _words(
    r"(?:本日|今日|明日|[0-9]+日|[0-9]+時)(?:より|から)[^。\n]{0,24}(?:発売|販売|開始|登場|スタート|オープン|始ま|提供)",
    r"(?:発売|販売)(?:開始|しました|します|です|中)|(?:登場|デビュー)(?:です|しました|します|!|。|$)",
    r"(?:始ま|はじま)りました|スタート(?:です|しました|します)|オープン(?:です|しました|します|いたし|が楽しみ)|リニューアル",
    r"お待ちして|ぜひお(?:越し|試し|立ち寄り|召し上がり)|ご来店|よろしくお願い|みなさま|皆さま|皆様|開催中|お知らせ|解禁|足を運んで|(?:ご|お)覧ください",
    r"新(?:作|商品|メニュー|店|店舗|発売)[^。\n]{0,24}(?:登場|発売|開始|オープン|お披露目|告知|発表|出ます|出ました|よろしく)",
    r"いよいよ|ついに(?:登場|発売|解禁)|プレスリリース|キャンペーン(?:が)?(?:始|開始|スタート|実施)",
)
_ADVERT = _words(
    r"#?(?:pr|ad|gifted|sponsored|ambassador)(?![a-z])",
    r"アンバサダー|タイアップ|ギフティング|案件|コラボ(?:させ|企画|いただ)|モニター(?:と|で|させ)|提供(?:いただ|頂|品|で|を受)|協賛",
    r"(?:さん|様|さま)(?:から|より)[^。\n]{0,16}(?:いただ|頂|届|招待|お招き|送)",
    r"(?:さん|様|さま)[^。\n]{0,10}(?:を|の[^。\n]{1,14}を)(?:ご?紹介(?:します|させ|です)|いただきました|体験させ)",
    r"(?:さん|様|さま)[^。\n]{0,10}に(?:お邪魔|ご招待|お招き|伺)",
)
_UNPAID = _words(
    r"回し者(?:では|じゃ)|案件(?:では|じゃ)|#?pr(?:では|じゃ)|ステマ(?:では|じゃ)|関係者(?:では|じゃ)|自腹|自費|身銭|頼まれてもいない|勝手に宣伝"
)
_RECOMMENDS = _words(
    r"お?(?:すすめ|勧め|薦め|ススメ)(?!され|られ|しない|しません|でき(?:ない|ません)|は?し(?:ない|ません))",
    r"オススメ(?!しない|しません|でき(?:ない|ません))|推せる|推してる|推したい|布教|一択|間違いない",
    r"(?:ぜひ|是非|絶対|一度|みんな|騙されたと思って)[^。\n]{0,20}(?:みて|ほしい|欲しい|ください|くれ|べき|行け|行って|食べて|飲んで|試して)",
    r"(?:て|で)みて(?:ほしい|欲しい|ください|！|!|。|$|ね|よ)|行って(?:ほしい|欲しい)|知ってほしい|頼むべき|べきだ?(?:と|よ|。|$)",
    r"(?:友達|友人|友だち|母|父|親|妻|夫|旦那|妹|弟|姉|兄|同僚|先輩|後輩|上司|家族|みんな|知り合い|ママ友|彼女|彼氏|祖母|祖父|義母|職場|近所|仲間|部下|いとこ)"
    r"[^。\n]{0,18}(?:教え|紹介|誘|連れ|案内|広め|配|贈|あげ|飲ませ|食べさせ|入れさせ|語)",
    r"(?:紹介|布教|おすすめ)した|連れて(?:行|い)っ|常連に(?:なって|した)|デビューさせ|広めて",
    r"\brecommend|\bmust[- ](?:try|visit|have)|\btold (?:my|a) friend",
)
_BENEFIT = _words(
    r"おかげ|お陰|(?:よう|く|楽|平気|習慣)に(?:なった|なって|なりま)|なくなった|なくなり|改善|減った|増えた|浮い(?:た|て)|続いて(?:る|い)|治っ|受か(?:っ|り)",
    r"(?:[0-9一二三四五六七八九十半]+\s?(?:年|か月|ヶ月|カ月|週間|回|分|円|キロ|杯)(?:間|以上|半|くらい|ほど)?)[^。\n]{0,18}(?:通|続|愛用|飲|浮|得|節約|減|早|短|安心|ぶれ|リピ)",
    r"通(?:い|っ)(?:はじめて|始めて|続けて|て)[^。\n]{0,6}[0-9一二三四五六七八九十半]+\s?(?:年|か月|ヶ月|週間|回)|変えてから|してから[^。\n]{0,20}(?:楽|なくな|減|眠|調子)",
    r"安心して|困ったことがない|手放せ|助かって(?:る|い)",
)
_DEFENDS = _words(
    r"(?:叩|批判|悪く言|文句|騒|炎上|悪口|責め|低評価|悪い口コミ)[^。\n]{0,30}(?:けど|が、|のは|な|すぎ|違|筋|おかし|かわいそう|可哀想|ほしくない|当然)",
    r"悪くない(?:です|だろ|よ|でしょ|と思)|誤解|擁護|言い?(?:過ぎ|すぎ)|言われすぎ|せいじゃ(?:ない|ん)|デマ|そんなこと(?:は)?な(?:い|かっ)|味方(?:です|だ|する)|信じてる",
    r"(?:という|って)(?:人|声|意見)(?:も|が)(?:いる|ある|多い)けど",
)


@lru_cache(maxsize=50_000)
def marks(text: str, names: tuple[str, ...]) -> Marks:
    """What `text` says. `names` are the brand's names, folded with `folded`, the longest first."""
    said = folded(text)
    for name in names:
        said = said.replace(name, BRAND)
    return Marks(
        prize=_found(_PRIZE, said),
        affiliate=_found(_AFFILIATE, said),
        staff=_staff(said),
        insider=_found(_INSIDER, said),
        announcing=_found(_ANNOUNCING, said),
        advert="" if _UNPAID.search(said) else _found(_ADVERT, said),
        recommends=_RECOMMENDS.search(said) is not None,
        benefit=_BENEFIT.search(said) is not None,
        defends=_DEFENDS.search(said) is not None,
        unpaid=_UNPAID.search(said) is not None,
    )


def folded(text: str) -> str:
    """Width and case folded; lines and spaces stay."""
    return unicodedata.normalize("NFKC", text).casefold()


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[0].strip() if match else ""


def _staff(text: str) -> str:
    """Words by which the author is one of the brand's own people; not those about a friend who is."""
    for match in _STAFF.finditer(text):
        if not _OTHERS.search(text[: match.start()]) and not _DENIED.search(text[match.end() :]):
            return match[0].strip("。!\n、 ")
    return ""
