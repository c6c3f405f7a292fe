"""What a Dataset or one of its files says of its licence and its origins, word for word."""

import re
from collections.abc import Iterator
from typing import Any

from auditor.sources import _croissant_read as ld
from auditor.sources import _repository_said as place
from auditor.sources._table_roles import TERMS as SPEAKS

Claim = dict[str, Any]
WEB = re.compile(r"(?i)(?:https?:)?//\S+|urn:\S+")
NOTHING = re.compile(r"(?i)\s*(?:none|null|undefined|n/?a)?\s*")
CATALOGS = {"kaggle": "kaggle"}  # catalogues whose licence names mean something there only
TERMS = (
    "action",
    "constraint",
    "rightOperand",
    "leftOperand",
    "duty",
    "permission",
    "prohibition",
    "obligation",
    "refinement",
)


def licenses(node: ld.Node, document: Any, authority: str = "uploader") -> Iterator[Claim]:
    """Yield the claims on a node: its licences, data use conditions and access conditions."""
    vocabulary = _vocabulary(node)
    rights = ld.values(node, "rights")
    closed = [v for v in rights if place.is_access(ld.address(v)) or place.is_access(ld.text(v))]
    stated = [ld.resolved(v, document) for name in ("license", "licence") for v in ld.values(node, name)]
    for said in _stated([*stated, *(v for v in rights if v not in closed)], vocabulary):
        yield {"authority": authority, "place": place.METADATA, "vocabulary": vocabulary} | said
    for value in ld.values(node, "usageInfo"):
        for said in _conditions(value, document):
            yield {"authority": authority, "place": place.USAGE} | said
    for notice in filter(None, map(ld.text, ld.values(node, "copyrightNotice"))):
        if re.search(SPEAKS, notice):
            yield {"authority": "mention", "place": "copyrightNotice", "license_text": notice}
    for said in _stated(ld.values(node, "sdLicense"), None):
        yield {"authority": authority, "place": place.METADATA, "scope": "metadata"} | said
    for value in [*closed, *(v for n in ("conditionsOfAccess", "accessRights") for v in ld.values(node, n))]:
        yield from place.access(ld.text(value) or ld.address(value))
    if any(ld.text(v) in ("false", "False") for v in ld.values(node, "isAccessibleForFree")):
        yield from place.access("isAccessibleForFree: false")


def _vocabulary(node: ld.Node) -> str | None:
    catalogs = [ld.text(v) for name in ("includedInDataCatalog", "publisher") for v in ld.values(node, name)]
    return next((CATALOGS[c.lower()] for c in catalogs if c and c.lower() in CATALOGS), None)


def _stated(found: list[Any], vocabulary: str | None) -> list[Claim]:
    """Return statements: plain words together as one where they can be read so, and each link or CreativeWork alone."""
    said = [s for s in (_statement(v) for v in found) if s]
    plain = [s["license_text"] for s in said if s.keys() == {"license_text"}]
    rest = [s for s in said if s.keys() != {"license_text"}]
    whole = [{"license_text": t} for t in place.together(plain, "AND", vocabulary)]
    return list({repr(s): s for s in [*whole, *rest]}.values())


def _statement(value: Any) -> Claim | None:
    """Return what one value says; `None`, `undefined` and the like say nothing."""
    if isinstance(value, dict) and "@value" not in value:
        url = next(
            (
                w
                for w in (ld.first(value, "url"), ld.identity(value), ld.first(value, "identifier"))
                if w and WEB.fullmatch(w)
            ),
            None,
        )
        words = ld.first(value, "name", "label", "title", "text", "alternateName", "description", "identifier") or (
            ld.identity(value) if not url and not ld.identity(value).startswith("_:") else None
        )
        words = None if words == url else words
        return {k: v for k, v in (("license_text", words), ("license_url", url)) if v} or None
    said = ld.text(value)
    if not said or NOTHING.fullmatch(said):
        return None
    return {"license_url": said} if WEB.fullmatch(said) else {"license_text": said}


def _conditions(value: Any, document: Any, depth: int = 0) -> Iterator[Claim]:
    """Yield each data use condition: a link or words, a DefinedTerm, or the terms inside an ODRL policy."""
    if not isinstance(value, dict):
        said = _statement(value)
        if said:
            yield said
        return
    inner = [v for name in TERMS for v in ld.values(value, name) if isinstance(v, (dict, str))]
    if inner and depth < ld.DEEPEST:
        name = ld.text(value) if depth else None  # the policy's own title is no condition
        if name:
            yield {"license_text": name} | _at(_operand(value), document)
        for one in inner:
            if not name or (isinstance(one, dict) and any(ld.values(one, t) for t in TERMS)):
                yield from _conditions(one if isinstance(one, dict) else {"@id": one}, document, depth + 1)
        return
    words = ld.text(value) or ld.first(value, "termCode", "identifier")
    where = _at(ld.first(value, "url") or ld.identity(value), document)
    code = re.sub(r".*/", "", where.get("license_url", "")) or ld.identity(value)
    if words or code:
        yield {"license_text": words or code, "vocabulary": "duo"} | where


def _operand(value: ld.Node) -> str | None:
    return next((ld.identity(v) for v in ld.values(value, "rightOperand") if isinstance(v, dict)), None)


def _at(word: str | None, document: Any) -> Claim:
    url = ld.expanded(word, document)
    return {"license_url": url} if url and WEB.fullmatch(url) else {}


def about(node: ld.Node) -> Claim:
    """Return title, creator, copyright and origins of a node."""
    holders = [t for name in ("copyrightNotice", "copyrightHolder") for t in map(ld.text, ld.values(node, name)) if t]
    creators = [t for name in ("creator", "author") for t in map(ld.text, ld.values(node, name)) if t]
    return {
        k: v
        for k, v in (
            ("title", ld.first(node, "name", "title")),
            ("creator", ", ".join(dict.fromkeys(creators)) or None),
            ("copyright_text", "; ".join(dict.fromkeys(holders)) or None),
            ("was_derived_from", origins(node) or None),
        )
        if v
    }


def origins(node: ld.Node) -> list[str]:
    """Return what a node was made from: PROV's wasDerivedFrom and hadPrimarySource, schema.org's isBasedOn."""
    names = ("wasDerivedFrom", "hadPrimarySource", "isBasedOn", "isBasedOnUrl")
    found = [ld.address(v) or ld.text(v) for name in names for v in ld.values(node, name)]
    return list(dict.fromkeys(o for o in found if o))
