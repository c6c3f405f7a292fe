"""Machine-readable debian/copyright files (DEP-5): who may do what with which files of a package.

Beside its source tree (the folder that `debian/` lies in) the items are the files, and the last paragraph that
matches a file speaks of it, beside what is embedded in it. Of a binary package they are the data files that it installs,
each with the paragraphs that speak of it or may (`_dep5_installed.py`). Elsewhere the items are the Files paragraphs.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa

from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.licensing import read as read_license
from auditor.policy import FORBIDDING
from auditor.schema import Page, claims
from auditor.sources import _dep5 as dep5
from auditor.sources import _embedded as embedded
from auditor.sources._dep5_installed import Installed
from auditor.sources._repository_files import kind_of
from auditor.target import Target
from auditor.unpack import printable

SUMMARY = (
    "machine-readable debian/copyright: one item a file beside its source tree or in a .deb, else one a Files paragraph"
)
SOURCE = "debian_copyright"
FILES_A_PAGE = ROWS = 20_000
FEW_ROWS = 2_000  # of a batch in which each row has the whole of a text
INSTALLED = 4  # folders above a binary package's copyright file: usr/share/doc/NAME
PARAGRAPHS = "debian/copyright without its source tree: the items are its Files paragraphs, not the files they mean."
COMPOUND = re.compile(r"(?i)\b(?:and|or|with)\b|,")
UNFINISHED = re.compile(r"(?i)(?:\b(?:and|or|with)|,)$")
NAME_LENGTH = 200  # of an item named by its patterns


def knows(target: Target) -> float:
    """A file that begins as the format says, or that lies where Debian keeps its copyright files."""
    if target.path is None:
        return 0.3 if target.url is not None and target.filename == "copyright" else 0.0
    if dep5.is_machine_readable(target.head.decode("utf-8", "replace")):
        return 0.95
    placed = target.path.name == "copyright" and (target.path.parent.name == "debian" or "doc" in target.path.parts)
    return 0.85 if target.path.is_file() and (placed or target.path.suffix == ".copyright") else 0.0


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the page of what the file says of the whole, then those of its paragraphs or of the files beside it."""
    page = _page(target, get)
    text = _text(page)
    files = [f for f in _tree(target) if f[0] != "debian/copyright"]
    yield page.with_(level="dataset", context={"alone": not files})
    if not text.strip():
        raise BadInput(f"{target.name} is empty: there is nothing to audit in it.")
    if not _told(target, text):
        return
    if not files:
        target.told(PARAGRAPHS)
        yield page
    yield from _pages_of(page, files, False)


def of_package(tree: Path) -> Path | None:
    """Return the copyright file of a binary package's tree; None where it has none, or more than one."""
    found = sorted(tree.glob("usr/share/doc/*/copyright"))
    return found[0] if len(found) == 1 and found[0].is_file() else None


def installed(target: Target, files: Sequence[str]) -> Iterator[Page]:
    """Yield the page of what a binary package's copyright file says of the whole, then those of data files it installs."""
    page = _page(target, None)
    yield page.with_(level="dataset", context={"alone": True})
    _told(target, _text(page))
    yield from _pages_of(page, [(name, 0, 0) for name in files], True)


def _told(target: Target, text: str) -> bool:
    """Tell what is to know of a file; whether it is machine-readable."""
    if not dep5.is_machine_readable(text):
        target.told(f"{target.name} is not machine-readable: its text is taken as one statement on the whole package.")
        return False
    disclaimer = dep5.read(text).header.one("disclaimer")
    if disclaimer:
        target.told(f"{target.name} has a disclaimer: {' '.join(disclaimer.split())[:500]}")
    return True


def _pages_of(page: Page, files: Sequence[tuple[str, int, int]], placed: bool) -> Iterator[Page]:
    for first in range(0, len(files), FILES_A_PAGE):
        some = files[first : first + FILES_A_PAGE]
        state = f"{page.stamp}:{sha256(repr(some).encode()).hexdigest()[:20]}"
        context = {"files": [name for name, *_ in some], "installed": placed}
        yield page.with_(slice={"row": first, "files": len(some)}, context=context, stamp=state)


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Turn a page into claims, all with vocabulary `debian`."""
    text = _text(page)
    if page.level == "dataset":
        yield from claims(_whole(page, text))
        return
    said = dep5.read(text)
    if page.slice is None:
        yield from claims(_paragraphs(page, said))
    elif page.context.get("installed"):
        readable = dep5.is_machine_readable(text)
        yield from claims(
            _installed(page, said) if readable else _undivided(page, text), ROWS if readable else FEW_ROWS
        )
    else:
        yield from claims(_files(page, said))


def _page(target: Target, get: Get | None) -> Page:
    if target.path is None:
        assert get is not None
        return get.file(target.name, SOURCE)
    return Page.of_file(SOURCE, target.path, target.name)


def _text(page: Page) -> str:
    return page.read().decode("utf-8", "replace")


def _tree(target: Target) -> list[tuple[str, int, int]]:
    """Return the files below the folder that `debian/` lies in, each with size and mtime, but for a folder of nothing else."""
    if target.path is None or target.path.name != "copyright" or target.path.parent.name != "debian":
        return []
    root = target.path.absolute().parent.parent
    some = [(f, f.stat()) for f in replace(target, path=root, matches=()).files]
    files = [(printable(f.relative_to(root).as_posix()), s.st_size, s.st_mtime_ns) for f, s in some]
    return files if any(not name.startswith("debian/") for name, *_ in files) else []


def _whole(page: Page, text: str) -> Iterator[dict[str, Any]]:
    """What is said of the package as a whole: the header's licence, or a text that no machine can read.

    Without the source tree, each paragraph too, of a part: what is embedded in an installed file may contradict them all.
    """
    row = {"item_id": page.locator, "row": 0, "authority": "dataset", "vocabulary": "debian"}
    if not dep5.is_machine_readable(text):
        yield row | {"license_text": text.strip()}
        return
    said = dep5.read(text)
    row |= {"title": said.header.one("upstream-name"), "creator": said.header.one("upstream-contact")}
    for license_ in said.header.licenses if not said.header.is_files else ():
        yield row | {"license_text": _statement(license_, said)}
    for number, paragraph in enumerate(said.files if page.context.get("alone") else ()):
        for license_ in paragraph.licenses:
            yield row | {"license_text": _statement(license_, said), "label": _name(paragraph, number)}


def _paragraphs(page: Page, said: dep5.Copyright) -> Iterator[dict[str, Any]]:
    said.matchers()
    for row, paragraph in enumerate(said.files):
        yield from _claims(page, row, _name(paragraph, row), "files", paragraph, said)


def _name(paragraph: dep5.Paragraph, number: int) -> str:
    """Return what a paragraph is called: its patterns, as far as they are short."""
    name = " ".join(paragraph.patterns) or f"paragraph {number + 1}"
    if len(name) > NAME_LENGTH:
        name = name[:NAME_LENGTH].rsplit(" ", 1)[0] + f" … ({len(paragraph.patterns)} patterns)"
    return name


def _files(page: Page, said: dep5.Copyright) -> Iterator[dict[str, Any]]:
    matchers = said.matchers()
    nothing = dep5.Paragraph()
    assert page.slice is not None and page.path is not None
    root = Path(page.path).absolute().parent.parent
    for row, name in enumerate(page.context["files"], page.slice["row"]):
        place = next((place for glob, place in matchers if glob.fullmatch(name)), None)
        paragraph = nothing if place is None else said.files[place]
        own = list(_claims(page, row, name, "file", paragraph, said))
        yield from own
        base = {k: own[0][k] for k in ("item_id", "row", "kind")}
        yield from (base | one for one in embedded.of_file(root, name))


def _installed(page: Page, said: dep5.Copyright) -> Iterator[dict[str, Any]]:
    """Yield the claims on installed files: of the paragraphs that speak of each, and of those that can only restrict it."""
    paragraphs = Installed(said)
    said.matchers()  # marks the paragraphs whose globs are not allowed
    forbidding = {i for i, p in enumerate(said.files) if _forbids(p, said)}
    for row, name, base in _each(page):
        found: list[dict[str, Any]] = []
        of_it, beside = paragraphs.of(name)
        open_ = not forbidding.issuperset(of_it)  # what forbids and may not be meant is no reason to call it non-free
        heard = [p for p in beside if p in forbidding] + [p for p in of_it if open_ and p in forbidding]
        for place in (p for p in of_it if p not in heard):
            found += [base | one for one in _claims(page, row, name, base["kind"], said.files[place], said)]
        for place in heard:
            where = {"authority": "mention", "place": f"Files: {_name(said.files[place], place)}"}
            found += [base | one | where for one in _claims(page, row, name, base["kind"], said.files[place], said)]
        found += [base | one for one in embedded.of_file(_root(page), name)]
        yield from found or [base]


def _undivided(page: Page, text: str) -> Iterator[dict[str, Any]]:
    """Yield what a text that tells no file from another says of each."""
    said = {"authority": "aggregator", "vocabulary": "debian", "license_text": text.strip()}
    for _, name, base in _each(page):
        yield base | said
        yield from (base | one for one in embedded.of_file(_root(page), name))


def _each(page: Page) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Yield the installed files of a page: row, name, and what all claims on one share."""
    assert page.slice is not None
    for row, name in enumerate(page.context["files"], page.slice["row"]):
        yield row, name, {"item_id": printable(name), "row": row, "kind": kind_of(name)}


def _root(page: Page) -> Path:
    return Path(page.path or ".").absolute().parents[INSTALLED]


def _forbids(paragraph: dep5.Paragraph, said: dep5.Copyright) -> bool:
    """Say whether a paragraph forbids something: what packages a work seldom does, and is then heard of all that is installed."""
    read = (read_license(_statement(one, said), vocabulary="debian") for one in paragraph.licenses)
    return any(FORBIDDING.intersection(r.restrictions) for r in read)


def _claims(
    page: Page, row: int, name: str, kind: str, paragraph: dep5.Paragraph, said: dep5.Copyright
) -> Iterator[dict[str, Any]]:
    space = page.context.get("namespace")
    base = {"item_id": f"{space}:{name}" if space else name, "row": row, "kind": kind, "vocabulary": "debian"}
    base |= {"authority": "aggregator", "copyright_text": paragraph.one("copyright"), "error": paragraph.error}
    source = paragraph.one("source")
    base |= {"was_derived_from": [source] if source else None}
    for name, own in paragraph.licenses or [("", "")]:
        statement = _statement((name, own), said)
        yield base | {"license_text": statement or None}
        text = own or said.texts.get(name.lower())
        if text and statement == name:  # what stands under a known name may be more than its licence
            yield base | {"license_text": text, "vocabulary": None, "authority": "mention", "place": "License text"}


def _statement(license_: tuple[str, str], said: dep5.Copyright) -> str:
    """Return a License field's words: the short name, with its text where the name alone is not known."""
    name, text = license_
    if UNFINISHED.search(name):
        return f"{name}\n{text}"
    if COMPOUND.search(name) or not (text or name.lower() in said.texts):
        return name
    if name and read_license(name, vocabulary="debian").license != "NOASSERTION":
        return name
    return f"{name}\n{text or said.texts[name.lower()]}".strip()
