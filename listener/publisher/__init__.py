"""The bundled publisher: a small internet on this machine, with an invented café chain in it."""

from listener.publisher.post import StoryPost
from listener.publisher.server import Publisher, PublisherError
from listener.publisher.story import posts

__all__ = ["Publisher", "PublisherError", "StoryPost", "posts"]
