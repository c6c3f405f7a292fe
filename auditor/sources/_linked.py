"""Graphs whose nodes refer to each other, as nested nodes: JSON-LD's @graph, and RDF in Turtle or RDF/XML.

References are followed to a depth, so that a node holds what it points to; nothing is fetched, no @context loaded. RDF
becomes nodes as JSON-LD has them, keyed by the last part of each predicate, in an order that does not hang on the parser's.
"""

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from auditor.errors import BadInput
from auditor.sources import _rdf as xml
from auditor.sources._croissant_read import Node, identity

DEPTH = 3
BLANK = "_:"
LARGEST = 64 << 20  # bytes of RDF
LOCAL = re.compile(r"[^/#:]+/?$")


def of_graph(document: Any) -> dict[str, Node]:
    """Return the nodes of a JSON-LD document's @graph, or list, by their @id."""
    graph = document.get("@graph") if isinstance(document, dict) else document
    found: dict[str, Node] = {}
    for node in graph if isinstance(graph, list) else []:
        if isinstance(node, dict) and identity(node):
            found.setdefault(identity(node), node)
    return found


def nested(node: Node, by_id: Mapping[str, Node], depth: int = DEPTH) -> Node:
    """Return a node with the nodes that it refers to in their place."""

    def whole(value: Any) -> Any:
        if isinstance(value, list):
            return [whole(v) for v in value]
        if isinstance(value, dict) and value.keys() <= {"@id", "id"} and identity(value) in by_id:
            return nested(by_id[identity(value)], by_id, depth - 1) if depth else value
        return value

    return {key: whole(value) for key, value in node.items()}


def of_rdf(body: bytes, form: str, where: str, wanted: Callable[[Node], bool]) -> list[Node]:
    """Return the wanted nodes of RDF (`form`: xml, turtle), nested, in a fixed order; BadInput where it can't be read."""
    import rdflib

    if len(body) > LARGEST:
        raise BadInput(f"{where} is larger than {LARGEST >> 20} MB, which no description is: look at it by hand.")
    if form == "xml":
        xml.check_entities(body, where)
    logging.getLogger("rdflib").setLevel(logging.CRITICAL)  # dates and URLs that are none are kept as they stand
    graph = rdflib.Graph()
    try:
        graph.parse(data=body, format=form, publicID="")
    except Exception as error:  # its parsers raise whatever they stumble over
        short = " ".join(str(error).split())[:120]
        raise BadInput(f"{where} cannot be read as RDF ({short}): get it again.") from None
    found: dict[str, Node] = {}
    for subject, predicate, value in graph:
        node = found.setdefault(_name(subject), {"@id": _name(subject)})
        key = "@type" if predicate == rdflib.RDF.type else _local(str(predicate))
        node.setdefault(key, []).append(str(value) if key == "@type" else _value(value))
    return sorted((_ordered(nested(n, found)) for n in found.values() if wanted(n)), key=repr)


def _name(term: Any) -> str:
    import rdflib

    return f"{BLANK}{term}" if isinstance(term, rdflib.BNode) else str(term)


def _value(value: Any) -> Any:
    import rdflib

    if isinstance(value, rdflib.Literal):
        return {"@value": str(value), "@language": value.language} if value.language else str(value)
    return {"@id": _name(value)}


def _local(predicate: str) -> str:
    match = LOCAL.search(predicate)
    return match[0].rstrip("/") if match else predicate


def _ordered(value: Any) -> Any:
    """Return values in a fixed order, English before other languages, without the parser's own names of blank nodes."""
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if not (k == "@id" and str(v).startswith(BLANK))}
        return {k: _ordered(v) for k, v in sorted(kept.items())}
    if isinstance(value, list):
        return sorted(map(_ordered, value), key=_english_first)
    return value


def _english_first(value: Any) -> tuple[bool, str]:
    return isinstance(value, dict) and value.get("@language") not in (None, "en"), repr(value)
