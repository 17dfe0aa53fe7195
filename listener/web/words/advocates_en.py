"""The words of the advocates' pages, with the keys of advocates_ja.py."""

WORDS: dict[str, str] = {
    "organic_reason.affiliate": "{count} of {of} mentions carry a link or code with a reward (“{words}”).",
    "organic_reason.ring": "{count} of {of} mentions say what several accounts posted within hours.",
    "organic_reason.looks_like_staff": "Hours and wording resemble those of staff (“{words}”). This proves nothing.",
    "organic_reason.looks_paid": "{count} of {of} mentions read like unmarked ads (“{words}”). This proves nothing.",
    "organic_reason.looks_automatic": "The intervals between posts are as even as a machine's. This proves nothing.",
    "organic_reason.telling_name": "The name has a telling word (“{words}”). This proves nothing.",
}
