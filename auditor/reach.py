"""Which item comes from which origin, what was asked, and what was answered: joins over the findings and the stored answers.

Everything here lies in the audit's `tmp` and can be derived again; nothing of it grows with the input in memory.
"""

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from auditor import sources
from auditor.again import FILLED, engine, files, whole
from auditor.origins import canonical_array
from auditor.run import Outcome, Workers, each
from auditor.schema import CLAIM, ENDED, Page
from auditor.settle import merged
from auditor.sources._media_parts import NAME
from auditor.statements import PART
from auditor.store import Part, batches_of, page_of

WEB = "web:"  # of any other URL: `web:` + the URL
NOT_ASKED = ("credential", "offline")  # kinds of failure that mean: the host was not asked
NAMED = pa.schema(
    [
        *(("item_id", pa.string()), ("page_key", pa.string()), ("row", pa.int64()), ("nth", pa.int64())),
        *(("key", pa.string()), ("same", pa.bool_())),  # same: the item itself stands there; else it was made from it
    ]
)
SAID = pa.schema(
    [
        *(("key", pa.string()), ("ask", pa.binary(8)), ("turn", pa.int64()), ("answer", pa.string())),
        *(("locator", pa.string()), ("nth", pa.int64()), ("said", pa.bool_())),
        *(f for f in CLAIM if f.name not in ("item_id", "row", "root_item_id", "hop")),
    ]
)
PLACE = ("ask", "turn", "answer", "locator", "nth", "said")
ONWARD = pa.schema(
    [("key", pa.string()), ("ask", pa.binary(8)), ("turn", pa.int64()), ("next", pa.string()), ("same", pa.bool_())]
)
IS_ENDED = f"split_part(error, ':', 1) IN {ENDED}"
LAST_SEEN = "last_seen"  # in the context of an earlier audit's answer on what has nothing more to show now
BEFORE = 1 << 62  # such an answer comes before all of this audit's
ASKED = pa.schema([("key", pa.string()), ("batch", pa.int64()), ("final", pa.bool_())])
MEMORY = "1GB"  # of the joins: the claims of ten million items were sorted with it, with a quarter of it not
MANY = 16 << 20  # bytes of answers from which processes are worth their start


@cache
def served() -> dict[str, str]:
    """Return the prefix of every origin that can be asked for, and its source."""
    found: dict[str, str] = {}
    for name in sources.names():
        module = sources.source(name)
        if hasattr(module, "items"):
            found |= dict.fromkeys(module.ORIGINS, name)
    return found


def keys_of(urls: pa.Array) -> pa.Array:
    """Return the canonical origin of each URL or origin, where a source can be asked for it; null elsewhere."""
    urls = urls.cast(pa.string()) if pa.types.is_dictionary(urls.type) else urls
    urls = pc.utf8_trim_whitespace(urls)
    names = pc.coalesce(canonical_array(urls), urls)
    known = pa.array(np.zeros(len(names), dtype=bool))
    for prefix in served():
        known = pc.or_(known, pc.fill_null(pc.starts_with(names, prefix), False))
    web = pc.match_substring_regex(urls, "^(?i:https?)://[^/]").fill_null(WEB not in served())
    pages = pc.if_else(web, pc.binary_join_element_wise(WEB, urls, ""), None) if WEB in served() else None
    return pc.if_else(known, names, pages)


def named(batch: pa.RecordBatch, own: bool = True) -> tuple[pa.Array, pa.Array, int]:
    """Return the rows of a batch, the origins they name, and how many of these stand in was_derived_from.

    `own`: an item is at its own URL, too, if that is at a known host, or else names no origin and is a media file: a page
    may speak of anything.
    """
    lists = batch.column("was_derived_from")
    rows, keys = pc.list_parent_indices(lists).cast(pa.int64()), keys_of(pc.list_flatten(lists))
    rows, keys = rows.filter(keys.is_valid()), keys.drop_null()
    if not own:
        return rows, keys, len(keys)
    urls = keys_of(batch.column("item_url"))
    bare = pc.equal(pc.fill_null(pc.list_value_length(lists), 0), 0)
    host = pc.invert(pc.fill_null(pc.starts_with(urls, WEB), False))
    media = pc.fill_null(pc.match_substring_regex(urls, NAME.pattern[:-1] + r"(?:[?#].*)?$", ignore_case=True), False)
    at = pc.indices_nonzero(pc.and_(urls.is_valid(), pc.or_(host, pc.and_(bare, media)))).cast(pa.int64())
    return pa.concat_arrays([rows, at]), pa.concat_arrays([keys, urls.take(at)]), len(keys)


def named_by(rows: list[dict[str, Any]], own: bool = True) -> list[str]:
    """Return the origins that some findings or claims name, in their order, each once."""
    fields = [("was_derived_from", pa.list_(pa.string())), ("item_url", pa.string())]
    batch = pa.RecordBatch.from_pylist([{n: row.get(n) for n, _ in fields} for row in rows], schema=pa.schema(fields))
    return list(dict.fromkeys(named(batch, own)[1].to_pylist()))


def _name(folder: Path, part: Part, area: Path, hosted: pa.Array) -> Outcome:
    """Write the origins that the findings of one part name; what was derived from something is at it on `hosted` pages."""
    with pq.ParquetWriter(area / "named" / part.name, NAMED) as out:
        columns = ["item_id", "page_key", "row", "item_url", "was_derived_from"]
        for batch in batches_of(folder / "findings" / part.name, columns, 1 << 14):
            rows, keys, listed = named(batch)
            some = batch.take(rows)
            nth = pa.array(np.arange(len(keys)))
            same = pc.or_(pc.greater_equal(nth, listed), pc.is_in(some.column("page_key").cast(pa.string()), hosted))
            arrays = [*(some.column(n).cast(NAMED.field(n).type) for n in NAMED.names[:3]), nth, keys, same]
            out.write_batch(pa.RecordBatch.from_arrays(arrays, schema=NAMED))
    return Outcome(part.name, part.name, None)


def _derive(folder: Path, part: Path, area: Path) -> Outcome:
    """Write what the answers of one part say of their keys, and which origins they name in turn."""
    name, turn = part.name, int(part.stem.rsplit("-", 1)[1]) << 32
    with (
        pq.ParquetWriter(area / "said" / name, SAID) as said,
        pq.ParquetWriter(area / "onward" / name, ONWARD) as onward,
        pq.ParquetFile(part) as file,
    ):
        for rows in file.iter_batches(256):
            held = _Held()
            for row in rows.to_pylist():
                page = page_of(row, folder)
                held.take(page, row["ask"], turn - BEFORE if page.context.get(LAST_SEEN) else turn)
                turn += 1
            _write(held.table(), said, onward)
    return Outcome(name, name, None)


def _write(table: pa.Table, said: pq.ParquetWriter, onward: pq.ParquetWriter) -> None:
    said.write_table(table)
    some = table.filter(pc.is_valid(table.column("was_derived_from"))).combine_chunks()
    if some.num_rows:
        batch = some.to_batches()[0]
        rows, keys, _ = named(batch, own=False)
        same = pc.fill_null(pc.equal(batch.column("authority"), "aggregator"), False)
        arrays = [*(batch.column(n).take(rows) for n in ("key", "ask", "turn")), keys, same.take(rows)]
        onward.write_batch(pa.RecordBatch.from_arrays(arrays, schema=ONWARD))


class _Held:
    """What some answers say of their keys; a key of which nothing is said has a row that says so, or why."""

    def __init__(self) -> None:
        self.claims: list[pa.RecordBatch] = []
        self.places: list[tuple[Any, ...]] = []  # ask, turn, answer, locator, nth and said of each claim
        self.bare: list[dict[str, Any]] = []

    def take(self, page: Page, ask: bytes, turn: int) -> None:
        """Parse one answer; none that no source asked for its keys, like a robots.txt."""
        keys: list[str] = page.context.get("keys") or []
        if not keys:
            return
        failure, place = page.context.get("failure"), (ask, turn, page.key, page.locator)
        batches: list[pa.RecordBatch] = []
        try:
            batches = list(sources.source(page.source).parse(page))
        except MemoryError:
            raise
        except Exception as broken:  # any bytes may come in
            what = " ".join(str(broken).split())[:200] or type(broken).__name__
            failure = f"{page.locator} could not be read ({what})."
        about: set[str] = set()
        nth = 0
        for batch in map(whole, batches):
            about.update(batch.column("item_id").to_pylist())
            self.claims.append(_reasons(page, batch))
            self.places += [(*place, nth + n, True) for n in range(batch.num_rows)]
            nth += batch.num_rows
        error = None if failure is None else _reason(page, f"not reached: {failure}")
        for key in keys:
            if key not in about:
                self.bare.append(dict(zip(PLACE, (*place, nth, False), strict=True)) | {"key": key, "error": error})

    def table(self) -> pa.Table:
        """Return all of it as SAID rows."""
        bare = pa.Table.from_pylist(self.bare, SAID)
        if not self.claims:
            return bare
        claims = pa.Table.from_batches(self.claims)
        columns = {"key": claims.column("item_id")}
        for name, values in zip(PLACE, zip(*self.places, strict=True), strict=True):
            columns[name] = pa.chunked_array([pa.array(values, SAID.field(name).type)])
        arrays = [columns.get(n) or claims.column(n) for n in SAID.names]
        return pa.concat_tables([pa.Table.from_arrays(arrays, schema=SAID), bare]).combine_chunks()


def _reasons(page: Page, batch: pa.RecordBatch) -> pa.RecordBatch:
    if page.context.get("failure_kind") not in NOT_ASKED:
        return batch
    errors = pa.array([e and _reason(page, e) for e in batch.column("error").to_pylist()], pa.string())
    return batch.set_column(batch.schema.get_field_index("error"), "error", errors)


def _reason(page: Page, error: str) -> str:
    """Tell what was not asked from what did not answer."""
    asked = page.context.get("failure_kind") not in NOT_ASKED
    return error if asked else error.replace("not reached", "not asked", 1)


class Reach:
    """The origins of an audit's findings, hop by hop, and how they stand."""

    def __init__(self, folder: Path, parts: list[Part], pages: list[Page], workers: Workers) -> None:
        self.folder, self.area, self.workers = folder, folder / "tmp" / "reach", workers
        shutil.rmtree(self.area, ignore_errors=True)
        for name in ("named", "said", "onward", "todo"):
            (self.area / name).mkdir(parents=True)
        at_host = [p for p in pages if getattr(sources.source(p.source), "HOSTED", False)]
        several = [p for p in at_host if getattr(sources.source(p.source), "MERGE", False)]
        hosted = pa.array([p.key for p in (*at_host, *([merged(several)] if several else []))], pa.string())
        for _ in each(_name, ((folder, p, self.area, hosted) for p in parts if p.rows), workers):
            pass
        pa.default_memory_pool().release_unused()
        self.parts, self.db = parts, engine(folder, MEMORY)
        self._view("named", NAMED)
        self.db.execute("CREATE TABLE wanted AS SELECT DISTINCT key, 1 AS hop FROM named")

    def _view(self, name: str, schema: pa.Schema) -> None:
        """Read all files of a folder of the area as one table; an empty one among them, so that there always is a file."""
        pq.write_table(schema.empty_table(), self.area / name / "0.parquet")
        self.db.execute(f"CREATE OR REPLACE VIEW {name} AS FROM {files(self.area / name)}")

    def count(self, query: str) -> int:
        """Return how many rows a query has."""
        found: int = self.db.execute(f"SELECT count(*) FROM ({query})").fetchall()[0][0]
        return found

    def _asked(self) -> None:
        """Read which origins were asked, in which batch, and whether they were answered for good."""
        self.db.execute("CREATE OR REPLACE TABLE asked (key VARCHAR, batch BIGINT, final BOOLEAN)")
        if every := asked(self.folder):
            last = "QUALIFY batch = max(batch) OVER (PARTITION BY key)"
            self.db.execute(
                f"INSERT INTO asked SELECT key, batch, final FROM read_parquet($files) {last}", {"files": every}
            )

    def todo(self, hop: int, since: int) -> dict[str, tuple[Path, int]]:
        """Return the origins of a hop that have no final answer, and were not asked since batch `since`: by source, a file and their number."""
        self._asked()
        self.db.execute(
            "CREATE OR REPLACE TABLE todo AS SELECT key FROM wanted ANTI JOIN"
            " (SELECT key FROM asked WHERE final OR batch >= $since) USING (key) WHERE hop = $hop",
            {"since": since, "hop": hop},
        )
        prefixes = sorted(served(), key=len, reverse=True)
        of = "CASE " + " ".join(f"WHEN starts_with(key, '{p}') THEN '{served()[p]}'" for p in prefixes) + " END"
        found = {}
        for source, count in self.db.execute(f"SELECT {of}, count(*) FROM todo GROUP BY 1 ORDER BY 1").fetchall():
            path = self.area / "todo" / f"{source}.parquet"
            # By hash, so that a batch holds keys of many hosts and none waits for one.
            some = f"SELECT key FROM todo WHERE {of} = '{source}' ORDER BY hash(key), key"
            self.db.execute(f"COPY ({some}) TO {str(path)!r} (FORMAT parquet)")
            found[source] = path, count
        return found

    def derive(self) -> None:
        """Derive from every stored answer what it says, those that were derived before in this run left out."""
        new = [p for p in stored(self.folder) if not (self.area / "said" / p.name).exists()]
        workers = self.workers
        if workers.executor is None and len(new) > 1 and sum(p.stat().st_size for p in new) > MANY:
            workers = replace(workers, processes=True)
        for _ in each(_derive, ((self.folder, p, self.area) for p in new), workers):
            pass
        for name, schema in (("said", SAID), ("onward", ONWARD)):
            self._view(name, schema)
        self._last()
        for name in ("said", "onward"):
            self.db.execute(f"CREATE OR REPLACE VIEW {name}_last AS FROM {name} ANTI JOIN old USING (key, turn)")

    def _last(self) -> None:
        """Make `old`: what is said no more. Of a request made again the last answer speaks, but what was said before a host
        had nothing more to show is the last that was seen."""
        self.db.execute("CREATE OR REPLACE TABLE turns AS SELECT DISTINCT ask, turn FROM said")
        self.db.execute(
            f"CREATE OR REPLACE TABLE several AS SELECT key, ask, turn, coalesce({IS_ENDED}, false) AS ended FROM said"
            " WHERE ask IN (SELECT ask FROM turns GROUP BY ask HAVING count(*) > 1)"
            " OR key IN (SELECT key FROM said WHERE turn < 0)"
        )
        self.db.execute(
            "CREATE OR REPLACE TABLE old AS SELECT DISTINCT key, turn FROM several"
            " QUALIFY turn < max(turn) FILTER (NOT ended) OVER (PARTITION BY ask, key)"
            " OR (turn < 0 AND NOT bool_or(ended AND turn >= 0) OVER (PARTITION BY key))"
        )

    def unseen(self) -> None:
        """Make `unseen`: the origins that have nothing more to show, and of which no earlier answer is kept yet."""
        self.db.execute(
            f"CREATE OR REPLACE TABLE unseen AS SELECT DISTINCT key FROM said_last WHERE {IS_ENDED}"
            " AND key NOT IN (SELECT key FROM said WHERE turn < 0)"
        )

    def onward(self, hop: int) -> None:
        """Add the origins that the answers of the hop before this one name."""
        self.db.execute("DELETE FROM wanted WHERE hop >= $hop", {"hop": hop})
        self.db.execute(
            "INSERT INTO wanted SELECT DISTINCT next, $hop FROM onward_last SEMI JOIN"
            " (SELECT key FROM wanted WHERE hop = $hop - 1) USING (key) ANTI JOIN (SELECT key AS next FROM wanted) USING (next)",
            {"hop": hop},
        )

    def choose(self, rounds: int, why: str) -> str:
        """Make `chosen`: the items that name origins; return the query of the claims that were found for them.

        `why` says why an origin was not asked of which nothing is stored.

        What an origin was derived from itself binds the item as a part of it does (rules 6 and 7); only where a
        catalogue's record names the item's own place are both the same thing.
        """
        self.db.execute(
            "CREATE OR REPLACE TABLE status AS SELECT key, coalesce("
            f"min(error) FILTER ({IS_ENDED}),"
            " CASE WHEN bool_or(said AND error IS NULL) THEN 'followed' END, min(error), 'followed') AS status"
            " FROM said_last GROUP BY key"
        )
        again = [str(self.folder / "findings" / p.name) for p in self.parts if p.again]
        others = f"read_parquet({again})" if again else "(FROM named LIMIT 0)"
        self.db.execute(
            "CREATE OR REPLACE TABLE chosen AS SELECT item_id, any_value(page_key) AS page_key, any_value(row) AS row,"
            " arg_min(key, rank) AS origin, arg_min(status, rank) AS origin_status FROM ("
            " SELECT item_id, page_key, row, key, coalesce(status, $why) AS status, (coalesce(status, '') <> 'followed', status IS NULL, nth, key) AS rank"
            " FROM named LEFT JOIN status USING (key)"
            f" UNION ALL BY NAME SELECT item_id, page_key, row FROM {others}) GROUP BY item_id",
            {"why": f"not asked: {why}."},
        )
        self.db.execute(
            "CREATE OR REPLACE TABLE reach AS SELECT item_id, key, 1::TINYINT AS hop, NOT bool_or(same) AS ancestor"
            " FROM named SEMI JOIN status USING (key) GROUP BY ALL"
        )
        for hop in range(2, rounds + 1):
            self.db.execute(
                "INSERT INTO reach SELECT n.* FROM (SELECT item_id, next AS key, $hop, bool_and(ancestor OR NOT same)"
                " FROM reach JOIN onward_last USING (key) WHERE hop = $hop - 1 GROUP BY ALL) n ANTI JOIN reach USING (item_id, key)",
                {"hop": hop},
            )
        hidden = ", ".join(f"CASE WHEN ancestor THEN NULL ELSE {n} END AS {n}" for n in FILLED)
        return (
            "SELECT r.item_id, r.item_id AS root_item_id, r.hop,"
            f" s.* REPLACE ({hidden}, CASE WHEN ancestor THEN '{PART}' ELSE scope END AS scope)"
            " FROM reach r JOIN said_last s USING (key) WHERE s.said AND s.error IS NULL"
            " AND (NOT ancestor OR license_text IS NOT NULL OR license_url IS NOT NULL)"
        )

    def counts(self) -> dict[str, int]:
        """Return how many items name origins that can be asked, how many origins that is, and how many have no final answer."""
        self._asked()
        return {
            "items": self.count("SELECT DISTINCT item_id FROM named"),
            "origins": self.count("FROM wanted"),
            "open": self.count("FROM wanted ANTI JOIN (FROM asked WHERE final) USING (key)"),
        }


def stored(folder: Path) -> list[Path]:
    """Return the parts of stored answers (`fetch/journal.py`), in their order."""
    return sorted((folder / "pages").glob("asked-*.parquet"))


def asked(folder: Path) -> list[str]:
    """Return the files that say which origins were asked to their end: one a batch, in their order."""
    return [str(p) for p in sorted((folder / "pages" / "origins").glob("*.parquet"))]
