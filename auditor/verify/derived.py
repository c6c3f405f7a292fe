"""The findings once more, from the pages that an audit holds: into a folder that goes again, and compared with what it says."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor import manifests
from auditor.diff import Diff, differences, said, side_by_side
from auditor.errors import AuditError
from auditor.report.section import cut, number
from auditor.schema import FINDING, Page

if TYPE_CHECKING:
    import duckdb

    from auditor.auditing import Audit

EXAMPLES = 5
WORDS = {"extra": "in the audit only", "lost": "by its evidence only", "twice": "in the audit more than once"}
PLACE = "page, row"  # where a finding comes from, one each: its page's key as a number
PAGE = "hash(page_key) AS page"
UNASKED = (
    "'^not asked: (--offline forbids it|run again with --follow)[.]$', 'not asked'"  # words of a run, not of evidence
)


@dataclass(frozen=True, slots=True)
class Derived:
    """What deriving the findings again gave. `items` of those that are there to compare."""

    items: int = 0
    lost: int = 0  # findings that the evidence gives and the audit has not
    extra: int = 0  # findings of the audit that its evidence does not give
    differ: int = 0
    columns: dict[str, int] = field(default_factory=dict)  # column -> findings whose value is another
    examples: list[str] = field(default_factory=list)
    unverifiable: int = 0  # findings whose pages are gone
    dataset: tuple[list[str], list[str]] = field(default_factory=lambda: ([], []))  # said of the whole: before, now
    about: list[str] = field(default_factory=list)  # what of it differs, field by field
    whole: bool = True  # what audit.json says of the dataset and of its size is what its pages give
    made: tuple[str, str] = ("", "")  # digests: of the audit, of now
    diff: Diff | None = None
    failure: str | None = None

    @property
    def same(self) -> bool:
        """Whether every finding could be derived again, and is the same."""
        other = self.lost or self.extra or self.differ or self.unverifiable
        return not other and self.whole and self.failure is None

    @property
    def why(self) -> str:
        """What keeps it from being the same, in some words."""
        if self.failure is not None:
            return "its findings could not be derived again"
        counts = (
            (self.differ, "derived otherwise"),
            (self.extra, "not from the evidence"),
            (self.lost, "missing"),
            (self.unverifiable, "not verifiable"),
        )
        words = [f"findings {what}: {number(n)}" for n, what in counts if n]
        return ", ".join(words) or "what audit.json says of the dataset as a whole is derived otherwise"

    def lines(self) -> list[str]:
        """Return what was derived and what differs, for the page."""
        if self.failure is not None:
            return [f"Derived again: no. {self.failure}"]
        newer = self.made[0] != self.made[1]
        how = f"by other code, knowledge or options (digest {self.made[1]}, the audit's is {self.made[0]})"
        lines = [
            f"Derived again: findings compared: {number(self.items)}, "
            + (how if newer else f"by the same code and knowledge (digest {self.made[0]})")
            + (": all equal." if self.same else f": {self.why}.")
        ]
        lines += [f"  {column}: {number(count)} differ" for column, count in self.columns.items()]
        lines += [f"  for example {example}" for example in self.examples]
        if self.unverifiable and (self.differ or self.extra or self.lost):
            lines.append("  Some of these may differ since pages are gone.")
        lines += [f"  of the dataset as a whole: {what}" for what in self.about]
        lines += [f"  said of the dataset in the audit only: {s}" for s in self.dataset[0]]
        lines += [f"  said of the dataset by its evidence only: {s}" for s in self.dataset[1]]
        return lines + (["", self.diff.render().rstrip()] if self.diff is not None else [])


def derive(audit: "Audit", there: Sequence[Page | str], readable: list[Path], workers: int | None) -> Derived:
    """Derive the findings again from the pages that are there, and compare them with the parts that can be read."""
    from auditor.auditing import Audit

    pages = [p for p in there if isinstance(p, Page)]
    gone = [p for p in there if isinstance(p, str)]
    if gone and (lost := _of_the_whole(audit.folder, gone)):
        return Derived(
            failure=f"What it says of the dataset as a whole is gone ({lost}), and every finding rests on it."
        )
    with tempfile.TemporaryDirectory(prefix="auditor-verify-") as place:
        folder = Path(place) / "audit"
        try:
            if pages:
                _run(audit, pages, folder, workers)
        except AuditError as error:
            return Derived(failure=str(error))
        if not pages:
            return Derived(unverifiable=audit.info["rows"], made=(audit.info["digest"],) * 2)
        return _compared(audit, Audit(folder), readable, [p.key for p in pages], bool(gone))


def _of_the_whole(folder: Path, gone: list[str]) -> str | None:
    """Return the locator of a page that is gone and speaks of the dataset as a whole, or None."""
    from auditor.trail import pages_of

    return next((p.locator for p in pages_of(folder) if p.level == "dataset" and p.key in set(gone)), None)


def _run(audit: "Audit", pages: list[Page], folder: Path, workers: int | None) -> None:
    """Do what an audit does after fetching, with the same options, over pages and answers that are stored."""
    from auditor.auditing import Plan, _Follow, _Run
    from auditor.fetch import Get
    from auditor.run import Workers
    from auditor.store import Store
    from auditor.target import Target

    info = audit.info
    known = manifests.find(info["manifest"]) if info["manifest"] else None
    target = Target(info["target"], columns=info["columns"], manifest=known)
    rounds = (info.get("follow") or {}).get("rounds", 2)
    store = Store(folder)
    store.open()
    try:
        _linked(audit.folder / "pages", folder / "pages")
        with Get(folder / "pages" / "files", offline=True, asked=folder / "pages") as get:
            run = _Run(store, target, info["source"], Plan(), info["policy"], Workers(count=workers), lambda o, _: o)
            run.whole(iter(pages), get, _Follow(False, rounds, lambda _done, _total: None, False))
    finally:
        store.close()


def _linked(pages: Path, into: Path) -> None:
    """Make the stored answers to following stand in another audit's folder too."""
    for file in [*pages.glob("asked-*.parquet"), *(p for p in [pages / "origins"] if p.is_dir())]:
        (into / file.name).symlink_to(file.resolve())


def _compared(audit: "Audit", again: "Audit", readable: list[Path], pages: list[str], gone: bool) -> Derived:
    info = audit.info
    if not readable:
        return Derived(failure="None of its parts can be read.")
    new = again.info
    with side_by_side(readable, again.files) as db:
        unverifiable = _without(db, pages) if gone else 0
        counts = _counts(db, some=gone)
        compared = differences(db) if counts["differ"] else {"changed": 0}
    names = ("the audit", "what its evidence gives")
    return Derived(
        unverifiable=unverifiable,
        whole=_plain(info["dataset"]) == _plain(new["dataset"]) and (gone or info["rows"] == new["rows"]),
        about=_other(info["dataset"], new["dataset"]),
        dataset=said(info, new),
        made=(info["digest"], new["digest"]),
        diff=Diff(names=names, **compared) if compared["changed"] else None,
        **counts,
    )


def _plain(what: Any) -> Any:
    """Return it without what the manifest tells of itself, which is no statement."""
    return {k: v for k, v in what.items() if k != "manifest"}


def _other(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Return what is concluded otherwise of the dataset as a whole, and which other of its fields differ."""
    was, now = old["conclusion"], new["conclusion"]
    fields = [n for n in dict.fromkeys([*was, *now]) if was.get(n) != now.get(n)]
    told = [f"{n} is {cut(str(was.get(n)), 120)}, its evidence gives {cut(str(now.get(n)), 120)}" for n in fields]
    a, b = _plain(old), _plain(new)
    return told + [f"{n} differ" for n in dict.fromkeys([*a, *b]) if n != "conclusion" and a.get(n) != b.get(n)]


def _without(db: "duckdb.DuckDBPyConnection", pages: list[str]) -> int:
    """Leave out the audit's findings that no page that is there can give; return how many they are."""
    db.execute("ALTER VIEW a RENAME TO every")
    db.execute(
        "CREATE TEMP TABLE there AS SELECT unnest($pages) AS page_key UNION SELECT page_key FROM b", {"pages": pages}
    )
    db.execute("CREATE TEMP VIEW a AS SELECT * FROM every SEMI JOIN there USING (page_key)")
    (before,), (after,) = (db.execute(f"SELECT count(*) FROM {n}").fetchall()[0] for n in ("every", "a"))
    return int(before - after)


def _counts(db: "duckdb.DuckDBPyConnection", some: bool) -> dict[str, Any]:
    """Count what differs in any column, by column, with examples; rows are compared by a hash of all of them.

    some: only some pages are there, so that an id that repeats may have another number.
    """
    values = {n: n for n in FINDING.names} | {"origin_status": f"regexp_replace(origin_status, {UNASKED})"}
    values |= {"item_id": "regexp_replace(item_id, '(~[0-9]+)+$', '')"} if some else {}
    for name in ("a", "b"):
        db.execute(
            f"CREATE TEMP TABLE of_{name} AS SELECT {PAGE}, row, hash({', '.join(values.values())}) AS made FROM {name}"
        )
    db.execute(
        f"CREATE TEMP TABLE other AS SELECT {PLACE} FROM of_a JOIN of_b USING ({PLACE}) WHERE of_a.made <> of_b.made"
    )
    found = {
        "items": f"of_a SEMI JOIN of_b USING ({PLACE})",
        "extra": f"of_a ANTI JOIN of_b USING ({PLACE})",
        "lost": f"of_b ANTI JOIN of_a USING ({PLACE})",
        "differ": "other",
        "twice": f"(SELECT {PLACE} FROM of_a GROUP BY ALL HAVING count(*) > 1)",
    }
    counts: dict[str, Any] = {n: db.execute(f"SELECT count(*) FROM {q}").fetchall()[0][0] for n, q in found.items()}
    columns, examples = _columns(db, values) if counts["differ"] else ({}, [])
    for name, where in (("extra", "a"), ("lost", "b"), ("twice", "a")):
        examples += _ids(db, WORDS[name], where, found[name])
    counts["extra"] += counts.pop("twice")
    return counts | {"columns": columns, "examples": examples}


def _columns(db: "duckdb.DuckDBPyConnection", values: dict[str, str]) -> tuple[dict[str, int], list[str]]:
    for name in ("a", "b"):
        told = ", ".join(f"{v} AS {n}" for n, v in values.items())
        db.execute(
            f"CREATE TEMP VIEW some_{name} AS SELECT {told}, page FROM (SELECT *, {PAGE} FROM {name}) SEMI JOIN other USING ({PLACE})"
        )
    joined = f"FROM some_a a JOIN some_b b USING ({PLACE})"
    names = [n for n in values if n not in ("page_key", "row")]
    sums = ", ".join(f"count(*) FILTER (a.{n} IS DISTINCT FROM b.{n})" for n in names)
    counts = dict(zip(names, db.execute(f"SELECT {sums} {joined}").fetchall()[0], strict=True))
    columns = {n: int(c) for n, c in counts.items() if c}
    shown = next(n for n in ("verdict", "license_concluded", "category", *columns) if n in columns)
    query = f"SELECT a.item_id, a.{shown}, b.{shown} {joined} WHERE a.{shown} IS DISTINCT FROM b.{shown} ORDER BY 1 LIMIT {EXAMPLES}"
    rows = db.execute(query).fetchall()
    return columns, [
        f"{cut(i, 80)}: {shown} is {cut(str(a), 80)}, its evidence gives {cut(str(b), 80)}" for i, a, b in rows
    ]


def _ids(db: "duckdb.DuckDBPyConnection", said: str, name: str, query: str) -> list[str]:
    every = f"(SELECT *, {PAGE} FROM {name}) SEMI JOIN (FROM {query}) USING ({PLACE})"
    rows = db.execute(f"SELECT DISTINCT item_id FROM {every} ORDER BY item_id LIMIT {EXAMPLES}").fetchall()
    return [f"{cut(i, 80)}: {said}" for (i,) in rows]
