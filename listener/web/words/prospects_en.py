"""The words about prospects. Has the keys of prospects_ja.py."""

WORDS: dict[str, str] = {
    "prospects.title": "Prospects",
    "prospects.lead": (
        "People with some praise who are not advocates yet, the likeliest to become one within 60 days first. Nobody "
        "who was contacted, opted out or was erased is listed, and nobody whose praise may not be their own."
    ),
    "prospects.computed": "As of {when}; {n} candidates",
    "prospects.wait": "Not worked out yet",
    "prospects.wait_hint": "Once posts come in and advocates are scored, this is worked out once a day.",
    "prospects.none": "No prospects",
    "prospects.none_hint": "They appear here as praise comes in.",
    "prospects.likely": "Likely within 60 days",
    "prospects.chance": "{value} (measured {low}–{high})",
    "prospects.for": "Speaks for it",
    "prospects.against": "Speaks against it",
    "prospects.still": "Still missing",
    "prospects.posts": "Posts that show it",
    "prospects.score_now": "now {value} points",
    "prospects.right": (
        "Predicted again for {first} to {last} with what was known then, {hits} of the {listed} who stood among the "
        "first ten of their month ({share}) were advocates within 60 days. Of all candidates, {usual} were."
    ),
    "prospects.how": "How often the predictions were right",
    "prospects.plot": "Predicted and happened",
    "prospects.plot_hint": (
        "The closer to the dashed line, the better. Upright lines are 95 % intervals, in which a person counts once."
    ),
    "prospects.axis_said": "Predicted",
    "prospects.axis_happened": "Happened",
    "prospects.bin": "predicted {said}: happened {happened} ({low}–{high}, {people} people)",
    "prospects.column.range": "Predicted between",
    "prospects.column.said": "Mean prediction",
    "prospects.column.happened": "Happened",
    "prospects.column.interval": "95 % interval",
    "prospects.column.people": "People",
    "prospects.column.by": "Ranked by",
    "prospects.column.auc": "AUC",
    "prospects.column.brier": "Brier score",
    "prospects.column.skill": "Skill",
    "prospects.column.precision": "Average precision",
    "prospects.by.model": "this prediction",
    "prospects.by.score": "the present score alone",
    "prospects.by.mentions": "posts of the last 30 days alone",
    "prospects.columns_hint": (
        "AUC: how often one who made it stood above one who did not (0.5 is guessing). Brier score: the squared error "
        "of the prediction, less is better. Skill: the share of it saved against giving everybody the base rate."
    ),
    "prospects.fallback.short_history": (
        "The history is {days} days long, too short for a probability (from {least} days on). Ranked by score."
    ),
    "prospects.fallback.few_outcomes": (
        "{made} people became advocates so far, too few for a probability (from {least} on). Ranked by score."
    ),
    "prospects.fallback.untried": (
        "{made} people became advocates, but the history is too short to try predictions out on it. Ranked by score."
    ),
    "prospects.fallback.no_better": (
        "Tried out on the past, the prediction was no better than the base rate (skill {skill}), so no probability is "
        "shown. Ranked by score."
    ),
    "prospects.missing.praise": (
        "{n} more week with praise reaches the threshold|{n} more weeks with praise reach the threshold"
    ),
    "prospects.missing.sooner": " (recommending you: {n} week)| (recommending you: {n} weeks)",
    "prospects.missing.recommend": (
        "Praise alone does not reach the threshold; recommending you does in {n} week"
        "|Praise alone does not reach the threshold; recommending you does in {n} weeks"
    ),
    "prospects.missing.far": "Not within {weeks} more weeks, whether with praise or with recommending you",
    "prospects.trait.score": "the score is {value} now",
    "prospects.trait.heading": "going on like this, the score is {value} in 60 days",
    "prospects.trait.weeks": "weeks with praise: {value}",
    "prospects.trait.lately": "praise in the last 30 days: {value}",
    "prospects.without.lately": "no praise in the last 30 days",
    "prospects.trait.trend": "praise of the last 30 days against the 30 before: {value}",
    "prospects.without.trend": "as much praise as in the 30 days before",
    "prospects.trait.silence": "days since the last praise: {value}",
    "prospects.trait.gap": "usual days between two posts of praise: {value}",
    "prospects.trait.recommends": "recommends you about {value} times",
    "prospects.without.recommends": "has not recommended you yet",
    "prospects.trait.testimonials": "tells own experience about {value} times",
    "prospects.without.testimonials": "has told no own experience yet",
    "prospects.trait.defends": "defends you about {value} times",
    "prospects.without.defends": "has not defended you yet",
    "prospects.trait.attitude": "attitude toward the brand {value} (−1 to +1)",
    "prospects.trait.criticism": "critical posts: {value}",
    "prospects.without.criticism": "no critical posts",
    "prospects.trait.own_words": "posts in own words: {value}",
    "prospects.trait.places": "platforms: {value}",
    "prospects.trait.talks": "questions and replies: {value}",
    "prospects.without.talks": "no questions and replies",
    "prospects.trait.doubt": "something looks like advertising or staff (strength {value})",
    "prospects.without.doubt": "nothing looks like advertising or staff",
    "prospects.trait.since": "days since the first praise: {value}",
    "prospects.trait.pace": "weeks with praise in 30 days: {value}",
    "prospects.trait.mentions": "posts in the last 30 days: {value}",
    "prospects.without.mentions": "no posts in the last 30 days",
    "prospects.backtest.title": "Prospects, tried out on the past: {topic}",
    "prospects.backtest.intro": (
        "Every month from {first} to {last}, predicted from the posts up to then and compared with what came of it "
        "60 days later ({cases} cases of {people} people; {made} became advocates)."
    ),
}
