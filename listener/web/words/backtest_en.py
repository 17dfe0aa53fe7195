"""The words of the backtest. Same keys as backtest_ja.py."""

WORDS: dict[str, str] = {
    "backtest.title": "Backtest: {topic}",
    "backtest.intro": (
        "{n} mentions from {since} to {until}, watched again: when each setting would have alerted. "
        "Up to {learned} they were only learned from."
    ),
    "backtest.volume": "Mentions a day (red: negative)",
    "backtest.lane": "{budget} false alerts a month allowed",
    "backtest.current": "as it is set now",
    "backtest.crises": "crises there really were",
    "backtest.column.budget": "False alerts allowed a month",
    "backtest.column.incidents": "Alerts",
    "backtest.column.per_month": "A month",
    "backtest.column.found": "Found",
    "backtest.column.delay": "Median delay",
    "backtest.column.false": "False a month",
    "backtest.of": "{found} of {of}",
    "backtest.minutes": "{n} min",
    "backtest.listed": "The alerts of the present setting",
    "backtest.opened": "Alert",
    "backtest.severity": "Severity",
    "backtest.people": "People",
    "backtest.usual": "Usual",
    "backtest.after": "After the first post",
    "backtest.verdict": "Verdict",
    "backtest.false": "false",
    "backtest.missed": "missed {name}",
    "backtest.nothing": "This setting would have told nothing.",
    "backtest.note": "Counted from the mentions that are stored; posts that were never collected are not in it.",
}
