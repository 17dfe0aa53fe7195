"""The query language: which posts are about a topic. See docs/query-language.md.

parse      text to Query; raises QueryError with the position and the remedy
query_for  a topic's Query
match      Query and Post to the spans that matched, or None
explain    the same, as a readable tree
"""

from listener.matching.evaluate import Boundaries, match
from listener.matching.explain import explain
from listener.matching.parse import parse, query_for
from listener.matching.tree import Query, QueryError

__all__ = ["Boundaries", "Query", "QueryError", "explain", "match", "parse", "query_for"]
