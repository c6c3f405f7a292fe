"""XMP packets: what a file says of its own rights. What is said of a work that it shows (AOCopyrightNotice) is not its own.

Names are those of the XMP specification (Part 1), IPTC's Photo Metadata Standard, PLUS, CC REL and TDMRep.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from auditor.errors import BadInput
from auditor.sources._rdf import RDF, rdf_roots, resource, words

SPACES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://creativecommons.org/ns#": "cc",
    "http://web.resource.org/cc/": "cc",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.useplus.org/ldf/xmp/1.0/": "plus",
    "http://www.w3.org/ns/tdmrep/": "tdm",
    "http://www.w3.org/ns/tdmrep#": "tdm",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
}
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
DECLARED = re.compile(rb"<\?x(?:ml|packet)\b[^<>]{0,300}\?>")


@dataclass
class Xmp:
    """One packet's own properties: `dc:rights` → the words, each language's alternative left out but the default."""

    values: dict[str, str] = field(default_factory=dict)

    def of(self, *names: str) -> str | None:
        """Return the first of some properties that is there."""
        return next((self.values[n] for n in names if self.values.get(n)), None)


def read_xmp(packet: bytes) -> Xmp | None:
    """Read one packet; None where it is no XML or says nothing."""
    found = Xmp()
    try:
        for root in rdf_roots(DECLARED.sub(b"", packet).strip(b"\0 \t\r\n"), "XMP"):
            for one in root:
                for name, value in _properties(one):
                    found.values.setdefault(name, value)
    except BadInput:
        pass  # what stands before the break counts all the same
    return found if found.values else None


def _properties(description: Element) -> Iterator[tuple[str, str]]:
    """Yield the properties right below one rdf:Description: a structure's inner ones speak of something else."""
    for tag, value in description.attrib.items():
        name = _name(tag)
        if name and value.strip():
            yield name, " ".join(value.split())
    for element in description:
        said = _value(element)
        if said and (known := _name(element.tag)):
            yield known, said


def _name(tag: str) -> str | None:
    space, _, local = tag.removeprefix("{").partition("}")
    return f"{SPACES[space]}:{local}" if space in SPACES else None


def _value(element: Element) -> str | None:
    options = element.findall(f"{RDF}Alt/{RDF}li")
    if options:
        best = next((o for o in options if o.get(LANGUAGE, "x-default") == "x-default"), options[0])
        return words(best)
    return words(element) or resource(element)
