"""Reading posts: which topic a post is about, what it says about it, which story it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from listener.bus import Batch
from listener.matching import Query, match, query_for
from nlp import stories
from nlp.analyze import Analyzer, Request
from nlp.normalize import canonical
from nlp.tokenizers.mecab import boundaries
from storage.db import Identity, Store
from storage.types import Mention, Post, Span, Topic

STORY_MEMORY = timedelta(days=14)  # a copy that appears later than this starts a story of its own


@dataclass(frozen=True, slots=True)
class Match:
    """A post and the topic it is about, not yet analysed. `spans` are the words that matched."""

    post: Post
    topic: Topic
    spans: tuple[Span, ...]

    @property
    def identity(self) -> Identity:
        return (self.post.platform, self.post.external_id, self.topic.name)

    @property
    def target(self) -> str | None:
        return target(self.post, self.topic, self.spans)


def target(post: Post, topic: Topic, spans: Sequence[Span]) -> str | None:
    """The topic's name as this post writes it; None when it does not, so it is judged as a whole."""
    names = {canonical(name).text.casefold() for name in (topic.brand, *topic.aliases)}
    written = [span.text for span in spans if canonical(span.text).text.casefold() in names]
    if written:
        return max(written, key=len)
    return topic.brand if topic.brand in post.full_text else None


class Matcher:
    """The topics with their queries compiled once."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._queries: list[tuple[Topic, Query]] = [(topic, query_for(topic)) for topic in topics]

    def match(self, batch: Batch) -> list[Match]:
        """Every (post, topic) of the batch that is a mention. A post may be about several topics."""
        allowed = [(t, q) for t, q in self._queries if not batch.topics or t.name in batch.topics]
        found = []
        for post in batch.posts:
            for topic, query in allowed:
                spans = match(query, post, boundaries=boundaries)
                if spans is None and batch.about_all:
                    spans = ()
                if spans is not None:
                    found.append(Match(post, topic, spans))
        return found


def analyze(matches: Sequence[Match], analyzer: Analyzer) -> list[Mention]:
    """One pass of the model over all matches, each toward its own target."""
    requests = [Request(one.post.full_text, one.target, one.post.lang) for one in matches]
    return [
        Mention(one.post, one.topic.name, one.spans, analysis)
        for one, analysis in zip(matches, analyzer.analyze(requests), strict=True)
    ]


def group(mentions: Sequence[Mention], store: Store) -> list[Mention]:
    """Give each mention its story: the first mention, within two weeks, that says the same thing."""
    grouped: list[Mention] = []
    for name in dict.fromkeys(mention.topic for mention in mentions):
        ours = [mention for mention in mentions if mention.topic == name]
        known = store.stories(name, min(m.post.created_at for m in ours) - STORY_MEMORY)
        assigned = stories.assign([mention.analysis.fingerprint for mention in ours], known)
        # A text too short to be anybody's copy has no story.
        grouped += [
            mention if story == stories.ALONE else replace(mention, story=story)
            for mention, story in zip(ours, assigned, strict=True)
        ]
    return grouped
