"""How many distinct short statements a second the licence reader reads on one core, start-up left out.

python benchmarks/reader.py [LABELS.tsv]     statements of the labels, each made distinct by a number beside it
"""

import csv
import json
import random
import subprocess
import sys
import time
from pathlib import Path

SHORT = 200
SEED = [
    "CC BY 4.0",
    "http://creativecommons.org/licenses/by-nc/2.0/",
    "MIT License",
    "For research use only",
    "© Example Museum",
    "GPL-2+",
]


def statements(labels: Path | None, number: int) -> list[str]:
    """Return distinct statements: the labels' short ones as they stand, then with a holder's name before them."""
    texts = SEED
    if labels:
        with labels.open(encoding="utf-8", newline="") as stream:
            texts = [
                r["raw"]
                for r in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
                if len(r["raw"]) < SHORT
            ]
    dice, found = random.Random(1), list(dict.fromkeys(texts))
    while len(found) < number:
        found.append(f"© Museum {len(found)}, {dice.choice(texts)}")
    return found[:number]


def main() -> None:
    """Time `explain --json -` on many statements against the same on one, so that start-up is left out."""
    labels = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    texts = statements(labels, 40_000)
    command = [sys.executable, "-m", "auditor.explain"]

    def seconds(some: list[str]) -> float:
        sent = "".join(json.dumps({"text": t}) + "\n" for t in some).encode()
        start = time.perf_counter()
        done = subprocess.run(command, input=sent, capture_output=True, check=True)
        assert done.stdout.count(b"\n") == len(some)
        return time.perf_counter() - start

    warm = seconds(texts[:200])
    took = seconds(texts) - warm
    print(
        f"{len(texts)} distinct statements in {took:.2f} s: {len(texts) / took:,.0f} a second (start-up {warm:.2f} s left out)"
    )


if __name__ == "__main__":
    main()
