"""The report as JSON: every number of it, for programs."""

import json
from dataclasses import asdict

from auditor.report import Report


def render(report: Report) -> str:
    """Return the report as one JSON object."""
    return json.dumps(asdict(report), indent=1, ensure_ascii=False, default=str) + "\n"
