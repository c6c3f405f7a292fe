"""After the first pass: one id, one finding. The only step that looks across pages.

Where a source's items are rows, a repeated id becomes `id~2`, `id~3` in the order of pages and rows. Where the same
id on several pages is one item (`MERGE`), its claims are brought together and concluded once.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from auditor import sources
from auditor.again import conclude_again, engine
from auditor.run import Job, Workers
from auditor.schema import Page
from auditor.store import Part, append, batches_of, conform, hash_file, read_parts, sync, writer


def settle(job: Job, pages: list[Page], workers: Workers, plan: str) -> None:
    """Make every item_id of the audit stand for one finding; `plan` is the hash of the pages it was settled over."""
    for _ in range(10):  # an id like `x~2` may itself be in the data: go on until none repeats
        parts = read_parts(job.folder)
        if apart(parts):
            return
        merging = [p for p in pages if sources.merges(p)]
        keys = {p.key for p in merging}
        if some := [p for p in parts if p.page in keys]:
            repeated = Repeated(job.folder, some)
            if repeated.count:
                _merge(job, some, repeated, merging, workers, plan)
                continue
            if len(some) == len(parts):
                return
        repeated = Repeated(job.folder, parts)
        if not repeated.count:
            return
        _number(job, parts, repeated, plan)


def apart(parts: Iterable[Part]) -> bool:
    """Say whether ids cannot repeat: made of locator and row, or ascending in ranges that do not overlap."""
    ranges = []
    for part in parts:
        if part.unique or not part.rows:
            continue
        if part.first_id is None or part.last_id is None:
            return False
        ranges.append((part.first_id, part.last_id))
    ranges.sort()
    return all(a[1] < b[0] for a, b in pairwise(ranges))


class Repeated:
    """The ids that stand in more than one finding; spills to the audit's folder rather than fill the memory."""

    def __init__(self, folder: Path, parts: list[Part]) -> None:
        self.db = engine(folder)
        self.files = [str(folder / "findings" / p.name) for p in sorted(parts, key=lambda p: (p.number, p.name))]
        self.db.execute(
            "CREATE TEMP TABLE repeated AS SELECT item_id FROM read_parquet($files) GROUP BY item_id HAVING count(*) > 1",
            {"files": self.files},
        )
        self.count: int = self.db.execute("SELECT count(*) FROM repeated").fetchall()[0][0]

    def later(self) -> pa.Table:
        """Return filename, row and ordinal (from 2) of every finding but the first of its id."""
        return self.db.sql(
            "SELECT filename, row, nth FROM (SELECT filename, row, row_number() OVER (PARTITION BY item_id ORDER BY filename, row) nth"
            " FROM read_parquet($files, filename = true) JOIN repeated USING (item_id)) WHERE nth > 1 ORDER BY filename, row",
            params={"files": self.files},
        ).to_arrow_table()

    def ids(self) -> pa.Array:
        """Return the repeated ids."""
        table = self.db.sql("SELECT item_id FROM repeated ORDER BY item_id").to_arrow_table()
        return table.column(0).combine_chunks()


def _number(job: Job, parts: list[Part], repeated: Repeated, plan: str) -> None:
    later = repeated.later()
    names = {p.name: p for p in parts}
    written = []
    for file in pc.unique(later.column("filename")).to_pylist():
        some = later.filter(pc.equal(later.column("filename"), file))
        part = names[Path(file).name]
        nth = dict(zip(some.column("row").to_pylist(), some.column("nth").to_pylist(), strict=True))
        written.append(rewrite(job.folder, part, partial(_suffixed, nth)))
    append(job.folder, {"settled": [asdict(p) for p in written], "plan": plan})


def _suffixed(nth: dict[int, int], batch: pa.RecordBatch) -> pa.RecordBatch:
    ids, rows = batch.column("item_id").to_pylist(), batch.column("row").to_pylist()
    ids = [f"{i}~{nth[r]}" if r in nth else i for i, r in zip(ids, rows, strict=True)]
    return batch.set_column(batch.schema.get_field_index("item_id"), "item_id", pa.array(ids, pa.string()))


def rewrite(folder: Path, part: Part, change: Callable[[pa.RecordBatch], pa.RecordBatch]) -> Part:
    """Write a part anew under another name; the old one stays until the new one is registered."""
    stem, _, turn = part.name.removesuffix(".parquet").partition("+")
    name = f"{stem}+{int(turn or 0) + 1}.parquet"
    path = folder / "findings" / f".{name}.tmp"
    rows = 0
    with writer(str(path)) as out:
        for batch in batches_of(folder / "findings" / part.name):
            changed = change(batch)
            rows += changed.num_rows
            out.write_batch(conform(changed))
    sync(path)
    path.rename(folder / "findings" / name)
    new = hash_file(folder / "findings" / name)
    return replace(part, name=name, rows=rows, sha256=new, first_id=None, last_id=None, replaces=part.name)


def merged(pages: list[Page]) -> Page:
    """Return the page that the findings of items on several pages name as theirs."""
    base = min(pages, key=lambda p: p.number)
    return base.with_(locator=f"{base.locator} and others", stamp=f"merged {base.key}")


def _merge(job: Job, parts: list[Part], repeated: Repeated, pages: list[Page], workers: Workers, plan: str) -> None:
    """Take the items that stand on several pages out of their parts; conclude them once, into parts of their own."""
    ids = repeated.ids()
    home = merged(pages)
    repeated.db.execute(
        "CREATE TEMP TABLE chosen AS SELECT item_id, $key AS page_key, row_number() OVER (ORDER BY item_id) - 1 AS row,"
        " NULL::VARCHAR AS origin, NULL::VARCHAR AS origin_status FROM repeated",
        {"key": home.key},
    )
    written = [rewrite(job.folder, part, lambda b: _without(b, ids)) for part in parts]
    written += conclude_again(job, repeated.db, pages, workers, plan)
    append(job.folder, {"settled": [asdict(p) for p in written], "plan": plan})


def _without(batch: pa.RecordBatch, ids: pa.Array) -> pa.RecordBatch:
    return batch.filter(pc.invert(pc.is_in(batch.column("item_id"), value_set=ids)))
