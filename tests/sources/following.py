"""Asks a source for some origins at a host of the replica, and reads recorded answers."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from auditor.fetch import Get
from auditor.licensing import read
from auditor.schema import Page
from tests.replica.server import Asked, Replica


@dataclass
class Followed:
    """What following gave: pages as they finished, and what the host was asked."""

    pages: list[Page]
    rows: list[dict[str, Any]]
    asked: list[Asked]

    def of(self, key: str) -> list[dict[str, Any]]:
        return [r for r in self.rows if r["item_id"] == key]


def parsed(source: ModuleType, pages: Iterable[Page]) -> list[dict[str, Any]]:
    """Return the claims of pages, without what is null; each page's rows ascend and every key of a claim is the page's."""
    rows: list[dict[str, Any]] = []
    for page in pages:
        own = [row for batch in source.parse(page) for row in batch.to_pylist()]
        assert [r["row"] for r in own] == sorted(r["row"] for r in own)
        assert {r["item_id"] for r in own} <= set(page.context["keys"])
        rows += own
    return [{k: v for k, v in row.items() if v is not None} for row in rows]


def follow(source: ModuleType, keys: Iterable[str], answers: Any, folder: Path) -> Followed:
    """Follow keys to one host of the replica."""
    name = source.__name__.rsplit(".", 1)[-1]
    with Replica() as replica:
        host = replica.host(answers)
        with Get(folder, endpoints={name: host.url}) as get:
            pages = list(source.items(keys, get))
        return Followed(pages, parsed(source, pages), host.items())


def license_of(row: dict[str, Any]) -> str:
    """Return what the reader makes of a claim's statement."""
    said = (row.get(n) for n in ("license_text", "license_url", "license_version", "vocabulary", "as_of"))
    return read(*said).license


def cassettes(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield URL and body of each answer of recorded VCR files."""
    for file in sorted(folder.rglob("*.y*ml")):
        for one in yaml.safe_load(file.read_text("utf-8"))["interactions"]:
            answer = one["response"]
            body = answer.get("content") or (answer.get("body") or {}).get("string") or ""
            yield one["request"]["uri"], body if isinstance(body, bytes) else body.encode()


def path_of(url: str) -> str:
    """Return the path and query of a URL: what a host of the replica is asked."""
    return re.sub(r"^https?://[^/]+", "", url)


def recorded_files(real_data: Path) -> Iterator[dict[str, Any]]:
    """Yield the pages of files that wikis' APIs were recorded to answer with, with their extmetadata."""
    for path in sorted((real_data / "wikimedia" / "wmde_attribution_har").rglob("*.har")):
        for entry in json.loads(path.read_text("utf-8"))["log"]["entries"]:
            yield from _files(json.loads(entry["response"]["content"]["text"]))
    for path in sorted((real_data / "openverse" / "openverse-catalog" / "wikimedia").rglob("*.json")):
        yield from _files(json.loads(path.read_text("utf-8")))


def _files(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict) and "title" in value and "extmetadata" in str(value.get("imageinfo")):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _files(one)
