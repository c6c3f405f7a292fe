"""XML with an element a record, as dumps of Stack Exchange (`<row …/>`) and NLTK's index have it.

The columns are an element's attributes and its children; those that hold more than text are objects, as in JSON.
"""

import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError
from xml.parsers import expat

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from auditor.errors import BadInput
from auditor.sources._table_parts import says_so

# Attributes on what an element's text is written in, and of which type.
ABOUT = ("{http://www.w3.org/XML/1998/namespace}", "{http://www.w3.org/2001/XMLSchema-instance}")
PAGES = ("html", "body", "div", "p", "span")  # roots of HTML, or of a part of it: pages to be read by people
DEEPEST = 20  # objects inside one another
TAG = re.compile(rb"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")


def shape(head: bytes) -> str | None:
    """Return the path of the records of what begins so, like `posts/row`; None where it is no list of records.

    Those are elements that state a licence, else all that the root holds if they are of one kind.
    """
    seen: Counter[str] = Counter()
    licensed: dict[str, None] = {}
    try:
        for path, element, _ in _elements(io.BytesIO(head)):
            if path.partition("/")[0].lower() in PAGES:
                return None
            fields = _fields(element)
            if len(fields) > 1:
                seen[path] += 1
                if any(says_so(f) for f in fields):
                    licensed[path] = None
    except (ParseError, DefusedXmlException):  # mostly since the head ends in its midst
        pass
    near = [p for p in seen if p.count("/") == 1]
    # One that holds records of its own, stated once for all of them, is their list and no record.
    found = [p for p in licensed if "/" in p and not any(q.startswith(f"{p}/") and seen[q] > seen[p] for q in seen)]
    found = found or (near if len(near) == 1 and seen[near[0]] > 1 else [])
    return max(found, key=lambda p: seen[p]) if found else None


def records(stream: IO[bytes], wanted: str, locator: str) -> Iterator[tuple[int, dict[str, Any], None]]:
    """Yield row number and record of each; BadInput, in one sentence, where it is no whole XML, or unsafe."""
    row = 0
    try:
        for path, element, parent in _elements(stream):
            if path == wanted:
                yield row, _fields(element), None
                row += 1
            if parent is not None and not path.startswith(f"{wanted}/"):
                parent.remove(element)  # so that memory stays flat
    except DefusedXmlException:
        raise BadInput(f"{locator} declares a document type or entities: not read, for safety.") from None
    except ParseError as error:
        raise BadInput(f"{locator} is no whole XML ({error}): get the file again.") from None


def without(body: bytes, wanted: str, rows: set[int]) -> bytes:
    """Return a document without the records that are in none of these rows; the others word for word."""
    parser = expat.ParserCreate()
    way: list[str] = []
    gone: list[tuple[int, int]] = []
    row = begun = 0

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal begun
        way.append(tag.rsplit(":", 1)[-1])
        if "/".join(way) == wanted:
            begun = parser.CurrentByteIndex

    def end(_: str) -> None:
        nonlocal row
        if "/".join(way) == wanted:
            at = parser.CurrentByteIndex
            tag = TAG.match(body, at if body.startswith(b"</", at) else begun)  # `<a/>` ends where it begins
            if row not in rows and tag is not None:
                gone.append((begun, tag.end()))
            row += 1
        way.pop()

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(body, True)
    pieces, at = [], 0
    for begin, stop in gone:
        pieces.append(body[at:begin].rstrip(b" \t\r\n") if at else body[at:begin])
        at = stop
    return b"".join([*pieces, body[at:]])


def _elements(stream: IO[bytes]) -> Iterator[tuple[str, Element, Element | None]]:
    """Yield path, element and parent of each that is whole."""
    way: list[Element] = []
    for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
        if event == "start":
            way.append(element)
            continue
        path = "/".join(_name(e.tag) for e in way)
        way.pop()
        yield path, element, way[-1] if way else None


def _fields(element: Element, depth: int = 0) -> dict[str, Any]:
    """Return attributes and children by name; what comes several times is a list, so that all of it binds."""
    fields: dict[str, Any] = {}
    given: list[tuple[str, Any]] = list(element.attrib.items())
    for child in element:
        inner = (len(child) or any(not k.startswith(ABOUT) for k in child.attrib)) and depth < DEEPEST
        given.append((child.tag, _fields(child, depth + 1) if inner else "".join(child.itertext()).strip()))
    if given and element.text and element.text.strip():
        given.append(("name", element.text.strip()))  # as objects in JSON call it: <license url="…">CC BY</license>
    for tag, value in given:
        if value:
            name = _name(tag)
            held = fields.get(name)
            fields[name] = value if held is None else [*(held if isinstance(held, list) else [held]), value]
    return fields


def _name(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]
