"""What is known of a dataset as a whole: each part's licence, the words it rests on, where they were read, what is missing."""

from collections.abc import Iterator
from typing import Any

from auditor.policy import FORBIDDING
from auditor.report import Report
from auditor.report.section import Section, cut

PARTS = {
    None: "the whole",
    "media": "media",
    "text": "text",
    "code": "code",
    "data": "data",
    "annotations": "annotations",
    "metadata": "metadata",
    "database": "the compilation",
    "software": "software beside it",
}
APART = ("annotations", "metadata", "software")  # what may be free though the items are not
ITEMS_FROM = {
    "own": "its own: what it says of its items holds for each",
    "third-party": "third parties' works: its own licence does not cover them",
    "mixed": "partly third parties' works: its own licence is not inherited",
    "unknown": "of unknown origin: its licence is not inherited by them",
}
WORD = {"free": "FREE", "non-free": "NOT FREE"}


def verdict(report: Report) -> list[str]:
    """Return the answer of an audit without items: the whole, each part, the terms of access, and what to do next."""
    found = report.dataset["conclusion"]
    word = "NOT FREE" if report.restricted_access else WORD.get(found["verdict"], "NOT SHOWN TO BE FREE")
    lines = [
        f"{word} by what is said of the dataset as a whole, under the policy `{report.policy}`. No item was examined."
    ]
    if report.restricted_access:
        words = next(t["text"] for t in report.access_terms if t["category"] == report.restricted_access)
        lines.append(f"Terms of access: {report.restricted_access}, whatever its items' licences: “{cut(words, 200)}”")
    lines += [f"{_upper(_called(p))}: {_concluded(p)}" for p in report.dataset["parts"]]
    if not report.dataset["parts"]:
        lines.append(f"{_upper(found['reason'])}.")
    freer_than = [x.path[-1] for x in report.lineage.laundering if x.path[0] == report.lineage.root]
    if freer_than:
        lines.append(f"Laundering: what it declares is freer than what it was made from: {', '.join(freer_than)}.")
    return lines + list(_next(report)) + [_to_do(report)]


def _called(said: dict[str, Any]) -> str:
    """Return what is spoken of: the scope, and the part of it."""
    return f"{PARTS.get(said['scope'], said['scope'])}" + (f" ({said['part']})" if said["part"] else "")


def _upper(sentence: str) -> str:
    """Begin a sentence with a capital letter; a licence's id stays as it is."""
    first = sentence.split(" ", 1)[0]
    return f"{sentence[:1].upper()}{sentence[1:]}" if first.isalpha() else sentence


def _concluded(part: dict[str, Any]) -> str:
    words = " ".join(w for w in (part["statement"], part["statement_url"]) if w)
    name = part["license_concluded"]
    if name == "NOASSERTION":
        name = "not determined" if part["verdict"] == "undetermined" else WORD[part["verdict"]].lower()
        name += f", at the strictest {part['category']}" if part["category"] != "unknown" else ""
    else:
        name = f"{name}, {part['verdict']}"
    shown = "" if words and words in part["reason"] else f" “{cut(words, 160)}”"
    apart = " It covers the compilation, not the items in it." if part["scope"] == "database" else ""
    why = _upper(cut(part["reason"], 400))
    return f"{name}.{shown} {why}{'' if why.endswith(('.', '…')) else '.'}{apart}"


def _next(report: Report) -> Iterator[str]:
    known = report.dataset["manifest"]
    if known and known["missing"]:
        yield f"Not verified: no statement on {' or '.join(known['missing'])} could be read at its source."
    yield f"Its items are {ITEMS_FROM[report.dataset['items_from']]}."
    if known and known["source"] and report.info["source"] == "manifest":
        yield (
            f"For an answer item by item, audit its files: `auditor audit PATH --manifest {known['name']}` "
            f"(source `{known['source']}`)."
        )


def _to_do(report: Report) -> str:
    """Say what the answer means for who has to decide on a release."""
    found = report.dataset["conclusion"]
    may = [p for p in report.dataset["parts"] if p["verdict"] == "free" and p["scope"] in APART]
    named = dict.fromkeys(PARTS[p["scope"]] for p in may if not report.restricted_access or p["scope"] == "software")
    besides = f" What is called free above may be passed on under its licence: {', '.join(named)}." if named else ""
    if report.restricted_access:
        others = report.dataset["items_from"] in ("third-party", "mixed")
        where = "; its items may be freer where they come from" if others else ""
        return f"To do: keep out of a free release what was got under these terms{where}.{besides}"
    if found["verdict"] == "non-free" or found["category"] in FORBIDDING:
        return f"To do: keep its items out of a free release, or ask its publisher for other terms.{besides}"
    if found["verdict"] == "free":
        return "To do: pass it on under the licences above, with their notices."
    return f"To do: call none of its items free before their own licences are known.{besides}"


def sections(report: Report) -> list[Section]:
    """Return what is said of the dataset, what it rests on, and what it was made from."""
    return [_said(report), _evidence(report), _origins(report), _without_effect(report)]


def _said(report: Report) -> Section:
    rows = [
        (
            "access" if s["authority"] == "access" else cut(_called(s), 60),
            s["place"] or s["authority"],
            cut(" ".join(w for w in (s["text"], s["url"]) if w), 120),
            s["license"],
            s["category"],
        )
        for s in report.dataset["statements"]
    ]
    rows = list(dict.fromkeys(rows))
    section = Section(
        "What is said of the dataset as a whole", [], ("of", "where", "statement", "read as", "category"), rows
    )
    if rows and report.level != "dataset":
        section.lines.append(f"Its items are {ITEMS_FROM[report.dataset['items_from']]}.")
    return section


def _evidence(report: Report) -> Section:
    known = report.dataset["manifest"]
    section = Section("Where that was read")
    if known is None:
        return section
    if known["items_from"].get("quote"):
        section.lines.append(f"Whose items: {_proof(known['items_from'])}")
    section.lines += [_statement(s) for s in known["statements"] if s["standing"]]
    section.lines += [
        f"Decided by {c['who']} on {c['when']}, of {PARTS.get(c['scope'], c['scope'])}: {c['says']}. {c['why']}"
        for c in known["curations"]
    ]
    return section


def _statement(said: dict[str, Any]) -> str:
    of = _called(said)
    return f"{_upper(of)}: {_proof(said)}"


def _proof(said: dict[str, Any]) -> str:
    by = f"; by {said['by']}" if said["by"] != "publisher" else ""
    note = f" [{said['note']}]" if said["note"] else ""
    seen = f", {said['seen']}" if said["seen"] else ""
    return f"“{said['quote']}” ({said['how']}{by}: {said['evidence'].partition(': ')[2]}{seen}){note}"


def _origins(report: Report) -> Section:
    """Tell what the dataset was made from, the restriction that each brings, and what was lost on the way (rule 6)."""
    found = report.lineage
    section = Section("What it was made from")
    for step in found.parents(found.root):
        brings = f"; brings {', '.join(found.brings(step))}" if found.brings(step) else ""
        known = "" if found.nodes[step.parent].known else "; what it restricts is not known"
        section.lines.append(f"{step.parent}: “{cut(step.words, 200)}” ({step.evidence}{known}{brings})")
    for lost in (x for x in found.laundering if x.path[0] == found.root):
        declared = " and ".join(dict.fromkeys(s.license for s in lost.declared))
        section.lines.append(
            f"Laundering: it declares {declared}, freer than {lost.path[-1]}, from which {', '.join(lost.restrictions)} was lost."
        )
    if section.lines:
        section.lines.append("`auditor lineage` shows the whole way, with its words.")
    return section


def _without_effect(report: Report) -> Section:
    """Tell what is known and does not count: history, third parties' words, what is said of a part only."""
    known = report.dataset["manifest"]
    section = Section("Told, and without effect on the answer")
    for s in (known or {"statements": []})["statements"]:
        if not s["standing"]:
            why = f"until {s['until']}" if s["until"] else "of a part only" if s["verified"] else "not verified"
            section.lines.append(f"{_statement(s)} ({why})")
    return section
