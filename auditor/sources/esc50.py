"""ESC-50's LICENSE: prose that names the licence and origin of each clip, one clip a line, below its category.

The dataset's own licence (CC BY-NC 3.0; CC BY 3.0 for the ESC-10 subset) stands in its head; the clips are excerpts
of third parties' recordings, each under the licence in square brackets, without a version. esc50.csv beside it lists
the same clips under the names they have on disk, with category and fold.
"""

import csv
import re
from collections.abc import Iterator
from hashlib import sha256
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


TABLE = "filename,fold,target,category,esc10,src_file,take"  # the header of esc50.csv


def knows(target: Target) -> float:
    """The LICENSE file by its lines, a folder (a checkout) that has it at its top, or esc50.csv with it beside or above."""
    if target.files:
        return 0.95 if _license_of(target) else 0.0
    return 0.97 if _is_it(target.head) or _beside(target) else 0.0


def _beside(target: Target) -> Path | None:
    """Return the LICENSE beside esc50.csv, or above the folder `meta` that holds it in a checkout."""
    if target.path is None or not target.head.startswith(TABLE.encode()):
        return None
    where = target.path.resolve().parent
    tried = (f for folder in (where, where.parent) for f in sorted(folder.glob("LICEN[SC]E*")))
    return next((f for f in tried if f.is_file() and _is_it(target.at(f).head)), None)


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
        path = _license_of(target) or _beside(target) or target.path
        assert path is not None
        page = Page.of_file("esc50", path, target.name if path == target.path else target.at(path).name)
    context = {"manifest": MANIFEST, "items_from": "third-party"}
    yield page.with_(level="dataset", context=context)
    listed = _listed(target)
    state = f"{page.stamp}:{sha256(repr(listed).encode()).hexdigest()[:20]}" if listed else page.stamp
    yield page.with_(context=context | {"clips": listed, "only": target.path in _tables(target)}, stamp=state)


def _tables(target: Target) -> list[Path]:
    """Return what is esc50.csv: the file that was asked for, or those of a folder."""
    files = [target.path] if target.path is not None and target.path.is_file() else list(target.files)
    return [f for f in files if f.suffix == ".csv" and target.at(f).head.startswith(TABLE.encode())]


def _listed(target: Target) -> dict[str, list[str]]:
    """Return what esc50.csv says of each clip, by the name that the LICENSE has for it: file, category, fold."""
    found = {}
    for path in _tables(target)[:1]:
        with path.open(encoding="utf-8", errors="replace", newline="") as stream:
            for row in csv.DictReader(stream):
                name = "-".join(row[k] or "" for k in ("fold", "src_file", "take"))
                found[name] = [row["filename"], row["category"] or "", row["fold"] or ""]
    return found


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
    """Yield the clips of the LICENSE, with what the table says of each, then those that only the table lists.

    Where the table was asked for (`only`), its clips are the items, however many the LICENSE has.
    """
    label, row = None, -1
    listed = dict(page.context.get("clips") or {})
    for row, line in enumerate(_lines(page)):
        item = ITEM.match(line)
        if item:
            said = listed.pop(item[1].rsplit(".", 1)[0], None)
            if said is None and page.context.get("only"):
                continue
            base = {"item_id": item[1], "row": row, "kind": "sound", "label": label} | _of_table(said)
            yield base | _clip(line[item.end() :])
        elif heading := HEADING.match(line):
            label = heading[1]
    for place, said in enumerate(listed.values(), row + 1):
        yield {"item_id": said[0], "row": place, "kind": "sound"} | _of_table(said)


def _of_table(said: list[str] | None) -> dict[str, str]:
    return {"label": said[1], "split": f"fold {said[2]}"} if said else {}


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
