"""The words of the page about the programme's impact, with the keys of impact_ja.py."""

WORDS: dict[str, str] = {
    "impact.month": "Month",
    "impact.show": "Show",
    "impact.lead": "What people in the programme posted and what came of it, by month: voices in a crisis, referrals,"
    " and what changed when they were contacted.",
    "impact.as_file": "Monthly report as a file",
    "impact.running": "{month} (running)",
    "impact.enrolled": "People",
    "impact.mentions": "Their posts",
    "impact.share": "Share of positive posts",
    "impact.reach": "Reach",
    "impact.engagement": "Reactions",
    "impact.undisclosed": "Without disclosure",
    "impact.defence": "On our side in a crisis",
    "impact.customers": "People referred",
    "impact.before": "before: {value}",
    "impact.before_running": "same days before: {value}",
    "impact.people": "{n}",
    "impact.posts": "{n}",
}
