"""The words that show a signal: evidence for what the model says, and the lexicon model's only source. Pure."""

from __future__ import annotations

import re

from nlp.normalize import canonical
from storage.types import SignalKind, Span

_ASK = r"(?:です|ます|でしょう|だろう|の|ん|ません)か(?:ね|な)?(?=[?。\s]|$)"

CUES: dict[SignalKind, re.Pattern[str]] = {
    kind: re.compile(pattern, re.IGNORECASE)
    for kind, pattern in {
        SignalKind.RECOMMEND: r"(?:お(?:すすめ|勧め|薦め|ススメ)|オススメ|推せ|布教)(?!され|しない"
        r"|しません|でき(?:ない|ません))"
        r"|(?:ぜひ|是非|絶対|一度|みんな|騙されたと思って)[^。\n]{0,16}(?:て(?:みて|ほしい|欲しい"
        r"|ください|くれ)|べき|買え|行け|見て)"
        r"|(?:使|飲|食べ|買|行|試し)(?:って|んで|て)?(?:みて|ほしい|欲しい)"
        r"|買って損は?(?:ない|なし)|一択|推し(?!て)|\brecommend(?!ed against)|\bmust[- ](?:buy|try|have"
        r"|visit)"
        r"|\bworth (?:it|every)|\bgo (?:try|get) it",
        SignalKind.WARN: r"(?:買|行|使|頼|契約|入会|登録)(?:わ|か|ま|し)?(?:ない方|ないほう|ん方|んほう"
        r"|な(?:[。!\s]|よ|$))"
        r"|やめ(?:と[けい]|ておけ|ておいた方|た方が|たほうが|ときな)|止めた方が|要注意|注意(?:して|喚起"
        r"|です|【)|【注意】|気をつけ|気を付け|ご用心|騙され(?:ない|るな)"
        r"|(?:お(?:すすめ|勧め|薦め)|オススメ)(?:しない|しません|できない|できません|出来ません)|地雷"
        r"|避けた方"
        r"|\bavoid\b|\bstay away\b|\bdon'?t (?:buy|bother|waste|go|trust)\b|\bbeware\b|\bsteer clear\b",
        SignalKind.COMPLAINT: r"最悪|ひど(?:い|す|かった)|酷(?:い|す|かった)|(?:遅|高|不味|まず|臭|くさ"
        r"|汚|固|重|うるさ|しつこ|使いづら|使いにく|分かりにく"
        r"|わかりにく)(?:い|す|かった|くて|くな)"
        r"|がっかり|ガッカリ|残念|不満|不便|不親切|雑(?:す|な|で|だ|い)|壊れ|落ち(?:る|た|て|ま)"
        r"|つながら|繋がら|届か(?:な|ず)|動か(?:な|ず)|固ま|エラー|不具合|バグ"
        r"|改悪|値上げ|劣化|返金|クレーム|対応が|納得(?:いか|でき)|腹(?:が)?立|ムカつ|むかつ|イライラ"
        r"|ぼったくり|二度と|詐欺|詰ま|漏れ|剥げ|虫|カビ|異物"
        r"|\b(?:terrible|awful|horrible|worst|broken|broke|rude|slow|bug(?:gy)?|crash(?:es|ed|ing)?"
        r"|disappoint\w*|overpriced|useless|never (?:arrived|works?)|refund)\b",
        SignalKind.PRAISE: r"最高|神(?:対応|アプ|す|だ|で|かよ|って)?(?=[^社様経棚田戸奈宮]|$)|美味"
        r"|おいし|うま(?:い|す|かった|っ)|旨(?:い|す|かった)|ウマ"
        r"|好き|良(?:い|かった|す|き)|よかった|いい(?:です|ね|よ|感じ|な|わ|。|$)|素晴らし|すばらし"
        r"|素敵|ステキ|可愛|かわい|カワイ|綺麗|きれい|快適|便利|助か|丁寧|親切|優し|やさし"
        r"|感動|感謝|ありがた|嬉し|うれし|楽し|満足|大満足|お気に入り|愛用|完璧|優秀|有能|推せる|癒"
        r"|さすが|コスパ|当たり|ハマ|沼|手放せ|リピ"
        r"|\b(?:love|great|amazing|awesome|excellent|best|perfect|delicious|fantastic|wonderful|lovely"
        r"|brilliant|reliable|comfy|saved)\b",
        SignalKind.QUESTION: rf"{_ASK}|[?]|どう(?:なん|です|でしょ)|教えて|誰か[^。\n]{{0,12}}(?:知"
        rf"|わか|分か)|かな(?:あ|ぁ)?[。?\s]"
        rf"|かしら|\b(?:anyone know|does anyone|how do|is it|has anyone)\b",
        SignalKind.REQUEST: r"(?:て|で)(?:ほしい|欲しい|ください|下さい|くれ(?!た|て|る)|もらえ(?:ると"
        r"|ません|ない)|いただけ(?:ると|ません|ない|たら)"
        r"|頂け(?:ると|ません))"
        r"|(?:希望|要望)(?:です|します|し|$|。)|(?:復活|改善|対応|追加|実装|検討|再販)(?:して|を|求"
        r"|希望|お願い|はよ)|あれば(?:いい|嬉し|うれし|最高|完璧)"
        r"|(?:と|たら)(?:嬉し|うれし|助かり|ありがた)|お願いします|\b(?:please (?:add|fix|bring|make"
        r"|let|stop)|wish (?:it|they"
        r"|you)|would be (?:nice|great)|feature request)\b",
        SignalKind.PURCHASE_INTENT: r"(?:買|行|飲|食べ|使|頼|試し|乗|泊ま|見|入|契約し|予約し|申し込"
        r"|注文し|登録し)(?:い|き|み|って|り|っ)?(?:たい"
        r"|てみたい|てみよう|てみる|てみます|ってみ)"
        r"|(?:買お|買う(?:か|わ|ぞ|予定|つもり|しか|こと|。|$)|行こ|ポチ(?:ろ|る|り|っ)|予約(?:した"
        r"|しよう|する)|注文(?:した|しよう|する)|購入(?:予定|検討|を検討"
        r"|したい|しよう))"
        r"|気にな(?:る|って)|欲しい|ほしい|検討(?:中|して)|次は[^。\n]{0,16}(?:買|に(?:しよ|する))"
        r"|\b(?:going to|gonna|want to"
        r"|planning to|might|will) (?:buy|get|order|try|book|switch)\b",
        SignalKind.CHURN_INTENT: r"解約|退会|(?:二度|2度)と(?:行|買|使|頼|利用|来|乗|泊)|もう(?:行か"
        r"|買わ|使わ|頼ま|来な|利用し|乗ら|いい(?:や|です"
        r"|わ))|もう(?:二度と|絶対)"
        r"|乗り換え|乗換|他(?:社|店|の店|のところ)に(?:し|変|行)|アンインストール|アンスコ|消した"
        r"|やめ(?:ます|ました|た(?!ほう|方)|る|よう)|辞め(?:ます|ました|た|る)"
        r"|卒業|リピ(?:ート)?(?:は)?(?:なし|ない|しない|しません)|さよなら|最後にし"
        r"|\b(?:cancel(?:l?ed|l?ing)?|unsubscrib\w*|uninstall\w*|switch(?:ed|ing) (?:to|from)|never (?:again"
        r"|going back|coming back|buying)|done with|won'?t be back|last time)\b",
        SignalKind.DEFEND: r"(?:叩|批判|悪く言|文句|騒|炎上)[^。\n]{0,20}(?:けど|が、|のは|な|すぎ|違"
        r"|筋|おかし|かわいそう|可哀想)|悪くない(?:です|だろ"
        r"|よ|でしょ|と思)|誤解|擁護|かわいそう|可哀想|言い過ぎ|言いすぎ"
        r"|(?:ちゃんと|そんなに?)[^。\n]{0,16}(?:のに|けど|じゃない)|せいじゃ(?:ない|ん)|デマ"
        r"|\b(?:unfair|to be fair|in (?:their"
        r"|its) defen[cs]e|not their fault|give them a break|overreact\w*)\b",
        SignalKind.TESTIMONIAL: r"[0-9一二三四五六七八九十数半]+\s?(?:年|か月|ヶ月|カ月|ヵ月|週間|日|回"
        r"|本|個|台|足)(?:間)?(?:目|以上|くらい|ほど"
        r"|も)?[^。\n]{0,24}(?:使|愛用|経|続|通|飲|減|増|なくな|治|改善|短)"
        r"|(?:使い始め|変え|替え|導入し|始め)て(?:から|以来)|おかげ(?:で|さま)|愛用|リピ(?:ート|買い"
        r"|して)|してから[^。\n]{0,20}(?:なくな|減|楽|改善)"
        r"|\b(?:for|after) (?:\d+|two|three|four|five|six|a) (?:days?|weeks?|months?|years?)\b"
        r"|\bsince (?:i )?(?:started|switch\w*)\b",
        SignalKind.REFERRAL: r"(?:友達|友人|友だち|母|父|親|妻|夫|旦那|嫁|妹|弟|姉|兄|同僚|先輩|後輩"
        r"|上司|部下|家族|みんな|知り合い|ママ友|娘|息子|彼女|彼氏"
        r"|祖母|隣の席)[^。\n]{0,14}(?:に|にも|から|を|も)[^。\n]{0,14}(?:教え|勧め|すすめ|薦め"
        r"|紹介|布教|誘|連れ|貸し|あげ|配|買ってあげ|聞い)"
        r"|(?:勧め|すすめ|薦め|紹介|布教|誘わ|誘っ|教えてもら|連れて行)(?:られ|し|され|た|て|って)"
        r"|口コミで|\b(?:told|brought|referred|convinced"
        r"|introduced) (?:my|a|two|three|the|me)\b|\b(?:friend|sister|brother|mum|mom|coworker"
        r"|colleague) (?:told|recommended|introduced)\b",
    }.items()
}


def evidence(text: str, kind: SignalKind) -> Span | None:
    """The first words in `text` that show the signal; None when none of the known ones is there."""
    found = canonical(text)
    match = CUES[kind].search(found.text)
    if not match or not match[0].strip():
        return None
    start, end = found.original(match.start(), match.end())
    return Span(start, end, text[start:end], "cue")
