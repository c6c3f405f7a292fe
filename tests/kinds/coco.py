"""COCO's form: an item is one of `images`; its licence is a number that the file's own table gives a URL or a name."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

CC = re.compile(r"https?://creativecommons\.org/licenses/([a-z-]+)/(\d\.\d)/")
NAMES = {  # names of Flickr that Creative Commons has no part in
    "No known copyright restrictions": "LicenseRef-No-Known-Copyright-Restrictions",
    "United States Government Work": "LicenseRef-US-Government-Work",
}


def reading(path: Path) -> Counter[str] | None:
    return of_images(json.loads(path.read_bytes()))


def of_images(said: Any) -> Counter[str] | None:
    if not isinstance(said, dict) or "images" not in said:
        return None  # results: predictions for images that another file lists
    table = {str(entry["id"]): meaning(entry) for entry in said.get("licenses", ())}
    return Counter(table.get(str(image.get("license")), "NOASSERTION") for image in said["images"])


def meaning(entry: dict[str, Any]) -> str:
    """The same name stands beside versions 2.0 (COCO) and 4.0 (iNaturalist): the URL says which."""
    url = entry.get("url") or ""
    if found := CC.fullmatch(url):
        return f"CC-{found[1].upper()}-{found[2]}"
    if url.endswith("creativecommons.org/publicdomain/zero/1.0/"):
        return "CC0-1.0"
    return NAMES.get(entry.get("name"), "NOASSERTION")
