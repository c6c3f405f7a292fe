"""What a free subset loses: by label, split, language and host, on one page."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from auditor.report.md import escape
from auditor.report.section import counted, number, share

if TYPE_CHECKING:
    import duckdb

    from auditor.auditing import Audit

TOP = 20
TRAIN, CHECK = "^train", "^(val|valid|validation|dev|test|eval|evaluation)"
ORIGIN = "coalesce([o for o in was_derived_from if o LIKE 'http%'][1], item_url)"
# Of a URL, what stands for its host is cut off cheaply for every row; what makes a host of it is for distinct ones.
PLACE, IS_WEB = f"split_part({ORIGIN}, '/', 3)", f"starts_with({ORIGIN}, 'http')"
OF_PLACE = "nullif(lower(regexp_extract({}, '^(?:[^@/]*@)?([^:?#/]+)', 1)), '')"
HOST = f"CASE WHEN {IS_WEB} THEN {OF_PLACE.format(PLACE)} END"
ITS = {
    "label": "label",
    "split": "split",
    "language": "language",
    "kind": "kind",
    "host": PLACE,
    "category": "category",
}


@dataclass(frozen=True, slots=True)
class Lost:
    """Counts before and after: `by` has for each property its values with items, those kept; the most lost first."""

    target: str
    policy: str
    route: str
    items: int
    kept: int
    least: int
    by: dict[str, list[tuple[str, int, int]]] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)  # how many values each property has
    thin: list[tuple[str, int, int]] = field(default_factory=list)  # labels left with fewer than `least` items
    untrained: list[tuple[str, int, int]] = field(default_factory=list)  # checked by, kept to check; none left to train

    @classmethod
    def of(cls, db: "duckdb.DuckDBPyConnection", audit: "Audit", policy: str, route: str, least: int) -> "Lost":
        """Count over the view `f` of `auditor.subset.passing`."""
        items, kept = db.execute("SELECT count(*), count(*) FILTER (passes) FROM f").fetchall()[0]
        found = cls(audit.info["target"], policy, route, items, kept, least)
        for name, what in ITS.items():
            rows = _by(db, name, what)
            if rows and (len(rows) > 1 or rows[0][1] < items) and rows[0][1] > 1:
                found.values[name] = len(rows)
                found.by[name] = rows[:TOP]
            if name == "label":
                found.thin.extend(r for r in rows if r[2] < least <= r[1])
        found.untrained.extend(_untrained(db))
        return found

    def render(self) -> str:
        """Return the page in Markdown."""
        gone = self.items - self.kept
        lines = [
            f"# What is free of {escape(self.target)}, and what is lost",
            "",
            f"**{number(self.kept)} of {counted(self.items)} ({share(self.kept, self.items)}) pass** the policy `{self.policy}`, by the route "
            f"`{self.route}`; {number(gone)} ({share(gone, self.items)}) do not.",
        ]
        for name, rows in self.by.items():
            more = f" (the {TOP} that lose most, of {number(self.values[name])})" if self.values[name] > TOP else ""
            lines += ["", f"## By {name}{more}", "", *_table((name, "items", "kept", "share kept"), rows)]
        lines += self._thin() + self._untrained()
        return "\n".join(lines) + "\n"

    def _thin(self) -> list[str]:
        if not self.thin:
            return []
        what = f"{_labels(len(self.thin))} that had at least {self.least} items left with fewer"
        return ["", "## Labels left thin", "", f"{what}.", "", *_table(_HEAD, self.thin[:TOP]), *_more(len(self.thin))]

    def _untrained(self) -> list[str]:
        if not self.untrained:
            return []
        what = f"{_labels(len(self.untrained))} still in a validation or test split, with no training item left"
        table = _table(("label", "to check, before", "to check, kept", "share kept"), self.untrained[:TOP])
        return ["", "## Labels without training items", "", f"{what}.", "", *table, *_more(len(self.untrained))]


_HEAD = ("label", "items", "kept", "share kept")


def _labels(count: int) -> str:
    return "One label" if count == 1 else f"{number(count)} labels"


def _more(count: int) -> list[str]:
    return ["", f"{number(count - TOP)} more."] if count > TOP else []


def _table(head: tuple[str, ...], rows: list[tuple[str, int, int]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    for value, items, kept in rows:
        lines.append(f"| {escape(_cut(value))} | {number(items)} | {number(kept)} | {share(kept, items)} |")
    return lines


def _cut(text: str) -> str:
    text = "".join(c if c.isprintable() else " " for c in text)
    return text if len(text) <= 80 else text[:79] + "…"


def _by(db: "duckdb.DuckDBPyConnection", name: str, what: str) -> list[tuple[str, int, int]]:
    """Return value, items, kept; an item with several labels (`dog; person`) counts for each."""
    value = f"unnest(string_split({what}, '; '))" if name == "label" else what
    shown, web = (OF_PLACE.format("v"), IS_WEB) if name == "host" else ("v", "true")
    db.execute(  # a table, or what makes a host of a value would be pushed down to every row
        "CREATE OR REPLACE TEMP TABLE g AS SELECT v, w, count(*) n, count(*) FILTER (passes) k"
        f" FROM (SELECT {value} v, {web} w, passes FROM f) GROUP BY 1, 2"
    )
    query = (
        f"SELECT {shown} s, sum(n)::BIGINT a, sum(k)::BIGINT b FROM g WHERE w AND s IS NOT NULL"
        " GROUP BY 1 ORDER BY a - b DESC, a, s"
    )
    return [(str(v), n, k) for v, n, k in db.execute(query).fetchall()]


def _untrained(db: "duckdb.DuckDBPyConnection") -> list[Any]:
    """Return the labels that are still checked and had training items of which none is left."""
    query = (
        "WITH one AS (SELECT unnest(string_split(label, '; ')) v, split, passes FROM f WHERE label IS NOT NULL AND split IS NOT NULL)"
        f" SELECT v, count(*) FILTER (regexp_matches(split, '{CHECK}', 'i')) c,"
        f" count(*) FILTER (passes AND regexp_matches(split, '{CHECK}', 'i')) ck"
        " FROM one GROUP BY 1 HAVING ck > 0"
        f" AND count(*) FILTER (regexp_matches(split, '{TRAIN}', 'i')) > 0"
        f" AND count(*) FILTER (passes AND regexp_matches(split, '{TRAIN}', 'i')) = 0 ORDER BY c DESC, v"
    )
    return [(str(v), c, k) for v, c, k in db.execute(query).fetchall()]
