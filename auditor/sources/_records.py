"""Catalogue records of datasets, in any format: one record speaks of a whole, several are the items.

A source of such a format says how a document is read into records; the rest is here. A record's files are items where
they state licences of their own; a record's licence is not inherited by them (rule 5).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from auditor.errors import BadInput, NotReachable
from auditor.fetch import Get
from auditor.schema import Page, claims
from auditor.sources import _croissant_read as ld
from auditor.sources import _rdf as xml
from auditor.sources import _repository_said as place
from auditor.sources import manifest
from auditor.streams import unpacked
from auditor.target import Target

Claim = dict[str, Any]
LARGEST = 256 << 20  # bytes of one document
WEB = re.compile(r"(?i)https?://\S+")


@dataclass(frozen=True, slots=True)
class Record:
    """What a catalogue says of one dataset: its name, fields of a claim about it, the statements, and its files."""

    id: str
    about: Claim = field(default_factory=dict)
    said: Sequence[Claim] = ()
    parts: Sequence["Record"] = ()


Read = Callable[[Page], list[Record]]


def pages(source: str, target: Target, get: Get, read: Read) -> Iterator[Page]:
    """Yield the page of one record for the whole, and once more for its files; or that of many records as items."""
    try:
        page = Page.of_file(source, target.path, target.name) if target.path else get.file(target.name, source)
    except NotReachable as error:
        yield from manifest.instead(target, get, "the record", error)
        return
    found = read(page)
    if not found:
        raise BadInput(f"{target.name} holds no record of a dataset: there is nothing to audit in it.")
    if len(found) > 1:
        target.told(f"{target.name} holds {len(found)} records of datasets: they are the items.")
        yield page.with_(context={"of": "records"})
        return
    yield page.with_(level="dataset")
    if any(part.said for part in found[0].parts):
        target.told("its files state licences of their own: the files are items.")
        yield page.with_(context={"of": "parts"})


def rows(page: Page, read: Read) -> Iterator[Claim]:
    """Yield the claims of a page that `pages` gave."""
    found = read(page)
    if page.level == "dataset":
        one = found[0]
        base = place.of_whole(one.id or page.locator, **one.about)
        yield from (base | said for said in one.said or ([{}] if base.get("was_derived_from") else []))
        return
    space = page.context.get("namespace")
    for row, one in enumerate(found[0].parts if page.context["of"] == "parts" else found):
        name = one.id or f"{page.locator}#{row}"
        base = {"item_id": f"{space}:{name}" if space else name, "row": row} | one.about
        yield from (base | said for said in _statements(one) or [{}])


def _statements(one: Record) -> list[Claim]:
    """Return what is said of a record that is an item: by itself, and by its files.

    Beside a record's own statement its files' can only restrict (rule 7); where it makes none, they cover it only if each speaks.
    """
    of_parts = list({repr(s): s for part in one.parts for s in part.said if s["authority"] != "access"}.values())
    if any(s["authority"] != "access" for s in one.said):
        return [*one.said, *(s | {"authority": "dataset"} for s in of_parts)]
    return [*one.said, *(s if all(p.said for p in one.parts) else s | {"scope": "part"} for s in of_parts)]


def parse(page: Page, read: Read) -> Iterator[Any]:
    """Turn a page into claims."""
    yield from claims(rows(page, read))


def said(text: Any = None, url: Any = None, vocabulary: str | None = None, **more: Any) -> list[Claim]:
    """Return the statement of a record's publisher as a list of one; of none where nothing is said."""
    words, link = string(text), string(url)
    if words and not link and WEB.fullmatch(words):
        words, link = None, words
    if not (words or link):
        return []
    stated = {"license_text": words, "license_url": link, "vocabulary": vocabulary}
    return [{"authority": "uploader", "place": place.METADATA} | {k: v for k, v in (stated | more).items() if v}]


def string(value: Any) -> str | None:
    """Return a string or number as text, of a mapping by language its English or first one; None for anything else."""
    if isinstance(value, dict):
        value = value.get("en") or next((v for v in value.values() if isinstance(v, str)), None)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    return str(value).strip() or None


def names(value: Any, *keys: str) -> str | None:
    """Return the names of people, given as strings or mappings, in one line."""
    found = []
    for one in value if isinstance(value, list) else [value]:
        given = next((string(one[k]) for k in keys if one.get(k)), None) if isinstance(one, dict) else string(one)
        found += [given] if given else []
    return ", ".join(dict.fromkeys(found)) or None


def about(**facts: Any) -> Claim:
    """Return the fields of a claim that say something."""
    return {k: v for k, v in facts.items() if v}


def body(page: Page) -> bytes:
    """Return a document, decompressed; BadInput where it is larger than any such document."""
    stream = page.open() if page.body is not None else unpacked(Path(page.path or page.locator))
    with stream:
        found = stream.read(LARGEST + 1)
    if len(found) > LARGEST:
        raise BadInput(f"{page.locator} is larger than {LARGEST >> 20} MB, which no record is: look at it by hand.")
    return found


def documents(page: Page) -> list[Any]:
    """Return the JSON documents of a page: one, or one a line; a comma too many before a bracket does no harm."""
    text = body(page).decode("utf-8-sig", "replace").strip()
    try:
        return [ld.loads(text)]
    except ValueError as error:
        lines = [line for line in text.split("\n") if line.strip()]
        if len(lines) > 1 and all(line.lstrip().startswith("{") and line.rstrip().endswith("}") for line in lines):
            try:
                return [ld.loads(line) for line in lines]
            except ValueError:
                pass
        short = " ".join(str(error).split())[:120]
        raise BadInput(f"{page.locator} is no whole JSON file ({short}): get it again.") from None


def tree(page: Page) -> Element:
    """Return the root of an XML document, parsed without entities that expand or reach out; BadInput where it is none."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    raw = body(page)
    try:
        root: Element = fromstring(raw, forbid_entities=not xml.check_entities(raw, page.locator))
        return root
    except DefusedXmlException:
        raise BadInput(f"{page.locator} refers to something outside it: not read, for safety.") from None
    except (ParseError, ValueError, LookupError) as error:
        raise BadInput(f"{page.locator} is not well-formed XML ({error}): get the file again.") from None
