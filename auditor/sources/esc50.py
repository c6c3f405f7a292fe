"""ESC-50's LICENSE: prose that names the licence and origin of each clip, one clip a line, below its category.

The dataset's own licence (CC BY-NC 3.0; CC BY 3.0 for the ESC-10 subset) stands in its head; the clips are excerpts
of third parties' recordings, each under the licence in square brackets, without a version.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from auditor.fetch import Get
from auditor.origins import canonical
from auditor.schema import Page, claims
from auditor.streams import encoding_of, text_of
from auditor.target import Target

SUMMARY = "ESC-50's LICENSE, a clip a line with its Freesound origin, author and licence"
HOSTED = True
MANIFEST = "esc-50"
ITEM = re.compile(r"^\s*[-*]\s*\[([^\]\s]+\.(?:ogg|wav|flac|mp3))\]\s*:?", re.IGNORECASE)
CLIP = re.compile(
    r"\s*clip derived from (?P<title>.*) \(?(?P<url>https?://\S+?)\)?"
    r" by (?P<creator>.*?)\s*\[(?P<license>[^\[\]]*)\]\s*$"
)
LINKED = re.compile(
    r"\s*clip derived from \[(?P<title>.*)\]\((?P<url>https?://\S+?)\)"
    r" by (?P<creator>.*?)\s*\[(?P<license>[^\[\]]*)\]\s*$"
)
HEADING = re.compile(r"^\d+ - (.+?):?\s*$")
PROSE = re.compile(
    r"(dataset as a whole|[\w-]+ subset) is (?:available|licensed) [^()]*\((https?://\S+?)\)", re.IGNORECASE
)


def knows(target: Target) -> float:
    """The LICENSE file by its lines, or a folder (a checkout) that has it at its top."""
    if target.files:
        return 0.95 if _license_of(target) else 0.0
    return 0.97 if _is_it(target.head) else 0.0


def _is_it(head: bytes) -> bool:
    return len(re.findall(rb"(?m)^\s*[-*]\s*\[[^\]\r\n]+\]\s*:?\s*clip derived from ", head)) >= 1


def _license_of(target: Target) -> Path | None:
    """Return the LICENSE of the folder with the fewest steps down to it, if it is ESC-50's."""
    named = [f for f in target.files if f.stem.upper() in ("LICENSE", "LICENCE", "COPYING") and f.stat().st_size]
    named.sort(key=lambda f: len(f.parts))
    return next((f for f in named[:5] if _is_it(target.at(f).head)), None)


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the LICENSE twice: for what it says of the dataset, and of the clips."""
    if target.url is not None and target.path is None:
        page = get.file(target.name, "esc50")
    else:
        path = _license_of(target) or target.path
        assert path is not None
        page = Page.of_file("esc50", path, target.name if path == target.path else target.at(path).name)
    context = {"manifest": MANIFEST, "items_from": "third-party"}
    yield page.with_(level="dataset", context=context)
    yield page.with_(context=context)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield a claim a clip; of the page of level `dataset`, those on the whole and its subsets."""
    return iter(claims(_of_dataset(page) if page.level == "dataset" else _clips(page)))


def _lines(page: Page) -> Iterator[str]:
    path = Path(page.path or page.locator)
    if page.body is not None:
        yield from page.body.decode("utf-8", "replace").splitlines()
        return
    with path.open("rb") as raw, text_of(path, encoding_of(raw.read(1 << 16))) as stream:
        for line in stream:
            yield line.decode("utf-8", "replace").rstrip("\r\n")


def _of_dataset(page: Page) -> Iterator[dict[str, Any]]:
    """Yield the licence of the whole and, apart (scope `subset`), that of each part named so."""
    head: list[str] = []
    for line in _lines(page):
        if ITEM.match(line):
            break
        head.append(line)
    prose = " ".join(" ".join(head).split())
    for row, found in enumerate(PROSE.finditer(prose)):
        scope = None if "whole" in found[1] else "subset"
        yield {
            "item_id": MANIFEST,
            "row": row,
            "license_text": found[0],
            "license_url": found[2],
            "scope": scope,
            "authority": "dataset",
        }


def _clips(page: Page) -> Iterator[dict[str, Any]]:
    label = None
    for row, line in enumerate(_lines(page)):
        item = ITEM.match(line)
        if item:
            yield {"item_id": item[1], "row": row, "kind": "sound", "label": label} | _clip(line[item.end() :])
        elif heading := HEADING.match(line):
            label = heading[1]


def _clip(words: str) -> dict[str, Any]:
    found = LINKED.match(words) or CLIP.match(words)
    if not found:
        return {"error": f"the line is not `clip derived from TITLE (URL) by AUTHOR [LICENCE]`: {words.strip()[:200]}"}
    said = {"title": found["title"].strip(), "creator": found["creator"], "license_text": found["license"].strip()}
    return said | {
        "item_url": found["url"],
        "vocabulary": "esc50",
        "authority": "aggregator",
        "was_derived_from": [canonical(found["url"]) or found["url"]],
    }
