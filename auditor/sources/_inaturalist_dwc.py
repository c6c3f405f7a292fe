"""iNaturalist's observations as Simple Darwin Core (`observations.dwc`): each record an observation, with its photos in it.

An observation's licence is `dcterms:license`, a photo's `xap:UsageTerms` of its `eol:dataObject`, each with words beside it
in `dcterms:rights` (GitHub pyinat/pyinaturalist, test/sample_data/v0/get_observations.dwc).
"""

from collections.abc import Iterator
from itertools import count
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from auditor.errors import BadInput

ROOT, FORM = b"SimpleDarwinRecordSet", "Darwin Core"
KINDS = {"StillImage": "photo", "Sound": "sound"}


def works(stream: IO[bytes], locator: str) -> Iterator[dict[str, Any]]:
    """Yield what is said of each observation and each of its photos and sounds; BadInput where it is no whole XML."""
    number = count()
    try:
        for _, element in iterparse(stream, forbid_dtd=True):
            if _name(element) == "SimpleDarwinRecord":
                yield from (_numbered(work, next(number)) for work in _record(element))
                element.clear()
    except DefusedXmlException:
        raise BadInput(f"{locator} declares a document type or entities: not read, for safety.") from None
    except ParseError as error:
        raise BadInput(f"{locator} is no whole XML ({error}): get the file again.") from None


def _numbered(work: dict[str, Any], place: int) -> dict[str, Any]:
    """Return a work with its id: the last part of its address, else its place among all of them."""
    number = (work["item_url"] or "").rpartition("/")[2] or f"#{place}"
    return work | {"item_id": f"inaturalist:{work['kind']}:{number}"}


def _record(record: Element) -> Iterator[dict[str, Any]]:
    said = _fields(record)
    url = said.get("occurrenceID") or said.get("references") or said.get("catalogNumber")
    label = said.get("scientificName")
    yield _work(
        "observation", url, said, said.get("license"), said.get("rightsHolder") or said.get("recordedBy"), label
    )
    for media in record.iter():
        if _name(media) == "dataObject":
            inside = _fields(media)
            kind = KINDS.get(inside.get("type", "").rpartition("/")[2], "photo")
            holder = inside.get("Owner") or inside.get("creator")
            yield _work(kind, inside.get("identifier"), inside, inside.get("UsageTerms"), holder, label)


def _work(
    kind: str, url: str | None, said: dict[str, str], license_: str | None, who: str | None, label: str | None
) -> dict[str, Any]:
    return {
        "item_url": url,
        "kind": kind,
        "creator": who,
        "label": label,
        "license_text": None if license_ else said.get("rights"),  # the site's words for the same
        "license_url": license_,
        "copyright_text": said.get("rights"),
    }


def _fields(element: Element) -> dict[str, str]:
    return {_name(child): child.text.strip() for child in element if child.text and child.text.strip()}


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
