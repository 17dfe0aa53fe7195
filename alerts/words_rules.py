"""The words of the rules about single posts, stars, talk and the review queue. `alerts.words` takes them in."""

from __future__ import annotations

RULES = frozenset(
    {
        "going_viral", "very_viral", "rating_drop",
        "competitor_spike", "positive_spike", "talk_spike", "review_queue_full",
    }
)  # fmt: skip
"""The reasons that `alerts.rule_parts` puts into words."""

WORDS: dict[str, dict[str, str]] = {
    # ------------------------------------------------------------ a single post
    "title.going_viral.negative": {
        "ja": "【拡散中】{topic}：ネガティブな投稿が広がっています（反応{reactions}件・毎時{per_hour}件増）",
        "en": "[Going viral] {topic}: a negative post is spreading ({reactions} reactions, {per_hour} an hour)",
    },
    "title.going_viral.neutral": {
        "ja": "【話題化】{topic}：この投稿への反応が増えています（反応{reactions}件・毎時{per_hour}件増）",
        "en": "[Going viral] {topic}: a post is picking up ({reactions} reactions, {per_hour} an hour)",
    },
    "title.going_viral.positive": {
        "ja": "【好評】{topic}：好意的な投稿が広がっています（反応{reactions}件・毎時{per_hour}件増）",
        "en": "[Good news] {topic}: praise is spreading ({reactions} reactions, {per_hour} an hour)",
    },
    "title.very_viral.negative": {
        "ja": "【急拡散】{topic}：ネガティブな投稿が急速に広がっています（反応{reactions}件・毎時{per_hour}件増）",
        "en": "[Very viral] {topic}: a negative post is spreading fast ({reactions} reactions, {per_hour} an hour)",
    },
    "title.very_viral.neutral": {
        "ja": "【急拡散】{topic}：この投稿が急速に広がっています（反応{reactions}件・毎時{per_hour}件増）",
        "en": "[Very viral] {topic}: a post is spreading fast ({reactions} reactions, {per_hour} an hour)",
    },
    "title.very_viral.positive": {
        "ja": "【大反響】{topic}：好意的な投稿が大きな反響を呼んでいます（反応{reactions}件・毎時{per_hour}件増）",
        "en": "[Very good news] {topic}: praise is spreading fast ({reactions} reactions, {per_hour} an hour)",
    },
    "summary.viral.negative": {
        "ja": "{who}さんの{posted}の投稿です。これから見る人が増えます。"
        "事実関係を確認し、必要なら責任者に一報を入れてください。",
        "en": "By {who}, {posted}. More people are about to see it: "
        "check the facts, and tell the person in charge if needed.",
    },
    "summary.viral.neutral": {
        "ja": "{who}さんの{posted}の投稿です。今のところ、好意的でもネガティブでもありません。"
        "返信や引用の流れが変わらないか、見守ってください。",
        "en": "By {who}, {posted}. Neither praise nor complaint so far: watch which way the replies turn.",
    },
    "summary.viral.positive": {
        "ja": "{who}さんの{posted}の投稿です。急ぎの対応は要りません。"
        "お礼の返信や、店舗への共有を検討してください。",
        "en": "By {who}, {posted}. Nothing urgent: consider a thank-you, and let shops know what is coming.",
    },
    "why.viral": {
        "ja": "投稿から{age}で毎時{per_hour}件増え、同じくらいの時間がたった投稿の平常（毎時{usual}件）の{ratio}倍です"
        "（通知の目安は毎時{limit}件）。",
        "en": "{ratio} times what posts of this age ({age}) usually get: "
        "{per_hour} an hour, usually {usual}; alerts begin at {limit}.",
    },
    "why.doubling": {
        "ja": "反応は約{time}で2倍になるペースで増え続けています。",
        "en": "At this pace the reactions double in about {time}.",
    },
    "value.reactions": {"ja": "{n}件", "en": "{n}"},
    "value.per_hour": {"ja": "毎時{n}件", "en": "{n} an hour"},
    "field.posted": {"ja": "投稿日時", "en": "Posted"},
    "field.reactions": {
        "ja": "反応（いいね・再投稿・返信・引用）",
        "en": "Reactions (likes, reposts, replies, quotes)",
    },
    "field.pace": {"ja": "増え方", "en": "Pace"},
    "field.reach": {"ja": "リーチ", "en": "Reach"},
    # ------------------------------------------------------------ stars
    "title.rating_drop": {
        "ja": "【評価低下】{topic}：{source}の直近{days}日の平均が★{mean}（それまで★{before}）",
        "en": "[Rating drop] {topic}: {source} at {mean} stars over the last {days} days (before: {before})",
    },
    "summary.rating_drop": {
        "ja": "直近{days}日のレビュー{reviews}件で、星の平均が{lost}下がりました。"
        "星1つの割合は{one_star}です（それまで{one_star_before}）。",
        "en": "The last {days} days' {reviews} reviews are {lost} stars lower on average. "
        "One-star reviews: {one_star} (before: {one_star_before}).",
    },
    "summary.rating_drop.version": {
        "ja": "バージョン{version}のレビューは{n}件で、平均★{mean}です。この更新が原因の可能性があります。",
        "en": "Version {version} has {n} of them, {mean} stars on average: this release may be the cause.",
    },
    "why.rating_drop": {
        "ja": "それまでのレビュー{reviews_before}件と比べると、偶然にここまで下がるのは{chance}です。",
        "en": "Judged by the {reviews_before} reviews before, chance alone does this {chance}.",
    },
    "chance.percent": {"ja": "{n}%程度", "en": "about {n}% of the time"},
    "chance.rare": {"ja": "1万回に1回もないこと", "en": "less than once in ten thousand"},
    "field.stars": {"ja": "平均の星", "en": "Average stars"},
    "field.one_star": {"ja": "星1つの割合", "en": "One-star share"},
    "field.reviews": {"ja": "レビュー", "en": "Reviews"},
    "field.version": {"ja": "バージョン", "en": "Version"},
    "value.stars": {"ja": "★{now}（それまで★{before}）", "en": "{now} (before: {before})"},
    "value.one_star": {"ja": "{now}（それまで{before}）", "en": "{now} (before: {before})"},
    "value.reviews": {"ja": "{now}件（比べた期間は{before}件）", "en": "{now} (compared with {before})"},
    "value.version": {"ja": "{version}：{n}件、★{mean}", "en": "{version}: {n} reviews, {mean} stars"},
    "next.rating_drop": {
        "ja": "1. 星の低いレビューを読み、共通する不具合を探す\n2. 開発・サポートに共有する\n"
        "3. 原因が分かったら、レビューへの返信と案内を用意する",
        "en": "1. Read the low reviews and look for what they share\n2. Tell development and support\n"
        "3. Once the cause is known, prepare replies and a notice",
    },
    # ------------------------------------------------------------ talk
    "title.competitor_spike": {
        "ja": "【競合の動き】{topic}：{window}で{count}人が投稿（平常{usual}人）",
        "en": "[Competitor] {topic}: {count} people in {window} (usually {usual})",
    },
    "title.positive_spike": {
        "ja": "【好意的な話題】{topic}：{window}で{count}人が好意的に投稿（平常{usual}人）",
        "en": "[Praise] {topic}: {count} people with praise in {window} (usually {usual})",
    },
    "title.talk_spike": {
        "ja": "【話題の急増】{topic}：{window}で{count}人が投稿（平常{usual}人）",
        "en": "[Surge of talk] {topic}: {count} people in {window} (usually {usual})",
    },
    "summary.competitor_spike": {
        "ja": "{since}から、{topic}についての投稿が急に増えています。何が話題か、主な投稿を確認してください。",
        "en": "Since {since}, talk about {topic} has shot up. The posts below show what it is about.",
    },
    "summary.positive_spike": {
        "ja": "{since}から、{topic}への好意的な投稿が急に増えています。急ぎの対応は要りません。",
        "en": "Since {since}, praise for {topic} has shot up. Nothing urgent.",
    },
    "summary.talk_spike": {
        "ja": "{since}から、{topic}についての投稿が急に増えています。今のところ肯定・否定のどちらにも偏っていません。",
        "en": "Since {since}, talk about {topic} has shot up; neither praise nor complaints prevail so far.",
    },
    "summary.story": {
        "ja": "いちばん多い話題は{mentions}件中{n}件です（主な投稿の先頭）。",
        "en": "The largest story has {n} of {mentions} posts (the first one below).",
    },
    "why.spike": {
        "ja": "同じ時間帯の平常（{usual}人）の{ratio}倍で、この話題が普段いちばん盛り上がる時間の水準も超えています。",
        "en": "{ratio} times the usual {usual} for this time of day, and above the topic's own busiest moments.",
    },
    "field.from": {"ja": "増え始め", "en": "Since"},
    "field.tendency": {"ja": "投稿者の内訳", "en": "People"},
    "value.tendency": {
        "ja": "好意的{positive}・ネガティブ{negative}",
        "en": "{positive} with praise, {negative} negative",
    },
    # ------------------------------------------------------------ the review queue
    "title.review_queue_full": {
        "ja": "【確認待ち】判定に自信のない投稿が{limit}件たまり、{hours}時間いっぱいのままです",
        "en": "[Review queue] {limit} uncertain posts wait; the queue has been full for {hours} h",
    },
    "summary.review_queue_full": {
        "ja": "「要確認」の画面で、正しい判定を選んでください。"
        "1件数秒で終わり、答えは集計とアラートにすぐ反映されます。"
        "上限に達している間は、ほかの投稿の確認をお願いできません。",
        "en": "Open the review page and pick the right judgement: a few seconds each, and it counts at once "
        "in figures and alerts. While the queue is full, nothing else can be asked.",
    },
    "next.review_queue_full": {
        "ja": "1. 下のリンクから「要確認」を開く（コマンドなら kikimimi review）\n"
        "2. 多すぎる場合は config.yaml の review.min_confidence を下げるか、review.days を短くする",
        "en": "1. Open the review page by the link below (or run kikimimi review)\n"
        "2. If it is too much, lower review.min_confidence or shorten review.days in config.yaml",
    },
}
