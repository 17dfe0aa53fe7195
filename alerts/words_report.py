"""Every word of an incident's report, in Japanese and English. `alerts.incident.report` puts them together.

The Japanese is what a PR department hands to its management: plain, dated, without guesses about the cause.
"""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    # ------------------------------------------------------------ the frame
    "kind.first": {"ja": "第一報", "en": "First report"},
    "kind.follow-up": {"ja": "続報（第{number}報）", "en": "Follow-up report (no. {number})"},
    "kind.final": {"ja": "終報", "en": "Final report"},
    "title": {
        "ja": "【{kind}】{brand}に関するネガティブな投稿の増加（{severity}）",
        "en": "[{kind}] More negative posts about {brand} than usual ({severity})",
    },
    "title.critical_phrase": {
        "ja": "【{kind}】{brand}に関する重大な語句を含む投稿（{severity}）",
        "en": "[{kind}] Posts about {brand} with a critical phrase ({severity})",
    },
    "made": {"ja": "{when}時点（{timezone}）　作成: {by}", "en": "As of {when} ({timezone}). Issued by {by}"},
    "made.draft": {"ja": "{when}時点（{timezone}）　下書き", "en": "As of {when} ({timezone}). Draft"},
    "section.when": {"ja": "発生日時", "en": "When"},
    "section.what": {"ja": "概要", "en": "Summary"},
    "section.change": {"ja": "前回からの変化", "en": "Since the last report"},
    "section.spread": {"ja": "拡散状況", "en": "Spread"},
    "section.points": {"ja": "主な論点", "en": "Main points"},
    "section.posts": {"ja": "代表的な投稿", "en": "Representative posts"},
    "section.support": {"ja": "当社を支持する声", "en": "Voices on our side"},
    "section.ours": {"ja": "当社の対応", "en": "Our response"},
    "section.outlook": {"ja": "今後の見通し", "en": "Outlook"},
    "section.next": {"ja": "次回更新", "en": "Next update"},
    "ground.fact": {"ja": "事実", "en": "Fact"},
    "ground.estimate": {"ja": "推定", "en": "Estimate"},
    "ground.record": {"ja": "記録", "en": "Record"},
    "notes": {"ja": "根拠", "en": "Evidence"},
    "notes.more": {"ja": "ほか{n}件", "en": "and {n} more"},
    "chart": {"ja": "投稿数の推移", "en": "Posts over time"},
    "chart.bar": {"ja": "1本＝{n}分", "en": "one bar = {n} min"},
    "feeling.negative": {"ja": "ネガティブ", "en": "negative"},
    "feeling.neutral": {"ja": "中立", "en": "neutral"},
    "feeling.positive": {"ja": "ポジティブ", "en": "positive"},
    "share": {"ja": "{n}件（{share}%）", "en": "{n} ({share}%)"},
    "foot": {
        "ja": "収集できた公開投稿の集計です。【事実】は集計した値、【推定】はKikimimiの計算または判定、"
        "【記録】は担当者の入力です。"
        "感情の分類はモデルの判定です。原因を断定するものではありません。",
        "en": "Counted from the public posts that were collected. [Fact] is counted, [Estimate] is computed or"
        " judged by Kikimimi, [Record] was entered by a person. Sentiment is a model's judgement. This report"
        " states no cause.",
    },
    # ------------------------------------------------------------ when
    "first": {
        "ja": "収集した投稿のうち、この件に触れた最も早いものは{when}（{where}、{who}）です。",
        "en": "The earliest post on this that we collected was made {when} ({where}, {who}).",
    },
    "opened": {
        "ja": "{when}に異変を検知しました（当初の深刻度: {severity}）。",
        "en": "It was detected {when} (severity then: {severity}).",
    },
    "opened.bare": {"ja": "{when}に異変を検知しました。", "en": "It was detected {when}."},
    "escalated": {
        "ja": "{when}に深刻度を「{severity}」に引き上げました。",
        "en": "Severity rose to “{severity}” {when}.",
    },
    "reopened": {
        "ja": "{when}に再び増え、追跡を再開しました。",
        "en": "It returned {when} and was reopened.",
    },
    "all_clear": {"ja": "{when}に平常の水準に戻りました。", "en": "It was back to normal {when}."},
    "resolved": {"ja": "{when}に{by}さんが解決済みとしました。", "en": "{by} resolved it {when}."},
    # ------------------------------------------------------------ what
    "negative": {
        "ja": "{start}から{end}までに、{brand}へのネガティブな投稿が{n}件（{people}アカウント）ありました。",
        "en": "From {start} to {end} there were {n} negative posts about {brand}, by {people} accounts.",
    },
    "volume": {
        "ja": "同じ時間の言及は合計{all}件で、"
        "内訳はネガティブ{negative}件（{share}）、中立{neutral}件、ポジティブ{positive}件です。",
        "en": "In all there were {all} mentions: {negative} negative ({share}), {neutral} neutral,"
        " {positive} positive.",
    },
    "usual": {
        "ja": "直近の検知時は{window}にネガティブな投稿者が{count}人で、平常時の見込み（{expected}人）を上回りました。",
        "en": "When last detected, {count} people had posted negatively within {window}; {expected} would be usual.",
    },
    "emotions": {
        "ja": "ネガティブな投稿から読み取れる感情は、{list}です。",
        "en": "Feelings read from the negative posts: {list}.",
    },
    "merged": {
        "ja": "{when}に、同じ件として検知した別の異変をこの件に統合しました。",
        "en": "Another incident on the same matter was merged into this one {when}.",
    },
    "released": {
        "ja": "{when}に、統合していた異変を別の件として分けました。以後の件数には含みません。",
        "en": "An incident that had been merged into this one was split off again {when}; it is no longer counted.",
    },
    # ------------------------------------------------------------ spread
    "people": {
        "ja": "ネガティブな投稿をした{people}アカウントのうち、{new}アカウントは以前の言及がありません。",
        "en": "Of the {people} accounts that posted negatively, {new} had not mentioned the brand before.",
    },
    "platforms": {"ja": "投稿先は{list}です。", "en": "Where: {list}."},
    "amplifier": {
        "ja": "{who}（{where}、フォロワー{followers}）が{when}に投稿し、反応は{engagement}です。",
        "en": "{who} ({where}, followers: {followers}) posted {when}; reactions: {engagement}.",
    },
    "media": {
        "ja": "ニュース・報道の掲載は{n}件で、最初は{when}の{who}「{title}」です。",
        "en": "News media: {n}; the first was {who} {when}, “{title}”.",
    },
    "media.none": {
        "ja": "ニュース・報道の掲載は、収集した範囲では確認されていません。",
        "en": "No news media among what was collected.",
    },
    "peak": {
        "ja": "最も多かったのは{when}からの{bin}で{peak}件、直近の{bin}（{until}まで）は{latest}件です。",
        "en": "The most was {peak} in the {bin} from {when}; the latest {bin} (to {until}) had {latest}.",
    },
    "course.rising": {
        "ja": "ネガティブな投稿は約{pace}（{low}〜{high}）で2倍になるペースで増えており、ピークはまだ過ぎていません。",
        "en": "Negative posts double about every {pace} ({low}–{high}); the peak has not passed.",
    },
    "course.falling": {
        "ja": "ネガティブな投稿は約{pace}（{low}〜{high}）で半分になるペースで減っています。",
        "en": "Negative posts halve about every {pace} ({low}–{high}).",
    },
    "course.steady": {
        "ja": "ネガティブな投稿は増えも減りもせず、横ばいで続いています。",
        "en": "Negative posts go on at a steady rate.",
    },
    "course.unclear": {
        "ja": "増えているか減っているかは、まだ件数からは判断できません。",
        "en": "Whether it grows or falls cannot be told from the numbers yet.",
    },
    "peak.passed": {"ja": "ピークは過ぎたとみられます。", "en": "The peak seems to have passed."},
    "waves": {
        "ja": "いったん減ったあとに再び増えており、現在は{n}回目の山です。",
        "en": "It fell and rose again: this is wave {n}.",
    },
    # ------------------------------------------------------------ points, posts, support
    "point": {
        "ja": "「{word}」に触れたネガティブな投稿が{n}件（{share}）あります。",
        "en": "{n} negative posts ({share}) mention “{word}”.",
    },
    "points.none": {
        "ja": "特定の論点に集中している様子は、まだ見られません。",
        "en": "No single point stands out yet.",
    },
    "story": {
        "ja": "ほぼ同じ文面の投稿が{n}件あります：「{quote}」",
        "en": "{n} posts say nearly the same: “{quote}”",
    },
    "terms": {
        "ja": "ふだんより目立って多い語は、{list}です。",
        "en": "Words far more common than usual: {list}.",
    },
    "quote": {"ja": "「{quote}」（{who}、{where}、{when}）", "en": "“{quote}” ({who}, {where}, {when})"},
    "support": {
        "ja": "擁護または好意的な投稿が{n}件（{people}アカウント）あります。",
        "en": "{n} posts by {people} accounts defend the brand or speak well of it.",
    },
    "support.advocates": {
        "ja": "このうち{n}アカウントは、以前から推奨者として把握しているアカウントです。",
        "en": "{n} of these accounts were known as advocates before.",
    },
    # ------------------------------------------------------------ ours
    "acknowledged": {"ja": "{when}に{by}さんが対応を開始しました。", "en": "{by} took it on {when}."},
    "owner": {"ja": "責任者は{who}さんです（{when}に設定）。", "en": "Owner: {who} (set {when})."},
    "reply": {
        "ja": "{when}に当社の回答を公表しました：「{text}」{url}",
        "en": "Our reply {when}: “{text}”{url}",
    },
    "official": {
        "ja": "公式とみられるアカウント（{who}）が{when}に投稿しています：「{quote}」",
        "en": "An account that seems to be ours ({who}) posted {when}: “{quote}”",
    },
    "reply.none": {
        "ja": "担当者による回答の記録は、まだありません。",
        "en": "No reply of ours has been recorded yet.",
    },
    "note": {"ja": "{when} {by}さんの記録：{text}", "en": "{when}, note by {by}: {text}"},
    "gone": {
        "ja": "証拠として保存した投稿のうち、{n}件の削除を確認しました（最後の確認は{when}。保存時の本文は保全済み）。",
        "en": "{n} of the posts kept as evidence were seen to be deleted, last on {when} (their words are kept).",
    },
    "rewritten": {
        "ja": "証拠として保存した投稿のうち、{n}件は保存後に本文が変更されています（保存時の本文は保全済み）。",
        "en": "{n} of the posts kept as evidence were changed since (their first words are kept).",
    },
    "change.gone": {
        "ja": "前回の報告のあと、証拠の投稿{n}件の削除を確認しました（{when}）。",
        "en": "Since the last report, {n} of the posts kept as evidence were seen to be deleted ({when}).",
    },
    # ------------------------------------------------------------ change
    "change.since": {
        "ja": "前回（{when}）以降、ネガティブな投稿は{before}件から{now}件になりました（{change}件）。",
        "en": "Since the last report ({when}), negative posts went from {before} to {now} ({change}).",
    },
    "change.people": {
        "ja": "投稿したアカウントは{before}から{now}になりました。",
        "en": "The accounts behind them went from {before} to {now}.",
    },
    "change.severity": {
        "ja": "深刻度は「{before}」から「{now}」に変わりました。",
        "en": "Severity changed from “{before}” to “{now}”.",
    },
    "change.media": {
        "ja": "ニュース・報道の掲載は{before}件から{now}件になりました。",
        "en": "News media went from {before} to {now}.",
    },
    "change.course": {
        "ja": "前回は「{before}」、今回は「{now}」と判断しています。",
        "en": "The course was “{before}” then and is “{now}” now.",
    },
    "change.points": {
        "ja": "新たに「{word}」に触れた投稿が目立っています。",
        "en": "New among the main points: “{word}”.",
    },
    "name.rising": {"ja": "増加", "en": "rising"},
    "name.falling": {"ja": "減少", "en": "falling"},
    "name.steady": {"ja": "横ばい", "en": "steady"},
    "name.unclear": {"ja": "判断できず", "en": "unclear"},
    # ------------------------------------------------------------ outlook and next
    "forecast": {
        "ja": "このペースが続いた場合、今後{length}のネガティブな投稿は{low}〜{high}件の見込みです"
        "（時間帯による増減は含みません）。",
        "en": "If it goes on like this, expect {low}–{high} negative posts in the next {length} (the time of"
        " day is not considered).",
    },
    "forecast.none": {
        "ja": "件数の見込みを示せるだけの根拠は、まだありません。",
        "en": "The numbers do not support a forecast yet.",
    },
    "last": {
        "ja": "最後に確認したネガティブな投稿は{when}です。",
        "en": "The last negative post was made {when}.",
    },
    "next": {"ja": "次回は{when}ごろに更新します。", "en": "The next update is due about {when}."},
    "next.none": {"ja": "次回更新の時刻は未定です。", "en": "The time of the next update is not set."},
    "next.final": {"ja": "本報をもって終報とします。", "en": "This is the last report."},
    # ------------------------------------------------------------ pieces
    "count": {"ja": "{name} {n}件", "en": "{name} {n}"},
    "join": {"ja": "、", "en": ", "},
    "quoted": {"ja": "「{word}」", "en": "“{word}”"},
    "join.quoted": {"ja": "", "en": ", "},
    "people.n": {"ja": "{n}人", "en": "{n}"},
    "posts.n": {"ja": "{n}件", "en": "{n}"},
    "unknown": {"ja": "不明", "en": "unknown"},
    "kikimimi": {"ja": "Kikimimi（自動）", "en": "Kikimimi (automatic)"},
    "min": {"ja": "{n}分", "en": "{n} min"},
    "hour": {"ja": "{n}時間", "en": "{n} h"},
    "longer": {"ja": "{length}以上", "en": "over {length}"},
    "emotion.joy": {"ja": "喜び", "en": "joy"},
    "emotion.anger": {"ja": "怒り", "en": "anger"},
    "emotion.sadness": {"ja": "悲しみ", "en": "sadness"},
    "emotion.disgust": {"ja": "嫌悪", "en": "disgust"},
    "emotion.fear": {"ja": "不安", "en": "fear"},
    "emotion.surprise": {"ja": "驚き", "en": "surprise"},
    "event": {"ja": "{when} 対応記録（{by}）{what}", "en": "{when} log ({by}) {what}"},
    "event.opened": {"ja": "検知", "en": "detected"},
    "event.escalated": {"ja": "深刻度の引き上げ", "en": "escalated"},
    "event.reopened": {"ja": "追跡の再開", "en": "reopened"},
    "event.all_clear": {"ja": "収束", "en": "all clear"},
    "event.acknowledged": {"ja": "対応開始", "en": "acknowledged"},
    "event.resolved": {"ja": "解決", "en": "resolved"},
    "event.merged": {"ja": "統合", "en": "merged"},
    "event.absorbed": {"ja": "統合", "en": "merged"},
    "event.split": {"ja": "統合の取り消し", "en": "split off again"},
    "event.released": {"ja": "統合の取り消し", "en": "split off again"},
    "event.owner": {"ja": "責任者の設定", "en": "owner set"},
    "event.note": {"ja": "メモ", "en": "note"},
    "event.reply": {"ja": "当社の回答", "en": "our reply"},
    "event.report": {"ja": "報告の発行", "en": "report issued"},
    "event.evidence": {"ja": "証拠の変化", "en": "evidence changed"},
}

_PLATFORMS = {
    "mastodon": "Mastodon", "misskey": "Misskey", "hackernews": "Hacker News", "appstore": "App Store",
    "googleplay": "Google Play", "x": "X", "reddit": "Reddit", "bluesky": "Bluesky", "note": "note",
    "youtube": "YouTube", "prtimes": "PR TIMES",
}  # fmt: skip
_PLACES = {
    "news": ("ニュース", "news"),
    "blog": ("ブログ", "blog"),
    "bookmark": ("ブックマーク", "bookmarks"),
    "feed": ("フィード", "feed"),
    "hatena": ("はてなブックマーク", "Hatena Bookmark"),
    "podcast": ("ポッドキャスト", "podcast"),
    "web": ("ウェブ", "web"),
}


def say(code: str, lang: str, **values: object) -> str:
    """The words for `code`; any language but Japanese is answered in English."""
    return WORDS[code]["ja" if lang == "ja" else "en"].format(**values)


def platform(code: str, lang: str) -> str:
    """A platform's name; the code itself when there is none."""
    if code in _PLACES:
        return _PLACES[code][0 if lang == "ja" else 1]
    return _PLATFORMS.get(code, code)
