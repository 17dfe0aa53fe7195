"""The words that the pages of the programme share, with the keys of programme_ja.py."""

WORDS: dict[str, str] = {
    "tabs.label": "Pages of the programme",
    "tabs.advocates": "Advocates",
    "tabs.prospects": "Prospects",
    "tabs.segments": "Segments",
    "tabs.surveys": "Surveys and referrals",
    "tabs.impact": "Impact",
    "tabs.testimonials": "Testimonials",
    "tabs.handover": "Hand-over",
}
