"""A report's pictures: what the items are, under which licences, where they lie, and when that was read."""

from collections.abc import Iterator
from datetime import datetime

from auditor.report import Report
from auditor.report.charts import Bar, bars, share_of, times
from auditor.report.markup import Safe, tag
from auditor.report.section import counted, number, share

TOP, SEEN = 10, 5  # bars of a chart, the first of at least so many items
VERDICTS = ("free", "non-free", "undetermined")
CALLED = {"free": "free", "non-free": "not free", "undetermined": "undetermined", "rest": "not free or undetermined"}


def pictures(report: Report) -> Safe:
    """Return a section of charts; nothing where no item was examined."""
    if report.level == "dataset" or not report.items:
        return Safe("")
    made = [
        _figure("By category", bars(_by_category(report), "Items by category")),
        _figure("By licence concluded", bars(_by_license(report), "Items by licence concluded"), *report.verdicts),
    ]
    for name, rows in ((n, r) for n, r in report.by.items() if r[0][1] >= SEEN):
        shown = [Bar(v, _value(n, report.items), _pieces(n, free)) for v, n, free in rows[:TOP]]
        title = f"By {name}" + (f": the {TOP} with most items" if len(rows) > TOP else "")
        made.append(_figure(title, bars(shown, title), "free", "rest"))
    charts = tag("div", *made, *_by_time(report), class_="charts")
    return tag("section", tag("h2", "In pictures"), charts, id="charts", aria_label="In pictures")


def tally(report: Report) -> Safe:
    """Return one bar that is all items, by verdict."""
    pieces = [(v, n, _what(v, n)) for v in VERDICTS for n in [report.verdicts.get(v, 0)]]
    return Safe(share_of(pieces, "Items by verdict"))


def _figure(title: str, drawing: str, *legend: str) -> Safe:
    marks = [tag("span", tag("span", class_=f"mark c-{kind}"), CALLED[kind]) for kind in legend]
    keyed = [tag("p", *marks, class_="legend")] if marks else []
    return tag("figure", tag("figcaption", title), *keyed, Safe(drawing))


def _by_time(report: Report) -> Iterator[Safe]:
    for what, counts in report.retrieved.items():
        at = [(datetime.fromisoformat(when), n) for when, n in counts]
        title = f"{what}, by time of retrieval"
        if len(at) > 1:  # of one moment there is nothing to draw
            yield _figure(title, times(at, title, "of them"))


def _what(kind: str, n: int) -> str:
    return f"{CALLED.get(kind, kind)}: {counted(n)}"


def _value(n: int, whole: int) -> str:
    return f"{number(n)} · {share(n, whole)}"


def _pieces(n: int, free: int) -> list[tuple[str, int, str]]:
    return [
        ("free", free, _what("free", free)),
        ("rest", n - free, f"not free or undetermined: {counted(n - free)}"),
    ]


def _by_category(report: Report) -> list[Bar]:
    return [Bar(c, _value(n, report.items), [(c, n, f"{c}: {counted(n)}")]) for c, n in report.categories.items()]


def _by_license(report: Report) -> list[Bar]:
    """Return the most frequent licences, each with its items by verdict; the others together."""
    counts: dict[str, dict[str, int]] = {}
    for name, _, found, n in report.licenses:
        own = counts.setdefault(name, {})
        own[found] = own.get(found, 0) + n
    most = sorted(counts.items(), key=lambda c: -sum(c[1].values()))
    shown, others = most[:TOP], most[TOP:]
    if others:
        total = {v: sum(c.get(v, 0) for _, c in others) for v in VERDICTS}
        shown.append((f"{number(len(others))} others", total))
    return [
        Bar(name, _value(sum(c.values()), report.items), [(v, c[v], _what(v, c[v])) for v in VERDICTS if c.get(v)])
        for name, c in shown
    ]
