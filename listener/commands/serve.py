"""`kikimimi run` and `kikimimi demo`: the service in the foreground, and how it stops."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.panel import Panel
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn
from rich.table import Table

from listener.clock import SystemClock, VirtualClock
from listener.commands.errors import CommandError
from listener.commands.output import err, load_config
from listener.config import Config
from listener.service import Service, opened, publishing, running, story_epoch
from storage.types import Outcome

STOP_WITHIN_S = 2.5  # then the process ends anyway: whatever is stored is safe at any moment
DEMO_STARTS_BEFORE = timedelta(hours=2)
DEMO_MARK = ".kikimimi-demo"


def run(path: Path, *, port: int | None) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    config = load_config(path)
    if port is not None:
        config = with_port(config, port)
    clock = SystemClock()
    with (
        _stop_signal() as stop,
        opened(config, clock) as service,
        publishing(config, clock, story_epoch(service)),
        running(service) as address,
    ):
        err.print(_welcome(service, address))
        stop.wait()
        err.print("Stopping … everything collected is stored.")
        _end_in_time()


def demo(*, speed: float, port: int, seconds: float | None, folder: Path) -> None:
    """The whole product on an invented brand, with time compressed."""
    config = _demo_config(folder, port)
    epoch = datetime.now(UTC).replace(second=0, microsecond=0)
    clock = VirtualClock(epoch - DEMO_STARTS_BEFORE, speed)
    with _stop_signal() as stop, opened(config, clock) as service, publishing(config, clock, epoch):
        _read_history(service, stop)
        if stop.is_set():
            return
        with running(service) as address:
            clock.go()
            err.print(_welcome(service, address))
            err.print(
                f"One second is {speed / 60:g} minutes of the story: the crisis breaks in about "
                f"{DEMO_STARTS_BEFORE.total_seconds() / speed:.0f} s."
            )
            stop.wait(seconds)
            _end_in_time()


def with_port(config: Config, port: int) -> Config:
    """The same configuration with the page on another port."""
    return config.model_copy(update={"web": config.web.model_copy(update={"port": port})})


def _demo_config(folder: Path, port: int) -> Config:
    """The shipped config.yaml with its data in an empty folder of its own."""
    import listener.publisher

    if folder.exists():
        if any(folder.iterdir()) and not (folder / DEMO_MARK).exists():
            raise CommandError(f"--folder: {folder} holds other files; choose an empty or new folder")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / DEMO_MARK).touch()
    for name in ("config.yaml", "slack-webhook-url"):
        shutil.copy(Path(listener.publisher.__file__).with_name(name), folder / name)
    return with_port(load_config(folder / "config.yaml"), port)


def _read_history(service: Service, stop: threading.Event) -> None:
    """Three months of posts, before the clock begins to run."""
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), console=err, transient=True) as progress:
        for source in service.config.sources:
            if stop.is_set():
                return
            task = progress.add_task(f"{source.name} …", total=None)

            def show(posts: int, mentions: int, task: TaskID = task, name: str = source.name) -> None:
                progress.update(task, description=f"{name}: {posts} posts read, {mentions} mentions scored")

            service.attempts.run(source, progress=show)


@contextmanager
def _stop_signal() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set; a second Ctrl-C ends at once."""
    stop = threading.Event()

    def ask(_signal: int, _frame: object) -> None:
        if stop.is_set():
            os._exit(130)
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_in_time() -> None:
    """A fetch or a send may hang in a socket; no user waits for that. What it was doing is taken up again."""
    timer = threading.Timer(STOP_WITHIN_S, os._exit, args=(0,))
    timer.daemon = True
    timer.start()


def _welcome(service: Service, address: str) -> Panel:
    """Where the page is, what is watched, and what each source last did."""
    config = service.config
    zone = ZoneInfo(config.timezone)
    table = Table("source", "last try", "how it ended", "next try", box=None, pad_edge=False)
    for source in config.sources:
        state = service.store.source(source.name)
        if state is None or state.last_at is None:
            table.add_row(source.name, "—", "not read yet", "now")
            continue
        words = (
            f"unreachable: {state.error}" if state.last_outcome is Outcome.FAILED else str(state.last_outcome)
        )
        due = f"{state.next_at.astimezone(zone):%m/%d %H:%M}" if state.next_at else "now"
        table.add_row(source.name, f"{state.last_at.astimezone(zone):%m/%d %H:%M}", words, due)
    own = "、".join(topic.brand for topic in config.topics if topic.own)
    others = "、".join(topic.brand for topic in config.topics if not topic.own)
    lines = [f"[bold]{address}[/]", f"watching {own}" + (f" beside {others}" if others else "")]
    if config.publisher.enabled:
        base = f"http://127.0.0.1:{config.publisher.port}"
        lines.append(f"an invented brand, published on this machine: Slack {base}/slack · mail {base}/mail")
        lines.append("watch your own: kikimimi init")
    from rich.console import Group

    return Panel(Group(*lines, "", table), title="Kikimimi 聞き耳", expand=False)
