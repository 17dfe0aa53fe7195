"""Every word an alert can say, in Japanese and English. `alerts.message` puts them together.

The Japanese is written for whoever is on duty at 23:50: what, since when, how many, what to do.
"""

from __future__ import annotations

from alerts.words_actions import WORDS as ACTIONS
from alerts.words_advocates import WORDS as ADVOCATES
from alerts.words_delivery import WORDS as DELIVERY
from alerts.words_digest import WORDS as DIGEST
from alerts.words_people import WORDS as PEOPLE
from alerts.words_rules import WORDS as RULES

WORDS: dict[str, dict[str, str]] = {
    **ACTIONS,
    **ADVOCATES,
    **DELIVERY,
    **DIGEST,
    **PEOPLE,
    **RULES,
    # ------------------------------------------------------------ severities and times
    "severity.watch": {"ja": "要確認", "en": "Watch"},
    "severity.warning": {"ja": "炎上の兆し", "en": "Warning"},
    "severity.crisis": {"ja": "炎上", "en": "Crisis"},
    "minutes": {"ja": "{n}分", "en": "{n} min"},
    "hours": {"ja": "{n}時間", "en": "{n} h"},
    "below": {"ja": "{n}未満", "en": "<{n}"},
    "posts": {"ja": "{n}件", "en": "{n}"},
    "posts.below": {"ja": "{n}件未満", "en": "<{n}"},
    "unknown": {"ja": "不明", "en": "unknown"},
    "join": {"ja": "・", "en": ", "},
    # ------------------------------------------------------------ titles
    "title.negative_excess": {
        "ja": "【{severity}】{topic}：ネガティブな投稿が{window}で{count}件（平常時{expected}）",
        "en": "[{severity}] {topic}: {count} negative posts in {window} (usually {expected})",
    },
    "title.critical_phrase": {
        "ja": "【重要語】{topic}：「{phrase}」を含むネガティブな投稿が{window}で{count}人から",
        "en": "[Critical phrase] {topic}: “{phrase}” in negative posts by {count} people within {window}",
    },
    "title.escalated": {"ja": "【{severity}に拡大】{rest}", "en": "[Now: {severity}] {rest}"},
    "title.still_open": {
        "ja": "【{days}日経過・未対応】{topic}：ネガティブな投稿が続いています",
        "en": "[{days} d, nobody assigned] {topic}: negative posts continue",
    },
    "title.resolved": {
        "ja": "【収束】{topic}：{hours}時間で平常に戻りました",
        "en": "[All clear] {topic}: back to normal after {hours} h",
    },
    "title.incident": {
        "ja": "【{severity}】{topic}：異変を検知しました",
        "en": "[{severity}] {topic}: incident",
    },
    "title.new_advocate": {
        "ja": "【推奨者】{topic}：{who}さん（スコア{score}）",
        "en": "[Advocate] {topic}: {who} (score {score})",
    },
    "title.advocate_turned": {
        "ja": "【要確認】{topic}：推奨者の{who}さんがネガティブに転じています",
        "en": "[Watch] {topic}: advocate {who} has turned negative",
    },
    "title.influential_negative": {
        "ja": "【影響大】{topic}：{who}さんのネガティブな投稿",
        "en": "[High reach] {topic}: negative post by {who}",
    },
    "title.source_failing": {
        "ja": "【収集エラー】{name}：{failures}回続けて取得に失敗",
        "en": "[Source failing] {name}: {failures} failed tries in a row",
    },
    "title.source_silent": {
        "ja": "【収集停止】{name}：{hours}時間取得していません",
        "en": "[Source silent] {name}: not read for {hours} h",
    },
    "title.source_recovered": {
        "ja": "【収集再開】{name}：取得できるようになりました",
        "en": "[Source back] {name}: it can be read again",
    },
    "title.channel_failed": {
        "ja": "【通知エラー】{name}：通知を届けられませんでした",
        "en": "[Channel failed] {name}: a notification could not be delivered",
    },
    "title.test": {
        "ja": "【テスト】Kikimimiからのテスト通知です",
        "en": "[Test] A test notification from Kikimimi",
    },
    # ------------------------------------------------------------ summaries
    "summary.negative_excess": {
        "ja": "{since}から、{count}人が{topic}についてネガティブな投稿をしています。"
        "直近{window}のネガティブな割合は{share}（平常時{baseline_share}）です。",
        "en": "Since {since}, {count} people have posted negatively about {topic}. "
        "Negative share in the last {window}: {share} (usually {baseline_share}).",
    },
    "summary.critical_phrase": {
        "ja": "{since}から、{count}人が「{phrase}」を含むネガティブな投稿をしています。"
        "件数は少なくても、初動の確認が必要です。",
        "en": "Since {since}, {count} people have posted negatively with “{phrase}”. "
        "They may be few, but check at once.",
    },
    "summary.escalated": {
        "ja": "「{from}」から「{to}」に上がりました。{rest}",
        "en": "Raised from “{from}” to “{to}”. {rest}",
    },
    "summary.still_open": {
        "ja": "検知から{days}日たちましたが、まだ担当者が付いていません。{rest}",
        "en": "Detected {days} days ago and nobody has taken it yet. {rest}",
    },
    "summary.resolved": {
        "ja": "{opened}に検知した件は、ネガティブな投稿が平常の水準に戻りました（ピーク時{peak}件）。",
        "en": "The incident detected at {opened} is back to the usual level (peak: {peak}).",
    },
    "summary.incident": {"ja": "{opened}に検知しました。", "en": "Detected at {opened}."},
    "summary.new_advocate": {
        "ja": "{first}から{mentions}件の投稿があり、スコアが{min_score}を超えました。"
        "連絡の前に、関係性の有無と本人の同意を確認してください。",
        "en": "{mentions} posts since {first}; the score passed {min_score}. "
        "Before making contact, check for a relationship and ask for consent.",
    },
    "summary.advocate_turned": {
        "ja": "これまで好意的だった方の最近の投稿が{negatives}件続けてネガティブです。",
        "en": "The latest {negatives} posts of somebody who used to praise you are negative.",
    },
    "summary.influential_negative": {
        "ja": "{reach}の投稿です。",
        "en": "Reach: {reach}.",
    },
    "reach.followers": {"ja": "フォロワー{n}人", "en": "{n} followers"},
    "reach.views": {"ja": "表示{n}回", "en": "{n} views"},
    "summary.source_failing": {
        "ja": "最後に取得できたのは{last_ok}です。この間の投稿は検知の対象に入っていません。{error}",
        "en": "Last read at {last_ok}. What was posted since is not watched. {error}",
    },
    "summary.source_silent": {
        "ja": "{last_ok}以降、取得が行われていません。Kikimimiが動いているか確認してください。",
        "en": "Nothing was read since {last_ok}. Check that Kikimimi is running.",
    },
    "summary.source_recovered": {
        "ja": "{failures}回の失敗のあと、取得が再開しました。抜けた期間の投稿も可能な範囲で取り込みます。",
        "en": "Reading works again after {failures} failures. "
        "Missed posts are fetched as far as the source allows.",
    },
    "summary.channel_failed": {
        "ja": "通知先「{name}」への送信をあきらめました。設定を確認してください。{error}",
        "en": "Sending to “{name}” was given up. Check its settings. {error}",
    },
    "summary.test": {
        "ja": "この通知が見えていれば、設定は正しく動いています。",
        "en": "If you can read this, the channel works.",
    },
    # ------------------------------------------------------------ why it fired
    "why.negative_excess": {
        "ja": "同じ時間帯の平常値{expected}に対して{ratio}倍です（1人1件として数え、転載の重複は除いています）。",
        "en": "{ratio} times the usual {expected} for this time of day (one per person, copies not counted).",
    },
    "why.same_cause": {
        "ja": "{same}人の投稿は、使われている言葉から、同じ出来事についてのものとみられます。",
        "en": "Going by their words, {same} people write about the same event.",
    },
    "why.regulars": {
        "ja": "ネガティブな投稿をした人のうち{regulars}人は、この4週間にもこのトピックについて投稿していました。",
        "en": "Of those who posted negatively, {regulars} had also written about this topic in the four weeks before.",
    },
    "why.chance": {
        "ja": "偶然にこれだけ増えるのは、およそ{days}日に1回です。",
        "en": "By chance this would happen about once in {days} days.",
    },
    "why.chance_rare": {
        "ja": "偶然にこれだけ増えることは、10年に1回もありません。",
        "en": "By chance this would happen less than once in ten years.",
    },
    "why.critical_phrase": {
        "ja": "「{phrases}」は件数にかかわらず確認する語です（設定で変更できます）。",
        "en": "“{phrases}” always needs a look, however few the posts (see the settings).",
    },
    "why.quiet": {
        "ja": "{hours}時間、平常を超える動きがありません。",
        "en": "Nothing above the usual level for {hours} h.",
    },
    "why.manual": {"ja": "担当者が解決済みにしました。", "en": "A person marked it as resolved."},
    "why.acknowledged": {"ja": "対応中：{by}", "en": "In hand: {by}"},
    # ------------------------------------------------------------ field names
    "field.since": {"ja": "増え始め", "en": "Rising since"},
    "field.detected": {"ja": "検知", "en": "Detected"},
    "field.people": {"ja": "投稿者", "en": "People"},
    "field.share": {"ja": "ネガティブ率", "en": "Negative share"},
    "field.usual": {"ja": "平常時", "en": "Usual"},
    "field.peak": {"ja": "ピーク", "en": "Peak"},
    "field.next": {"ja": "次の対応", "en": "Next steps"},
    "field.score": {"ja": "スコア", "en": "Score"},
    "field.followers": {"ja": "フォロワー", "en": "Followers"},
    "field.error": {"ja": "エラー", "en": "Error"},
    "field.next_try": {"ja": "次の試行", "en": "Next try"},
    "value.people": {"ja": "{n}人", "en": "{n}"},
    "value.usual": {"ja": "{n}／{window}", "en": "{n} per {window}"},
    "value.share": {"ja": "{now}（平常時{usual}）", "en": "{now} (usually {usual})"},
    "value.peak": {"ja": "{n}件", "en": "{n}"},
    # ------------------------------------------------------------ what to do next
    "next.watch": {
        "ja": "1. 代表的な投稿を読み、事実かどうか確認する\n2. 対応する場合は詳細画面で「対応中」にする",
        "en": "1. Read the posts and check the facts\n2. If you take it, press “Acknowledge” on the page",
    },
    "next.warning": {
        "ja": "1. 発端の投稿と事実関係を確認する\n2. 広報・担当部署に一報を入れる\n"
        "3. 予約投稿と広告配信を止めるか判断する\n4. 詳細画面で「対応中」にする",
        "en": "1. Find the first post and check the facts\n2. Tell PR and the department concerned\n"
        "3. Decide whether to pause scheduled posts and ads\n4. Press “Acknowledge” on the page",
    },
    "next.crisis": {
        "ja": "1. 責任者に電話で連絡する\n2. 予約投稿と広告配信を止める\n"
        "3. 事実関係を確認し、第一報の要否と時刻を決める\n4. 個別の返信・削除はしない\n"
        "5. 詳細画面で「対応中」にする",
        "en": "1. Call the person in charge\n2. Pause scheduled posts and ads\n"
        "3. Check the facts; decide on a first statement and its time\n4. No single replies, no deletions\n"
        "5. Press “Acknowledge” on the page",
    },
    "next.resolved": {
        "ja": "止めていた投稿や広告があれば再開し、経緯を振り返る",
        "en": "Resume paused posts and ads, and review what happened",
    },
    # ------------------------------------------------------------ an advocate's score
    "part.praise_weeks": {"ja": "好意的な投稿が続いた週", "en": "Weeks with praise"},
    "part.recommendations": {"ja": "人にすすめている", "en": "Recommends to others"},
    "part.testimonials": {"ja": "実体験の紹介", "en": "Testimonials"},
    "part.defends": {"ja": "批判に対する擁護", "en": "Defends the brand"},
    "part.breadth": {"ja": "複数の場での発信", "en": "In several places"},
    "part.originality": {"ja": "自分の言葉で書いている", "en": "In own words"},
    "part.reach": {"ja": "フォロワー数", "en": "Followers"},
    "part.long_ago": {"ja": "最近の投稿がない", "en": "Long ago"},
    "part.few_mentions": {"ja": "投稿がまだ少ない", "en": "Few posts so far"},
    "part.no_own_praise": {"ja": "自発的な好意の投稿がない", "en": "No praise of their own"},
    "part.too_few_weeks": {"ja": "期間が短い", "en": "Too few weeks"},
    "part.sponsored": {"ja": "PR・提供の表示", "en": "Sponsored posts"},
    "part.prize_campaign": {"ja": "懸賞・キャンペーン応募", "en": "Prize campaigns"},
    "part.copied_text": {"ja": "同じ文面の繰り返し", "en": "Copied texts"},
    "part.official_or_employee": {"ja": "公式・関係者", "en": "Official or staff"},
    "part.bot": {"ja": "自動投稿", "en": "Automated account"},
    "part.negative_mentions": {"ja": "ネガティブな投稿", "en": "Negative posts"},
    # ------------------------------------------------------------ around it
    "button": {"ja": "詳細を開く", "en": "Open the page"},
    "quotes": {"ja": "主な投稿", "en": "Posts"},
    "why": {"ja": "検知の理由", "en": "Why this fired"},
    "open_post": {"ja": "投稿を開く", "en": "Open the post"},
    "more": {"ja": "（続きは詳細画面へ）", "en": "(more on the page)"},
    "anonymous": {"ja": "投稿者不明", "en": "Unknown author"},
    "label.positive": {"ja": "ポジティブ", "en": "positive"},
    "label.neutral": {"ja": "中立", "en": "neutral"},
    "label.negative": {"ja": "ネガティブ", "en": "negative"},
    "footer": {
        "ja": "Kikimimi（聞き耳）からの自動通知です。時刻は{timezone}。",
        "en": "Sent automatically by Kikimimi. Times are {timezone}.",
    },
}


def say(code: str, lang: str, **values: object) -> str:
    """The words for `code`; any language but Japanese is answered in English."""
    return WORDS[code]["ja" if lang == "ja" else "en"].format(**values)


def known(code: str) -> bool:
    return code in WORDS
