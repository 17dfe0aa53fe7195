"""Decompress an HTTP body in small pieces, so that its size can be watched as it grows.

InflateError        the compression is unknown, or the body is not what its header says
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

_PIECE = 65_536
_ANY_HEADER = 47  # 32 + 15: a zlib or a gzip header, whichever is there
_NO_HEADER = -15


class InflateError(Exception):
    """Says what is wrong with the compressed body."""


class Inflate:
    """Yields at most 64 KiB at a time: one network read of a gzip bomb would unpack to 60 MB at once."""

    def __init__(self, encoding: str) -> None:
        name = encoding.strip().lower()
        if name not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise InflateError(f"対応していない圧縮形式です / unknown compression {name[:40]!r}")
        self._plain = name in ("", "identity")
        self._deflate = name == "deflate"
        self._started = False
        self._codec = zlib.decompressobj(_ANY_HEADER)

    @property
    def complete(self) -> bool:
        """False when the body stopped in the middle."""
        return self._plain or not self._started or self._codec.eof

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        if self._plain:
            yield chunk
            return
        if not self._started and chunk:
            self._started = True
            if self._deflate and chunk[0] & 0x0F != 8:
                self._codec = zlib.decompressobj(_NO_HEADER)  # many servers leave the zlib header out
        while chunk:
            if self._codec.eof:
                if not chunk.startswith(b"\x1f\x8b"):
                    return  # padding after the last gzip member
                self._codec = zlib.decompressobj(_ANY_HEADER)
            try:
                yield self._codec.decompress(chunk, _PIECE)
            except zlib.error as error:
                raise InflateError(f"圧縮データが壊れています / broken compression: {error}") from error
            chunk = self._codec.unconsumed_tail or self._codec.unused_data
