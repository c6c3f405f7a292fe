"""Whole licence texts: ours, licenseclassifier alone and ScanCode, on SPDX's texts as a data package ships them.

python benchmarks/texts.py FOLDER [--scancode PYTHON] [--sample N]

FOLDER: npm's spdx-license-list, unpacked (`npm pack spdx-license-list`; its `licenses/` has a JSON file for each id).
PYTHON: the interpreter of a virtual environment with scancode-toolkit-mini (and pluggy<1.6, typecode-libmagic).
An answer is exact if it is the id, its replacement where it is deprecated, or another id with the same text; -only and -or-later
are one text. The rates leave start-up out.
"""

import argparse
import json
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from auditor.licensing import spdx_list

SCANCODE = """
import json, sys, time
from licensedcode.cache import get_index
from licensedcode.detection import detect_licenses
get_index()
for line in sys.stdin:
    start = time.perf_counter()
    found = list(detect_licenses(index=get_index(), query_string=json.loads(line)))
    said = [d.license_expression_spdx for d in found]
    print(json.dumps([said, time.perf_counter() - start]), flush=True)
"""


def texts(folder: Path) -> dict[str, str]:
    """Return id -> text."""
    found = {p.stem: json.loads(p.read_text(encoding="utf-8")) for p in sorted((folder / "licenses").glob("*.json"))}
    return {i: entry["licenseText"] for i, entry in found.items() if entry.get("licenseText")}


def accepted(all_: dict[str, str]) -> dict[str, set[str]]:
    """Return id -> the ids that are right for its text."""
    same: dict[str, set[str]] = {}
    for identifier, text in all_.items():
        same.setdefault(" ".join(text.lower().split()), set()).add(spdx_list.current(identifier))
    right = {i: set(same[" ".join(text.lower().split())]) for i, text in all_.items()}
    return {i: {plain(x) for x in ids | {i}} for i, ids in right.items()}


def plain(identifier: str) -> str:
    """Return an id without what its text does not tell."""
    return re.sub(r"-only$|-or-later$|\+$", "", identifier)


def ours(text: str) -> list[str]:
    from auditor.licensing.texts import read_text

    got = read_text(text)
    return [] if got is None or got.license == "NOASSERTION" else got.license.split(" AND ")


def alone(text: str) -> list[str]:
    from licenseclassifier import identify_license

    return sorted({m.id for m in identify_license(text)})


def measure(name: str, tool: Callable[[str], list[str]], all_: dict[str, str], right: dict[str, set[str]]) -> float:
    """Print how many are exact, not said and wrong, and the rate; return the rate."""
    tool(next(iter(all_.values())))  # start-up
    said: Counter[str] = Counter()
    start = time.process_time()
    answers = {i: tool(text) for i, text in all_.items()}
    rate = len(all_) / (time.process_time() - start)
    for i, got in answers.items():
        said[verdict(got, right[i])] += 1
    show(name, said, rate)
    return rate


def verdict(got: list[str], right: set[str]) -> str:
    ids = {plain(i) for i in got}
    return "none" if not ids else "exact" if len(ids) == 1 and ids <= right else "wrong"


def show(name: str, said: Counter[str], rate: float) -> None:
    parts = ", ".join(f"{k} {said[k] / said.total():.1%}" for k in ("exact", "none", "wrong"))
    print(f"{name}: {said.total()} texts, {parts}, {rate:,.1f} a second")


def scancode(python: str, all_: dict[str, str], right: dict[str, set[str]]) -> float:
    """Measure ScanCode in its own process, its index loaded before."""
    sent = "".join(json.dumps(text) + "\n" for text in all_.values())
    done = subprocess.run([python, "-c", SCANCODE], input=sent, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    said = Counter(
        verdict([x for e in got for x in re.split(r" AND ", (e or "LicenseRef-unknown").strip("()"))], right[i])
        for i, (got, _) in zip(all_, answers, strict=True)
    )
    rate = len(answers) / sum(seconds for _, seconds in answers)
    show("scancode (sample)", said, rate)
    return rate


def changed(all_: dict[str, str]) -> None:
    """Print how often a text with a word or a clause more is still reported as the original."""
    dice = random.Random(1)
    for name, tool in (("ours", ours), ("licenseclassifier", alone)):
        tried = taken = 0
        for text in dice.sample(list(all_.values()), 150):
            base = tool(text)
            spots = [m.start() for m in re.finditer(r"(?<=[a-z] )[a-z]", text)]
            if not base or len(spots) < 20:
                continue
            at = dice.choice(spots)
            for other in (
                text[:at] + "not " + text[at:],
                text + "\nFor non-commercial use only.\n",
                "For research only.\n" + text,
            ):
                tried, taken = tried + 1, taken + (tool(other) == base)
        print(f"{name}: {taken} of {tried} changed texts reported as the original")


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("folder", type=Path)
    options.add_argument("--scancode")
    options.add_argument("--sample", type=int, default=60)
    given = options.parse_args()
    all_ = texts(given.folder)
    right = accepted(all_)
    rate = measure("ours", ours, all_, right)
    measure("licenseclassifier", alone, all_, right)
    listed = {i: text for i, text in all_.items() if not spdx_list.load()[i].deprecated}
    measure("ours, deprecated ids left out", ours, listed, right)
    changed(all_)
    if given.scancode:
        some = dict(random.Random(2).sample(sorted(all_.items()), given.sample))
        print(f"{rate / scancode(given.scancode, some, right):.0f} x ScanCode's rate")


if __name__ == "__main__":
    sys.exit(main())
