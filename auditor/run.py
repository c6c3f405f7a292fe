"""Work over pages on an executor, local or a cluster's; no result depends on who finishes first."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import pyarrow as pa

from auditor import sources
from auditor.errors import AuditError
from auditor.schema import CLAIM, Page
from auditor.stages import Judge
from auditor.statements import Dataset
from auditor.store import Part, PartWriter


@dataclass(frozen=True, slots=True)
class Job:
    """What every page of an audit is worked with; small, and goes with the page to any machine."""

    folder: Path
    dataset: Dataset
    policy: str
    digest: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a page: the sentence that says why it could not be read to its end, or None."""

    page: str
    locator: str
    error: str | None


def work(job: Job, page: Page, done: list[Part]) -> Outcome:
    """Chain the stages for one page and write its parts, after those that are already done."""
    failures: list[str] = []
    start = max((p.next_row for p in done), default=0)
    claims = guarded(page, start, failures)
    PartWriter(job.folder, page, job.digest, done).write(Judge(job.dataset, job.policy)(claims, page.key))
    return Outcome(page.key, page.locator, failures[0] if failures else None)


def guarded(page: Page, start: int, failures: list[str]) -> Iterator[pa.RecordBatch]:
    """Parse a page from row `start`; what breaks it becomes one claim with an error, and the sentence in `failures`."""
    row = start
    try:
        for batch in sources.source(page.source).parse(page):
            if not batch.num_rows:
                continue
            rows = batch.column(batch.schema.get_field_index("row"))
            row = int(rows[-1].as_py()) + 1
            if start and int(rows[0].as_py()) < start:
                batch = batch.filter(pa.compute.greater_equal(rows, start))
            if batch.num_rows:
                yield batch
    except MemoryError:
        raise
    except Exception as error:  # any bytes may come in: one broken page must not take the others with it
        failures.append(sentence(page, error))
        yield pa.RecordBatch.from_pylist([{"item_id": page.locator, "row": row, "error": failures[0]}], schema=CLAIM)


def sentence(page: Page, error: Exception) -> str:
    """Say in one sentence what was wrong with the page."""
    if isinstance(error, AuditError):
        return str(error)
    said = " ".join(str(error).split())[:200] or type(error).__name__
    return (
        f"{page.locator} could not be read to its end ({said}): check that it is whole and of the kind it seems to be."
    )


@dataclass(frozen=True, slots=True)
class Workers:
    """Who works: an executor that is handed in, else `count` threads, or processes."""

    executor: Executor | None = None
    count: int | None = None
    processes: bool = False


Made = TypeVar("Made")


def each(do: Callable[..., Made], jobs: Iterable[tuple[Any, ...]], workers: Workers) -> Iterator[Made]:
    """Run `do(*job)` for every job, with a bounded number in flight; yield as they finish."""
    count = workers.count or os.cpu_count() or 1
    with _pool(workers, count) as pool:
        flying: set[Future[Made]] = set()
        try:
            for job in jobs:
                if len(flying) >= 2 * count:
                    done, flying = wait(flying, return_when=FIRST_COMPLETED)
                    yield from (f.result() for f in done)
                flying.add(pool.submit(do, *job))
            while flying:
                done, flying = wait(flying, return_when=FIRST_COMPLETED)
                yield from (f.result() for f in done)
        except BaseException:
            for future in flying:
                future.cancel()
            raise


def _end_with_parent() -> None:
    """Let a worker end when the process that started it is killed, lest it write beside the run that comes next."""
    parent = parent_process()

    def watch() -> None:
        assert parent is not None
        parent.join()
        os._exit(1)

    Thread(target=watch, daemon=True).start()


class _Process(ForkServerProcess):
    """A process that is told nothing of the program that starts it: a script would be run again in it, and start more."""

    def start(self) -> None:
        main = sys.modules["__main__"].__dict__
        names = "__file__", "__spec__"
        held = {name: main[name] for name in names if name in main}
        main.update(dict.fromkeys(names))
        try:
            super().start()
        finally:
            for name in names:
                del main[name]
            main.update(held)


class _Context(ForkServerContext):
    """Processes begun anew, since a fork of a process that has threads may hang."""

    Process = _Process


@contextmanager
def _pool(workers: Workers, count: int) -> Iterator[Executor]:
    if workers.executor is not None:
        yield workers.executor
    elif workers.processes:
        with ProcessPoolExecutor(count, _Context(), initializer=_end_with_parent) as pool:
            yield pool
    else:
        with ThreadPoolExecutor(count) as threads:
            yield threads
