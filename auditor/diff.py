"""What changed between two audits of one dataset: items that came and went, and conclusions that are others now."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.errors import BadOption
from auditor.report.md import escape
from auditor.report.section import counted, number

if TYPE_CHECKING:
    import duckdb

    from auditor.auditing import Audit

FORMATS = ("md", "json")
TOP, EXAMPLES = 30, 3
SAME = ("policy", "auditor", "spdx_list", "digest")
WORSE = "CASE {} WHEN 'free' THEN 0 WHEN 'undetermined' THEN 1 ELSE 2 END"


@dataclass(frozen=True, slots=True)
class Change:
    """Items whose conclusion went from one to another: verdict, category and licence, before and after."""

    before: tuple[str, str, str]
    after: tuple[str, str, str]
    items: int
    examples: list[str]

    @property
    def worse(self) -> bool:
        """Whether the verdict is less free now."""
        order = ("free", "undetermined", "non-free")
        return order.index(self.after[0]) > order.index(self.before[0])


@dataclass(frozen=True, slots=True)
class Diff:
    """Two audits side by side: `items` of each, what came and went by verdict, what changed (the less free first)."""

    names: tuple[str, str]
    items: tuple[int, int]
    verdicts: dict[str, tuple[int, int]]
    added: dict[str, int]
    removed: dict[str, int]
    changed: int
    worse: int
    better: int
    changes: list[Change]
    more: int  # kinds of change beyond those in `changes`
    made: dict[str, tuple[Any, Any]] = field(default_factory=dict)  # what of the audits themselves differs
    said: tuple[list[str], list[str]] = field(default_factory=lambda: ([], []))  # of the dataset as a whole: gone, new

    @property
    def empty(self) -> bool:
        """Whether no item came, went or changed."""
        return not (self.added or self.removed or self.changed)

    def render(self, form: str = "md") -> str:
        """Return the page in Markdown, or all of it as JSON."""
        if form not in FORMATS:
            raise BadOption(f"--format {form!r} is not known: use one of {', '.join(FORMATS)}.")
        if form == "json":
            return json.dumps(asdict(self), indent=1, ensure_ascii=False, default=str) + "\n"
        return "\n".join([*self._head(), *self._changes(), *self._whole()]) + "\n"

    def __str__(self) -> str:
        return self.render()

    def _head(self) -> list[str]:
        a, b = self.names
        lines = [f"# From {escape(a)} to {escape(b)}", ""]
        if self.empty:
            lines.append(f"**No item differs**: {counted(self.items[1])} in each, with equal conclusions.")
            return lines
        lines += [
            f"**Concluded otherwise now: {number(self.changed)} of the items in both**; less free {number(self.worse)}, freer {number(self.better)}. "
            f"New items {number(sum(self.added.values()))}, gone {number(sum(self.removed.values()))}.",
            "",
            "| verdict | before | after | came | went |",
            "| --- | ---: | ---: | ---: | ---: |",
        ]
        for verdict, (before, after) in self.verdicts.items():
            came, went = self.added.get(verdict, 0), self.removed.get(verdict, 0)
            lines.append(f"| {verdict} | {number(before)} | {number(after)} | {number(came)} | {number(went)} |")
        lines.append(
            f"| all | {number(self.items[0])} | {number(self.items[1])} | {number(sum(self.added.values()))} | {number(sum(self.removed.values()))} |"
        )
        return lines

    def _changes(self) -> list[str]:
        if not self.changes:
            return []
        lines = ["", "## What changed", "", "| items | before | after | for example |", "| ---: | --- | --- | --- |"]
        for c in self.changes:
            before, after = (f"{escape(x[2])} ({x[1]}, {x[0]})" for x in (c.before, c.after))
            mark = "**less free** " if c.worse else ""
            lines.append(f"| {number(c.items)} | {before} | {mark}{after} | {escape(', '.join(c.examples))} |")
        return [*lines, *(["", f"{number(self.more)} more kinds of change."] if self.more else [])]

    def _whole(self) -> list[str]:
        lines = [f"- {name}: {escape(str(a))} → {escape(str(b))}" for name, (a, b) in self.made.items()]
        gone, new = self.said
        lines += [f"- no longer said of the dataset: {escape(s)}" for s in gone]
        lines += [f"- newly said of the dataset: {escape(s)}" for s in new]
        return ["", "## The audits themselves", "", *lines] if lines else []


def diff(before: "Audit", after: "Audit") -> Diff:
    """Compare two audits item by item, by id; both are read in bounded memory."""
    old, new = before.info, after.info
    with side_by_side(before.files, after.files) as db:
        found = differences(db)
    made = {n: (old.get(n), new.get(n)) for n in SAME if old.get(n) != new.get(n)}
    return Diff(names=(str(before.folder), str(after.folder)), made=made, said=said(old, new), **found)


@contextmanager
def side_by_side(before: Sequence[Path], after: Sequence[Path]) -> "Iterator[duckdb.DuckDBPyConnection]":
    """Open a database that has the findings of two audits as `a` and `b`, and spills rather than fill the memory."""
    import duckdb

    with tempfile.TemporaryDirectory() as spill:
        db = duckdb.connect(config={"memory_limit": "1GB", "threads": 2, "temp_directory": spill})
        try:
            for name, files in (("a", before), ("b", after)):
                db.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({[str(f) for f in files]!r})")
            yield db
        finally:
            db.close()


def said(old: dict[str, Any], new: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return what is no longer said of the dataset as a whole, and what is said newly, by two audit.json."""
    was, now = (_statements(i) for i in (old, new))
    return [s for s in was if s not in now], [s for s in now if s not in was]


def _statements(info: dict[str, Any]) -> list[str]:
    return [
        f"{s['scope'] or 'dataset'}: {' '.join(w for w in (s['text'], s['url']) if w)} ({s['license']})"
        for s in info["dataset"]["statements"]
    ]


def differences(db: "duckdb.DuckDBPyConnection") -> dict[str, Any]:
    """Count what differs between the findings `a` and `b`, as Diff has it."""
    totals = [dict(db.execute(f"SELECT verdict, count(*) FROM {n} GROUP BY 1").fetchall()) for n in ("a", "b")]
    apart = "SELECT x.verdict, count(*) FROM {} x ANTI JOIN {} y USING (item_id) GROUP BY 1 ORDER BY 1"
    rank_a, rank_b = WORSE.format("a.verdict"), WORSE.format("b.verdict")
    db.execute(
        f"CREATE TEMP TABLE changed AS SELECT a.verdict va, a.category ca, a.license_concluded la, b.verdict vb, b.category cb, b.license_concluded lb,"
        f" {rank_b} - {rank_a} AS step, count(*) n, list_sort(min(item_id, {EXAMPLES})) ids FROM a JOIN b USING (item_id)"
        " WHERE (a.verdict, a.category, a.license_concluded) IS DISTINCT FROM (b.verdict, b.category, b.license_concluded) GROUP BY ALL"
    )
    rows = db.execute("SELECT * FROM changed ORDER BY step > 0 DESC, n DESC, la, lb, va, vb, ca, cb").fetchall()
    changes = [Change(tuple(r[:3]), tuple(r[3:6]), r[7], list(r[8])) for r in rows[:TOP]]
    order = [v for v in ("free", "undetermined", "non-free") if any(v in t for t in totals)]
    return {
        "items": (sum(totals[0].values()), sum(totals[1].values())),
        "verdicts": {v: (totals[0].get(v, 0), totals[1].get(v, 0)) for v in order},
        "added": dict(db.execute(apart.format("b", "a")).fetchall()),
        "removed": dict(db.execute(apart.format("a", "b")).fetchall()),
        "changed": sum(r[7] for r in rows),
        "worse": sum(r[7] for r in rows if r[6] > 0),
        "better": sum(r[7] for r in rows if r[6] < 0),
        "changes": changes,
        "more": max(0, len(rows) - TOP),
    }
