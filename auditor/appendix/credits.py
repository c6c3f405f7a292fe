"""The credits of the items that pass, sorted on disk and read in batches: memory does not grow with their number."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyarrow.parquet as pq

from auditor.appendix import asks
from auditor.origins import PAGES
from auditor.schema import CONTRIBUTORS
from auditor.subset import passing

if TYPE_CHECKING:
    import duckdb

    from auditor.auditing import Audit

BATCH = 8192
MEMORY = "400MB"  # of the sort; what it does not hold is on disk
ELEMENTS = ("title", "creator", "source", "notice")


class Credit(NamedTuple):
    """One item's credit; the fields are the strangers' own words, as they stand in the findings."""

    item_id: str
    title: str | None
    creator: str | None
    source: str | None  # its address
    notice: str | None  # the copyright notice that came with it
    history: str | None  # the address of the list of all who had a part in it
    license: str  # as concluded
    used: str  # of alternatives the one that is made use of
    declared: str | None  # as stated, where that is another licence
    missing: str  # what the licence asks for and the audit does not hold; empty: complete


@dataclass
class Credits:
    """The sorted credits and their counts."""

    file: Path
    of: int  # items of the audit
    histories: int = 0  # pages of wikis, credited by their history
    licenses: dict[str, int] = field(default_factory=dict)  # used, complete ones only
    missing: dict[tuple[str, str], int] = field(default_factory=dict)  # (used, what is missing) -> items

    @property
    def complete(self) -> int:
        """Items whose credit has all that their licence asks for."""
        return sum(self.licenses.values())

    @property
    def incomplete(self) -> int:
        """Items whose credit lacks something."""
        return sum(self.missing.values())

    @property
    def ids(self) -> list[str]:
        """The distinct licences that are made use of, one by one, in order."""
        both = [*self.licenses, *(used for used, _ in self.missing)]
        return sorted({one for used in both for one in asks.licenses(used)}, key=str.lower)

    def __iter__(self) -> Iterator[Credit]:
        """Yield the complete credits, then the others."""
        with pq.ParquetFile(self.file) as stored:
            for batch in stored.iter_batches(BATCH):
                yield from map(Credit._make, zip(*(c.to_pylist() for c in batch.columns), strict=True))


@contextmanager
def gathered(audit: "Audit", under: str, route: str, order: str) -> Iterator[Credits]:
    """Give the credits of all items that pass, sorted by `license` (then author) or by `item`, or as `globs` need it."""
    with passing(audit, under, route) as db, tempfile.TemporaryDirectory() as folder:
        db.execute(f"SET memory_limit = '{MEMORY}'")
        _judge(db, under)
        file = Path(folder) / "credits.parquet"
        path = str(file).replace("'", "''")
        db.execute(
            f"COPY ({_QUERY} ORDER BY {ORDERS[order]}) TO '{path}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000)"
        )
        found = Credits(file, _count(db))
        found.histories = int(db.execute(f"SELECT count(history) FROM '{path}'").fetchall()[0][0])
        rows = db.execute(f"SELECT used, missing, count(*) FROM '{path}' GROUP BY ALL ORDER BY 1, 2")
        for used, missing, items in rows.fetchall():
            if missing:
                found.missing[used, missing] = items
            else:
                found.licenses[used] = items
        yield found


def _count(db: "duckdb.DuckDBPyConnection") -> int:
    return int(db.execute("SELECT count(*) FROM f").fetchall()[0][0])


def _judge(db: "duckdb.DuckDBPyConnection", under: str) -> None:
    """Say of each distinct licence once by which alternatives it may be used, and what a credit needs under each."""
    fields = ", ".join(f"{e} BOOLEAN" for e in ELEMENTS)
    db.execute(
        f"CREATE TABLE asked (license_concluded VARCHAR, ways STRUCT(place INTEGER, used VARCHAR, {fields}, apart VARCHAR)[])"
    )
    for (license_,) in db.execute("SELECT DISTINCT license_concluded FROM f WHERE passes").fetchall():
        ways = []
        for place, used in enumerate(asks.choices(license_, under)):
            elements, apart = asks.needs(used)
            ways.append(
                {
                    "place": place,
                    "used": used,
                    **{e: e in elements for e in ELEMENTS},
                    "apart": "; ".join(apart) or None,
                }
            )
        db.execute("INSERT INTO asked VALUES (?, ?)", [license_, ways])


def _said(name: str) -> str:
    """Return the SQL of a column, null where it holds nothing that can be seen."""
    return rf"CASE WHEN regexp_matches({name}, '[^\s\p{{C}}\p{{Z}}]') THEN {name} END"


def _page(origin: str) -> str:
    """Return the SQL of a canonical origin's page, or of the address that an origin is; null for anything else."""
    forms = ((prefix, *page.split("{}")) for prefix, page in PAGES.items())
    cases = (
        f"WHEN starts_with({origin}, '{prefix}') THEN '{before}' || substr({origin}, {len(prefix) + 1}) || '{after}'"
        for prefix, before, after in forms
    )
    return f"CASE WHEN regexp_matches({origin}, '^(?i)https?://') THEN {origin} {' '.join(cases)} END"


_WIKI = f"starts_with(coalesce(f.copyright_text, ''), '{CONTRIBUTORS}')"
# On a wiki the history names all authors of a text; of a file's page it names those who wrote the page, not the file's author.
_ROWS = f"""
    SELECT f.item_id, {_said("f.title")} AS title, CASE WHEN NOT ({_WIKI} AND f.scope = 'media') THEN {_said("f.creator")} END AS creator,
    coalesce({_said("f.item_url")}, [{_page("o")} for o in f.was_derived_from if {_page("o")} IS NOT NULL][1]) AS source,
    CASE WHEN NOT {_WIKI} THEN {_said("f.copyright_text")} END AS notice,
    CASE WHEN {_WIKI} AND f.scope IS DISTINCT FROM 'media' THEN substr(f.copyright_text, {len(CONTRIBUTORS) + 1}) END AS history,
    f.license_concluded AS license,
    CASE WHEN f.license_declared NOT IN ('NONE', 'NOASSERTION', f.license_concluded) THEN f.license_declared END AS declared,
    f.page_key, f.row, a.ways FROM f JOIN asked a USING (license_concluded) WHERE f.passes"""
_LACKS = """list_filter([CASE WHEN w.title AND title IS NULL THEN 'title' END,
    CASE WHEN w.creator AND creator IS NULL AND history IS NULL THEN 'creator' END,
    CASE WHEN w.source AND source IS NULL THEN 'source' END,
    CASE WHEN w.notice AND notice IS NULL THEN 'copyright notice' END, w.apart], lambda x: x IS NOT NULL)"""
# Of the alternatives the one of which least is missing, then the one that asks for least.
_WAY = f"{{'lacks': len({_LACKS}), 'place': w.place, 'used': w.used, 'missing': array_to_string({_LACKS}, '; ')}}"
_WAYS = f"list_sort(list_transform(ways, lambda w: {_WAY}))[1]"
_QUERY = (
    "SELECT item_id, title, creator, source, notice, history, license, way.used AS used, declared, way.missing AS missing"
    f" FROM (SELECT *, {_WAYS} AS way FROM ({_ROWS}))"
)
_GROUPED = "lower(used), used, CASE WHEN missing <> '' THEN missing END, creator NULLS LAST, page_key, row"
ORDERS = {
    "license": f"missing <> '', {_GROUPED}",
    "item": "missing <> '', CASE WHEN missing <> '' THEN used END, CASE WHEN missing <> '' THEN missing END, page_key, row",
    "globs": r"regexp_matches(item_id, '[\s\p{C}\p{Z}]') DESC, missing <> '', lower(license), license, missing, notice,"
    " creator NULLS LAST, history, page_key, row",
}
