"""SVG files: the licence of the file's own cc:Work (rdf:about=""); a table of what such files say, one a line."""

import json
import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

CC = ("{http://web.resource.org/cc/}", "{http://creativecommons.org/ns#}")
RDF, DC = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}", "{http://purl.org/dc/elements/1.1/}"
NAMES = {
    "http://web.resource.org/cc/PublicDomain": "LicenseRef-public-domain",  # Inkscape's word of before 2009
    "Public Domain": "LicenseRef-public-domain",
    "http://creativecommons.org/licenses/publicdomain/": "CC-PDDC",  # the retired dedication
    "http://creativecommons.org/licenses/GPL/2.0/": "GPL-2.0-only",  # Creative Commons' deed of the GPL 2.0
    "": "NOASSERTION",
}
# Rights that are no name: a licence's, none, or capitals that may be one's. They contradict the licence beside them, or may.
NO_NAME = re.compile(r"none|unknown|publc domain|licence .*|.{80,}", re.IGNORECASE)


def reading(path: Path) -> Counter[str] | None:
    if path.suffix == ".jsonl":
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        return Counter(of_row(row["cc_license"], row["rights"]) for row in rows)
    works = [w for w in ElementTree.parse(path).getroot().iter() if w.tag in [c + "Work" for c in CC]]
    said = [
        e.get(RDF + "resource") or (e.text or "").strip() for w in works for c in CC for e in w.findall(c + "license")
    ]
    return Counter([of_row(said, "")])


def of_row(said: list[str], rights: str) -> str:
    names = {NAMES[s] for s in said}
    assert len(names) <= 1
    if (rights.isupper() and rights.isalpha() and 1 < len(rights) < 5) or NO_NAME.fullmatch(rights):
        return "NOASSERTION"
    return names.pop() if names else "NOASSERTION"
