"""COCO: an item is one of `images`; its licence is a number that the file's own table gives a URL, which has the version."""

import json
import re
from collections import Counter
from pathlib import Path

URL = re.compile(r"https?://creativecommons\.org/licenses/([a-z-]+)/(\d\.\d)/")


def reading(path: Path) -> Counter[str] | None:
    said = json.loads(path.read_bytes())
    if not isinstance(said, dict) or "images" not in said:
        return None  # results: predictions for images that another file lists
    table = {entry["id"]: meaning(entry["url"]) for entry in said.get("licenses", ())}
    return Counter(table.get(image.get("license"), "NOASSERTION") for image in said["images"])


def meaning(url: str) -> str:
    """Flickr's licences 1 to 6 stand there as Creative Commons URLs, 7 and 8 as pages of Flickr and of the United States."""
    if found := URL.fullmatch(url):
        return f"CC-{found[1].upper()}-{found[2]}"
    if "flickr.com/commons/usage" in url:
        return "LicenseRef-No-Known-Copyright-Restrictions"
    return "NOASSERTION"
