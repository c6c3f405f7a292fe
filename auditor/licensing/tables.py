"""The knowledge of `licenses/` as look-up tables: tries of folded words. No licence is named in code."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from auditor import data
from auditor.licensing.fold import words

Trie = dict[str, Any]  # token -> Trie; "" -> what the words up to here mean
PUNCTUATION = frozenset(",.;:!?()[]{}|/&+\"'<>#=\\@%$^©®™«»„“”…")


def rows(name: str, top: str = "licenses") -> Iterator[dict[str, str]]:
    """Yield the lines of a tab-separated file of `licenses/` (or `manifests/`) as dicts; lines that start with # are comments."""
    path = data.folder(top) / name
    if not path.exists():
        return
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    head = lines[0].split("\t")
    for line in lines[1:]:
        yield dict(zip(head, line.split("\t"), strict=True))


def add(trie: Trie, path: Iterable[str], value: Any) -> None:
    """Put a value at the end of a path of tokens; the first value of a path stays."""
    for token in path:
        trie = trie.setdefault(token, {})
    trie.setdefault("", value)


def longest(trie: Trie, tokens: Sequence[str], start: int, skip: frozenset[str] = frozenset()) -> tuple[Any, int]:
    """Return the value of the longest path from `start` and the place after it, or (None, start)."""
    best, after, at, end = None, start, start, len(tokens)
    while at < end:
        word = tokens[at]
        node = trie.get(word)
        if node is None:
            if at > start and word in skip:
                at += 1
                continue
            break
        trie, at = node, at + 1
        if "" in trie:
            best, after = trie[""], at
    return best, after


@cache
def fillers() -> frozenset[str]:
    """Return the words of a name that carry no meaning: articles, licence, version."""
    return frozenset(w for row in rows("fillers.tsv") for w in words(row["word"]))


@cache
def everyday() -> frozenset[str]:
    """Return names of everyday words: a licence only where the statement speaks of one, or says nothing else."""
    return frozenset(row["word"] for row in rows("everyday.tsv"))


@cache
def alone() -> frozenset[str]:
    """Return the words that are a licence only where nothing else stands beside: names of companies, everyday words."""
    return frozenset(row["word"] for row in rows("alone.tsv"))


def bare(name: str) -> tuple[str, ...]:
    """Return the tokens of a name without fillers and punctuation."""
    drop = fillers()
    return tuple(w for w in words(name) if w not in drop and (w == "+" or w not in PUNCTUATION))


@cache
def cc_words() -> Trie:
    """Return the names of Creative Commons' elements: value (elements, languages; no language: an abbreviation)."""
    trie: Trie = {}
    for row in rows("cc/words.tsv"):
        value = (tuple(row["element"].split()), frozenset(row["languages"].split()))
        spelt = [w for w in words(row["word"]) if w == "+" or w not in PUNCTUATION]
        add(trie, spelt, value)
        if len(spelt) > 1 and "+" not in spelt:
            add(trie, ["".join(spelt)], value)
    return trie


@cache
def cc_anchors() -> Trie:
    """Return the names of Creative Commons itself, and of its tools that are not made of elements."""
    trie: Trie = {}
    for row in rows("cc/anchors.tsv"):
        add(trie, [w for w in words(row["words"]) if w not in PUNCTUATION], (row["kind"], row["tool"]))
    return trie


@cache
def jurisdictions() -> Trie:
    """Return the names of ports in all languages: value a code, or - for the unported licence."""
    trie: Trie = {}
    for row in rows("cc/jurisdictions.tsv"):
        add(trie, [w for w in words(row["name"]) if w not in PUNCTUATION], row["jurisdiction"])
    for code in {row["jurisdiction"] for row in rows("cc/tools.tsv")} - {""}:
        add(trie, [code], code)
    return trie


@cache
def cc_tools() -> Mapping[tuple[str, str, str], str]:
    """Return (tool, version, jurisdiction) -> licence: all that Creative Commons has published."""
    return {(r["tool"], r["version"], r["jurisdiction"]): r["license"] for r in rows("cc/tools.tsv")}


@cache
def cc_native() -> Mapping[tuple[str, str], str]:
    """Return (version, language) -> jurisdiction, where the port's own title does not name its country."""
    return {(r["version"], r["language"]): r["jurisdiction"] for r in rows("cc/native.tsv")}


@cache
def ours() -> Mapping[str, str]:
    """Return lower-case id -> id of our own LicenseRef- names."""
    ids = {row["id"] for row in rows("licenseref.tsv")}
    ids |= {i for i in cc_tools().values() if i.startswith("LicenseRef-")}
    return {i.lower(): i for i in ids}
