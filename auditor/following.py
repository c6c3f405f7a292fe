"""Following each item to its origin, in rounds: the distinct origins are asked once each, and their items concluded again.

What a host answers is in the journal the moment it is had (`fetch/journal.py`). Origins are asked in batches; a batch whose
origins were all asked to their end leaves a file in `pages/origins/`, so that a later run passes over them.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from functools import partial
from itertools import count, islice
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from auditor import sources
from auditor.again import conclude_again
from auditor.fetch import Get, limits
from auditor.fetch.journal import Journal, final
from auditor.fetch.plan import Estimate, estimates
from auditor.reach import ASKED, LAST_SEEN, Reach, asked, stored
from auditor.run import Job, Workers
from auditor.schema import Page
from auditor.settle import rewrite
from auditor.store import append, followed, page_of, read_parts, sync

BATCH, AT_ONCE = 2_000, 4  # origins in a batch, and batches of one source: none waits for the last one's slowest host

Watch = Callable[[int, int], None]  # origins asked, of how many


@dataclass(frozen=True, slots=True)
class Following:
    """What is followed: an audit whose first pass is done, its pages of items, and the hash of its plan."""

    job: Job
    pages: list[Page]
    workers: Workers
    plan: str
    rounds: int

    def whole(self, get: Get, ask: bool, watch: Watch) -> dict[str, Any]:
        """Ask what is to be asked, where `ask`; conclude the items again; return the counts for audit.json."""
        folder = self.job.folder
        before = followed(folder)
        if before and before["mark"] == self.mark() and not (ask and before["counts"]["open"]):
            return dict(before["counts"])
        reach = Reach(folder, read_parts(folder), self.pages, self.workers)
        if ask:
            self._ask(reach, get, watch)
        get.close()
        Journal(folder / "pages").close()  # makes a part of what a killed run left
        reach.derive()
        if get.earlier is not None and last_seen(reach, get.earlier):
            reach.derive()
        for hop in range(2, self.rounds + 1):
            reach.onward(hop)
        why = "--offline forbids it" if get.offline else "run again with --follow"
        found = reach.choose(self.rounds, why)
        counts = {"rounds": self.rounds, **reach.counts()}
        append(folder, self._concluded(reach, found) | {"followed": {"mark": self.mark(), "counts": counts}})
        return counts

    def estimates(self, get: Get) -> list[Estimate]:
        """Return what the first round would ask, by host; nothing is asked, nothing written down."""
        reach = Reach(self.job.folder, read_parts(self.job.folder), self.pages, self.workers)
        since = max((int(Path(f).stem) for f in asked(self.job.folder)), default=-1) + 1
        found: list[Estimate] = []
        for source, (path, total) in reach.todo(1, since).items():
            found += estimates(source, _batches(source, path), total, get)
        return found

    def mark(self) -> str:
        """Hash of all that the conclusions hang on: code, dataset, pages, rounds and stored answers."""
        files = [*stored(self.job.folder), *map(Path, asked(self.job.folder))]
        said = [self.job.digest, self.plan, str(self.rounds), *(f"{f.name} {f.stat().st_size}" for f in files)]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:20]

    def _ask(self, reach: Reach, get: Get, watch: Watch) -> None:
        """Ask for the origins of each round, those left out that were answered for good."""
        numbers = count(max((int(Path(f).stem) for f in asked(self.job.folder)), default=-1) + 1)
        since = next(numbers)
        for hop in range(1, self.rounds + 1):
            if hop > 1:
                reach.derive()
                reach.onward(hop)
            todo = reach.todo(hop, since)
            if todo:
                _round({s: path for s, (path, _) in todo.items()}, get, self.job.folder, numbers, _told(todo, watch))
            get.close()

    def _concluded(self, reach: Reach, found: str) -> dict[str, Any]:
        """Conclude the chosen items again, and take them out of the parts they stood in; nothing is registered yet."""
        if not reach.count("FROM chosen"):
            return {"settled": [], "plan": self.plan}
        made = conclude_again(self.job, reach.db, self.pages, self.workers, self.mark(), found)
        chosen = self.job.folder / "tmp" / "again" / "chosen"
        made += [
            rewrite(self.job.folder, part, partial(_without, pq.read_table(file, columns=["row"])["row"].to_numpy()))
            for part in reach.parts
            if not part.again and (file := chosen / f"{part.page}.parquet").exists()
        ]
        return {
            "settled": [asdict(p) for p in made],
            "plan": self.plan,
            "drops": [p.name for p in reach.parts if p.again],
        }


def last_seen(reach: Reach, earlier: Path) -> bool:
    """Take over what an earlier audit was answered on origins that have nothing more to show; say whether there was any."""
    reach.unseen()
    parts = stored(earlier.parent)
    if not parts or not reach.count("FROM unseen"):
        return False
    rows = reach.db.execute(
        "SELECT filename, file_row_number, list(key ORDER BY key) FROM (SELECT filename, file_row_number, unnest(keys) AS key"
        " FROM read_parquet($files, filename = true, file_row_number = true)) SEMI JOIN unseen USING (key)"
        " GROUP BY ALL ORDER BY ALL",
        {"files": [str(p) for p in parts]},
    ).fetchall()
    if not rows:
        return False
    journal = Journal(reach.folder / "pages")
    for part in parts:
        wanted = {row: keys for name, row, keys in rows if name == str(part)}
        if not wanted:
            continue
        every = (r for b in pq.ParquetFile(part).iter_batches(256) for r in b.to_pylist())
        for number, row in enumerate(every):
            if number in wanted:
                page = page_of(row, earlier.parent)
                kept = page.with_(context={**page.context, "keys": wanted[number], LAST_SEEN: True})
                # Under a key of its own: what the request is answered now must be found under the request's.
                journal.finished(hashlib.sha256(row["ask"] + LAST_SEEN.encode()).hexdigest()[:16], kept)
    journal.close()
    return True


def _without(rows: np.ndarray[Any, Any], batch: pa.RecordBatch) -> pa.RecordBatch:
    own = batch.column("row").to_numpy()
    place = np.searchsorted(rows, own)
    place[place == len(rows)] = 0
    return batch.filter(pa.array(rows[place] != own))


def _told(todo: dict[str, tuple[Path, int]], watch: Watch) -> Callable[[int], None]:
    total, done = sum(n for _, n in todo.values()), count(1)

    def told(answers: int) -> None:
        for _ in range(answers):
            watch(next(done), total)

    return told


def _round(todo: dict[str, Path], get: Get, folder: Path, numbers: Iterator[int], told: Callable[[int], None]) -> None:
    """Ask every source for its origins, several batches at a time; the door keeps each host's pace."""
    (folder / "pages" / "origins").mkdir(exist_ok=True)
    stop = Event()
    left = {source: _batches(source, path) for source, path in todo.items()}
    flying: dict[Future[None], str] = {}
    with ThreadPoolExecutor(AT_ONCE * len(left)) as threads:

        def start(source: str) -> None:
            if keys := next(left[source], None):
                place = folder / "pages" / "origins" / f"{next(numbers):08}.parquet"
                flying[threads.submit(_batch, source, keys, get, place, stop, told)] = source

        try:
            for source in [s for s in left for _ in range(AT_ONCE)]:
                start(source)
            while flying:
                for done in wait(flying, return_when=FIRST_COMPLETED).done:
                    source = flying.pop(done)
                    done.result()
                    start(source)
        except BaseException:
            stop.set()
            get.close()
            raise


def _batches(source: str, path: Path) -> Iterator[list[str]]:
    """Yield the origins of a file in batches; where one request answers more of them, none is parted."""
    size = max(BATCH, limits.of(source).batch)
    keys = (k for b in pq.ParquetFile(path).iter_batches(1 << 16) for k in b.column(0).to_pylist())
    while batch := list(islice(keys, size)):
        yield batch


def _batch(source: str, keys: list[str], get: Get, place: Path, stop: Event, told: Callable[[int], None]) -> None:
    """Ask a source for a batch of origins, and write down which were answered for good."""
    answered: dict[str, bool] = {}
    for page in sources.source(source).items(keys, get):
        if stop.is_set():
            return
        for key in page.context["keys"]:
            told(key not in answered)
            answered[key] = answered.get(key, True) and final(page)
    if stop.is_set():
        return
    number = int(place.stem)
    table = pa.Table.from_pylist([{"key": k, "batch": number, "final": answered.get(k, False)} for k in keys], ASKED)
    pq.write_table(table, place.with_suffix(".tmp"))
    sync(place.with_suffix(".tmp"))
    os.replace(place.with_suffix(".tmp"), place)
