"""What a report says and in which order, without a format: sections of sentences and tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from auditor.report import Report

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


@dataclass
class Section:
    """A heading, sentences, and a table with its column names."""

    title: str
    lines: list[str] = field(default_factory=list)
    head: tuple[str, ...] = ()
    rows: Sequence[tuple[str, ...]] = ()


def share(part: int, whole: int) -> str:
    """Return a share in per cent; never rounded to none or all where it is neither."""
    if not whole:
        return "0 %"
    percent = 100 * part / whole
    if part and percent < 0.1:
        return "< 0.1 %"
    if part < whole and percent > 99.9:
        return "> 99.9 %"
    return f"{percent:.1f} %".replace(".0 %", " %")


def number(value: int) -> str:
    """Return a number with its thousands apart."""
    return f"{value:,}"


def verdict(report: Report) -> list[str]:
    """Return the answer, in the words of someone who never heard of the matter."""
    n, free = report.items, report.free
    non, open_ = report.verdicts.get("non-free", 0), report.verdicts.get("undetermined", 0)
    if report.level == "dataset":
        return _of_dataset(report)
    word = (
        "FREE"
        if free == n and n and not report.restricted_access
        else "NOT FREE"
        if non or report.restricted_access
        else "NOT SHOWN TO BE FREE"
    )
    lines = [f"{word} as a whole, under the policy `{report.policy}`."]
    lines.append(
        f"{number(n)} items: {number(free)} free ({share(free, n)}), {number(non)} not free ({share(non, n)}), "
        f"{number(open_)} undetermined ({share(open_, n)})."
    )
    lines += _routes(report)
    if report.errors[0]:
        lines.append(f"{number(report.errors[0])} items could not be read; they count as undetermined.")
    return lines


def _routes(report: Report) -> list[str]:
    """Return both answers where the collection's terms lie over its items, and how many origins could be asked."""
    n, bound = report.items, report.restricted_access
    named, follow = report.origins["named"], report.origins["followable"]
    lines = []
    if bound:
        lines.append(
            f"Route `collection`: obtained through this collection, every item is {bound}, by its own terms of access."
        )
        lines.append(
            "Route `origin`: obtained where it comes from, each item has the licence it has there, as counted above."
        )
    if named:
        lines.append(
            f"{number(named)} items ({share(named, n)}) name the place they come from; "
            f"for {number(follow)} ({share(follow, n)}) that place can be asked for the item's own licence."
        )
    return lines


def _of_dataset(report: Report) -> list[str]:
    found = report.dataset["conclusion"]
    word = (
        "NOT FREE"
        if report.restricted_access
        else {"free": "FREE", "non-free": "NOT FREE"}.get(found["verdict"], "NOT SHOWN TO BE FREE")
    )
    lines = [
        f"{word}, by what is said of the dataset as a whole, under the policy `{report.policy}`. No item was examined."
    ]
    lines.append(f"Licence: {found['license_concluded']} ({found['category']}). {found['reason']}")
    if report.restricted_access:
        lines.append(f"Its terms of access are {report.restricted_access}.")
    return lines


def sections(report: Report) -> list[Section]:
    """Return the report's sections: what can't be used freely first."""
    made = [_categories(report)]
    made += [_group(report, g.category, g.items, g.reasons, g.examples) for g in report.groups]
    made += [
        _licenses(report),
        _together(report),
        *_by(report),
        _dataset(report),
        _unread(report),
        _conflicts(report),
        _errors(report),
    ]
    made += [
        _attribution(report),
        _evidence(report),
        Section("What was not examined", [f"{w[0].upper()}{w[1:]}." for w in report.not_examined]),
    ]
    return [s for s in made if s.lines or s.rows]


def _categories(report: Report) -> Section:
    rows = [(c, number(n), share(n, report.items)) for c, n in report.categories.items()]
    return Section(
        "All items by category", [], ("category", "items", "share"), [*rows, ("all", number(report.items), "100 %")]
    )


def _group(
    report: Report, category: str, items: int, reasons: list[tuple[str, int]], examples: list[dict[str, Any]]
) -> Section:
    meaning = MEANING[category]
    section = Section(
        f"Cannot be used freely: {category} ({number(items)} items, {share(items, report.items)})",
        [f"{meaning[0].upper()}{meaning[1:]}."],
    )
    section.head = ("why", "items")
    section.rows = [(_cut(r, 160), number(n)) for r, n in reasons]
    for e in examples:
        words = " ".join(w for w in (e["statement"], e["statement_url"]) if w)
        said = f"says: {_cut(words, 160)}" if words else "says nothing of a licence"
        section.lines.append(
            f"For example {_cut(str(e['item_id']), 80)}"
            + (f" ({_cut(e['item_url'], 120)})" if e["item_url"] else "")
            + f" {said}"
        )
    return section


def _licenses(report: Report) -> Section:
    free = [
        (one, category, number(n), share(n, report.items))
        for one, category, verdict, n in report.licenses
        if verdict == "free"
    ]
    section = Section("What can be used freely, by licence", [], ("licence", "category", "items", "share"), free[:30])
    if len(free) > 30:
        section.lines.append(f"{len(free) - 30} more licences are in the findings.")
    if not free:
        section.lines.append("Nothing.")
    return section


def _together(report: Report) -> Section:
    """Say whether the items may be released together, and under what."""
    lines = [] if report.level == "dataset" else report.compatibility.lines()
    return Section("May the items be released together?", lines)


def _by(report: Report) -> list[Section]:
    made = []
    for name, rows in report.by.items():
        table = [(_cut(v, 60), number(n), number(f), share(f, n)) for v, n, f in rows[:20]]
        made.append(
            Section(
                f"By {name}",
                ["The 20 with most items."] if len(rows) > 20 else [],
                (name, "items", "free", "share free"),
                table,
            )
        )
    return made


def _dataset(report: Report) -> Section:
    said = report.dataset["statements"]
    rows = [
        (
            s["scope"] or "dataset",
            _cut(" ".join(w for w in (s["text"], s["url"]) if w), 120),
            s["license"],
            s["category"],
        )
        for s in said
    ]
    section = Section("What is said of the dataset as a whole", [], ("of", "statement", "read as", "category"), rows)
    if rows:
        section.lines.append(f"Its items are {ITEMS_FROM[report.dataset['items_from']]}.")
    return section


ITEMS_FROM = {
    "own": "its own: what it says of its items holds for each",
    "third-party": "third parties' works: its own licence does not cover them",
    "mixed": "partly third parties' works: its own licence is not inherited",
    "unknown": "of unknown origin: its licence is not inherited by them",
}


def _unread(report: Report) -> Section:
    rows = [(_cut(s or "(empty)", 140), number(n)) for s, n in report.unread]
    return Section("Most frequent statements that could not be read", [], ("statement", "items"), rows)


def _conflicts(report: Report) -> Section:
    count, rows = report.conflicts
    kinds = "; ".join(f"{kind}: {number(n)}" for kind, n in report.conflict_kinds.items())
    lines = [f"{number(count)} items carry statements that contradict each other ({kinds})."] if count else []
    return Section("Contradictions", lines, ("statements", "items"), [(_cut(s, 200), number(n)) for s, n in rows])


def _errors(report: Report) -> Section:
    count, rows = report.errors
    lines = [f"{number(count)} items could not be read."] if count else []
    return Section("Errors", lines, ("what", "items"), [(_cut(s, 200), number(n)) for s, n in rows])


def _attribution(report: Report) -> Section:
    a = report.attribution
    if not a["free"]:
        return Section("Attribution")
    return Section(
        "Attribution",
        [
            f"Of {number(a['free'])} free items, {number(a['complete'])} ({share(a['complete'], a['free'])}) name creator, title and source; "
            f"a creator is named by {share(a['creator'], a['free'])}, a title by {share(a['title'], a['free'])}, a source by {share(a['source'], a['free'])}.",
            "Most free licences ask for it, and the Open Definition lets them.",
        ],
    )


def _evidence(report: Report) -> Section:
    info = report.info
    lines = [
        f"Findings, pages and their hashes: {report.where} (findings/, pages/, parts.jsonl).",
        f"Made by auditor {info['auditor']} with SPDX licence list {info['spdx_list']}, from {info['started']} to {info['finished']}, digest {info['digest']}.",
    ]
    return Section("Where the evidence lies", lines + [f"Note: {n}" for n in info.get("notes", [])])


def _cut(text: str, size: int) -> str:
    text = "".join(c if c.isprintable() else " " for c in " ".join(str(text).split()))
    return text if len(text) <= size else text[: size - 1] + "…"
