"""RDF/XML as it stands in the wild: parsed without entities that expand or reach out, and a few looks at it."""

import io
import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from auditor.errors import BadInput

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC = ("{http://purl.org/dc/elements/1.1/}", "{http://purl.org/dc/terms/}")
# Values with any `&` or `%` are refused (`&#38;` makes one), so that expansion can't nest.
ENTITY = re.compile(rb"<!ENTITY\s+([^\s%\"']+)\s+(\"[^\"]*\"|'[^']*')\s*>")
# A rights field mostly holds a name; with one of these words it is (also) a statement and is put before the reader.
STATEMENT = re.compile(
    r"licen[sc]|reserved|commerc|public domain|creative\s?commons|\bcc[ -]?(by|0)|\bgpl|permission|://", re.IGNORECASE
)
EXPANDED = 16 << 20  # bytes that all references of a document may expand to


def check_entities(body: bytes, place: str) -> bool:
    """Say whether a document declares entities; BadInput for any but plain short-hands of bounded size."""
    if b"<!ENTITY" not in body:
        return False
    plain = ENTITY.findall(body)
    size = sum(len(value) * body.count(b"&" + name + b";") for name, value in plain)
    nested = any(re.search(rb"[&%]", value) for _, value in plain)
    if len(plain) != body.count(b"<!ENTITY") or nested or size > EXPANDED:
        raise BadInput(
            f"{place} declares entities that expand without bound or reach outside it: not read, for safety."
        )
    return True


def rdf_roots(body: bytes, place: str) -> Iterator[Element]:
    """Yield each outermost rdf:RDF element of an XML document, whole; the rest is let go as it is read.

    BadInput, in one sentence, where the document is not well-formed or unsafe.
    """
    declared = check_entities(body, place)
    depth = 0
    try:
        for event, element in iterparse(
            io.BytesIO(body),
            events=("start", "end"),
            forbid_dtd=False,
            forbid_entities=not declared,
            forbid_external=True,
        ):
            if element.tag == RDF + "RDF":
                depth += 1 if event == "start" else -1
                if event == "end" and not depth:
                    yield element
            if event == "end" and not depth:
                element.clear()
    except DefusedXmlException:
        raise BadInput(f"{place} refers to something outside it: not read, for safety.") from None
    except (ParseError, ValueError, LookupError) as error:
        raise BadInput(f"{place} is not well-formed XML ({error}): get the file again.") from None


def words(element: Element | None) -> str | None:
    """Return the text of an element and all in it, white space folded, several pieces joined by `; `."""
    if element is None:
        return None
    pieces = (" ".join(t.split()) for t in element.itertext())
    return "; ".join(dict.fromkeys(p for p in pieces if p)) or None


def resource(element: Element) -> str | None:
    """Return what an element points to: rdf:resource or rdf:about, its own or of what it holds; None where empty."""
    for one in element.iter():
        for name in ("resource", "about"):
            value = (one.get(RDF + name) or one.get(name) or "").strip()
            if value:
                return value
    return None


def dc(parent: Element, name: str) -> list[Element]:
    """Return the Dublin Core elements of this name right below, of either namespace; attributes count as elements."""
    found = [e for space in DC for e in parent.findall(space + name)]
    for space in DC:
        if (parent.get(space + name) or "").strip():
            made = Element(space + name)
            made.text = parent.get(space + name)
            found.append(made)
    return found


def first(texts: list[Any]) -> Any:
    """Return the first that is not empty."""
    return next((t for t in texts if t), None)
