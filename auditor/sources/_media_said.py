"""From what is embedded in a file to statements and opt-outs.

A field of rights mostly holds a name: it is copyright_text, and a statement too where its words speak of a licence. Strings that cameras
and programs write by themselves are noise.
"""

import re
from functools import cache
from typing import IO, Any

from auditor.sources._media import Found, look
from auditor.sources._media_xmp import read_xmp
from auditor.sources._rdf import STATEMENT

Row = dict[str, Any]
SIGN = re.compile(r"copyright|\(c\)|©|\b(?:19|20)\d\d(?:\s*-\s*(?:19|20)?\d\d)?\b|[.,;:]", re.IGNORECASE)
# What PLUS's licence data format (1.2) has for terms; each is a statement: what stands there may restrict what another grants.
PLUS_TERMS = (
    *("TermsAndConditionsText", "TermsAndConditionsURL", "MediaConstraints", "RegionConstraints", "OtherConstraints"),
    *("ProductOrServiceConstraints", "OtherConditions", "ImageDuplicationConstraints", "ImageAlterationConstraints"),
)
URL = re.compile(r"https?://\S+$", re.IGNORECASE)


def statements(found: Found) -> list[Row]:
    """Return what a file says of its licence, one row a statement; one without words where only facts are there."""
    rows: list[Row] = []
    for xmp in found.xmp:
        for name in ("cc:license", "dcterms:license", "dc:license", "xmpRights:UsageTerms", "xmpRights:WebStatement"):
            rows += _row(name, xmp.of(name), always=name != "xmpRights:WebStatement")
        rows += _row("dc:rights", xmp.of("dc:rights"))
        rows += [row for name in PLUS_TERMS for row in _row(f"plus:{name}", xmp.of(f"plus:{name}"), always=True)]
    for where, value in found.licenses:
        rows += _row(where, value, always=True)
    for where, value in found.notices:
        rows += _row(where, value)
    facts = _facts(found)
    said = _unique([r for r in rows if r.keys() & {"license_text", "license_url"}])
    return [facts | r for r in said or _marked(found)] or ([facts] if any(facts.values()) else [])


def _row(where: str, value: str | None, always: bool = False) -> list[Row]:
    """Return a statement, if a value is one; a web page alone (WebStatement) is one only if it is a licence's address."""
    value = " ".join((value or "").split())
    if not value or noise(value):
        return []
    if URL.match(value):
        licensing = always or re.search(
            r"creativecommons\.org|opendatacommons|gnu\.org|licen[sc]e|terms|rights", value, re.IGNORECASE
        )
        return [{"license_url": value, "place": where}] if licensing else []
    return [{"license_text": value, "place": where}] if always or STATEMENT.search(value) else []


def _facts(found: Found) -> Row:
    def of(*names: str) -> str | None:
        return next((v for x in found.xmp if (v := x.of(*names))), None)

    notices = [v for v in (of("dc:rights"), *(v for _, v in found.notices)) if v and not noise(v)]
    creator = (
        of("cc:attributionName", "dc:creator", "tiff:Artist")
        or found.creator
        or of("photoshop:Credit", "xmpRights:Owner")
    )
    return {
        "title": of("dc:title") or found.title,
        "creator": creator if creator and not noise(creator) else None,
        "copyright_text": next(iter(notices), None),
    }


def _marked(found: Found) -> list[Row]:
    """Return what a file's mark of public domain says, where nothing else does; programs set it too, so it stays a word to be read."""
    for xmp in found.xmp:
        if (xmp.of("xmpRights:Marked") or "").lower() == "false":
            return [{"license_text": "xmpRights:Marked False", "place": "xmpRights:Marked"}]
        if status := xmp.of("plus:CopyrightStatus"):
            return [{"license_text": status, "place": "plus:CopyrightStatus"}] if status.endswith("CS-PUB") else []
    return []


def noise(value: str) -> bool:
    """Say whether a value holds nothing but a copyright sign, a year, or what a camera writes by itself."""
    left = " ".join(SIGN.sub(" ", value).split()).lower()
    return not left or left in _written_by_cameras()


@cache
def _written_by_cameras() -> frozenset[str]:
    from auditor.licensing import tables

    return frozenset(r["text"].lower() for r in tables.rows("hosts/camera_strings.tsv", "manifests"))


def _unique(rows: list[Row]) -> list[Row]:
    kept: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        kept.setdefault((row.get("license_text"), row.get("license_url")), row)
    return list(kept.values())


def of_stream(stream: IO[bytes], sidecar: bytes | None = None) -> tuple[list[Row], dict[str, Any], str | None]:
    """Return a media file's statements, its opt-outs, and why it could not be read, if so; with the XMP that lies beside it."""
    from auditor import signals

    found = look(stream)
    if sidecar and (beside := read_xmp(sidecar)) is not None:
        found.xmp.append(beside)
    merged = {name: value for xmp in reversed(found.xmp) for name, value in xmp.values.items()}
    return statements(found), signals.of_metadata(merged, found.boxes), found.broken
