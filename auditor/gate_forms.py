"""A gate's answer for the programs that gather results: SARIF 2.1.0 (code scanning) and JUnit XML (CI servers)."""

import json
import re
from typing import Any
from xml.etree import ElementTree as Xml

from auditor import __version__
from auditor.gate import Flag
from auditor.report import Report
from auditor.report.section import cut
from auditor.report.sections import MEANING

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
WORDS = {
    "non-free": "the policy does not call them free, and what is said of them forbids it",
    "undetermined": "nothing shows that the policy would call them free",
    "conflict": "what is said of them contradicts itself",
    "error": "they could not be read",
} | MEANING


def sarif(report: Report, conditions: list[str], flags: list[Flag]) -> str:
    """Return a SARIF log: one rule a condition, one result a flag, and one for each example of it."""
    rules = [{"id": c, "shortDescription": {"text": f"Items: {_meaning(c)}."}} for c in conditions]
    results = [r for f in flags for r in _results(report, f)]
    driver = {"name": "auditor", "version": __version__, "rules": rules}
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}
    return json.dumps(log, indent=1, ensure_ascii=False) + "\n"


def _results(report: Report, flag: Flag) -> list[dict[str, Any]]:
    whole = {"ruleId": flag.condition, "level": "error", "message": {"text": f"{flag}: {_meaning(flag.condition)}."}}
    made = [whole | {"locations": [_location(report, None)]}]
    for one in _examples(report, flag):
        said = " ".join(w for w in (one["statement"], one["statement_url"]) if w) or "nothing"
        text = f"{one['item_id']}: {one['reason']} It says: {said}"
        note = {"ruleId": flag.condition, "level": "note", "message": {"text": cut(text, 1000)}}
        made.append(note | {"locations": [_location(report, one)]})
    return made


def _location(report: Report, item: dict[str, Any] | None) -> dict[str, Any]:
    """The dataset as the place; an item as a place inside it, which has no line."""
    uri = re.sub(r"[^\w./:@%+~#?&=,;!$'()*-]", "_", report.target)
    place: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": uri}}}
    if item is not None:
        place["logicalLocations"] = [{"name": str(item["item_id"])[:200], "kind": "member"}]
    return place


def junit(report: Report, conditions: list[str], flags: list[Flag]) -> str:
    """Return a JUnit test suite: one test a condition, failed where it holds."""
    held = {f.condition: f for f in flags}
    counts = {"tests": str(len(conditions)), "failures": str(len(flags)), "errors": "0"}
    root = Xml.Element("testsuites", counts)
    suite = Xml.SubElement(root, "testsuite", {"name": f"auditor gate {_plain(report.target)}"} | counts)
    for condition in conditions:
        case = Xml.SubElement(suite, "testcase", {"classname": "auditor.gate", "name": condition})
        flag = held.get(condition)
        if flag is not None:
            failure = Xml.SubElement(case, "failure", {"message": str(flag), "type": "flagged"})
            failure.text = "\n".join(_plain(f"{one['item_id']}: {one['reason']}") for one in _examples(report, flag))
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _plain(text: str) -> str:
    """Return text without the characters that XML 1.0 has no place for."""
    return re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)


def _word(condition: str) -> str:
    return condition.partition(">")[0]


def _meaning(condition: str) -> str:
    return WORDS[_word(condition)]


def _examples(report: Report, flag: Flag) -> list[dict[str, Any]]:
    """Return items of the category or verdict that a flag names."""
    word = _word(flag.condition)
    return [one for group in report.groups for one in group.examples if word in (group.category, one["verdict"])]
