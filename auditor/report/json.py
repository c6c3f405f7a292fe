"""The report as JSON: every number of it, for programs."""

import json
from dataclasses import asdict, fields, is_dataclass
from typing import Any

from auditor.report import Report


def render(report: Report) -> str:
    """Return the report as one JSON object."""
    said = {f.name: _plain(getattr(report, f.name)) for f in fields(report)} | {
        "compatibility": _together(report),
        "lineage": _lineage(report),
    }
    return json.dumps(said, indent=1, ensure_ascii=False, default=str) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def _together(report: Report) -> dict[str, Any]:
    """Return what may be released together: the freest licence and what is in the way of the next freer one."""
    found, freer = report.compatibility, report.compatibility.next_freer
    return {
        "license": found.license,
        "category": found.together,
        "verdict": found.verdict,
        "apart": found.apart,
        "next_freer": freer and {"license": freer.license, "items": freer.items, "in_the_way": freer.in_the_way},
    }


def _lineage(report: Report) -> dict[str, Any]:
    found = report.lineage
    return {
        "category": found.category,
        "steps": [asdict(s) | {"brings": found.brings(s)} for s in found.steps],
        "laundering": [{"path": x.path, "restrictions": x.restrictions} for x in found.laundering],
        "unknown": found.unknown,
        "gaps": found.gaps,
    }
