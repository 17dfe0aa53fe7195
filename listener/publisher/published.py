"""What is public by now: the story up to the moment, never a post from the future."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from listener.clock import Clock
from listener.publisher.post import Place, StoryPost
from listener.publisher.story import later, posts


@dataclass(frozen=True)
class Published:
    """The story told by a clock. `base` is the server's own address, without a slash at its end."""

    clock: Clock
    epoch: datetime
    base: str

    @cached_property
    def _by_place(self) -> dict[Place, tuple[StoryPost, ...]]:
        everything = posts(self.epoch) + later(self.epoch)
        return {place: tuple(post for post in everything if post.place is place) for place in Place}

    @cached_property
    def _by_id(self) -> dict[str, StoryPost]:
        return {post.id: post for found in self._by_place.values() for post in found}

    def now(self) -> datetime:
        return self.clock.now()

    def until_now(self, place: Place) -> tuple[StoryPost, ...]:
        """What the place shows, oldest first."""
        found = self._by_place[place]
        return found[: bisect_right(found, self.now(), key=lambda post: post.created_at)]

    def by_id(self, post_id: str) -> StoryPost | None:
        """The post with this id, when it is public."""
        post = self._by_id.get(post_id)
        return post if post and post.created_at <= self.now() else None

    def link(self, post: StoryPost) -> str:
        """Where people read the post."""
        match post.place:
            case Place.SOCIAL:
                return f"{self.base}/@{post.account.handle}/{post.id}"
            case Place.APP:
                return f"{self.base}/reviews/{post.id}"
            case place:
                return f"{self.base}/{place}/{post.id}"
