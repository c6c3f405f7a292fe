"""Items concluded once more, from claims brought together: those of a source whose items stand on several pages (COCO), and
those that following found more about.

The one shuffle: the items' own claims, derived again from their pages, and those found for them go into buckets by hash of the
item's id. A bucket is a unit of work: sorted, judged, and written as one part.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from auditor import sources
from auditor.errors import AuditError
from auditor.run import Job, Outcome, Workers, each, guarded
from auditor.schema import CLAIM, ENDED, Page
from auditor.stages import Codes, Judge
from auditor.store import Part, PartWriter, conform

if TYPE_CHECKING:
    import duckdb

BUCKET = 100_000  # items whose claims are held at once
OWN = pa.schema([*CLAIM, pa.field("number", pa.int64()), pa.field("nth", pa.int64())])
# The item's own claims first, then the found ones by hop; never by who answered first.
ORDER = ("item_id", "hop", "number", "row", "key", "locator", "nth")
FILLED = (  # what an item's first claim does not say, another may: of another file, or of its origin
    *("item_url", "title", "creator", "copyright_text", "split", "label", "language"),
)


def engine(folder: Path, memory: str = "512MB") -> "duckdb.DuckDBPyConnection":
    """Return a database in memory that spills to the audit's folder rather than fill the memory."""
    import duckdb

    db = duckdb.connect(config={"memory_limit": memory, "temp_directory": str(folder / "tmp"), "threads": 2})
    db.execute("SET preserve_insertion_order = false")
    return db


def files(folder: Path) -> str:
    """Return the Parquet files of a folder as a table of SQL; by name, since the folder's own may look like a pattern."""
    return f"read_parquet({[str(f) for f in sorted(folder.glob('*.parquet'))]!r})"


def conclude_again(
    job: Job, db: "duckdb.DuckDBPyConnection", pages: list[Page], workers: Workers, plan: str, found: str = ""
) -> list[Part]:
    """Conclude the items of the table `chosen` once more; return the new parts, not registered yet.

    `chosen` has item_id, page_key and row (where the finding stands), origin and origin_status. `found` is a query that gives
    further claims: CLAIM columns, with item_id the item's, and key, locator and nth for their order.
    """
    area = job.folder / "tmp" / "again"
    shutil.rmtree(area, ignore_errors=True)
    for name in ("chosen", "by_row", "by_id"):
        (area / name).mkdir(parents=True)
    _place(db, area, pages)
    own = ((job, p, area, by_id) for p, by_id in _needed(db, area, pages))
    for _ in each(_derive, own, workers):
        pass
    pa.default_memory_pool().release_unused()
    count = _bucket(db, area, pages, found)
    home = min(pages, key=lambda p: p.number)
    named = home.with_(stamp=f"again {plan}", number=-1)  # before all others, so that their ids are never numbered
    made = each(_judge, ((job, area, named, home.key, n) for n in range(count)), workers)
    parts = sorted(made, key=lambda p: p.name)
    lost = db.execute("SELECT count(*) FROM chosen").fetchall()[0][0] - sum(p.rows for p in parts)
    if lost:
        raise AuditError(
            f"{lost} items were not found again on their pages: the input changed while it was audited; run it again."
        )
    return parts


def _place(db: "duckdb.DuckDBPyConnection", area: Path, pages: list[Page]) -> None:
    """Write, for every page, which of its rows are chosen, in order, and under which id."""
    keys = {p.key for p in pages}
    every = area / "chosen.parquet"
    db.execute(
        f"COPY (SELECT page_key, row, item_id FROM chosen ORDER BY page_key, row) TO {str(every)!r} (FORMAT parquet)"
    )
    schema = pa.schema([("row", pa.int64()), ("item_id", pa.string())])
    name, out = "", None
    for batch in pq.ParquetFile(every).iter_batches(1 << 16):
        table = pa.Table.from_batches([batch])
        for key in pc.unique(table.column("page_key")).to_pylist():
            if key not in keys:
                continue
            if key != name:
                if out is not None:
                    out.close()
                name, out = key, pq.ParquetWriter(area / "chosen" / f"{key}.parquet", schema)
            assert out is not None
            some = table.filter(pc.equal(table.column("page_key"), key)).select(["row", "item_id"])
            out.write_table(some.cast(schema))
    if out is not None:
        out.close()


def _needed(db: "duckdb.DuckDBPyConnection", area: Path, pages: list[Page]) -> Iterator[tuple[Page, bool]]:
    """Yield the pages that hold claims of chosen items, and whether they are found there by id: an item on several pages."""
    count: int = db.execute("SELECT count(*) FROM chosen").fetchall()[0][0]
    placed = sum(pq.read_metadata(f).num_rows for f in (area / "chosen").iterdir())
    for page in pages:
        if placed < count and sources.merges(page):
            yield page, True
        elif (area / "chosen" / f"{page.key}.parquet").exists():
            yield page, False


def _derive(job: Job, page: Page, area: Path, by_id: bool) -> Outcome:
    """Write the own claims of a page's chosen items, or of all its items where they are told apart by id."""
    chosen = None if by_id else _Rows(area / "chosen" / f"{page.key}.parquet")
    nth = 0
    with pq.ParquetWriter(area / ("by_id" if by_id else "by_row") / f"{page.key}.parquet", OWN) as out:
        for batch in guarded(page, 0, []):
            batch = whole(batch) if chosen is None else chosen.of(whole(batch))
            if batch.num_rows:
                place = pa.array(np.arange(nth, nth + batch.num_rows))
                number = pa.repeat(pa.scalar(page.number, pa.int64()), batch.num_rows)
                out.write_batch(pa.RecordBatch.from_arrays([*batch.columns, number, place], schema=OWN))
                nth += batch.num_rows
    return Outcome(page.key, page.locator, None)


class _Rows:
    """The chosen rows of a page, read alongside its claims: both ascend."""

    def __init__(self, path: Path) -> None:
        self.batches = pq.ParquetFile(path).iter_batches(1 << 16)
        self.held = pa.table({"row": pa.array([], pa.int64()), "item_id": pa.array([], pa.string())})

    def of(self, claims: pa.RecordBatch) -> pa.RecordBatch:
        """Return the claims that are chosen, under their finding's id."""
        rows = claims.column("row").to_numpy()
        while not self.held.num_rows or self.held.column("row")[-1].as_py() < rows[-1]:
            batch = next(self.batches, None)
            if batch is None:
                break
            self.held = pa.concat_tables([self.held, pa.Table.from_batches([batch])])
        chosen = self.held.column("row").to_numpy()
        place = np.searchsorted(chosen, rows)
        hit = place < len(chosen)
        hit[hit] = chosen[place[hit]] == rows[hit]
        some = claims.filter(pa.array(hit))
        ids = self.held.column("item_id").take(pa.array(place[hit])).combine_chunks()
        self.held = self.held.slice(int(np.searchsorted(chosen, rows[-1], side="right")))
        return some.set_column(some.schema.get_field_index("item_id"), "item_id", ids)


def whole(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the batch with every column of a CLAIM, in plain types."""
    if batch.schema == CLAIM:
        return batch
    arrays = []
    for field in CLAIM:
        index = batch.schema.get_field_index(field.name)
        array = pa.nulls(batch.num_rows, field.type) if index < 0 else batch.column(index)
        arrays.append(array if array.type == field.type else array.cast(field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=CLAIM)


def _bucket(db: "duckdb.DuckDBPyConnection", area: Path, pages: list[Page], found: str) -> int:
    """Write the claims, and the chosen items, into buckets by hash of the item's id; return how many there are."""
    count: int = -(-db.execute("SELECT count(*) FROM chosen").fetchall()[0][0] // BUCKET)
    apart = [p.key for p in pages if not sources.merges(p)]
    queries = [found] if found else []
    if any((area / "by_row").iterdir()):
        queries.append(f"FROM {files(area / 'by_row')}")
    if any((area / "by_id").iterdir()):
        db.execute(
            "CREATE OR REPLACE TEMP TABLE ids AS SELECT item_id FROM chosen ANTI JOIN (SELECT unnest($apart) AS page_key) USING (page_key)",
            {"apart": apart},
        )
        queries.append(f"FROM {files(area / 'by_id')} SEMI JOIN ids USING (item_id)")
    every = " UNION ALL BY NAME ".join(f"({q})" for q in queries)
    for name, query in (("claims", every), ("items", "SELECT * FROM chosen")):
        # Sorted, which goes through the disk; a writer a bucket would hold a part of each in memory.
        db.execute(
            f"COPY (SELECT *, (hash(item_id) % {count})::INTEGER AS bucket FROM ({query}) ORDER BY bucket)"
            f" TO {str(area / name) + '.parquet'!r} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20000)"
        )
    return count


def _read(path: Path, bucket: int) -> pa.Table:
    return pq.read_table(path, filters=[("bucket", "=", bucket)])


def _judge(job: Job, area: Path, named: Page, page_key: str, bucket: int) -> Part:
    """Conclude the items of one bucket, into a part of its own."""
    out = PartWriter(job.folder, named, job.digest, [])
    out.count = bucket
    claims, items = (_read(area / f"{name}.parquet", bucket) for name in ("claims", "items"))
    made = [conform(_finding(job, claims, items))] if items.num_rows else []
    return out.unregistered(made, page_key)


def _finding(job: Job, claims: pa.Table, items: pa.Table) -> pa.RecordBatch:
    """Return the FINDING batch of a bucket's claims: each item under its own page and row, with its origin."""
    claims = claims.take(_sorted(claims))
    codes = claims.column("item_id").combine_chunks().dictionary_encode().indices.to_numpy()
    starts = np.flatnonzero(np.concatenate(([True], codes[1:] != codes[:-1])))
    columns = {n: claims.column(n).combine_chunks() for n in CLAIM.names}
    columns["row"] = pa.array(codes, pa.int64())
    items = items.sort_by("item_id").combine_chunks()
    found = Judge(job.dataset, job.policy).batch(pa.RecordBatch.from_pydict(columns), "")
    changed = {n: items.column(n).combine_chunks() for n in ("page_key", "row", "origin", "origin_status")}
    changed |= {n: _first(columns[n], starts) for n in FILLED}
    changed["license_comments"] = _last_seen(found, changed["origin_status"])
    changed["signals"] = _signals(columns["signals"], starts)
    return pa.RecordBatch.from_arrays(
        [changed.get(n, found.column(n)) for n in found.schema.names], names=found.schema.names
    )


def _last_seen(found: pa.RecordBatch, status: pa.Array) -> pa.Array:
    """Return the rules, marked where the licence is the one last seen of an item whose origin has none to show any more."""
    ended = pc.and_(
        pc.fill_null(pc.is_in(pc.list_element(pc.split_pattern(status, ":"), 0), pa.array(ENDED)), False),
        pc.not_equal(found.column("license_concluded").cast(pa.string()), "NOASSERTION"),
    )
    said = found.column("license_comments").cast(pa.string())
    return pc.if_else(
        ended, pc.binary_join_element_wise(said, pc.binary_join_element_wise("last seen: ", status, ""), "; "), said
    )


def _sorted(claims: pa.Table) -> pa.Array:
    names = [n for n in ORDER if n in claims.column_names]
    of = {n: claims.column(n) for n in names}
    keys = {n: pc.fill_null(c, "" if pa.types.is_string(c.type) else -1) for n, c in of.items()}
    return pc.sort_indices(pa.table(keys), [(n, "ascending") for n in names])


def _first(array: pa.Array, starts: Codes) -> pa.Array:
    """Return the first value of each item that is not null."""
    if len(starts) == len(array):
        return array
    places = np.where(array.is_valid().to_numpy(zero_copy_only=False), np.arange(len(array)), len(array))
    first = np.minimum.reduceat(places, starts)
    return array.take(pa.array(first, mask=first == len(array)))


def _signals(array: pa.Array, starts: Codes) -> pa.Array:
    """Return all signals of each item in one object; where two speak of the same one, both stand there."""
    if array.null_count >= len(array) - 1 or len(starts) == len(array):
        return _first(array, starts)
    ends = np.append(starts[1:], len(array))
    return pa.array([_together(array[s:e].to_pylist()) for s, e in zip(starts, ends, strict=True)], pa.string())


def _together(said: list[str | None]) -> str | None:
    distinct = list(dict.fromkeys(s for s in said if s))
    if len(distinct) < 2:
        return distinct[0] if distinct else None
    whole: dict[str, Any] = {}
    for one in map(json.loads, distinct):
        for name, value in one.items():
            held = whole.setdefault(name, value)
            if held != value:
                whole[name] = [*(held if isinstance(held, list) else [held]), value]
    return json.dumps(whole, ensure_ascii=False)
