"""HTML → PDF on this machine, with WeasyPrint: the same report on paper, its text selectable, nothing fetched.

WeasyPrint comes with Kikimimi from pip; it needs Pango from the system, and a Japanese font. What is missing is
said with the command that installs it.
"""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

LIBRARIES = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
FONT = "apt-get install fonts-noto-cjk"


class PdfError(Exception):
    """No PDF can be made here; the message says what to install."""


def from_html(html: str, *, lang: str) -> bytes:
    """The PDF of a page that needs nothing from outside. Raises PdfError."""
    if lang == "ja" and not has_japanese_font():
        raise PdfError(f"the PDF needs a Japanese font: {FONT} (or choose --format html)")
    try:
        from weasyprint import HTML
    except OSError as problem:  # the libraries are opened when it is imported
        raise PdfError(
            f"the PDF needs Pango and HarfBuzz: {LIBRARIES} (or choose --format html)"
        ) from problem
    except ImportError as problem:
        raise PdfError(
            "the PDF needs WeasyPrint: pip install weasyprint (or choose --format html)"
        ) from problem
    made = HTML(string=html, url_fetcher=_fetch_nothing).write_pdf()
    return bytes(made)


def has_japanese_font() -> bool:
    """Asks fontconfig, which comes with Pango; without it WeasyPrint's own error says more."""
    listing = shutil.which("fc-list")
    if listing is None:
        return True
    done = subprocess.run([listing, ":lang=ja", "family"], capture_output=True, check=False)
    return bool(done.stdout.strip())


def _fetch_nothing(url: str, *_: Any, **__: Any) -> dict[str, Any]:
    raise ValueError(f"a report fetches nothing: {url}")
