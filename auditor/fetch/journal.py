"""What was planned, started and finished, kept so that a kill or a loss of power costs at most what was in flight.

pages/asked-NNNNN.jsonl      one line an event; a finished request's line holds its page, body and all (base64)
pages/asked-NNNNN.parquet    the pages of a closed journal as PAGE rows, with `ask` (the request's key) and `final`

Lines are written in the order they are given, by `settle` and at the latest SYNC seconds later. What a step's line says is done when it is written,
so a kill can't lose it; it is on the disk at most SYNC seconds later, so a loss of power repeats what was asked since. A journal closes at
PART_BYTES or PART_ROWS: a new one is begun, the old one becomes Parquet, whole, and goes.
"""

import os
import re
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Self

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec.structs import astuple

from auditor.schema import PAGE, Page
from auditor.store import sync

PART_BYTES, PART_ROWS = 64 << 20, 10_000
GROUP_BYTES, GROUP_ROWS = 4 << 20, 1_000  # of a Parquet row group: what is read to get one page back
SYNC = 1.0
MERGED = 1 << 19  # pages that one index holds: to merge two takes three times their memory
FINAL = frozenset({404, 410, 451})
ROW = pa.schema([*PAGE, ("ask", pa.binary(8)), ("final", pa.bool_())])
NAME = re.compile(r"asked-(\d{5,})\.(jsonl|parquet)")


class Row(msgspec.Struct):
    """A PAGE row but for its number, path and body, as it will stand in the part."""

    page_key: str
    source: str
    level: str
    locator: str
    stamp: str
    slice: str | None
    context: str
    retrieved: int  # seconds since 1970
    status: int
    media_type: str | None
    sha256: str | None
    keys: list[str] | None


class Line(msgspec.Struct, omit_defaults=True):
    """One event: exactly one of planned, started, finished has the request's key (16 hexadecimal digits)."""

    planned: str | None = None
    started: str | None = None
    finished: str | None = None
    url: str | None = None
    source: str | None = None
    at: float | None = None  # seconds since 1970
    page: Row | None = None
    body: bytes | None = None


def _nothing(_: BaseException | None) -> None:
    """Do nothing then."""


class Event(msgspec.Struct, gc=False):
    """A line that waits to be written, and what is to be done then."""

    key: str
    line: bytes
    finished: bool = False
    final: bool = False
    then: Callable[[BaseException | None], None] = _nothing


NOTHING = Event("", b"")
SAME = ("source", "level", "locator", "stamp", "status", "media_type", "sha256")  # of a page and its row
FIELDS = Row.__struct_fields__
FINISHED = b'{"finished":'  # begins the line of a finished request
encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Line).decode


def final(page: Page) -> bool:
    """Say whether a page need not be asked for again by a later run: 2xx, 404, 410, 451."""
    return lasting(page.status)


def lasting(status: int) -> bool:
    """Say whether an answer of this status need not be asked for again by a later run."""
    return 200 <= status < 300 or status in FINAL


class Journal:
    """The journal of one audit; one process writes into it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.lock = folder, threading.RLock()
        self.closed = Closed(folder)
        self.waiting: deque[Event] = deque()
        self.broken: Exception | None = None  # the disk is full, or gone
        self.open: dict[str, bytes] = {}  # the last line of what is planned or started and not finished
        self.recent: dict[str, tuple[int, int, int]] = {}  # final pages not in a part: journal, offset, length
        self.files: dict[int, BinaryIO] = {}
        self.dirty: set[int] = set()  # journals with lines that may not be on the disk
        self.number = self._recover()
        self.left = len(self.open)  # requests that an earlier run planned or started, and did not finish
        self.open.clear()
        self.stop = threading.Event()
        self.closer = ThreadPoolExecutor(1, "part")
        self._begin()
        threading.Thread(target=self._sync, name="journal", daemon=True).start()

    def get(self, key: str) -> Page | None:
        """Return the final page of a request that was finished earlier, or None."""
        place = self.recent.get(key)
        if place is not None:
            number, offset, length = place
            with self.lock:
                stream = self.files.get(number)
                said = os.pread(stream.fileno(), length, offset) if stream else None
            if said is not None:
                line = decode(said)
                return page_of(line.page, line.body) if line.page else None
        return self.closed.get(key)

    def has(self, keys: Sequence[str]) -> set[str]:
        """Return those of some requests' keys for which `get` has a page."""
        return self.closed.has(keys) | {key for key in keys if key in self.recent}

    def planned(self, asks: Iterable[tuple[str, str, str]]) -> None:
        """Write down requests (key, URL, source) that are about to be made."""
        for key, url, source in asks:
            self.waiting.append(Event(key, encode(Line(planned=key, url=url, source=source)) + b"\n"))

    def started(self, key: str) -> None:
        """Write down that a request is being made."""
        self.waiting.append(Event(key, encode(Line(started=key, at=int(time.time() * 1000) / 1000)) + b"\n"))

    def finished(self, key: str, page: Page, then: Callable[[BaseException | None], None] = _nothing) -> None:
        """Write down a page; `then` is called when a kill can't lose it, or with what went wrong."""
        line = encode(Line(finished=key, page=row_of(page), body=page.body)) + b"\n"
        self.waiting.append(Event(key, line, True, lasting(page.status), then))

    def settle(self) -> None:
        """Write what waits; when this returns, all that was finished before is written."""
        events: list[Event] = [NOTHING]
        while events:
            with self.lock:
                events, error = self._drain()
            for event in events:
                event.then(error)

    def _drain(self) -> "tuple[list[Event], Exception | None]":
        """Write some of what waits; return it, and what went wrong: then nothing is written any more."""
        events: list[Event] = []
        with suppress(IndexError):
            while len(events) < 1000:
                events.append(self.waiting.popleft())
        try:
            if events and self.broken is None:
                self._write_events(events)
        except Exception as error:
            self.broken = error
        return events, self.broken

    def _write_events(self, events: "list[Event]") -> None:
        offset = self.size
        self._write(b"".join(e.line for e in events))
        for event in events:
            if event.finished:
                self.open.pop(event.key, None)
                self.rows += 1
                if event.final:
                    self.recent[event.key] = (self.number, offset, len(event.line))
            else:
                self.open[event.key] = event.line
            offset += len(event.line)
        if self.rows >= PART_ROWS or self.size >= PART_BYTES:
            self._turn()

    def close(self) -> None:
        """Make Parquet of what is finished; requests that are not stay in a journal."""
        with self.lock:
            if self.stop.is_set():
                return
            self.stop.set()
        self.settle()
        self.closer.shutdown()
        old, rows = self.number, self.rows
        try:
            if self.open and self.broken is None:
                self._begin()
                os.fsync(self.stream.fileno())
            os.fsync(self.files[old].fileno())
        finally:
            for stream in self.files.values():
                stream.close()
            self.files.clear()
        if self.broken is None:  # else the next run does it
            self._part(old, empty=not rows)

    def _write(self, said: bytes) -> None:
        view = memoryview(said)
        while view:
            view = view[os.write(self.stream.fileno(), view) :]
        self.size += len(said)
        self.dirty.add(self.number)

    def _begin(self) -> None:
        self.number += 1
        self.stream: BinaryIO = (self.folder / f"asked-{self.number:05}.jsonl").open("xb+", buffering=0)
        self.files[self.number] = self.stream
        self.size, self.rows = 0, 0
        self._write(b"".join(self.open.values()))

    def _turn(self) -> None:
        """Begin a new journal, and make Parquet of the old one in a thread: always the same, since each would keep memory of its own."""
        old = self.number
        self._begin()
        self.closer.submit(self._close, old)

    def _close(self, number: int) -> None:
        self._part(number)
        with self.lock:
            self.files.pop(number).close()
            self.recent = {k: v for k, v in self.recent.items() if v[0] != number}

    def _part(self, number: int, empty: bool = False) -> None:
        journal = self.folder / f"asked-{number:05}.jsonl"
        part = journal.with_suffix(".parquet")
        if not empty and not part.exists():
            write_part(journal, part)
        if part.exists():
            self.closed.add(part)
        journal.unlink()

    def _recover(self) -> int:
        """Bring what an earlier run left into order; return the greatest number in use."""
        for torn in self.folder.glob("asked-*.tmp"):
            torn.unlink()
        numbers = [int(m[1]) for f in self.folder.iterdir() if (m := NAME.fullmatch(f.name))]
        for journal in sorted(self.folder.glob("asked-*.jsonl")):
            number, rows = int(journal.stem[6:]), 0
            for line in lines(journal):
                key = line.planned or line.started or line.finished or ""
                if line.finished:
                    self.open.pop(key, None)
                    rows += 1
                else:
                    self.open[key] = b""
            self._part(number, empty=not rows)
        for part in sorted(self.folder.glob("asked-*.parquet")):
            self.closed.add(part)
        return max(numbers, default=-1)

    def _sync(self) -> None:
        while not self.stop.wait(SYNC):
            self.settle()
            with self.lock:
                files = [] if self.stop.is_set() else [self.files[n] for n in self.dirty if n in self.files]
                copies = [os.dup(file.fileno()) for file in files]
                self.dirty.clear()
            for copy in copies:
                os.fsync(copy)
                os.close(copy)


def lines(journal: Path, begin: bytes = b"") -> Iterator[Line]:
    """Yield a journal's lines, or those that begin so; one that is torn is an event that did not come to be."""
    with journal.open("rb") as stream:
        for said in stream:
            if not said.endswith(b"\n"):
                return
            if not said.startswith(begin):
                continue
            try:
                yield decode(said)
            except msgspec.DecodeError:
                continue


def write_part(journal: Path, part: Path) -> None:
    """Write the finished pages of a journal as one Parquet file that appears whole."""
    held, number = 0, 0
    partial = part.with_suffix(".tmp")
    with pq.ParquetWriter(partial, ROW, compression="zstd", use_dictionary=["source", "level", "media_type"]) as out:
        group: list[Line] = []
        for line in lines(journal, FINISHED):
            if line.page is None:
                continue
            group.append(line)
            held += len(line.body or b"")
            if held >= GROUP_BYTES or len(group) >= GROUP_ROWS:
                out.write_batch(_batch(group, number))
                held, number, group = 0, number + len(group), []
        if group:
            out.write_batch(_batch(group, number))
    sync(partial)
    os.replace(partial, part)
    folder = os.open(part.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _batch(group: list[Line], number: int) -> pa.RecordBatch:
    """Return the rows of finished lines, without a Python object a field where a column will do."""
    rows = [astuple(line.page) for line in group if line.page]
    columns: dict[str, Any] = dict(zip(FIELDS, zip(*rows, strict=True), strict=True))
    columns |= {
        "number": range(number, number + len(rows)),
        "path": [None] * len(rows),
        "body": [line.body for line in group],
        "ask": [bytes.fromhex(line.finished or "") for line in group],
        "final": [lasting(status) for status in columns["status"]],
    }
    return pa.RecordBatch.from_arrays([pa.array(columns[f.name], f.type) for f in ROW], schema=ROW)


def row_of(page: Page) -> Row:
    """Return the row of a page."""
    return Row(
        page_key=page.key,
        source=page.source,
        level=page.level,
        locator=page.locator,
        stamp=page.stamp,
        slice=None if page.slice is None else encode(page.slice).decode(),
        context=encode(page.context).decode(),
        retrieved=int(page.retrieved.timestamp()),
        status=page.status,
        media_type=page.media_type,
        sha256=page.sha256,
        keys=page.context.get("keys") if page.level == "items" else None,
    )


def page_of(row: Row, body: bytes | None) -> Page:
    """Return the page of a row."""
    return Page(
        **{f: getattr(row, f) for f in SAME},
        slice=None if row.slice is None else msgspec.json.decode(row.slice),
        context=msgspec.json.decode(row.context),
        retrieved=datetime.fromtimestamp(row.retrieved, UTC),
        body=body,
    )


@dataclass(frozen=True, slots=True)
class Index:
    """Where the final pages of closed parts are, by key: sorted, 16 bytes a page."""

    keys: Any
    parts: Any
    rows: Any


class Closed:
    """The closed parts: a sorted index in memory, and the row groups read last."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.lock = folder, threading.Lock()
        self.files: list[Path] = []
        self.indexes: list[Index] = []
        self.groups: OrderedDict[tuple[int, int], tuple[int, list[dict[str, Any]]]] = OrderedDict()

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Return the closed parts of an audit that nobody writes into."""
        made = cls(folder)
        for part in sorted(folder.glob("asked-*.parquet")):
            made.add(part)
        return made

    def add(self, part: Path) -> None:
        """Take a part's final pages into the index; a part added twice counts once."""
        if part in self.files:
            return
        table = pq.read_table(part, columns=["ask", "final"])
        chosen = np.flatnonzero(table["final"].to_numpy())
        raw = b"".join(table["ask"].to_pylist())
        keys = np.frombuffer(raw, dtype=">u8")[chosen].astype(np.uint64)
        order = np.argsort(keys, kind="stable")
        number = len(self.files)
        made = Index(keys[order], np.full(len(keys), number, np.int32), chosen[order].astype(np.int32))
        with self.lock:
            self.files.append(part)
            self.indexes.append(made)
            while len(self.indexes) > 1:
                earlier, last = (len(i.keys) for i in self.indexes[-2:])
                if earlier >= 2 * last or earlier + last > MERGED:
                    break
                self.indexes.append(_merged(self.indexes.pop(-2), self.indexes.pop()))

    def has(self, keys: Sequence[str]) -> set[str]:
        """Return those of some keys that there are pages of."""
        wanted = np.array([int(key, 16) for key in keys], np.uint64)
        found = np.zeros(len(wanted), bool)
        with self.lock:
            indexes = [i for i in self.indexes if len(i.keys)]
        for index in indexes:
            at = np.searchsorted(index.keys, wanted)
            found |= index.keys[np.minimum(at, len(index.keys) - 1)] == wanted
        return {key for key, there in zip(keys, found.tolist(), strict=True) if there}

    def get(self, key: str) -> Page | None:
        """Return the page of a key, the newest where there are several, or None."""
        wanted = np.uint64(int(key, 16))
        with self.lock:
            for index in reversed(self.indexes):
                at = int(np.searchsorted(index.keys, wanted, side="right")) - 1
                if at >= 0 and index.keys[at] == wanted:
                    return self._read(int(index.parts[at]), int(index.rows[at]))
        return None

    def _read(self, part: int, row: int) -> Page:
        for (number, _), (first, rows) in reversed(self.groups.items()):
            if number == part and first <= row < first + len(rows):
                return self._page(rows[row - first])
        with pq.ParquetFile(self.files[part]) as file:
            first = 0
            for group in range(file.num_row_groups):
                count = file.metadata.row_group(group).num_rows
                if row < first + count:
                    rows = file.read_row_group(group).to_pylist()
                    break
                first += count
        self.groups[part, group] = (first, rows)
        while len(self.groups) > 8:
            self.groups.popitem(last=False)
        return self._page(rows[row - first])

    @staticmethod
    def _page(row: dict[str, Any]) -> Page:
        said = {f: row[f] for f in FIELDS} | {"retrieved": int(row["retrieved"].timestamp())}
        return page_of(Row(**said), row["body"])


def _merged(one: Index, two: Index) -> Index:
    keys = np.concatenate([one.keys, two.keys])
    order = np.argsort(keys, kind="stable")
    return Index(
        keys[order], np.concatenate([one.parts, two.parts])[order], np.concatenate([one.rows, two.rows])[order]
    )
