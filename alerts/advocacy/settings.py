"""The weights and limits of the advocate score: `thresholds.advocate` in config.yaml."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


def _points(points: float, what: str) -> float:
    field: float = Field(default=points, ge=0, le=200, description=what)
    return field


class AdvocateSettings(BaseModel):
    """Who counts as an advocate. Points are on the score's scale of 0 to 100."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_score: float = Field(
        default=60.0, ge=0, le=100, description="score from which somebody is an advocate"
    )
    min_weeks: int = Field(default=3, ge=1, description="different weeks with praise, at least")
    keep_score: float = Field(default=5.0, ge=0, le=100, description="candidates below are not listed")
    half_life_days: float = Field(
        default=240.0, gt=0, description="after so many days without praise it counts half"
    )
    detractor_negatives: int = Field(
        default=2, ge=1, description="negative mentions that turn an advocate around"
    )
    excluded_platforms: tuple[str, ...] = Field(
        default=("reddit", "news", "prtimes"),
        description="platforms whose rules forbid such a list, or that have no people",
    )
    weight_weeks: float = _points(20.0, "points at most for weeks with praise")
    weight_months: float = _points(14.0, "points at most for months with praise")
    weight_recommendations: float = _points(26.0, "points at most for recommending and bringing others")
    weight_testimonials: float = _points(14.0, "points at most for experience with a concrete benefit")
    weight_defends: float = _points(6.0, "points at most for defending the brand against complaints")
    weight_sentiment: float = _points(8.0, "points at most for sentiment, the newest counting most")
    weight_breadth: float = _points(4.0, "points at most for writing in several places")
    weight_originality: float = _points(5.0, "points at most for own words")
    weight_reach: float = _points(3.0, "points at most for followers (logarithm)")
    prior_mentions: float = _points(0.8, "praise that is added in thought before shares are taken")
    penalty_sponsored: float = _points(80.0, "points off for paid posts")
    penalty_affiliate: float = _points(80.0, "points off for links and codes with a reward")
    penalty_employee: float = _points(80.0, "points off for staff and official accounts")
    penalty_bot: float = _points(80.0, "points off for automated accounts and rings")
    penalty_prize: float = _points(60.0, "points off for prize campaigns")
    penalty_copied: float = _points(50.0, "points off for copied texts")
    penalty_negative: float = _points(60.0, "points off for criticism, the newest counting most")
    penalty_doubt: float = _points(50.0, "points off for signs that prove nothing")
