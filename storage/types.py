"""The vocabulary: every noun of the product, as frozen values, with the standard library only.

The words for telling somebody (Alert, Message, Notification, Silence) are in `storage.notices`, those for a
person's word on a judgement (Correction, Labels) in `storage.verdicts`.

Rows never leave `storage`; these values do. Times are aware UTC. A count that a source does not send is
``None``, never 0. Offsets in a `Span` are Unicode code points into `Post.full_text`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from storage.verdicts import Correction

# ------------------------------------------------------------------ what we watch


@dataclass(frozen=True, slots=True)
class Topic:
    """A brand, product or theme we watch; `own` is False for a competitor."""

    name: str
    brand: str
    aliases: tuple[str, ...] = ()
    query: str = ""
    timezone: str = "Asia/Tokyo"
    own: bool = True
    tags: tuple[str, ...] = ()


# ------------------------------------------------------------------ what a collector yields


@dataclass(frozen=True, slots=True)
class Author:
    """One account on one platform; never a person."""

    platform: str
    external_id: str
    handle: str = ""
    name: str = ""
    url: str = ""
    followers: int | None = None
    bot: bool | None = None


@dataclass(frozen=True, slots=True)
class Engagement:
    """Did something with the post. `None` means the source does not say."""

    likes: int | None = None
    reposts: int | None = None
    replies: int | None = None
    quotes: int | None = None
    views: int | None = None

    @property
    def total(self) -> int | None:
        """Likes, reposts, replies and quotes together; `None` when none of them is known."""
        known = [n for n in (self.likes, self.reposts, self.replies, self.quotes) if n is not None]
        return sum(known) if known else None


@dataclass(frozen=True, slots=True)
class Post:
    """What a collector yields, before matching. Identity: (platform, external_id).

    `platform` is the place the author wrote in ("mastodon", "appstore", "news", "x", …), so one federated
    post seen by two sources is one post. A collector makes `external_id` unique within its platform.
    `text` and `title` are plain text (no markup). `rating` is on the scale 1…5.
    """

    platform: str
    external_id: str
    source: str
    text: str
    created_at: datetime
    fetched_at: datetime
    title: str = ""
    url: str = ""
    author: Author | None = None
    publisher: str = ""
    lang: str | None = None
    rating: float | None = None
    engagement: Engagement = Engagement()
    reply_to: str | None = None
    repost_of: str | None = None
    tags: tuple[str, ...] = ()

    @property
    def full_text(self) -> str:
        """Title and text as one, the form that is matched, analysed and quoted."""
        return f"{self.title}\n{self.text}" if self.title and self.text else self.title or self.text


# ------------------------------------------------------------------ what it means


@dataclass(frozen=True, slots=True)
class Span:
    """Evidence: `text` is `full_text[start:end]`; `why` is a short code (a rule's name or "model")."""

    start: int
    end: int
    text: str
    why: str = ""


class Label(StrEnum):
    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


@dataclass(frozen=True, slots=True)
class Sentiment:
    """Toward the topic: score −1…1 (p(positive) − p(negative)), confidence 0…1, which model said so."""

    label: Label
    score: float
    confidence: float
    model: str


class Emotion(StrEnum):
    JOY = "joy"
    ANGER = "anger"
    SADNESS = "sadness"
    DISGUST = "disgust"
    FEAR = "fear"
    SURPRISE = "surprise"
    NONE = "none"


class SignalKind(StrEnum):
    RECOMMEND = "recommend"
    WARN = "warn"
    COMPLAINT = "complaint"
    PRAISE = "praise"
    QUESTION = "question"
    REQUEST = "request"
    PURCHASE_INTENT = "purchase_intent"
    CHURN_INTENT = "churn_intent"
    DEFEND = "defend"
    TESTIMONIAL = "testimonial"
    REFERRAL = "referral"


@dataclass(frozen=True, slots=True)
class Signal:
    kind: SignalKind
    confidence: float
    evidence: Span | None = None


class DisclosureKind(StrEnum):
    ORGANIC = "organic"
    SPONSORED = "sponsored"


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Sponsored only with the evidence that says so, or with the model's probability as `confidence`."""

    kind: DisclosureKind
    confidence: float
    evidence: Span | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything one pass over one text toward one target says."""

    sentiment: Sentiment
    emotion: Emotion
    signals: tuple[Signal, ...]
    disclosure: Disclosure
    sarcasm: bool
    lang: str
    fingerprint: int = 0  # 63-bit mark of the canonical text: nlp.stories groups by it

    def has(self, *kinds: SignalKind) -> bool:
        return any(signal.kind in kinds for signal in self.signals)


@dataclass(frozen=True, slots=True)
class Mention:
    """A Post that matches a Topic. `id` is None until it is stored; `story` is its story's id.

    `analysis` is what counts. Where a person's word stands, `correction` is that word and `model_said` what
    the model says of it.
    """

    post: Post
    topic: str
    matched: tuple[Span, ...]
    analysis: Analysis
    id: int | None = None
    story: int | None = None
    correction: Correction | None = None
    model_said: Analysis | None = None


# ------------------------------------------------------------------ the history of a topic


@dataclass(frozen=True, slots=True)
class Bucket:
    """One hour of one topic, from the roll-up. `reach` and `engagement` add only what is known."""

    start: datetime
    volume: int = 0
    positive: int = 0
    neutral: int = 0
    negative: int = 0
    score_sum: float = 0.0
    authors: int = 0
    reach: int = 0
    engagement: int = 0


@dataclass(frozen=True, slots=True)
class Observation:
    """One recent mention in the few fields that detection needs.

    `cause` is the id of the first mention that tells of the same new thing (alerts/causes.py); None: not known,
    or no news any more. `regular`: its author spoke of the topic before (alerts/regulars.py).
    """

    mention_id: int
    at: datetime
    author: str  # "platform:external_id", "" when unknown
    label: Label
    emotion: Emotion
    story: int | None
    reach: int | None
    engagement: int | None
    platform: str
    text: str = ""
    cause: int | None = None
    regular: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """A topic's mentions per time bucket, and the recent ones singly.

    `since` is when we began to watch (the first collected hour): before it there is no data, not zero.
    `buckets` are hourly, oldest first, without gaps; `recent` covers the last 48 h, oldest first.
    `gaps` are spans of time in which the topic's sources could not be read. `joining`: of so many earlier negative
    mentions (the second number), so many told of what another one told of (alerts/causes.py). `regulars`: so many of
    the people of ordinary days (the second number) had spoken of the topic before.
    """

    topic: Topic
    since: datetime
    buckets: tuple[Bucket, ...]
    recent: tuple[Observation, ...]
    gaps: tuple[tuple[datetime, datetime], ...] = ()
    joining: tuple[int, int] = (0, 0)
    regulars: tuple[float, float] = (0.0, 0.0)


# ------------------------------------------------------------------ what needs a person


class Severity(StrEnum):
    WATCH = "watch"
    WARNING = "warning"
    CRISIS = "crisis"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


class IncidentState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a decision fell so: a stable code and the numbers behind it. `alerts.message` says it in words."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Incident:
    """One crisis as one object. `key` never changes; `evidence` lists mention ids, most telling first."""

    key: str
    topic: str
    kind: str
    severity: Severity
    state: IncidentState
    opened_at: datetime
    updated_at: datetime
    reasons: tuple[Reason, ...]
    evidence: tuple[int, ...]
    resolved_at: datetime | None = None
    acknowledged_by: str = ""
    id: int | None = None


class Stage(StrEnum):
    """Where an advocate stands in the programme."""

    CANDIDATE = "candidate"
    REVIEWED = "reviewed"
    CONTACTED = "contacted"
    CONSENTED = "consented"
    ONBOARDED = "onboarded"
    ACTIVE = "active"
    DORMANT = "dormant"
    RETAINED = "retained"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Contribution:
    """One part of an advocate's score: points added or taken away, and the mentions that show it."""

    name: str
    points: float
    evidence: tuple[int, ...] = ()
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Advocate:
    """An Author with repeated, genuine, unpaid praise. Score 0…100 = sum of contributions, clipped."""

    author: Author
    topic: str
    score: float
    contributions: tuple[Contribution, ...]
    organic: bool
    organic_reasons: tuple[Reason, ...]
    mentions: int
    first_at: datetime
    last_at: datetime
    stage: Stage = Stage.CANDIDATE
    id: int | None = None


# ------------------------------------------------------------------ where posts come from


class Outcome(StrEnum):
    OK = "ok"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Fetch:
    """One try at one source: when, how it ended, what it brought."""

    source: str
    started_at: datetime
    ended_at: datetime
    outcome: Outcome
    posts: int = 0
    mentions: int = 0
    error: str = ""
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SourceState:
    """What we remember of a source between two tries."""

    name: str
    kind: str
    cursor: Mapping[str, Any] = field(default_factory=dict)
    last_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_outcome: Outcome | None = None
    error: str = ""
    failures: int = 0
    next_at: datetime | None = None
    posts: int = 0
    mentions: int = 0
