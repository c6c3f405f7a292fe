"""Project Gutenberg: a book's rights are its dcterms:rights; the cc:license beside it is that of the RDF, not of the book."""

import json
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

DCTERMS, PGTERMS = "{http://purl.org/dc/terms/}", "{http://www.gutenberg.org/2009/pgterms/}"
RIGHTS = {
    "Public domain in the USA.": "LicenseRef-public-domain-in-a-country",
    "Copyrighted. Read the copyright notice inside this book for details.": "NOASSERTION",
}


def reading(path: Path) -> Counter[str] | None:
    if path.suffix == ".rdf":
        books = ElementTree.parse(path).getroot().iter(PGTERMS + "ebook")
        return Counter(RIGHTS[book.findtext(DCTERMS + "rights", "").strip()] for book in books)
    if path.suffix == ".jsonl":
        return Counter(RIGHTS[json.loads(line)["rights"]] for line in path.read_text().splitlines())
    return None  # how often each is said
