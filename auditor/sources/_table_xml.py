"""XML with an element a record, as dumps of Stack Exchange (`<row …/>`) and NLTK's index have it.

The columns are an element's attributes and those of its children that hold text alone.
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

TAG = re.compile(rb"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")


def shape(head: bytes) -> str | None:
    """Return the path of the records of what begins so, like `posts/row`; None where it is no list of records.

    Those are elements that state a licence, else all that the root holds if they are of one kind.
    """
    seen: Counter[str] = Counter()
    licensed: dict[str, None] = {}
    try:
        for path, element, _ in _elements(io.BytesIO(head)):
            fields = _fields(element)
            if len(fields) > 1:
                seen[path] += 1
                if any(says_so(f) for f in fields):
                    licensed[path] = None
    except (ParseError, DefusedXmlException):  # mostly since the head ends in its midst
        pass
    near = [p for p in seen if p.count("/") == 1]
    found = list(licensed) or (near if len(near) == 1 and seen[near[0]] > 1 else [])
    return found[0] if found else None


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


def _fields(element: Element) -> dict[str, str]:
    fields = {_name(k): v for k, v in element.attrib.items()}
    fields |= {_name(c.tag): c.text for c in element if c.text and not len(c) and c.text.strip()}
    return fields


def _name(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]
