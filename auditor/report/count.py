"""Count an audit's findings, in one pass of a database engine over their Parquet files."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

    from auditor.auditing import Audit

from auditor.compatibility import release
from auditor.lineage.trace import of_audit
from auditor.report import FREE_UNDER, NONE_NAMED, WORST_FIRST, Group, Origin
from auditor.schema import ORIGIN_STATUSES

TOP, EXAMPLES = 10, 3
BY = tuple((name, name) for name in ("kind", "split", "label", "language"))
SPANS = (
    ("minute", 2 * 3600),
    ("hour", 4 * 86400),
    ("day", 120 * 86400),
    ("month", 10 * 366 * 86400),
)  # at most so many seconds


def count(audit: "Audit") -> dict[str, Any]:
    """Return the fields of a Report."""
    import duckdb

    from auditor.subset.lost import IS_WEB, OF_PLACE, PLACE

    info = audit.info
    db = duckdb.connect(config={"memory_limit": "1GB", "threads": 2, "temp_directory": tempfile.gettempdir()})
    db.execute(
        "CREATE VIEW f AS SELECT * FROM read_parquet($files, union_by_name = true)".replace(
            "$files", repr([str(f) for f in audit.files])
        )
    )
    items = _one(db, "SELECT count(*) FROM f")
    categories = _counts(db, "category")
    return {
        "target": info["target"],
        "title": audit.title,
        "policy": info["policy"],
        "items": items,
        "level": _one(db, "SELECT coalesce(max(level), 'item') FROM f"),
        "verdicts": _counts(db, "verdict"),
        "categories": {c: categories[c] for c in WORST_FIRST if c in categories},
        "access": _counts(db, "access_category"),
        "access_terms": [
            s for s in info["dataset"]["statements"] if s["authority"] == "access" or s["scope"] == "access"
        ],
        "groups": _groups(db),
        "licenses": _rows(
            db, "SELECT license_concluded, category, verdict, count(*) n FROM f GROUP BY ALL ORDER BY n DESC, 1, 2, 3"
        ),
        "by": {n: found for n, *how in (*BY, ("host", PLACE, OF_PLACE, IS_WEB)) if (found := _by(db, *how))},
        "unread": _top(
            db,
            "trim(concat_ws(' ', statement, statement_url))",
            "license_declared = 'NOASSERTION' AND error IS NULL AND conflict IS NULL",
        ),
        "conflicts": (_one(db, "SELECT count(conflict) FROM f"), _top(db, "conflict", "conflict IS NOT NULL")),
        "conflict_kinds": _counts(db, "split_part(conflict, ';', 1)"),
        "lineage": of_audit(audit.folder, items=False),
        "compatibility": release(_counts(db, "license_concluded"), info["policy"]),
        "errors": (_one(db, "SELECT count(error) FROM f"), _top(db, "error", "error IS NOT NULL")),
        "attribution": _attribution(db),
        "origins": _origins(db),
        "followed": _followed(db) if info.get("follow") else [],
        "routes": _routes(db),
        "retrieved": _retrieved(db, audit.folder),
        "dataset": info["dataset"],
        "info": info,
        "where": str(audit.folder),
    }


def _one(db: "duckdb.DuckDBPyConnection", query: str) -> Any:
    return db.execute(query).fetchall()[0][0]


def _rows(db: "duckdb.DuckDBPyConnection", query: str) -> list[Any]:
    return db.execute(query).fetchall()


def _counts(db: "duckdb.DuckDBPyConnection", name: str) -> dict[str, int]:
    rows = _rows(db, f"SELECT {name}, count(*) n FROM f WHERE {name} IS NOT NULL GROUP BY 1 ORDER BY n DESC, 1")
    return dict(rows)


def _top(db: "duckdb.DuckDBPyConnection", what: str, where: str) -> list[tuple[str, int]]:
    return _rows(db, f"SELECT {what} w, count(*) n FROM f WHERE {where} GROUP BY 1 ORDER BY n DESC, w LIMIT {TOP}")


FIELDS = ("item_id", "item_url", "title", "statement", "statement_url", "license_concluded", "reason", "verdict")


def _groups(db: "duckdb.DuckDBPyConnection") -> list[Group]:
    """Count what is not free under the policy by category, the worst first, with its reasons and an item of the most frequent."""
    reasons: dict[str, list[Any]] = {}
    totals = dict(_rows(db, "SELECT category, count(*) FROM f WHERE verdict <> 'free' GROUP BY 1"))
    query = (
        "SELECT category, reason, count(*) n, min((page_key, row)) FROM f WHERE verdict <> 'free' GROUP BY 1, 2"
        f" QUALIFY row_number() OVER (PARTITION BY category ORDER BY count(*) DESC, reason) <= {TOP} ORDER BY n DESC, 2"
    )
    for category, reason, items, place in _rows(db, query):
        reasons.setdefault(category, []).append((reason, items, place))
    examples = _examples(db, [r[2] for found in reasons.values() for r in found[:EXAMPLES]])
    made = []
    for category in (c for c in WORST_FIRST if c in totals):
        found = reasons[category]
        shown = [examples[place] for _, _, place in found[:EXAMPLES]]
        made.append(Group(category, totals[category], [(r, n) for r, n, _ in found], shown))
    return made


def _examples(db: "duckdb.DuckDBPyConnection", places: list[tuple[str, int]]) -> dict[tuple[str, int], dict[str, Any]]:
    """Return the findings at these places (page and row); filtered by row first, which the engine pushes into the files."""
    if not places:
        return {}
    numbers = ", ".join(str(row) for _, row in places)
    rows = _rows(db, f"SELECT page_key, row, {', '.join(FIELDS)} FROM f WHERE row IN ({numbers})")
    return {(key, row): dict(zip(FIELDS, said, strict=True)) for key, row, *said in rows if (key, row) in places}


def _by(
    db: "duckdb.DuckDBPyConnection", what: str, shown: str = "{}", where: str = "true"
) -> list[tuple[str, int, int]]:
    """Items and free ones a value (`shown` of what is grouped by); a column that never or always varies says nothing and is left out."""
    db.execute(  # a table, or what is shown would be made of every row's value
        "CREATE OR REPLACE TEMP TABLE g AS SELECT v, w, count(*) n, count(*) FILTER (verdict = 'free') k"
        f" FROM (SELECT {what} v, {where} w, verdict FROM f) GROUP BY 1, 2"
    )
    rows = _rows(
        db,
        f"SELECT {shown.format('v')} s, sum(n)::BIGINT a, sum(k)::BIGINT b FROM g WHERE w AND s IS NOT NULL"
        " GROUP BY 1 ORDER BY a DESC, s LIMIT 21",
    )
    return rows if len(rows) > 1 and rows[0][1] > 1 else []


def _attribution(db: "duckdb.DuckDBPyConnection") -> dict[str, int]:
    """Of the free items: how many name an author, a title and a source, as the Open Definition lets licences ask for."""
    row = _rows(
        db,
        "SELECT count(*), count(creator), count(title), count(item_url),"
        " count(*) FILTER (creator IS NOT NULL AND title IS NOT NULL AND item_url IS NOT NULL) FROM f WHERE verdict = 'free'",
    )[0]
    return dict(zip(("free", "creator", "title", "source", "complete"), row, strict=True))


def _origins(db: "duckdb.DuckDBPyConnection") -> dict[str, int]:
    """How many items name what they were derived from, and how many of those in a form that can be followed."""
    row = _rows(
        db,
        "SELECT count(*) FILTER (len(was_derived_from) > 0),"
        " count(*) FILTER (len(list_filter(was_derived_from, lambda o: NOT regexp_matches(o, '^https?://'))) > 0) FROM f",
    )[0]
    return dict(zip(("named", "followable"), row, strict=True))


def _followed(db: "duckdb.DuckDBPyConnection") -> list[Origin]:
    """What became of each item's origin, with the most frequent reasons; addresses are left out of a reason, so that it can repeat."""
    status = f"coalesce(origin_status, CASE WHEN len(was_derived_from) > 0 THEN 'not asked: no source can ask for it.' ELSE '{NONE_NAMED}' END)"
    rows = _rows(
        db,
        f"SELECT split_part(s, ':', 1) status, regexp_replace(s, 'https?://[^ ]*[^ .,;:]', '(its address)', 'g') why, count(*) n, min(item_id)"
        f" FROM (SELECT item_id, {status} s FROM f) GROUP BY 1, 2 ORDER BY n DESC, why",
    )
    made = []
    for name in (*ORIGIN_STATUSES, NONE_NAMED):
        own = [(why, n, example) for word, why, n, example in rows if word == name]
        if own:
            made.append(Origin(name, sum(n for _, n, _ in own), own[:TOP]))
    return made


def _routes(db: "duckdb.DuckDBPyConnection") -> dict[str, dict[str, int]]:
    """Items a category by each route: by the collection's own, its terms of access bind too (rule 6)."""
    worst = f"list_position({list(WORST_FIRST)}, "
    bound = f"CASE WHEN {worst}access_category) < {worst}category) THEN access_category ELSE category END"
    open_ = "verdict = 'free' AND coalesce(access_category, 'free') IN ('free', 'free-sharealike')"
    made = {}
    for route, category, free in (("collection", bound, open_), ("origin", "category", "verdict = 'free'")):
        found = dict(_rows(db, f"SELECT {category}, count(*) FROM f GROUP BY 1"))
        made[route] = {c: found[c] for c in WORST_FIRST if c in found}
        made[route][FREE_UNDER] = _one(db, f"SELECT count(*) FROM f WHERE {free}")
    return made


def _retrieved(db: "duckdb.DuckDBPyConnection", folder: Path) -> dict[str, list[tuple[str, int]]]:
    """Return how many items' pages, and answers of origins, were retrieved when, by minute, hour, day, month or year."""
    pages, asked = (sorted((folder / "pages").glob(f"{name}-*.parquet")) for name in ("pages", "asked"))
    own = "SELECT page_key, count(*) n FROM f GROUP BY 1"
    told = {
        "Items": (pages, f"SELECT retrieved t, n FROM read_parquet($files) JOIN ({own}) USING (page_key)"),
        "Answers of origins": (asked, "SELECT retrieved t, 1 n FROM read_parquet($files)"),
    }
    made = {}
    for name, (files, query) in told.items():
        if files and (found := _times(db, query.replace("$files", repr([str(f) for f in files])))):
            made[name] = found
    return made


def _times(db: "duckdb.DuckDBPyConnection", query: str) -> list[tuple[str, int]]:
    known = f"(SELECT t AT TIME ZONE 'UTC' t, n FROM ({query}) WHERE t IS NOT NULL)"
    seconds = _one(db, f"SELECT date_diff('second', min(t), max(t)) FROM {known}")
    span = next((name for name, most in SPANS if (seconds or 0) <= most), "year")
    rows = _rows(db, f"SELECT date_trunc('{span}', t) w, sum(n)::BIGINT FROM {known} GROUP BY 1 ORDER BY 1")
    return [(when.isoformat(), n) for when, n in rows]
