"""Every word of the monthly report on the programme, in Japanese and English.

`alerts.advocacy.programme_report` puts them together. The Japanese is what a marketing team hands to its management:
figures first, each beside the month before, and nothing claimed that the figures do not show.
"""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    # ------------------------------------------------------------ the frame
    "title": {
        "ja": "推奨プログラム月次報告　{brand}（{month}）",
        "en": "Advocacy programme, monthly report: {brand}, {month}",
    },
    "month": {"ja": "{year}年{number}月", "en": "{name} {year}"},
    "month.short": {"ja": "{number}月", "en": "{name:.3}"},
    "made": {
        "ja": "対象期間：{start}〜{end}（{timezone}）　作成：{when}",
        "en": "{start} to {end} ({timezone}). Made {when}",
    },
    "made.running": {
        "ja": "対象期間：{start}〜{end}（月の途中、{timezone}）　作成：{when}",
        "en": "{start} to {end} (the month is still running, {timezone}). Made {when}",
    },
    "section.summary": {"ja": "概要", "en": "Summary"},
    "section.people": {"ja": "参加者の状況", "en": "People"},
    "section.posts": {"ja": "主な投稿", "en": "Posts worth reading"},
    "section.disclosure": {"ja": "関係性の明示（ステマ規制）", "en": "Disclosure"},
    "section.defence": {"ja": "炎上・異変時の擁護", "en": "Voices on our side in a crisis"},
    "section.referrals": {"ja": "紹介の成果", "en": "Referrals"},
    "section.survey": {"ja": "アンケート（NPS）", "en": "Survey (NPS)"},
    "section.effect": {"ja": "声をかける前と後", "en": "Before and after contact"},
    "section.tasks": {"ja": "未完了のタスク", "en": "Open tasks"},
    "ground.fact": {"ja": "集計", "en": "Count"},
    "ground.estimate": {"ja": "推定", "en": "Estimate"},
    "ground.record": {"ja": "記録", "en": "Record"},
    "notes": {"ja": "根拠", "en": "Evidence"},
    "notes.more": {"ja": "ほか{n}件", "en": "and {n} more"},
    "versus": {"ja": "前月", "en": "the month before"},
    "versus.running": {"ja": "前月の同じ日数", "en": "as many days of the month before"},
    "foot": {
        "ja": "収集できた公開投稿と、取り込んだ記録の集計です。【集計】は数えた値、【推定】はKikimimiの計算、"
        "【記録】は担当者の入力や取り込んだ記録です。投稿の本文と名前は、"
        "引用に同意した人のものだけを載せています。"
        "配信停止や削除を申し出た人は、参加者の数字に含まれません。好意的かどうかはモデルの判定です。",
        "en": "Counted from the public posts that were collected and the records that were imported. [Count] is"
        " counted, [Estimate] is computed by Kikimimi, [Record] was entered or imported by a person. Words and"
        " names appear only of people who agreed to be quoted. People who opted out or were erased are in "
        "none of"
        " the programme's figures. Whether a post is positive is a model's judgement.",
    },
    # ------------------------------------------------------------ summary
    "enrolled": {
        "ja": "{day}時点の参加者は{n}人です（期間の初めは{before}人）。",
        "en": "People in the programme on {day}: {n} ({before} at the start).",
    },
    "mentions": {
        "ja": "参加者のうち{people}人が{n}件投稿しました（{versus}は{before}件、{change}件）。",
        "en": "Posts by {people} of them: {n} ({versus}: {before}, {change}).",
    },
    "positive": {
        "ja": "{brand}への好意的な投稿{all}件のうち、参加者によるものは{n}件（{share}）です"
        "（{versus}は{before_share}）。",
        "en": "Of {all} positive posts about {brand}, {n} ({share}) were theirs ({versus}: {before_share}).",
    },
    "positive.all": {
        "ja": "言及全体{all}件に対しては{share}です（{versus}は{before_share}）。",
        "en": "Of all {all} mentions that is {share} ({versus}: {before_share}).",
    },
    "reach": {
        "ja": "投稿ごとに投稿者のフォロワー数を足し上げたリーチは{n}です（{versus}は{before}）。",
        "en": "Reach, the author's followers added up once a post, was {n} ({versus}: {before}).",
    },
    "reach.unknown": {
        "ja": "フォロワー数のわからない投稿{k}件は、リーチに含みません。",
        "en": "Posts whose author's followers are unknown, which add nothing to the reach: {k}.",
    },
    "engagement": {
        "ja": "反応（いいね、再投稿、返信、引用）は{n}件です（{versus}は{before}件）。",
        "en": "Reactions (likes, reposts, replies, quotes): {n} ({versus}: {before}).",
    },
    # ------------------------------------------------------------ people
    "found": {
        "ja": "この期間に新しい推奨者として{n}人を見つけました。",
        "en": "New advocates found: {n}.",
    },
    "candidates": {
        "ja": "まだ声をかけていない推奨者の候補は{n}人です（作成時点）。",
        "en": "Advocates waiting to be contacted, when this report was made: {n}.",
    },
    "moves": {"ja": "この期間に進んだ段階は、{list}です。", "en": "Steps taken: {list}."},
    "moves.none": {
        "ja": "この期間に段階が動いた人は{n}人です。",
        "en": "People who took a step: {n}.",
    },
    "stages": {"ja": "{day}時点の段階は、{list}です。", "en": "Stages on {day}: {list}."},
    "posted": {
        "ja": "参加者{all}人のうち、この期間に投稿した人は{n}人です。",
        "en": "Of {all} in the programme, {n} posted.",
    },
    "silent": {
        "ja": "60日以上投稿のない参加者は{n}人です。",
        "en": "Without a post for 60 days or more: {n}.",
    },
    # ------------------------------------------------------------ posts
    "quote": {
        "ja": "「{quote}」（{who}、{where}、{when}、反応{n}件）",
        "en": "“{quote}” ({who}, {where}, {when}, reactions: {n})",
    },
    "uncounted": {
        "ja": "このほか{n}件の好意的な投稿は、引用の同意を得ていない人のものなので、件数だけを載せています。",
        "en": "Other positive posts, by people who have not agreed to be quoted and are only counted: {n}.",
    },
    "quotes.more": {
        "ja": "引用に同意した人の好意的な投稿は、このほかに{n}件あります。",
        "en": "Other positive posts by people who agreed to be quoted: {n}.",
    },
    "posts.none": {
        "ja": "参加者の好意的な投稿は{n}件でした。",
        "en": "Positive posts by people in the programme: {n}.",
    },
    # ------------------------------------------------------------ disclosure
    "undisclosed": {
        "ja": "声をかけたあとの投稿{all}件のうち、関係性の明示が見当たらないものが{n}件あります"
        "（{versus}は{before}件）。"
        "投稿した人に「#PR」などの表記をお願いしてください。",
        "en": "Of {all} posts since the first contact, {n} lack a disclosure ({versus}: {before}). Ask "
        "their authors to"
        " add one, such as #PR.",
    },
    "undisclosed.none": {
        "ja": "声をかけたあとの投稿{all}件のうち、関係性の明示が欠けているものは{n}件でした"
        "（{versus}は{before}件）。",
        "en": "Of {all} posts since the first contact, {n} lack a disclosure ({versus}: {before}).",
    },
    # ------------------------------------------------------------ defence
    "crises": {
        "ja": "この期間に続いていた炎上・異変は{n}件です（{versus}は{before}件）。",
        "en": "Incidents open in this stretch: {n} ({versus}: {before}).",
    },
    "defence": {
        "ja": "そのあいだに参加者{people}人が、擁護または好意的な投稿を{n}件しました（{versus}は{before}件）。",
        "en": "Meanwhile, posts from the programme in defence or praise: {n}, authors: {people} "
        "({versus}: {before}).",
    },
    # ------------------------------------------------------------ referrals
    "referrals": {
        "ja": "紹介の案内は{invited}件、リンクのクリックは{clicked}件、紹介で来た人は{customers}人、"
        "購入は{purchased}件です（{versus}の購入は{before}件）。",
        "en": "Invitations {invited}, clicks {clicked}, people referred {customers}, purchases "
        "{purchased} ({versus}: {before}).",
    },
    "referrals.value": {
        "ja": "購入額は{list}です（{versus}は{before}）。",
        "en": "Spent: {list} ({versus}: {before}).",
    },
    "referrals.known": {
        "ja": "このうち、本人の同意にもとづいて参加者とひも付いた記録は{n}件です。",
        "en": "Records matched to people in the programme, with their consent: {n}.",
    },
    "referrals.none": {
        "ja": "この期間の紹介の記録は{n}件です（取り込みは `kikimimi referrals import`）。",
        "en": "Referral records of this stretch: {n} (`kikimimi referrals import` brings them).",
    },
    # ------------------------------------------------------------ survey
    "survey": {
        "ja": "アンケートのNPSは{nps}です（95%信頼区間 {low}〜{high}、回答{n}件。{versus}は{before}）。",
        "en": "The surveyed NPS is {nps} (95 % interval {low} to {high}, {n} answers; {versus}: {before}).",
    },
    "survey.none": {
        "ja": "この期間のNPSアンケートの回答は{n}件です。",
        "en": "Answers to an NPS survey in this stretch: {n}.",
    },
    "survey.unknown": {"ja": "回答なし", "en": "no answers"},
    # ------------------------------------------------------------ before and after
    "effect.weeks": {
        "ja": "声をかけた{people}人の投稿は、1人あたり週に、前の{weeks}週間は{before}件、"
        "後の{weeks}週間は{after}件です。",
        "en": "Those who were contacted ({people}) posted {before} times a week each in the {weeks} weeks "
        "before and {after} in the"
        " {weeks} weeks after.",
    },
    "effect.clear.more": {
        "ja": "同じ時期に声をかけていない似た人（{others}人）と比べた差は、1人あたり週{value}件"
        "（95%信頼区間 {low}〜{high}）で、"
        "増えたといえます。",
        "en": "Beside {others} people like them who were not contacted in the same weeks, the difference "
        "is {value} posts a"
        " week each (95 % interval {low} to {high}): more than before.",
    },
    "effect.clear.less": {
        "ja": "同じ時期に声をかけていない似た人（{others}人）と比べた差は、1人あたり週{value}件"
        "（95%信頼区間 {low}〜{high}）で、"
        "減ったといえます。",
        "en": "Beside {others} people like them who were not contacted in the same weeks, the difference "
        "is {value} posts a"
        " week each (95 % interval {low} to {high}): fewer than before.",
    },
    "effect.unclear": {
        "ja": "同じ時期に声をかけていない似た人（{others}人）と比べた差は、1人あたり週{value}件"
        "（95%信頼区間 {low}〜{high}）です。"
        "区間に0が含まれるため、増えたとも減ったともいえません。",
        "en": "Beside {others} people like them who were not contacted in the same weeks, the difference "
        "is {value} posts a"
        " week each (95 % interval {low} to {high}). The interval holds zero: no change can be claimed.",
    },
    "effect.alone": {
        "ja": "似た人（{others}人）と比べた差は、計算できるだけの人数やばらつきがないため出していません。"
        "声をかけたことによる変化かどうかはいえません。",
        "en": "There are too few people, or too little spread among them, for a difference beside the comparison"
        " ({others} people). Nothing is said about what contact did.",
    },
    "effect.level": {
        "ja": "声をかけた人だけの推移では、その時点での水準の変化は1人あたり週{value}件（95%信頼区間 "
        "{low}〜{high}）です。",
        "en": "In the course of the contacted alone, the change of level at that time is {value} posts a "
        "week each (95 % interval"
        " {low} to {high}).",
    },
    "effect.slope": {
        "ja": "増え方（傾き）の変化は、1週につき{value}件（95%信頼区間 {low}〜{high}）です。",
        "en": "The slope changed by {value} posts a week, each week (95 % interval {low} to {high}).",
    },
    "effect.sentiment": {
        "ja": "投稿の感情スコア（−1〜1）の変化を似た人と比べた差は{value}（95%信頼区間 {low}〜{high}、"
        "{people}人）です。",
        "en": "The mean sentiment of their posts (−1 to 1) changed by {value} beside the comparison (95 % "
        "interval {low} to"
        " {high}, {people} people).",
    },
    "effect.too_few": {
        "ja": "声をかけた人は{n}人で、前後の比較に必要な{fewest}人に満たないため、数字は出していません。",
        "en": "People contacted: {n}; a comparison needs {fewest}, so there is no figure.",
    },
    "effect.too_short": {
        "ja": "声をかけた{n}人のうち、前後{weeks}週間ずつの記録がそろう人が{fewest}人に満たないため、"
        "数字は出していません。",
        "en": "Of {n} people who were contacted, fewer than {fewest} were seen for {weeks} weeks before "
        "and after, so there"
        " is no figure.",
    },
    "effect.note": {
        "ja": "声をかけるのは投稿の多い時期になりやすく、そのあとは何もしなくても減る傾向があります"
        "（平均への回帰）。"
        "前後の差だけでは効果を判断できないため、同じ時期に同じくらい投稿していた人と比べています。",
        "en": "People are contacted when they post a lot, and would post less later anyway (regression to "
        "the mean). The"
        " difference before and after says little by itself, so each stands beside people who posted as much in"
        " the same weeks.",
    },
    # ------------------------------------------------------------ tasks
    "tasks": {
        "ja": "未完了のタスクは{n}件で、うち{late}件は期限を過ぎています（作成時点）。",
        "en": "Open tasks when this report was made: {n}, overdue: {late}.",
    },
    "task": {"ja": "推奨者 #{id}：{title}（期限 {due}）", "en": "Advocate #{id}: {title} (due {due})"},
    "task.late": {
        "ja": "推奨者 #{id}：{title}（期限 {due}、超過）",
        "en": "Advocate #{id}: {title} (due {due}, overdue)",
    },
    "task.some_day": {"ja": "推奨者 #{id}：{title}（期限なし）", "en": "Advocate #{id}: {title} (no date)"},
    # ------------------------------------------------------------ evidence
    "ref.mention": {"ja": "投稿 #{id}（{where}、{when}）", "en": "Post #{id} ({where}, {when})"},
    "ref.mention.bare": {"ja": "投稿 #{id}", "en": "Post #{id}"},
    "ref.step": {
        "ja": "対応記録 #{id}（推奨者 #{advocate}、{when}）",
        "en": "Step #{id} (advocate #{advocate}, {when})",
    },
    "ref.task": {"ja": "タスク #{id}（推奨者 #{advocate}）", "en": "Task #{id} (advocate #{advocate})"},
    "ref.advocate": {"ja": "推奨者 #{id}", "en": "Advocate #{id}"},
    "ref.incident": {"ja": "炎上・異変 #{id}", "en": "Incident #{id}"},
    "ref.referral": {"ja": "紹介の記録 #{id}", "en": "Referral record #{id}"},
    "ref.survey": {"ja": "アンケートの回答 #{id}", "en": "Survey answer #{id}"},
    "ref.topic": {
        "ja": "{brand}の言及と推奨者の記録（{month}）",
        "en": "Mentions and advocates of {brand} ({month})",
    },
    # ------------------------------------------------------------ charts
    "chart.trend": {"ja": "参加者の投稿数（月ごと）", "en": "Posts of people in the programme, by month"},
    "chart.funnel": {"ja": "段階ごとの人数（{day}時点）", "en": "People by stage on {day}"},
    "chart.effect": {
        "ja": "1人あたりの投稿数（声をかけた週を0とする）",
        "en": "Posts a person and week, counted from the contact",
    },
    "chart.contacted": {"ja": "声をかけた人", "en": "contacted"},
    "chart.comparison": {"ja": "比べた人", "en": "comparison"},
    "chart.came": {"ja": "{n}人（+{came}）", "en": "{n} (+{came})"},
    "chart.stood": {"ja": "{n}人", "en": "{n}"},
    "feeling.positive": {"ja": "好意的", "en": "positive"},
    "feeling.neutral": {"ja": "中立", "en": "neutral"},
    "feeling.negative": {"ja": "批判的", "en": "negative"},
    # ------------------------------------------------------------ pieces
    "stage.candidate": {"ja": "候補", "en": "candidate"},
    "stage.waiting": {"ja": "候補（作成時点）", "en": "candidate (now)"},
    "stage.reviewed": {"ja": "確認済み", "en": "reviewed"},
    "stage.contacted": {"ja": "連絡済み", "en": "contacted"},
    "stage.consented": {"ja": "同意済み", "en": "consented"},
    "stage.onboarded": {"ja": "参加開始", "en": "onboarded"},
    "stage.active": {"ja": "活動中", "en": "active"},
    "stage.dormant": {"ja": "休止中", "en": "dormant"},
    "stage.retained": {"ja": "継続", "en": "retained"},
    "stage.left": {"ja": "離脱", "en": "left"},
    "people": {"ja": "{name} {n}人", "en": "{name} {n}"},
    "yen": {"ja": "円", "en": "JPY"},
    "nothing": {"ja": "なし", "en": "nothing"},
    "unknown": {"ja": "—", "en": "—"},
    "join": {"ja": "、", "en": ", "},
}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip


def say(code: str, lang: str, **values: object) -> str:
    """The words for `code`; any language but Japanese is answered in English."""
    return WORDS[code]["ja" if lang == "ja" else "en"].format(**values)


def month_name(name: str, lang: str, *, short: bool = False) -> str:
    """2026-10 → 2026年10月, October 2026; short 10月, Oct."""
    year, number = (int(part) for part in name.split("-"))
    code = "month.short" if short else "month"
    return say(code, lang, year=year, number=number, name=_MONTHS[number - 1])
