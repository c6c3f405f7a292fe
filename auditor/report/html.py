"""The report as one HTML file that asks nothing of the network: verdict, charts, findings with their evidence, all sections."""

import base64
import hashlib
from importlib.resources import files
from pathlib import Path

from auditor.lineage.trace import origins
from auditor.report import Report
from auditor.report.drawn import drawn, with_hosts
from auditor.report.markup import Safe, joined, prose, table, tag
from auditor.report.pictures import CALLED, VERDICTS, pictures, tally
from auditor.report.section import Section, counted, cut, number, share
from auditor.report.sections import sections, verdict
from auditor.report.table import Table, packed
from auditor.report.text import NUMBER

SIZE = 3_000_000  # bytes of the whole file, at most
LINES = 200  # sentences or rows of a section
OPEN = (
    "Open one to see the statement that decided, who said it, where it stands, and by which rule it was read; "
    "`auditor explain --audit DIR ITEM` derives every statement on it again."
)
PRINTED = "On paper are the first 50 of the rows that were shown."


def render(report: Report) -> str:
    """Return the report as one HTML document, under 3 MB."""
    style, script = _own("html.css"), _own("html.js")
    told = sections(report)
    shown = [pictures(report), _lineage(report), *(_section(s, f"s{i}") for i, s in enumerate(told))]
    around = len("".join(shown).encode()) + len((style + script).encode())
    found = packed(report, max(SIZE - around - 100_000, 50_000)) if report.level != "dataset" and report.items else None
    parts = [("verdict", "Verdict"), *([("charts", "In pictures")] if shown[0] else [])]
    parts += [("findings", "Findings")] if found else []
    parts += [("lineage", "Lineage")] if shown[1] else []
    parts += [(f"s{i}", s.title.partition(" (")[0].replace("`", "")) for i, s in enumerate(told)]
    main = tag("main", _verdict(report), shown[0], _findings(report, found), *shown[1:], id="main", tabindex=-1)
    body = tag(
        "body",
        tag("a", "Skip to the report", href="#main", class_="skip"),
        _header(report),
        tag("div", _contents(parts), main, class_="page"),
        _footer(report),
        tag("script", Safe(script)),
    )
    head = tag(
        "head", *_meta(style, script), tag("title", f"Freeness of {cut(report.title, 120)}"), tag("style", Safe(style))
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def fragment(report: Report) -> str:
    """Return the verdict and the items by category for a notebook: no script, no style, nothing that runs."""
    first, *rest = verdict(report)
    rows = [(c, number(n), share(n, report.items)) for c, n in report.categories.items()]
    held = (
        [table("Items by category", ("category", "items", "share"), rows, NUMBER)] if report.level != "dataset" else []
    )
    lines = [tag("p", prose(cut(line, 400))) for line in rest[:6]]
    return tag(
        "div",
        tag("p", tag("strong", f"Freeness of {cut(report.title, 120)}")),
        tag("p", tag("strong", prose(first))),
        *lines,
        *held,
    )


def _own(name: str) -> str:
    return files("auditor.report").joinpath(name).read_text(encoding="utf-8")


def _meta(style: str, script: str) -> list[Safe]:
    """Return what a browser is told first: only this file's own style and script may be used, and nothing may be asked for."""
    allowed = [f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in (script, style)]
    policy = f"default-src 'none'; script-src {allowed[0]}; style-src {allowed[1]}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    said = [
        ("viewport", "width=device-width, initial-scale=1"),
        ("color-scheme", "light dark"),
        ("referrer", "no-referrer"),
    ]
    made = [Safe('<meta charset="utf-8">'), _void("meta", http_equiv="Content-Security-Policy", content=policy)]
    return made + [_void("meta", name=n, content=c) for n, c in said]


def _void(element: str, /, **attributes: str) -> Safe:
    return Safe(tag(element, **attributes).removesuffix(f"</{element}>"))


def _header(report: Report) -> Safe:
    return tag(
        "header",
        tag("p", "auditor: is this dataset free, item by item?", class_="quiet"),
        tag("h1", f"Freeness of {cut(report.title, 200)}"),
    )


def _contents(parts: list[tuple[str, str]]) -> Safe:
    entries = [tag("li", tag("a", title, href=f"#{name}")) for name, title in parts]
    return tag("nav", tag("h2", "Contents"), tag("ol", *entries), aria_label="Contents")


def _verdict(report: Report) -> Safe:
    """Return the answer, how many items it holds for, and why."""
    first, *rest = verdict(report)
    word = next(w for w in ("NOT SHOWN TO BE FREE", "NOT FREE", "FREE") if first.startswith(w))
    kind = {"FREE": "free", "NOT FREE": "non-free"}.get(word, "undetermined")
    answer = tag("p", tag("strong", word, class_=f"badge c-{kind}"), prose(first[len(word) :]), class_="answer")
    told = rest if report.level == "dataset" else rest[1:]  # the numbers stand above them
    lines = [tag("li", prose(cut(line, 700))) for line in told[:LINES]]
    return tag(
        "section",
        tag("h2", "Verdict"),
        answer,
        _tally(report),
        tag("ul", *lines),
        id="verdict",
        aria_label="Verdict",
        class_=f"verdict v-{kind}",
    )


def _tally(report: Report) -> Safe:
    """Return how many items there are, and the three numbers that add up to them."""
    if report.level == "dataset":
        return Safe("")
    told = [tag("div", tag("dt", "items"), tag("dd", number(report.items)))]
    told += [
        tag(
            "div",
            tag("dt", tag("span", class_=f"mark c-{v}"), CALLED[v]),
            tag("dd", number(n), tag("small", f" {share(n, report.items)}")),
        )
        for v in VERDICTS
        for n in [report.verdicts.get(v, 0)]
    ]
    return joined([tag("dl", *told, class_="tally"), tag("div", tally(report), class_="share")])


def _findings(report: Report, found: Table | None) -> Safe:
    """Return the table's frame, which the script fills, and its data."""
    if found is None:
        return Safe("")
    controls = tag(
        "div",
        tag(
            "label",
            "Search",
            _void(
                "input",
                type="search",
                id="search",
                autocomplete="off",
                placeholder="id, title, creator, statement, reason …",
            ),
        ),
        tag("div", id="choices"),
        tag("button", "Clear", type="button", id="clear"),
        role="search",
        aria_label="Findings",
    )
    heads = tag("thead", tag("tr", id="heads"))
    whole = tag("table", tag("caption", "Findings: one row an item", class_="unseen"), heads, tag("tbody", id="rows"))
    pager = tag(
        "p",
        tag("button", "Previous 200", type="button", id="before"),
        tag("button", "Next 200", type="button", id="after"),
        class_="pager",
    )
    grid = tag("div", whole, id="scroll", class_="wide", tabindex=0, role="region", aria_label="Findings")
    held = tag(
        "div",
        controls,
        tag("p", id="count", role="status"),
        grid,
        tag("p", PRINTED, class_="printed"),
        pager,
        id="table",
        hidden=True,
    )
    none = tag("noscript", tag("p", "The table needs JavaScript; the sections below have every count, and examples."))
    data = tag("script", Safe(found.packed), type="text/plain", id="findings-data")
    return tag(
        "section",
        tag("h2", "Findings"),
        tag("p", prose(_held(report, found))),
        none,
        held,
        data,
        id="findings",
        aria_label="Findings",
    )


def _held(report: Report, found: Table) -> str:
    if found.rows == report.items:
        return f"Every item is here. {OPEN}"
    parts = [
        f"{number(n)} of {number(all_)} {c}" if n < all_ else f"all {number(n)} {c}"
        for c, (n, all_) in found.shown.items()
    ]
    return (
        f"A sample, drawn by hash of the id: {number(found.rows)} of {counted(report.items)} ({'; '.join(parts)}). "
        f"All are in {report.where}/findings. {OPEN}"
    )


def _lineage(report: Report) -> Safe:
    named = report.origins["named"] and report.level != "dataset"
    found = with_hosts(report.lineage, origins(Path(report.where))[0]) if named else report.lineage
    if not found.steps:
        return Safe("")
    picture = tag("div", drawn(found), class_="wide", tabindex=0, role="region", aria_label="Lineage")
    words = tag("details", tag("summary", "In words"), tag("pre", found.render("text")[:100_000]))
    line = tag("p", "What the dataset was made from, and what each origin restricts; arrows lead to what was made.")
    return tag("section", tag("h2", "Lineage"), line, picture, words, id="lineage", aria_label="Lineage")


def _section(section: Section, name: str) -> Safe:
    lines = [
        tag("li", prose(cut(line, 1500)), class_="sub" if line.startswith("  ") else None)
        for line in section.lines[:LINES]
    ]
    rows = [tuple(cut(c, 300) for c in row) for row in section.rows[:LINES]]
    made = [tag("ul", *lines)] if len(lines) > 1 else [tag("p", prose(cut(line, 1500))) for line in section.lines]
    if section.rows:
        made.append(table(section.title, section.head, rows, NUMBER))
    left = max(len(section.lines), len(section.rows)) - LINES
    made += [tag("p", f"{number(left)} more are left out here; the JSON report has them.")] if left > 0 else []
    return tag("section", tag("h2", prose(section.title)), *made, id=name, aria_label=section.title)


def _footer(report: Report) -> Safe:
    info = report.info
    made = f"auditor {info['auditor']}, SPDX licence list {info['spdx_list']}, {info['finished'] or 'not finished'}."
    said = "This is what was said, by whom, and by which rule it was read. It is not legal advice."
    return tag("footer", tag("p", f"{made} {said}"))
