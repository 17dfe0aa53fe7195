"""The options that many commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[
    Path, typer.Option("--config", "-c", envvar="KIKIMIMI_CONFIG", help="the config.yaml to use")
]
JsonOption = Annotated[bool, typer.Option("--json", help="print JSON on stdout")]
TopicOption = Annotated[str | None, typer.Option("--topic", help="only this topic")]
DEFAULT_CONFIG = Path("config.yaml")
