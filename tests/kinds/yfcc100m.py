"""YFCC100M: a video a line, its licence one of Flickr's six as a Creative Commons URL."""

import re
from collections import Counter
from pathlib import Path

URL = re.compile(r"\thttp://creativecommons\.org/licenses/(by|by-sa|by-nd|by-nc|by-nc-sa|by-nc-nd)/(\d\.\d)/$")


def reading(path: Path) -> Counter[str] | None:
    _, *lines = path.read_text().splitlines()  # the first names the columns
    said = [URL.search(line).groups() for line in lines]  # type: ignore[union-attr]
    return Counter(f"CC-{elements.upper()}-{version}" for elements, version in said)
