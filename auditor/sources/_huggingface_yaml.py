"""YAML of strangers: strings, lists and mappings only, of bounded size; no tag is ever resolved, no object ever made."""

import re
from collections import Counter
from typing import Any

import yaml

LARGEST = 256 << 10  # characters read whole; of more, the wanted keys alone
_NOTHING: tuple[Any, ...] = ("", "null", "~", "Null", "NULL", [], {})
Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # "no" stays "no", 1.0 stays "1.0": word for word


def load(text: str, keys: frozenset[str]) -> dict[str, Any]:
    """Return the wanted keys of a mapping; where the whole is broken or very long, each key's block is read alone.

    A block that can't be read even so is returned as the words that stand there: no statement is lost to a bad neighbour. Of
    a key that stands twice, or in capitals too, every value counts, as a list.
    """
    found = _loaded(text) if len(text) <= LARGEST else None
    blocks = [(plain(name), block) for name, block in _blocks(text) if plain(name) in keys]
    twice = {name for name, number in Counter(name for name, _ in blocks).items() if number > 1}
    said: dict[str, Any] = {}
    if isinstance(found, dict):
        said = {plain(k): v for k, v in found.items() if isinstance(k, str) and plain(k) in keys}
        blocks = [b for b in blocks if b[0] in twice]
    each: dict[str, list[Any]] = {}
    for name, block in blocks:
        alone = _loaded(block[:LARGEST])
        value = next(iter(alone.values())) if isinstance(alone, dict) else block.partition(":")[2].strip()[:2000]
        each.setdefault(name, []).append(value)
    said |= {name: values if name in twice else values[0] for name, values in each.items()}
    return {k: v for k, v in said.items() if v not in _NOTHING}


def plain(key: str) -> str:
    """Return a key as it is spelt here: `license` of `Licence`."""
    return key.lower().replace("licence", "license")


def _loaded(text: str) -> Any:
    try:
        return yaml.load(text, Loader)
    except (yaml.YAMLError, RecursionError, ValueError, TypeError):
        return None


def _blocks(text: str) -> list[tuple[str, str]]:
    """Return the top-level keys of a block mapping with the lines that belong to each."""
    starts = list(re.finditer(r"(?m)^[\"']?([A-Za-z_][\w-]*)[\"']?[ \t]*:(?=\s|$)", text))
    ends = [m.start() for m in starts[1:]] + [len(text)] * bool(starts)
    return [(m.group(1), text[m.start() : end]) for m, end in zip(starts, ends, strict=True)]


def strings(value: Any, depth: int = 3) -> list[str]:
    """Return the strings of a value, lists flattened; at most 1,000, and none of what is nested deeper than `depth`."""
    if isinstance(value, str):
        return [value.strip()] if value.strip() and value.strip() not in _NOTHING else []
    if depth and isinstance(value, list):
        return [s for v in value[:1000] for s in strings(v, depth - 1)][:1000]
    if depth and isinstance(value, dict):
        return [s for v in list(value.values())[:1000] for s in strings(v, depth - 1)][:1000]
    return []
