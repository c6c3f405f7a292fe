"""The audit on disk: a folder that is whole at every moment, whatever is killed.

audit.json    what was asked, with which versions, and how it stands
parts.jsonl   one line a part, appended once its file is whole: name, page, rows, sha256, digest
pages/        pages-*.parquet: the PAGE rows; files/: what was fetched, as received
findings/     FINDING parts, together one Parquet dataset
"""

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from auditor.errors import AuditError, BadInput
from auditor.schema import FINDING, PAGE, Page
from auditor.target import printable

PART_BYTES, PART_SECONDS = 64 << 20, 30.0
PAGES = "pages-00000.parquet"
HASHED_AT_ONCE = 16 << 20  # bytes between two turns at the interpreter's lock, which whoever reads the same file holds
CODED = frozenset(
    {"level", "kind", "split", "language", "scope", "statement", "statement_url", "authority", "license_declared"}
    | {
        "license_concluded",
        "license_comments",
        "category",
        "access_category",
        "verdict",
        "reason",
        "conflict",
        "page_key",
    }
)
CODE = pa.dictionary(pa.int32(), pa.string())
STORED = pa.schema([pa.field(f.name, CODE if f.name in CODED else f.type) for f in FINDING])


@dataclass(frozen=True, slots=True)
class Part:
    """One line of parts.jsonl."""

    name: str
    page: str
    number: int  # of the page, in the order of fetching
    rows: int
    next_row: int  # the first row of the page that this part and those before it do not hold
    sha256: str
    digest: str  # of the code, knowledge and options that made it
    last: bool  # the page is done
    first_id: str | None = None  # the least and greatest id, where the ids ascend strictly
    last_id: str | None = None
    unique: bool = False  # ids made of locator and row: no two alike
    replaces: str | None = None
    again: bool = False  # holds items concluded again (`again.py`), of any page


class Store:
    """An audit's folder; one process writes into it at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.findings, self.pages = folder / "findings", folder / "pages"
        self._lock: IO[str] | None = None

    def open(self) -> None:
        """Make the folder ready for writing and lock it; AuditError where another audit holds it or it is something else."""
        if self.folder.exists() and not self.folder.is_dir():
            raise BadInput(f"{self.folder} is a file: give -o a folder that is an audit or does not exist yet.")
        ours = any((self.folder / name).exists() for name in ("audit.json", "lock"))
        if self.folder.is_dir() and any(self.folder.iterdir()) and not ours:
            raise BadInput(f"{self.folder} holds something that is not an audit: give -o another folder.")
        for place in (self.findings, self.pages / "files"):
            place.mkdir(parents=True, exist_ok=True)
        self._lock = (self.folder / "lock").open("w", encoding="utf-8")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AuditError(
                f"another audit is writing into {self.folder}: wait for it, or give -o another folder."
            ) from None

    def close(self) -> None:
        """Let the folder go."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def info(self) -> dict[str, Any]:
        """Return audit.json; BadInput where the folder is no audit."""
        try:
            said: dict[str, Any] = json.loads((self.folder / "audit.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise BadInput(
                f"{self.folder} is not an audit (no audit.json): run `auditor audit TARGET -o {self.folder}` first."
            ) from None
        except (json.JSONDecodeError, NotADirectoryError, UnicodeDecodeError):
            raise BadInput(
                f"{self.folder} is not an audit (audit.json cannot be read): audit the dataset again."
            ) from None
        return said

    def finished(self) -> bool:
        """Say whether the audit was done to its end."""
        return (self.folder / "audit.json").exists() and self.info()["finished"] is not None

    def write_info(self, info: dict[str, Any]) -> None:
        """Replace audit.json, whole."""
        write_whole(self.folder / "audit.json", json.dumps(info, indent=1, ensure_ascii=False, default=str) + "\n")

    def parts(self) -> list[Part]:
        """Return the live parts (replaced and dropped ones left out); a torn last line is a part never finished."""
        return read_parts(self.folder)

    def clear(self, keep: set[str]) -> None:
        """Remove findings that no live part names: left by a kill, or of pages that are no longer there."""
        for file in self.findings.iterdir():
            if file.name not in keep:
                file.unlink()

    def drop(self, parts: Iterable[Part]) -> None:
        """Take parts out of the audit, before their files go."""
        for part in parts:
            append(self.folder, {"drop": part.name})

    def forget(self) -> None:
        """Drop every part, to begin anew."""
        (self.folder / "parts.jsonl").unlink(missing_ok=True)
        self.clear(keep=set())

    def hashes(self) -> "Hashes":
        """Return what hashes the files that stay in place; none whose page an earlier run hashed."""
        return Hashes(self.pages / PAGES)

    def write_pages(self, pages: Iterable[Page], hashes: "Hashes") -> None:
        """Write the PAGE rows of this audit, whole."""
        target = self.pages / PAGES
        with pq.ParquetWriter(target.with_suffix(".tmp"), PAGE, compression="zstd") as writer:
            rows: list[dict[str, Any]] = []
            for page in pages:
                rows.append(page_row(hashes.of(page), self.folder))
                if len(rows) >= 10_000:
                    writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=PAGE))
                    rows = []
            writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=PAGE))
        sync(target.with_suffix(".tmp"))
        os.replace(target.with_suffix(".tmp"), target)


class Hashes:
    """SHA-256 of what pages hold: each file once, and none whose page was hashed by an earlier run."""

    def __init__(self, earlier: Path | None = None) -> None:
        self.files: dict[str, str | None] = {}
        self.begun: dict[str, Future[str | None]] = {}
        self.queue: SimpleQueue[str | None] = SimpleQueue()
        self.known: dict[str, str | None] = {}
        if earlier is not None and earlier.exists():
            table = pq.read_table(earlier, columns=["page_key", "sha256"]).to_pydict()
            self.known = dict(zip(table["page_key"], table["sha256"], strict=True))

    def ahead(self, page: Page) -> None:
        """Begin to hash a page's file beside whatever is done meanwhile."""
        if page.sha256 or page.body is not None or page.path is None or self.known.get(page.key):
            return
        if page.path in self.begun or not Path(page.path).is_file():
            return
        if not self.begun:  # a daemon, since an audit that is broken off shall not wait for the rest of a large file
            Thread(target=self._hash, name="hash", daemon=True).start()
        self.begun[page.path] = Future()
        self.queue.put(page.path)

    def _hash(self) -> None:
        while (path := self.queue.get()) is not None:
            self.begun[path].set_result(_hash_of(Path(path)))

    def close(self) -> None:
        """Hash no further."""
        self.queue.put(None)

    def of(self, page: Page) -> Page:
        """Return the page with the hash of its bytes."""
        if page.sha256:
            return page
        return page.with_(sha256=self.known.get(page.key) or self.taken(page))

    def taken(self, page: Page) -> str | None:
        """Return the hash of what a page's bytes are now; None where there are none, or no file that holds them.

        Of a slice it is the whole file's; of files in a folder that of the lines `hash  place`, as sha256sum prints them.
        """
        if page.body is not None:
            return hashlib.sha256(page.body).hexdigest()
        if page.path is None or not Path(page.path).exists():
            return None
        if Path(page.path).is_file():
            return self._file(Path(page.path))
        each = [(f, Path(page.path) / f) for f in bundled(page)]
        lines = "".join(f"{self._file(p) or 'not read'}  {f}\n" for f, p in each)
        return hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest() if lines else None

    def _file(self, path: Path) -> str | None:
        name = str(path)
        if name not in self.files:
            self.files[name] = self.begun[name].result() if name in self.begun else _hash_of(path)
        return self.files[name]


def _hash_of(path: Path) -> str | None:
    try:
        return hash_file(path)
    except OSError:  # gone, or not ours to read: its items' findings say so
        return None


def bundled(page: Page) -> list[str]:
    """Return the places in its folder of the files that a page stands for; none for a page of one file or body."""
    named = (page.slice or {}).get("files")
    named = named if isinstance(named, list) else page.context.get("files")
    folder = page.body is None and page.path is not None and not Path(page.path).is_file()
    return [n for n in named if isinstance(n, str)] if folder and isinstance(named, list) else []


_KEPT = ("number", "source", "level", "locator", "retrieved", "status", "media_type", "sha256", "body", "stamp")


def page_row(page: Page, folder: Path) -> dict[str, Any]:
    """Return the PAGE row; a path inside the audit is written relative to it, so that an audit can be moved."""
    path = page.path
    if path is not None and Path(path).is_relative_to(folder):
        path = Path(path).relative_to(folder).as_posix()
    path = path and printable(path)
    return {n: getattr(page, n) for n in _KEPT} | {
        "page_key": page.key,
        "path": path,
        "slice": json.dumps(page.slice) if page.slice is not None else None,
        "context": json.dumps(page.context, default=str),
        "keys": page.context.get("keys") if page.level == "items" else None,
    }


def path_of(row: dict[str, Any], folder: Path) -> str | None:
    """Return where a PAGE row's bytes lie: a relative path means a place in the audit, where the user is, or beside the audit."""
    path: str | None = row["path"]
    if path is None or Path(path).is_absolute():
        return path
    places = (folder / path, Path(path), folder.parent / path)
    return str(next((p for p in places if p.exists()), Path(path)))


def page_of(row: dict[str, Any], folder: Path) -> Page:
    """Return the page of a PAGE row."""
    kept = {n: row[n] for n in _KEPT}
    return Page(
        **kept, path=path_of(row, folder), slice=json.loads(row["slice"] or "null"), context=json.loads(row["context"])
    )


def read_parts(folder: Path) -> list[Part]:
    """Return the live parts of the audit in `folder`; one whose file is gone is none."""
    return [p for p in registered(folder) if (folder / "findings" / p.name).exists()]


def registered(folder: Path) -> list[Part]:
    """Return the parts that the audit in `folder` says it has."""
    live: dict[str, Part] = {}
    try:
        lines = (folder / "parts.jsonl").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    for line in lines:
        try:
            said = json.loads(line)
        except json.JSONDecodeError:
            continue
        for name in [said["drop"]] if "drop" in said else said.get("drops", []):
            live.pop(name, None)
        if "drop" in said:
            continue
        for one in said.get("settled", [said]):
            part = Part(**one)
            if part.replaces:
                live.pop(part.replaces, None)
            live[part.name] = part
    return list(live.values())


def settled_plan(folder: Path) -> str | None:
    """Return the hash of the pages over which ids were made to stand for one finding each, or None."""
    plans = [line["plan"] for line in _settled(folder)]
    return plans[-1] if plans else None


def followed(folder: Path) -> dict[str, Any] | None:
    """Return what was written down when the items were last concluded again with what their origins say, or None."""
    said: list[dict[str, Any]] = [line["followed"] for line in _settled(folder) if "followed" in line]
    return said[-1] if said else None


def _settled(folder: Path) -> list[dict[str, Any]]:
    try:
        lines = (folder / "parts.jsonl").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in lines if line.startswith('{"settled"') and line.endswith("}")]


def append(folder: Path, line: dict[str, Any]) -> None:
    """Append one line to parts.jsonl, on disk when this returns; threads and processes may do so at once."""
    with (folder / "parts.jsonl").open("ab+") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        text = json.dumps(line, ensure_ascii=False)
        stream.seek(0, os.SEEK_END)
        if stream.tell():
            stream.seek(-1, os.SEEK_END)
            if stream.read(1) != b"\n":
                text = "\n" + text
        stream.write(text.encode() + b"\n")
        stream.flush()
        os.fsync(stream.fileno())


def sync(path: Path) -> None:
    """Make a file's bytes survive a loss of power."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def write_whole(path: Path, text: str | Iterable[str]) -> None:
    """Write a text file, at once or piece by piece, that appears whole or not at all."""
    partial = path.with_name(path.name + ".tmp")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as stream:
            stream.writelines([text] if isinstance(text, str) else text)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    os.replace(partial, path)


def hash_file(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal."""
    made, buffer = hashlib.sha256(), memoryview(bytearray(min(HASHED_AT_ONCE, path.stat().st_size + 1)))
    with path.open("rb", buffering=0) as stream:
        while size := stream.readinto(buffer):
            made.update(buffer[:size])
    return made.hexdigest()


class PartWriter:
    """Writes the FINDING batches of one page into parts of at most PART_BYTES or PART_SECONDS each."""

    def __init__(self, folder: Path, page: Page, digest: str, done: list[Part]) -> None:
        self.folder, self.page, self.digest = folder, page, digest
        self.count = len(done)
        self.unique = bool(page.context.get("unique_ids"))
        self.writer: pq.ParquetWriter | None = None
        self.held: tuple[int, int] = (0, max((p.next_row for p in done), default=0))

    def write(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Write and register all batches; the last part says that the page is done."""
        for batch in batches:
            if self.writer is None:
                self._start()
            assert self.writer is not None
            self._order(batch)
            self.writer.write_batch(conform(batch), row_group_size=1 << 20)
            self.held = (self.held[0] + batch.num_rows, int(batch.column("row")[-1].as_py()) + 1)
            if self.sink.tell() >= PART_BYTES or time.monotonic() - self.began >= PART_SECONDS:
                self._finish(last=False)
        if self.writer is None:
            self._start()
        self._finish(last=True)

    def unregistered(self, batches: Iterable[pa.RecordBatch], page: str) -> Part:
        """Write items concluded again into one part and return it, the part of the page of this key, without registering it."""
        self._start()
        assert self.writer is not None
        rows = 0
        for batch in batches:
            self.writer.write_batch(batch)
            rows += batch.num_rows
        self.held = (rows, rows)
        return replace(self._close(last=True), page=page, again=True)

    def _start(self) -> None:
        self.name = f"{self.page.number:06}-{self.page.key}-{self.count:05}.parquet"
        self.path = self.folder / "findings" / f".{self.name}.tmp"
        self.sink = pa.OSFile(str(self.path), "wb")
        self.writer = writer(self.sink)
        self.began, self.held = time.monotonic(), (0, self.held[1])
        self.ascending, self.ends = True, ("", "")

    def _order(self, batch: pa.RecordBatch) -> None:
        if self.unique or not self.ascending:
            return
        ids = batch.column("item_id")
        ids = ids.cast(pa.string()) if pa.types.is_dictionary(ids.type) else ids
        first, last = ids[0].as_py(), ids[-1].as_py()
        grows = len(ids) < 2 or pc.all(pc.greater(ids.slice(1), ids.slice(0, len(ids) - 1))).as_py()
        self.ascending = bool(grows) and first is not None and first > self.ends[1]
        self.ends = (self.ends[0] or first, last)

    def _finish(self, last: bool) -> None:
        append(self.folder, asdict(self._close(last)))
        self.count, self.writer = self.count + 1, None

    def _close(self, last: bool) -> Part:
        assert self.writer is not None
        self.writer.close()
        self.sink.close()
        sync(self.path)
        rows, next_row = self.held
        ends = self.ends if self.ascending and rows and not self.unique else (None, None)
        part = Part(
            *(self.name, self.page.key, self.page.number, rows, next_row, hash_file(self.path), self.digest, last),
            first_id=ends[0],
            last_id=ends[1],
            unique=self.unique,
        )
        os.replace(self.path, self.folder / "findings" / self.name)
        return part


def writer(sink: Any) -> pq.ParquetWriter:
    """Return a writer of FINDING rows, tuned by measurement: dictionaries only where values repeat."""
    plain = [f.name for f in STORED if f.name not in CODED and f.name not in ("was_derived_from", "row")]
    return pq.ParquetWriter(
        sink,
        STORED,
        compression="zstd",
        compression_level=1,
        use_dictionary=sorted(CODED),
        write_statistics=["item_id", "row"],
        column_encoding=dict.fromkeys(plain, "DELTA_LENGTH_BYTE_ARRAY")
        | {"was_derived_from.list.element": "DELTA_LENGTH_BYTE_ARRAY"},
        store_schema=False,
    )


def conform(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the batch in the stored types: dictionaries where values repeat, plain strings elsewhere."""
    arrays = []
    for field, array in zip(STORED, batch.columns, strict=True):
        if array.type != field.type:
            if array.null_count == len(array):
                array = pa.nulls(len(array), field.type)
            elif pa.types.is_dictionary(field.type) and not pa.types.is_dictionary(array.type):
                array = array.cast(pa.string()).dictionary_encode()
            else:
                array = array.cast(field.type)
        arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, schema=STORED)


def undone(parts: list[Part], page: Page, digest: str) -> tuple[list[Part], bool]:
    """Return the page's live parts and whether the page is done."""
    own = [p for p in parts if p.page == page.key and p.digest == digest]
    return own, any(p.last for p in own)


def batches_of(path: Path, columns: list[str] | None = None, size: int = 1 << 17) -> Iterator[pa.RecordBatch]:
    """Read a part's batches of at most `size` rows, in their order."""
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(batch_size=size, columns=columns)
