"""Freesound: FSD50K and FSDKaggle state each clip's licence, a URL or a name without version; UrbanSound8K states none."""

import csv
import json
import re
from collections import Counter
from pathlib import Path

URL = re.compile(r"https?://creativecommons\.org/(licenses|publicdomain)/(zero|by|by-nc|sampling\+)/(\d\.\d)/")
NAMES = {  # of Freesound's licences, as the tables of FSDKaggle write them
    "Attribution": "LicenseRef-CC-BY",
    "Attribution Noncommercial": "LicenseRef-CC-BY-NC",
    "Attribution NonCommercial": "LicenseRef-CC-BY-NC",
    "Creative Commons 0": "CC0-1.0",
    "Sampling+": "LicenseRef-CC-SAMPLINGPLUS",
}
CREDIT = re.compile(r"(?m)^\d+ by \S")


def reading(path: Path) -> Counter[str] | None:
    if path.suffix == ".json":
        return Counter(of_clip(c) for c in json.loads(path.read_bytes()).values())
    if path.suffix == ".csv":
        with path.open(newline="") as stream:
            return Counter(
                NAMES[row["license"]] if "license" in row else "NOASSERTION" for row in csv.DictReader(stream)
            )
    credits_ = CREDIT.findall(path.read_text())  # who recorded it, without a licence
    return Counter({"NOASSERTION": len(credits_)}) if credits_ else None


def of_clip(clip: dict[str, str]) -> str:
    """A description that forbids what the licence allows contradicts it: which of the two holds is not known."""
    if "DO NOT" in clip["description"]:
        return "NOASSERTION"
    kind, tool, version = URL.fullmatch(clip["license"]).groups()  # type: ignore[union-attr]
    return f"CC0-{version}" if (kind, tool) == ("publicdomain", "zero") else f"CC-{tool.upper()}-{version}"
