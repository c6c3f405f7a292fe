"""ImageNet: lists of pictures at other people's addresses, and lists of its classes. Neither has a place for a licence.

A line of a list begins with a picture's id (`n` and the synset's number, `_` and the picture's; of ILSVRC its name) or is a URL;
`synset_words.txt` and the index of classes only say what a synset is called. A table of synsets has a row each, as any table.
"""

import csv
import json
import re
from collections import Counter
from pathlib import Path

LINE = re.compile(r"(?:\S*/)?(?:n\d{8}_\d+|ILSVRC20\d\d_[a-z]+_\d{8})(?:\.\w+)?(?:\s|$)|https?://")


def reading(path: Path) -> Counter[str] | None:
    text = path.read_bytes().decode("latin-1")  # any byte is a character there: real lists hold all of them
    if text.startswith("{"):
        classes = json.loads(text).values()
        return Counter(NOASSERTION=len(classes)) if all(isinstance(c, dict) for c in classes) else None
    lines = [line for line in text.split("\n") if line.strip()]
    if all(LINE.match(line) for line in lines):
        return Counter(NOASSERTION=len(lines))
    if all(re.match(r"n\d{8}[ \t]+[^:]*[A-Za-z]", line) for line in lines):
        return None
    return Counter(NOASSERTION=sum(1 for _ in csv.DictReader(lines)))
