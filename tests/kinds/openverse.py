"""Openverse: its tables, answers of the APIs that it reads (museums, image hosts, MediaWiki), and links to licences in a crawl."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import license_expression
import pyarrow.parquet as pq

Record = dict[str, Any]
SPDX = {str(key) for key in license_expression.get_spdx_licensing().known_symbols}
URL = re.compile(  # of a licence or of its badge, also as i0.wp.com serves it; words may stand before it
    r"(?<![^\s;])https?://(?:i\d\.wp\.com/)?(?:(?:www|i)\.)?creativecommons\.org/(?:licen[sc]es|publicdomain|l|p)/+"
    r"(?P<tool>[a-z+-]+)/+(?P<version>\d\.\d)(?:/+(?P<port>[a-z]{2}|scotland|igo))?(?=[/.?#]|$)"
)
OTHERS = {  # of Creative Commons' site
    "/licenses/publicdomain/": "CC-PDDC",  # retired in 2010
    "/licenses/GPL/2.0/": "GPL-2.0-only",
    "/share-your-work/public-domain/cc0/": "CC0-1.0",
}
BADGE = re.compile(r"https?://mirrors\.creativecommons\.org/presskit/buttons/88x31/\w+/(by[a-z-]*)\.")  # no version
CODE = re.compile(r"by(?:-nc)?(?:-nd|-sa)?|cc0|pdm", re.IGNORECASE)
FLICKR = {"1": "CC-BY-NC-SA-2.0", "3": "CC-BY-NC-ND-2.0"}  # flickr.photos.licenses.getInfo
SAID = {  # in words, as museums and MediaWiki have them
    "cc0": "CC0-1.0",
    "cc by 4.0": "CC-BY-4.0",
    "cc by-sa 4.0": "CC-BY-SA-4.0",
    "cc-by-nc-sa 4.0": "CC-BY-NC-SA-4.0",
    "creative commons-by": "LicenseRef-CC-BY",
    "public domain": "LicenseRef-public-domain",
    "no restrictions": "LicenseRef-No-Known-Copyright-Restrictions",
    "no known copyright restrictions": "LicenseRef-No-Known-Copyright-Restrictions",
    "all rights reserved": "LicenseRef-All-Rights-Reserved",
}
NOTHING = "NOASSERTION"


def reading(path: Path) -> Counter[str] | None:
    if path.suffix == ".tsv":
        return Counter(of_row(line.split("\t")) for line in path.read_text().splitlines())
    if path.suffix == ".csv":
        with path.open(newline="") as stream:
            return Counter(map(of_row, csv.reader(stream)))
    if path.suffix == ".parquet":
        links = pq.read_table(path, columns=["cc_domain", "cc_license"]).to_pylist()
        return Counter(of_url(f"https://{link['cc_domain']}{link['cc_license']}") for link in links)
    if path.suffix != ".json":
        return None  # rows as Python prints them
    return Counter(map(of_record, records(json.loads(path.read_bytes())))) or None


def of_row(fields: list[str]) -> str:
    """Openverse's own tables: a code of Creative Commons and its version, side by side but for an empty column in its database."""
    for code, version in pairwise(f for f in fields if f != "\\N"):
        if CODE.fullmatch(code) and re.fullmatch(r"\d\.\d", version):
            return named(code.lower(), version)
    return NOTHING


def named(tool: str, version: str, port: str | None = None) -> str:
    if tool in ("cc0", "zero", "pdm", "mark"):
        return f"CC-PDM-{version}" if tool in ("pdm", "mark") else f"CC0-{version}"
    elements = tool.replace("by-nd-nc", "by-nc-nd").upper()  # as version 1.0 has them
    name = "-".join(["CC", elements, version, *([port.upper()] if port else [])])
    return name if name in SPDX else f"LicenseRef-{name}"


def of_url(url: str) -> str:
    url = re.sub(r"^https://\s*(?=https?://)", "", url)  # in the crawl's links, a host may have a scheme itself
    if found := URL.search(url):
        return named(*found.groups())
    if badge := BADGE.match(url):
        return f"LicenseRef-CC-{badge[1].upper()}"
    path = url.removeprefix("https://creativecommons.org")
    return next((OTHERS[p] for p in OTHERS if path.startswith(p)), NOTHING)


def of_words(said: str) -> str:
    found = of_url(said)
    return found if found != NOTHING else SAID.get(said.lower(), NOTHING)


def records(said: Any) -> Sequence[Record]:
    """Return the records of an answer: pages of a wiki, an object alone, or the list that the API is documented to give."""
    if isinstance(said, list):
        return said if said and isinstance(said[0], dict) else ()
    if not isinstance(said, dict):
        return ()
    if "query" in said:
        return list(said["query"]["pages"].values())
    if {"extmetadata", "descriptionurl"} & said.keys():
        return [{"imageinfo": [said]}]
    if said.get("ns") == 6 or "imageinfo" in said or str(said.get("title")).startswith("File:") or speaks(said):
        return [said]
    for name in ("nyplAPI", "response", "sibling_captures", "photos", "data", "result"):
        if isinstance(held := said.get(name), dict):
            return records(held)
    for name in ("items", "results", "photo", "images", "records", "rows", "data", "result", "capture", "multimedia"):
        if isinstance(held := said.get(name), list):
            return records(held)
    if len(said) > 1 and all(isinstance(v, dict) for v in said.values()):
        return [v for v in said.values() if v]  # by their keys
    inside = [w for v in said.values() for w in (v.values() if isinstance(v, dict) else [v])]
    return next((v for v in inside if isinstance(v, list) and v and isinstance(v[0], dict)), ())


def speaks(said: Record) -> bool:
    """Say whether an object is a record: it has an id, and links of its own (HAL), attributes (JSON:API) or a word on rights."""
    ids = {"id", "uid", "uuid", "objectID", "foreign_identifier"}
    told = any(re.search("(?i)licen[cs]e|rights|copyright|^_links$|^attributes$", key) for key in said)
    return bool(ids & said.keys()) and (told or "metadata_usage" in json.dumps(said))


def of_record(record: Record) -> str:
    """Each API has its own field. What is said of its metadata, and of the work that a picture shows, is another's licence."""
    if "imageinfo" in record:
        return of_wiki(record["imageinfo"][0].get("extmetadata", {}))
    if isinstance(record.get("license"), str) and "ownername" in record:
        return FLICKR[record["license"]]
    return of_media(record, [of_words(said) for said in stated(record) if said][:1])


def of_wiki(said: dict[str, dict[str, str]]) -> str:
    """MediaWiki: the address of the licence, else its name; both come from the file's templates."""
    found = of_url(said.get("LicenseUrl", {}).get("value", ""))
    return found if found != NOTHING else of_words(said.get("LicenseShortName", {}).get("value", ""))


def stated(record: Record) -> Iterator[str | None]:
    for path in (
        *(("licenseURL",), ("_links", "license", "href")),  # PhyloPic
        *(("license_info", "url"), ("license_ccurl",), ("metadata", "licenseUrl")),  # Openverse, Jamendo, rawpixel
        *(
            ("imageRights", "link"),
            ("rightsStatementURI", "$"),
            ("rightsStatementURI",),
        ),  # Finna, New York Public Library
        *(("rights",), ("license",), ("licence", "uri"), ("licence", "name")),  # Europeana, Freesound, Museums Victoria
        *(("share_license_status",), ("rights_type", "public_name")),  # Cleveland, Brooklyn
    ):
        value: Any = record
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        value = value[0] if isinstance(value, list) and len(value) == 1 else value
        yield value if isinstance(value, str) else None


def of_media(record: Record, said: list[str]) -> str:
    """What the pictures of a record say binds with its own word; where they all say the same and it says nothing, it is that."""
    found = set(said)
    for picture in record.get("media", []):  # Museums Victoria
        found.add(of_words(picture["licence"].get("uri") or picture["licence"]["shortName"]))
        found |= {NOTHING} if "Orphan Work" in picture["rightsStatement"] else set()
    attributes = record["attributes"] if isinstance(record.get("attributes"), dict) else {}
    for picture in attributes.get("multimedia", []):  # the Science Museum
        found |= {of_words(right["usage_terms"]) for right in picture["source"]["legal"]["rights"]}
    told = record["content"] if isinstance(record.get("content"), dict) else {}
    for picture in told.get("descriptiveNonRepeating", {}).get("online_media", {}).get("media", []):  # the Smithsonian
        found.add(of_words(picture["usage"]["access"]))
    if told.get("freetext", {}).get("objectRights"):
        found.add(NOTHING)  # prose on the object beside CC0: "No Copyright - United States", whom to ask
    return NOTHING if NOTHING in found or not found else " AND ".join(sorted(found))
