"""JSON-LD as found in files and web pages: its Dataset nodes, and values whatever prefix or form they are written in."""

import json
import re
from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]
SCRIPT = re.compile(r"(?is)<script[^>]+type\s*=\s*[\"']?application/ld\+json[\"']?[^>]*>(.*?)</script>")
DATASET = re.compile(r"(?i)(?:.*[:/#])?dataset")
PREFIX = re.compile(r"^(?:https?://schema\.org/|[A-Za-z][\w.-]*:)")
DEEPEST = 6
COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])')  # a comma too many, outside of strings


def documents(text: str) -> list[Any]:
    """Return the JSON documents: the file itself, or the JSON-LD scripts of a web page; ValueError where there are none."""
    if text.lstrip()[:1] != "<":
        return [loads(text)]
    found = []
    for script in SCRIPT.findall(text):
        try:
            found.append(loads(script))
        except ValueError:
            continue
    return found


def loads(text: str) -> Any:
    """Return a JSON document; a comma too many before a bracket does no harm. ValueError for what is none."""
    text = text.strip().removeprefix("\ufeff")
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ValueError as error:
        try:
            return json.loads(COMMA.sub(lambda m: m[1] or "", text))
        except (ValueError, RecursionError):
            raise error from None


def datasets(document: Any) -> list[Node]:
    """Return the datasets that a document is about: at its top, in a list or @graph, or as a page's main entity.

    Of a @graph whose datasets contain each other, only those that no other has as a part.
    """
    nodes = list(_tops(document, 0))
    found = [n for n in nodes if is_dataset(n)]
    if isinstance(document, dict) and "@graph" in document and len(found) > 1:
        parts = {identity(p) for n in nodes for p in values(n, "hasPart") if isinstance(p, dict)}
        return [n for n in found if n.get("@id") is None or identity(n) not in parts] or found
    return found


def _tops(value: Any, depth: int) -> Iterator[Node]:
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        for one in value:
            yield from _tops(one, depth + 1)
    elif isinstance(value, dict):
        if value.get("@type") or value.get("type"):
            yield value
        for key in ("@graph", "mainEntity", "itemListElement", "item"):
            if key in value and not is_dataset(value):
                yield from _tops(value[key], depth + 1)


def is_dataset(node: Node) -> bool:
    """Say whether a node's type is schema.org's Dataset, under any prefix and case."""
    said = node.get("@type") or node.get("type")
    return any(isinstance(t, str) and DATASET.fullmatch(t) for t in (said if isinstance(said, list) else [said]))


def identity(node: Node) -> str:
    """Return a node's own name in its document."""
    return str(node.get("@id") or node.get("id") or "")


def values(node: Node, name: str) -> list[Any]:
    """Return what a node says under a name, whatever prefix it is written with; always a list, without nulls."""
    found: list[Any] = []
    for key, value in node.items():
        if key == name or PREFIX.sub("", key) == name:
            found += value if isinstance(value, list) else [value]
    return [v for v in found if v not in (None, "", {}, [])]


def text(value: Any) -> str | None:
    """Return a literal as a string; of a node, its name; None for anything else."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int, float)):
        return str(value).strip() or None
    if isinstance(value, dict):
        if "@value" in value:
            return text(value["@value"])
        return next((t for t in (text(v) for n in ("name", "label", "title") for v in values(value, n)) if t), None)
    return None


def first(node: Node, *names: str) -> str | None:
    """Return the first text that a node says under one of these names."""
    return next((t for name in names for t in map(text, values(node, name)) if t), None)


def address(value: Any) -> str | None:
    """Return the URL that a node stands for or is at, or else its id."""
    if not isinstance(value, dict):
        return text(value)
    where = first(value, "url", "locatedAt", "atLocation", "contentUrl", "sameAs", "identifier")
    return where or identity(value) or None


def resolved(value: Any, document: Any) -> Any:
    """Return the node that stands elsewhere in the document where a value is but its id; else the value."""
    if not isinstance(value, dict) or value.keys() != {"@id"}:
        return value
    return next((n for n in _tops(document, 0) if n.get("@id") == value["@id"]), value)


def expanded(word: str | None, document: Any) -> str | None:
    """Return a compact IRI (`duo:0000042`) in full, by the document's @context; anything else as it is."""
    prefix, colon, rest = (word or "").partition(":")
    for context in _contexts(document):
        base = context.get(prefix)
        base = base.get("@id") if isinstance(base, dict) else base
        if colon and isinstance(base, str) and not rest.startswith("//"):
            return base + rest
    return word


def _contexts(document: Any) -> list[Node]:
    found = []
    for one in document if isinstance(document, list) else [document]:
        said = one.get("@context") if isinstance(one, dict) else None
        found += [c for c in (said if isinstance(said, list) else [said]) if isinstance(c, dict)]
    return found
