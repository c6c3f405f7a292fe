"""What the tests of catalogue records share: a document as a file, and the claims that it gives."""

import json
from pathlib import Path
from typing import Any

from auditor.fetch import Get
from auditor.resolve import best
from auditor.sources import source
from auditor.target import Target

Claims = dict[str, list[dict[str, Any]]]


def claims(place: Path, name: str, store: Path) -> Claims:
    """Return the claims of a file by level, without the columns that say nothing; the file must be taken by `name`."""
    target = Target(str(place), place)
    assert best(target) == name
    said: Claims = {"dataset": [], "items": []}
    for page in source(name).fetch(target, Get(store)):
        for batch in source(page.source).parse(page):
            said[page.level] += [{k: v for k, v in row.items() if v is not None} for row in batch.to_pylist()]
    return said


def of(document: Any, name: str, folder: Path, file: str = "record.json") -> Claims:
    """Return the claims of a document written to a file: JSON, or text as it is."""
    place = folder / file
    place.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return claims(place, name, folder / "store")


def stated(rows: list[dict[str, Any]]) -> list[tuple[str | None, str | None]]:
    """Return text and URL of each statement that is no access term."""
    return [(r.get("license_text"), r.get("license_url")) for r in rows if r.get("authority") == "uploader"]


def gates(rows: list[dict[str, Any]]) -> list[str]:
    """Return the access terms."""
    return [r["license_text"] for r in rows if r.get("authority") == "access"]
