"""The words of the page behind an alert's links. Same keys as acting_ja.py."""

WORDS: dict[str, str] = {
    "acting.title": "From an alert",
    "acting.wrong": "This link is not right. Open the link of the alert whole; it may have been cut.",
    "acting.expired": "This link is more than seven days old. Use the page instead.",
    "acting.to_page": "Open the page",
}
