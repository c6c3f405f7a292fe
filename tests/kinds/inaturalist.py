"""iNaturalist: answers of its API, its tables of open data, and its competitions' lists of images in COCO's form.

An observation, a photo and a sound are a work each, wherever in an answer they stand; `license_code` (of an observation in older
answers `license`) has no version, the `license_url` that stands beside it there has. Null means that all rights are reserved, as
the `attribution` beside it says; `pd` stands beside "no known copyright restrictions".
"""

import csv
import gzip
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.kinds.coco import CC, of_images

MEDIA = {"photos": "photo", "photo": "photo", "default_photo": "photo", "sounds": "sound", "sound": "sound"}
OBSERVED = {"observed_on", "quality_grade", "species_guess"}  # keys that only an observation has
CODES = {
    "cc0": "CC0-1.0",
    "pd": "LicenseRef-No-Known-Copyright-Restrictions",
    None: "LicenseRef-All-Rights-Reserved",
    "": "NOASSERTION",
}


def reading(path: Path) -> Counter[str] | None:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode()
    if text.lstrip()[:1] in "[{":
        return answer(json.loads(text))
    header = text.partition("\n")[0]
    if not re.search(r"_id\t|_login,", header):
        return None  # prose, SQL, a route for a solver
    rows = csv.DictReader(io.StringIO(text), delimiter="\t" if "\t" in header else ",")
    return Counter(meaning(row.get("license", "")) for row in rows)


def answer(said: Any) -> Counter[str] | None:
    if isinstance(said, dict) and "images" in said:
        return of_images(said)
    found: dict[tuple[str, Any], set[str]] = {}
    for kind, work in works(said, ""):
        number = work.get("id") or work.get("uuid") or json.dumps(work, sort_keys=True)
        found.setdefault((kind, number), set()).add(stated(work))
    if found:
        return Counter(said.pop() if len(said) == 1 else "NOASSERTION" for said in found.values())
    rows = said.get("results") if isinstance(said, dict) else said
    if not isinstance(rows, list):
        return None  # numbers
    return Counter(NOASSERTION=len(rows))  # people, places, taxa: a table without a licence


def works(value: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        observed = OBSERVED & value.keys() and {"id", "uuid"} & value.keys()
        if "license_code" in value or place in MEDIA or observed:
            yield MEDIA.get(place, "observation"), value
        for name, inner in value.items():
            yield from works(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from works(inner, place)


def stated(work: dict[str, Any]) -> str:
    address = CC.fullmatch(work.get("license_url") or "")
    if address and work.get("type", "LocalPhoto") == "LocalPhoto":  # of photos at Flickr the version is another
        return f"CC-{address[1].upper()}-{address[2]}"
    code = work.get("license_code", work.get("license", ""))
    return meaning(code if code is None or isinstance(code, str) else "")


def meaning(code: str | None) -> str:
    code = code and code.lower()
    return CODES[code] if code in CODES else f"LicenseRef-{code.upper()}"
