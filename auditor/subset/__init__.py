"""The items of an audit that pass a policy, and what is lost with the rest.

An item passes if its verdict under the policy is free. By the route `collection` the terms under which the collection
hands it out must not forbid anything either; by the route `origin` the item is taken from where it comes from.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor import policy
from auditor.errors import BadOption
from auditor.subset.lost import Lost

if TYPE_CHECKING:
    import duckdb

    from auditor.auditing import Audit

FORMATS = ("parquet", "csv", "jsonl", "urls", "original")
ROUTES = ("origin", "collection")
ORDER = ("free", "undetermined", "non-free")
FREE = ("free", "free-sharealike")


@dataclass(frozen=True, slots=True)
class Subset:
    """What passed, and what the rest leaves thin."""

    items: int
    of: int
    lost: Lost

    def __str__(self) -> str:
        return self.lost.render()


def subset(
    audit: "Audit",
    out: Path | None = None,
    *,
    under: str | None = None,
    route: str = "origin",
    form: str = "parquet",
    least: int = 10,
) -> Subset:
    """Write the items that pass to `out` and return what is lost; nothing is written without `out`.

    under: a policy's name or TOML file, the audit's own by default. least: labels with fewer items left are named.
    form `original` writes the dataset's own metadata with only those items: a file, or a folder where there were several.
    """
    if route not in ROUTES:
        raise BadOption(f"--route {route!r} is not known: use one of {', '.join(ROUTES)}.")
    if form not in FORMATS:
        raise BadOption(f"--format {form!r} is not known: use one of {', '.join(FORMATS)}.")
    with passing(audit, under or audit.info["policy"], route) as db:
        found = Lost.of(db, audit, under or audit.info["policy"], route, least)
        if out is not None and form == "original":
            from auditor.subset import original

            original.write(db, audit, out)
        elif out is not None:
            from auditor.subset import plain

            plain.write(db, form, out)
    return Subset(found.kept, found.items, found)


@contextmanager
def passing(audit: "Audit", under: str, route: str) -> "Iterator[duckdb.DuckDBPyConnection]":
    """Give a database with the view `f`: the findings, and in the column `passes` whether each passes."""
    import tempfile

    import duckdb

    with tempfile.TemporaryDirectory() as spill:
        db = duckdb.connect(config={"memory_limit": "1GB", "threads": 2, "temp_directory": spill})
        files = repr([str(f) for f in audit.files])
        db.execute(f"CREATE VIEW all_of AS SELECT * FROM read_parquet({files}, union_by_name = true)")
        db.execute("CREATE TABLE judged (license_concluded VARCHAR, verdict VARCHAR, access VARCHAR, passes BOOLEAN)")
        rows = _judged(db, audit.info["policy"], under, route)
        if rows:
            db.executemany("INSERT INTO judged VALUES (?, ?, ?, ?)", rows)
        db.execute(
            "CREATE VIEW f AS SELECT a.*, coalesce(j.passes, false) AS passes FROM all_of a LEFT JOIN judged j ON"
            " a.license_concluded = j.license_concluded AND a.verdict = j.verdict AND coalesce(a.access_category, '') = j.access"
        )
        try:
            yield db
        finally:
            db.close()


def _judged(db: "duckdb.DuckDBPyConnection", own: str, under: str, route: str) -> list[Any]:
    """Judge each distinct conclusion once under the policy asked for."""
    query = "SELECT DISTINCT license_concluded, verdict, coalesce(access_category, '') FROM all_of"
    return [
        (license_, verdict, access, passes(license_, verdict, access, own, under, route))
        for license_, verdict, access in db.execute(query).fetchall()
    ]


def passes(license_: str, verdict: str, access: str, own: str, under: str, route: str) -> bool:
    """Say whether items of one conclusion pass: free under the policy, and kept out of it by nothing but its licence.

    A verdict worse than its licence's rests on something else (an origin, a part, a conflict), which binds under any policy.
    """
    if ORDER.index(verdict) > ORDER.index(policy.verdict(license_, own).verdict):
        return False
    if route == "collection" and access and access not in FREE:
        return False
    return policy.verdict(license_, under).verdict == "free"
