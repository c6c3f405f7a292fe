"""How many distinct statements a second the licence reader reads on one core, through `explain --json -`, start-up left out.

    .venv/bin/python benchmarks/reader.py [LABELS.tsv ...] [--number 20000]

Two sets: `short`, spellings with a holder and a year before them, and `prose`, sentences of 60 to 300 characters. No statement
comes twice. LABELS are tab-separated files whose first column holds statements; what they hold comes first, as it stands.
Beside each rate: how many steps of a plain loop the same core does in the time of one statement (the machine may be busy, the
steps say less of it), and the rate of license-expression, which only parses, on the same statements.
"""

import argparse
import csv
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from os import wait4
from pathlib import Path
from tempfile import TemporaryFile

STEPS = 300_000
SHORT = [
    "CC BY 4.0",
    "http://creativecommons.org/licenses/by-nc/2.0/",
    "Creative Commons Attribution-ShareAlike 3.0 Unported",
    "MIT License",
    "For research use only",
    "GPL-2+",
    "Public domain",
    "Apache-2.0 OR MIT",
    "courtesy of the museum",
    "CC BY-SA 3.0, https://img.example/photos/{n}",
]
PROSE = [
    "The corpus may be used for non-commercial research and education only; the {n} recordings stay the property of the {name}.",
    "Photographs in the {name} collection are published under a Creative Commons Attribution 4.0 International licence, please cite {n}.",
    "We release the annotations of release {n} under CC BY-SA 4.0, the pictures belong to their owners at {name} and must be asked for.",
    "Data were collected by the {name} between 1998 and {n} and are available on request from the corresponding author.",
    "Images were gathered from the web; the {name} does not own their copyright and asks users to accept the terms of use no. {n}.",
    "Permission is granted to copy and distribute record {n} of the {name} for any purpose, provided that the source is acknowledged.",
    "Copyright {n} the {name}. The software that made these tables is under the Apache License, Version 2.0, and comes without any warranty.",
    "This subset of {n} clips is a part of the {name} archive, described in the paper; see the web page for how to get the whole of it.",
    "No known copyright restrictions; item {n} was given to the {name} by the estate and has been in the public domain since then.",
    "The texts of volume {n} are in the public domain in the United States; the {name} has not looked into the law of other countries.",
]


def made(patterns: list[str], number: int, start: Iterable[str] = ()) -> list[str]:
    """Return distinct statements: those given, then the patterns with names and numbers that never come twice."""
    dice, found = random.Random(1), dict.fromkeys(start)
    while len(found) < number:
        n, name = (
            len(found),
            f"{dice.choice(('Museum', 'Institute', 'University', 'Foundation'))} of {dice.randrange(10**6)}",
        )
        text = dice.choice(patterns).format(n=n, name=name)
        found[text if str(n) in text else f"© {1900 + n % 126} {name} {n}, {text}"] = None
    return list(found)[:number]


def labels(paths: list[Path]) -> list[str]:
    """Return the first column of the files."""
    found: list[str] = []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
            found += [row[0] for row in list(rows)[1:] if row]
    return found


def explained(texts: list[str]) -> float:
    """Return the processor's seconds that `explain --json -` takes for these statements, its start included."""
    with TemporaryFile() as asked, TemporaryFile() as answered:
        asked.write("".join(json.dumps({"text": t}) + "\n" for t in texts).encode())
        asked.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-m", "auditor", "explain", "--json", "-"], stdin=asked, stdout=answered
        )
        _, status, used = wait4(process.pid, 0)
        answered.seek(0)
        assert not status and answered.read().count(b"\n") == len(texts)
    return used.ru_utime + used.ru_stime


def here(do: Callable[[], object]) -> float:
    """Return the processor's seconds of this process."""
    start = time.process_time()
    do()
    return time.process_time() - start


def loop() -> None:
    """Take STEPS steps of plain Python: the measure of the core."""
    seen = {}
    for i in range(STEPS):
        seen[str(i % 977)] = i


def parsed(texts: list[str]) -> None:
    """Let license-expression parse the statements as far as they are expressions."""
    from license_expression import get_spdx_licensing

    parser = get_spdx_licensing()
    for text in texts:
        with suppress(Exception):  # on prose it lets errors of other libraries through
            parser.parse(text)


def measured(texts: list[str]) -> dict[str, float]:
    """Return the rates over some statements; the best of three against the noise of others on the machine."""
    first = texts[:1000]
    taken = min(explained(texts) - explained(first) for _ in range(3)) / (len(texts) - len(first))
    step = min(here(loop) for _ in range(5)) / STEPS
    parsed(first[:50])
    peer = here(lambda: parsed(first)) / len(first)
    return {"statements": len(texts), "characters": round(sum(map(len, texts)) / len(texts)), "a_second": round(1 / taken),
            "steps": round(taken / step), "license_expression_a_second": round(1 / peer)}  # fmt: skip


def main() -> None:
    """Measure both sets, print one line of JSON each."""
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("labels", nargs="*", type=Path)
    ap.add_argument("--number", type=int, default=20_000)
    a = ap.parse_args()
    given = labels(a.labels)
    prose = [t for t in given if 60 <= len(t) <= 300 and t.count(" ") >= 6]
    for name, patterns, own in (("short", SHORT, [t for t in given if len(t) < 200]), ("prose", PROSE, prose)):
        print(json.dumps({"set": name, **measured(made(patterns, a.number, own))}), flush=True)


if __name__ == "__main__":
    main()
