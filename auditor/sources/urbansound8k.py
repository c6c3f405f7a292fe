"""UrbanSound8K's FREESOUNDCREDITS.txt: the recordings its slices were cut from, one `soundid by user` a line.

It names no licence: each recording's own is known at Freesound only, so the origin is what counts here. The file's
head says how the address of a recording is made of the two.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa

from auditor.fetch import Get
from auditor.origins import canonical
from auditor.schema import Page, claims
from auditor.streams import encoding_of, head_of, text_of
from auditor.target import Target

SUMMARY = "UrbanSound8K's FREESOUNDCREDITS.txt, a Freesound recording a line"
HOSTED = True
CREDIT = re.compile(r"^(?P<id>\d+) by (?P<user>.+)$")
HEAD = re.compile(rb"http\S*/people/\[username\]/sounds/\[soundid\]")


def knows(target: Target) -> float:
    """The credits by the form of address in their head."""
    return 0.97 if HEAD.search(target.head) and re.search(rb"(?m)^\d+ by \S", target.head) else 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the file as one page."""
    if target.path is None:
        yield get.file(target.name, "urbansound8k").with_(context=CONTEXT)
    else:
        yield Page.of_file("urbansound8k", target.path, target.name, context=CONTEXT)


CONTEXT = {"manifest": "urbansound8k", "items_from": "third-party"}


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Yield a claim a recording, without any words on its licence; odd lines below the first one keep their words."""
    return iter(claims(_recordings(Path(page.path or page.locator))))


def _recordings(path: Path) -> Iterator[dict[str, Any]]:
    begun = False
    with text_of(path, encoding_of(head_of(path, 1 << 16))) as stream:
        for row, raw in enumerate(stream):
            line = raw.decode("utf-8", "replace").strip()
            credit = CREDIT.match(line)
            begun = begun or credit is not None
            if credit:
                yield _recording(credit["id"], credit["user"]) | {"row": row}
            elif begun and line:
                yield {
                    "item_id": f"{path.name}#{row}",
                    "row": row,
                    "error": f"the line is no `soundid by user`: {line[:200]}",
                }


def _recording(number: str, user: str) -> dict[str, Any]:
    url = f"http://www.freesound.org/people/{quote(user)}/sounds/{number}"
    return {
        "item_id": number,
        "item_url": url,
        "creator": user,
        "kind": "sound",
        "authority": "aggregator",
        "was_derived_from": [canonical(url) or url],
    }
