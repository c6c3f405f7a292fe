"""The findings as a page carries them: all, or a sample of each category; columns of distinct values, deflated, base64."""

import base64
import json
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.report import WORST_FIRST, Report
from auditor.report.section import cut

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

MOST = 20_000  # rows
LONG = {
    "item_url": 1500,
    "statement_url": 1500,
    "statement": 700,
    "reason": 700,
    "conflict": 700,
    "license_comments": 700,
}
COLUMNS = (
    *("item_id", "item_url", "title", "creator", "kind", "split", "label", "language", "scope", "copyright_text"),
    *("statement", "statement_url", "authority", "license_declared", "license_concluded", "license_comments", "category"),
    *("access_category", "verdict", "reason", "conflict", "error", "origin", "origin_status", "signals", "page_key", "row"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """Packed findings, and how many of each category they are: category -> rows here, items in all."""

    packed: str
    shown: dict[str, tuple[int, int]]

    @property
    def rows(self) -> int:
        """Findings that are here."""
        return sum(n for n, _ in self.shown.values())


def packed(report: Report, room: int) -> Table:
    """Return as many findings as fit in `room` characters, at most 20,000: of each category all, or the same number."""
    from auditor.auditing import Audit

    audit = Audit(Path(report.where))
    db = _engine(audit.files, audit.folder)
    rows = MOST
    while True:
        shares = shared(report.categories, rows)
        said = _pack(_chosen(db, report, shares), db)
        if len(said) <= room or rows < 20:
            return Table(said, {c: (min(shares[c], n), n) for c, n in report.categories.items()})
        rows = int(0.9 * min(rows, report.items) * room / len(said))


def shared(categories: dict[str, int], rows: int) -> dict[str, int]:
    """Share rows out: small categories whole, the others an equal number each."""
    left, shares = rows, {}
    for place, (category, items) in enumerate(sorted(categories.items(), key=lambda c: c[1])):
        shares[category] = min(items, left // (len(categories) - place))
        left -= shares[category]
    return shares


def _engine(files: list[Path], folder: Path) -> "duckdb.DuckDBPyConnection":
    import duckdb

    from auditor.reach import stored

    db = duckdb.connect(config={"memory_limit": "1GB", "threads": 2, "temp_directory": tempfile.gettempdir()})
    pages, answers = sorted((folder / "pages").glob("pages-*.parquet")), stored(folder)
    for name, paths in (("f", files), ("pages", pages), ("answers", answers or pages)):  # a page answers no origin
        db.execute(
            f"CREATE VIEW {name} AS SELECT * FROM read_parquet({[str(p) for p in paths]!r}, union_by_name = true)"
        )
    return db


def _chosen(db: "duckdb.DuckDBPyConnection", report: Report, shares: dict[str, int]) -> "pa.Table":
    """Return the findings that are shown, the worst category first, in the dataset's order; a sample is drawn by hash of the id."""
    from auditor.subset.lost import HOST

    taken = "f"
    if sum(shares.values()) < report.items:
        places = [
            f"SELECT unnest(min_by({{'page_key': page_key, 'row': row}}, hash(item_id), {n})) p FROM f WHERE category = '{c}'"
            for c, n in shares.items()
            if n
        ]
        db.execute(
            f"CREATE OR REPLACE TEMP TABLE chosen AS SELECT p.page_key, p.row FROM ({' UNION ALL '.join(places)})"
        )
        taken = "f SEMI JOIN chosen USING (page_key, row)"
    worst = f"list_position({list(WORST_FIRST)}, category)"
    return db.sql(
        f"SELECT {', '.join(COLUMNS)}, {HOST} host, array_to_string(was_derived_from, ' ') was_derived_from"
        f" FROM (SELECT * FROM {taken}) LEFT JOIN (SELECT page_key, min(number) number FROM pages GROUP BY 1) USING (page_key) ORDER BY {worst}, number, row"
    ).to_arrow_table()


def _pack(found: "pa.Table", db: "duckdb.DuckDBPyConnection") -> str:
    """Return columns and the pages they name as JSON, deflated and base64: no text of the data is readable as markup."""
    import pyarrow as pa

    columns: dict[str, Any] = {}
    for name in found.column_names:
        encoded = found.column(name).combine_chunks().dictionary_encode()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.combine_chunks()
        values = [_short(name, v) for v in encoded.dictionary.to_pylist()]
        at = encoded.indices.to_pylist()
        if values:
            columns[name] = {"values": values} if at == list(range(len(values))) else {"values": values, "at": at}
    keys = columns["page_key"]["values"] if "page_key" in columns else []
    query = "SELECT page_key, locator, CAST(retrieved AS VARCHAR), sha256, source FROM pages WHERE page_key IN (SELECT unnest($keys))"
    pages = {key: [cut(locator, 500), *rest] for key, locator, *rest in db.execute(query, {"keys": keys}).fetchall()}
    answers = _answers(db, columns["origin"]["values"]) if "origin" in columns else {}
    held = {"rows": found.num_rows, "columns": columns, "pages": pages, "answers": answers}
    said = json.dumps(held, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(said.encode("utf-8", "replace"), 9)).decode()


def _answers(db: "duckdb.DuckDBPyConnection", origins: list[str | None]) -> dict[str, list[list[Any]]]:
    """Return the stored answers of these origins, of a request made again the last: origin -> locator, time, hash, source."""
    query = (
        "SELECT key, locator, CAST(retrieved AS VARCHAR), sha256, source FROM (SELECT unnest(keys) AS key, locator, retrieved, sha256, source FROM answers)"
        " WHERE key IN (SELECT unnest($origins)) QUALIFY row_number() OVER (PARTITION BY key, locator ORDER BY retrieved DESC) = 1"
        " ORDER BY key, locator"
    )
    found: dict[str, list[list[Any]]] = {}
    for key, locator, *rest in db.execute(query, {"origins": origins}).fetchall():
        found.setdefault(key, []).append([cut(locator, 500), *rest])
    return found


def _short(name: str, value: Any) -> Any:
    """Return one line of printable text; what was cut ends in `…`, and is no address any more."""
    if not isinstance(value, str):
        return value
    most = LONG.get(name, 300)
    return value if len(value) <= most and value.isprintable() else cut(value, most)
