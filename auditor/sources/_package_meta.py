"""What a package says of itself as a whole: a wheel's METADATA, an npm package.json, else its licence file.

Sources: the core metadata specifications (packaging.python.org, PEP 639: where License-Expression stands, License and
the licence classifiers have no say) and package.json of the npm documentation (`license`, and before it `licenses`).
"""

import json
import re
from collections.abc import Iterator
from email import message_from_string
from email.message import Message
from pathlib import Path
from typing import Any

from auditor.errors import BadInput
from auditor.schema import Page
from auditor.sources import _repository_readme as readme
from auditor.sources import _repository_said as place

LICENSE_BYTES = 1 << 20
POINTER = re.compile(r"(?i)\s*see licen[sc]e\b")  # package.json of the npm documentation: "SEE LICENSE IN <filename>"


def find(tree: Path) -> tuple[str, Path] | None:
    """Return the vocabulary and the file of a package's own metadata in its unpacked tree, or None."""
    for pattern, vocabulary in (
        ("*.dist-info/METADATA", "pypi"),
        ("package/package.json", "npm"),
        ("*/package.json", "npm"),
    ):
        found = sorted(tree.glob(pattern))
        if len(found) == 1:
            return vocabulary, found[0]
    return None


def pages(tree: Path, prefix: str) -> Iterator[Page]:
    """Yield the page of the metadata, and those of its licence files and READMEs; level `dataset`.

    Beside metadata that state a licence, a licence file can only restrict it, and a README ever.
    """
    found = find(tree)
    if found is None:
        return
    vocabulary, file = found
    page = _page(tree, file, prefix, vocabulary)
    in_files = _license_files(file, page)
    page = page.with_(context=page.context | {"files": len(in_files)})
    yield page
    stated = any(_states(row) for row in rows(page))
    for license_file in in_files:
        beside = _page(tree, license_file, prefix, f"{vocabulary} licence file")
        yield beside.with_(context=beside.context | {"authority": "mention" if stated else "dataset"})
    for words in _top(file) if vocabulary == "npm" else ():
        if readme.NAME.fullmatch(words.name) and any(readme.parts(_text(words.read_bytes()))):
            yield _page(tree, words, prefix, "npm readme")


def rows(page: Page) -> Iterator[dict[str, Any]]:
    """Return the claims of such a page: one a statement."""
    kind = str(page.context["format"])
    text = _text(page.read())
    row = {"item_id": page.locator, "row": 0, "authority": "dataset", "vocabulary": kind.split()[0]}
    if kind.endswith("licence file"):
        yield row | {"license_text": text.strip(), "authority": page.context["authority"], "place": _name(page)}
    elif kind.endswith("readme"):
        yield from _readme(row, text)
    elif kind == "pypi":
        said = message_from_string(text)
        row |= {"title": said.get("Name"), "creator": said.get("Author") or said.get("Author-email")}
        yield from (row | s for s in _pypi(said, bool(page.context.get("files"))))
        yield from _readme(row, str(said.get_payload()))
    else:
        whole = _object(page, text)
        row |= {"title": whole.get("name"), "creator": _npm_author(whole.get("author"))}
        yield from (row | s for s in npm(whole))


def _states(row: dict[str, Any]) -> bool:
    """Say whether a package's metadata state a licence; that it is in a file says nothing."""
    said = row.get("license_text") or ""
    return said != "" and row["authority"] != "mention" and not POINTER.match(said)


def _readme(row: dict[str, Any], text: str) -> Iterator[dict[str, Any]]:
    """Yield what a README says of licences, the long description of a wheel's METADATA among them."""
    yield from (row | said | {"vocabulary": None, "authority": "mention"} for said in readme.claims(text))


def _text(body: bytes) -> str:
    return body[:LICENSE_BYTES].decode("utf-8", "replace").removeprefix("\ufeff")


def _page(tree: Path, file: Path, prefix: str, kind: str) -> Page:
    locator = f"{prefix}{file.relative_to(tree).as_posix()}"
    return Page.of_file("package", file, locator, level="dataset", context={"format": kind})


def _pypi(said: Message, in_file: bool) -> list[dict[str, Any]]:
    """Classifiers, many of which name a family only, can but restrict the licence that stands beside them, or in a file."""
    expression = said.get("License-Expression", "").strip()
    if expression:
        return [{"license_text": expression}]
    text = "\n".join(line.strip(" |\t") for line in said.get("License", "").split("\n")).strip()
    classifiers = [c.strip() for c in said.get_all("Classifier", []) if c.strip().startswith("License ::")]
    text = "" if text.upper() == "UNKNOWN" else text
    beside = {"authority": "mention"} if text or in_file else {}
    return [*([{"license_text": text}] if text else []), *({"license_text": c} | beside for c in classifiers)]


def npm(said: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """`license`: an expression, or what the old form was: an object or list of objects with type and url."""
    for key in ("license", "licenses"):
        given = said.get(key)
        for one in given if isinstance(given, list) else [given]:
            if isinstance(one, dict):
                text, url = one.get("type") or one.get("name"), one.get("url")
                yield {"license_text": _string(text), "license_url": _string(url)}
            elif one is not None:
                yield {"license_text": _string(one)}


def _name(page: Page) -> str:
    return page.locator.rsplit("/", 1)[-1]


def _license_files(file: Path, page: Page) -> list[Path]:
    names = [f.name for f in _top(file) if place.is_license(f.name)]
    if page.context["format"] == "pypi":
        names = message_from_string(page.read().decode("utf-8", "replace")).get_all("License-File", names)
    places = [
        file.parent / folder / name for name in names for folder in ("licenses", ".") if ".." not in name.split("/")
    ]
    return [p for p in places if p.is_file()]


def _top(file: Path) -> list[Path]:
    """Return the files beside a package's metadata, sorted."""
    return sorted(f for f in file.parent.iterdir() if f.is_file() and not f.is_symlink())


def _object(page: Page, text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise BadInput(f"{page.locator} is no JSON object: the package is damaged, get it again.")
    return said


def _npm_author(said: Any) -> str | None:
    return _string(said.get("name") if isinstance(said, dict) else said)


def _string(said: Any) -> str | None:
    return None if said is None else said if isinstance(said, str) else json.dumps(said)
