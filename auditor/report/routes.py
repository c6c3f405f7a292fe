"""What became of the items' origins, and both routes beside each other: through the collection, and from where items come from."""

from auditor.report import FREE_UNDER, NONE_NAMED, WORST_FIRST, Report
from auditor.report.section import Section, counted, cut, number, share
from auditor.schema import ENDED


def lines(report: Report) -> list[str]:
    """Return both answers where the collection's terms lie over its items, and how many origins could be asked, or were."""
    n, bound, said = report.items, report.restricted_access, []
    if bound:
        words = next((str(t["text"]) for t in report.access_terms if t.get("text") and t.get("category") == bound), "")
        said.append(
            f"Route `collection`: obtained through this collection, every item is {bound}, by its terms of access"
            + (f": \u201c{cut(words, 100).rstrip('.')}\u201d." if words else ".")
        )
        said.append(
            "Route `origin`: obtained where it comes from, each has the licence it has there; what is known of those is counted above."
        )
    if report.followed:
        return [*said, _what_became(report)]
    named, able = report.origins["named"], report.origins["followable"]
    if named:
        said.append(
            f"{_named(named, n)}; "
            f"for {number(able)} ({share(able, n)}) that place can be asked for the item's own licence (--follow)."
        )
    return said


def _named(named: int, of: int) -> str:
    words = "names the place it comes from" if named == 1 else "name the place they come from"
    return f"{counted(named)} ({share(named, of)}) {words}"


def _what_became(report: Report) -> str:
    count = {o.status: o.items for o in report.followed}
    named, done = report.items - count.get(NONE_NAMED, 0), count.get("followed", 0)
    left = [f"{number(k)} {s}" for s, k in count.items() if s not in ("followed", NONE_NAMED)]
    said = f"{_named(named, report.items)}; "
    said += f"{number(done)} ({share(done, report.items)}) were followed there"
    return f"{said}. Of the others: {', '.join(left)}." if left else f"{said}."


def sections(report: Report) -> list[Section]:
    """Return what became of the origins and why, and the items by route; each table adds up to the items."""
    if not report.followed:
        return []
    rows = [(o.status, number(o.items), share(o.items, report.items)) for o in report.followed]
    became = Section("Where the items come from", [], ("its origin", "items", "share"))
    became.rows = [*rows, ("all", number(report.items), "100 %")]
    if any(o.status in ENDED for o in report.followed):
        became.lines.append(
            "Where an origin is gone, private or a placeholder, the item keeps the licence last seen; its finding says so."
        )
    told = [(o.status, *reason) for o in report.followed for reason in o.reasons]
    why = Section("Why origins were not followed", [], ("why", "items", "for example"))
    why.rows = [(cut(said, 160), number(n), cut(item, 60)) for status, said, n, item in told if said != status]
    return [became, why, _beside(report)]


def _beside(report: Report) -> Section:
    both = [report.routes["collection"], report.routes["origin"]]
    found = [c for c in WORST_FIRST if any(c in route for route in both)]
    rows = [(c, *(number(route.get(c, 0)) for route in both)) for c in found]
    rows += [
        ("all", *(number(report.items) for _ in both)),
        (FREE_UNDER, *(number(route[FREE_UNDER]) for route in both)),
    ]
    said = f"`{FREE_UNDER}`: of all items, those whose verdict by that route is free under `{report.policy}`."
    return Section("Items by route", [said], ("category", "route collection", "route origin"), rows)
