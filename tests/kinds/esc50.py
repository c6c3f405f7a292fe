"""ESC-50: LICENSE has a line a clip, which ends in Freesound's licence without a version; esc50.csv lists the same clips."""

import csv
import re
from collections import Counter
from pathlib import Path

LINE = re.compile(r"(?m)^- \[([\w-]+)\.\w+\]:\s+clip derived from .*\[([^\]]+)\]\s*$")
NAMES = {
    "CC0": "CC0-1.0",
    "CC-BY": "LicenseRef-CC-BY",
    "CC-BY-NC": "LicenseRef-CC-BY-NC",
    "CC-Sampling+": "LicenseRef-CC-SAMPLINGPLUS",
}


def reading(path: Path) -> Counter[str] | None:
    clips = dict(LINE.findall(path.read_text()))
    if clips:
        return Counter(NAMES[said] for said in clips.values())
    if path.suffix != ".csv":
        return None  # README: prose on the whole
    clips = dict(LINE.findall((path.parent / "LICENSE").read_text()))
    with path.open(newline="") as stream:  # 1-100032-A-0.wav is LICENSE's 1-100032-A.ogg, cut for class 0
        return Counter(NAMES[clips[row["filename"].rsplit("-", 1)[0]]] for row in csv.DictReader(stream))
