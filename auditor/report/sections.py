"""What a report says and in which order, without a format: sections of sentences and tables."""

from typing import Any

from auditor import policy, sources
from auditor.report import Report, routes, whole
from auditor.report.section import Section, counted, cut, number, share

MEANING = {
    "academic-only": "only for research or teaching",
    "non-commercial": "not for commercial use",
    "no-derivatives": "not to be changed",
    "use-restricted": "only for uses that its terms allow",
    "proprietary": "rights reserved or custom terms that forbid redistribution",
    "unknown": "nothing that could be read says it is free",
    "free-sharealike": "nothing in the licence forbids a use and changes stay under it, but the policy does not call it free",
    "free": "nothing in the licence forbids a use, but the policy does not call it free",
}


def verdict(report: Report) -> list[str]:
    """Return the answer, in the words of someone who never heard of the matter."""
    n, free = report.items, report.free
    non, open_ = report.verdicts.get("non-free", 0), report.verdicts.get("undetermined", 0)
    if report.level == "dataset":
        return whole.verdict(report)
    word = (
        "FREE"
        if free == n and n and not report.restricted_access
        else "NOT FREE"
        if non or report.restricted_access
        else "NOT SHOWN TO BE FREE"
    )
    lines = [f"{word} as a whole, under the policy `{report.policy}` ({policy.load(report.policy).title})."]
    lines.append(
        f"{counted(n)}: {number(free)} free ({share(free, n)}), {number(non)} not free ({share(non, n)}), "
        f"{number(open_)} undetermined ({share(open_, n)})."
    )
    lines += [*routes.lines(report), *_obstacle(report), *_kept(report), *_holds(report)]
    if report.errors[0]:
        lines.append(f"{counted(report.errors[0])} could not be read: undetermined.")
    return lines


def _obstacle(report: Report) -> list[str]:
    """Say what stands in the way of most items, in plain words."""
    if not report.groups:
        return []
    most = max(report.groups, key=lambda g: g.items)
    what = f"{most.category} ({MEANING[most.category]})"
    if most.category.startswith("free"):  # which would sound as if being free were in the way
        what = "a licence that forbids no use, but that the policy does not call free"
    why = f"; mostly: {cut(most.reasons[0][0].rstrip('.'), 160)}" if most.reasons else ""
    return [f"Most often in the way: {what}, {counted(most.items)}{why}{'' if why.endswith('…') else '.'}"]


def _kept(report: Report) -> list[str]:
    """Say under what most of the free items are, and how to take them where there are others."""
    most = max((x for x in report.licenses if x[2] == "free"), key=lambda x: x[3], default=None)
    if most is None:
        return []
    apart = "" if report.free == report.items else "; `auditor filter` takes out the free ones alone"
    return [f"Most often free: {most[0]}, {counted(most[3])}{apart}."]


def _holds(report: Report) -> list[str]:
    """Say what the items of this kind of dataset are, and what is not among them."""
    name = report.info.get("source")
    said = getattr(sources.source(name), "HOLDS", None) if name in sources.names() else None
    return [said] if said else []


def sections(report: Report) -> list[Section]:
    """Return the report's sections: what can't be used freely first."""
    made = whole.sections(report) if report.level == "dataset" else _of_items(report)
    made += [
        _evidence(report),
        Section("What was not examined", [f"{w[0].upper()}{w[1:]}." for w in report.not_examined]),
    ]
    return [s for s in made if s.lines or s.rows]


def _of_items(report: Report) -> list[Section]:
    made = [_categories(report), *routes.sections(report)]
    made += [_group(report, g.category, g.items, g.reasons, g.examples) for g in report.groups]
    made += [_licenses(report), _together(report), *_by(report), *whole.sections(report)]
    return [*made, _unread(report), _conflicts(report), _errors(report), _attribution(report)]


def _categories(report: Report) -> Section:
    rows = [(c, number(n), share(n, report.items)) for c, n in report.categories.items()]
    kind = sum(n for c, n in report.categories.items() if c.startswith("free"))
    lines = [
        f"A category says what the licence itself forbids: nothing, for {counted(kind)} (`free`, `free-sharealike`), of which "
        f"the policy `{report.policy}` calls {number(report.free)} free; why not the others is told below."
    ]
    return Section(
        "All items by category",
        lines if kind > report.free else [],
        ("category", "items", "share"),
        [*rows, ("all", number(report.items), "100 %")],
    )


def _group(
    report: Report, category: str, items: int, reasons: list[tuple[str, int]], examples: list[dict[str, Any]]
) -> Section:
    meaning = MEANING[category]
    section = Section(
        f"{_heading(report, category)}: {category} ({counted(items)}, {share(items, report.items)})",
        [f"{meaning[0].upper()}{meaning[1:]}."],
    )
    section.head = ("why", "items")
    section.rows = [(cut(r, 160), number(n)) for r, n in reasons]
    for e in examples:
        words = " ".join(w for w in (e["statement"], e["statement_url"]) if w)
        said = f"says: {cut(words, 160)}" if words else "says nothing of a licence"
        if len(words) < 4 and words:  # a number of the host's own table says nothing to a reader
            said += f", which is {e['license_concluded']}"
        section.lines.append(
            f"For example {cut(str(e['item_id']), 80)}"
            + (f" ({cut(e['item_url'], 120)})" if e["item_url"] else "")
            + f" {said}"
        )
    return section


def _heading(report: Report, category: str) -> str:
    return (
        f"Not called free by the policy `{report.policy}`" if category.startswith("free") else "Cannot be used freely"
    )


def _licenses(report: Report) -> Section:
    free = [
        (one, category, number(n), share(n, report.items))
        for one, category, verdict, n in report.licenses
        if verdict == "free"
    ]
    section = Section("What can be used freely, by licence", [], ("licence", "category", "items", "share"), free[:30])
    if len(free) > 30:
        section.lines.append(f"The findings have more: {len(free) - 30}.")
    if not free:
        section.lines.append("Nothing.")
    return section


def _together(report: Report) -> Section:
    """Say whether the items may be released together, and under what."""
    return Section("May the items be released together?", report.compatibility.lines())


def _by(report: Report) -> list[Section]:
    made = []
    for name, rows in report.by.items():
        table = [(cut(v, 60), number(n), number(f), share(f, n)) for v, n, f in rows[:20]]
        made.append(
            Section(
                f"By {name}",
                ["The 20 with most items."] if len(rows) > 20 else [],
                (name, "items", "free", "share free"),
                table,
            )
        )
    return made


def _unread(report: Report) -> Section:
    rows = [(cut(s or "(empty)", 140), number(n)) for s, n in report.unread]
    return Section("Most frequent statements that could not be read", [], ("statement", "items"), rows)


def _conflicts(report: Report) -> Section:
    count, rows = report.conflicts
    kinds = "; ".join(f"{kind}: {number(n)}" for kind, n in report.conflict_kinds.items())
    lines = (
        [f"{counted(count)} carr{'ies' if count == 1 else 'y'} statements that contradict each other ({kinds})."]
        if count
        else []
    )
    return Section("Contradictions", lines, ("statements", "items"), [(cut(s, 200), number(n)) for s, n in rows])


def _errors(report: Report) -> Section:
    count, rows = report.errors
    lines = [f"{counted(count)} could not be read."] if count else []
    return Section("Errors", lines, ("what", "items"), [(cut(s, 200), number(n)) for s, n in rows])


def _attribution(report: Report) -> Section:
    a = report.attribution
    if not a["free"]:
        return Section("Attribution")
    return Section(
        "Attribution",
        [
            f"Of {counted(a['free'], 'free item')} {number(a['complete'])} ({share(a['complete'], a['free'])}) name creator, title and source; "
            f"a creator is named by {share(a['creator'], a['free'])}, a title by {share(a['title'], a['free'])}, a source by {share(a['source'], a['free'])}.",
            "Most free licences ask for it, and the Open Definition lets them.",
        ],
    )


def _evidence(report: Report) -> Section:
    info = report.info
    lines = [
        f"What was audited: {cut(str(info['target']), 300)}.",
        f"Findings, pages and their hashes: {report.where} (findings/, pages/, parts.jsonl).",
        f"Made by auditor {info['auditor']} with SPDX licence list {info['spdx_list']}, from {info['started']} to {info['finished']}, digest {info['digest']}.",
    ]
    return Section("Where the evidence lies", lines + [f"Note: {n}" for n in info.get("notes", [])])
