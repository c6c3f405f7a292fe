"""A repository: a GitHub or GitLab URL, or a folder with licence files, a README on licences, CITATION.cff or REUSE.

What stands at its top speaks of the whole, and no item inherits it (rule 5). Items are the rows of data files that state
licences, read by the sources that know them; and the files, where REUSE, SPDX tags, or licence files and READMEs of folders
below the top speak of them.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa

from auditor import sources
from auditor.errors import AuditError, BadInput, NotReachable
from auditor.fetch import Get
from auditor.resolve import best
from auditor.schema import Page, claims
from auditor.sources import _embedded as embedded
from auditor.sources import _repository_files as files
from auditor.sources import _repository_hosts as hosts
from auditor.sources import _repository_inside as inside
from auditor.sources import _repository_reuse as reuse
from auditor.sources import _repository_said as place
from auditor.sources import _repository_whole as whole
from auditor.sources import manifest
from auditor.target import Target, printable

SUMMARY = (
    "repositories: github.com/OWNER/NAME, gitlab.com/GROUP/NAME, or a folder with LICENSE, README, CITATION.cff, REUSE"
)
SOURCE = "repository"
CITATION = "CITATION.cff"
TREE = re.compile(r"/(?:-/)?tree/.*")  # of a URL: what leads to a folder of the repository
HEADS = 2_000  # files whose heads are looked at for SPDX tags, where nothing else of REUSE is there


def knows(target: Target) -> float:
    """A repository's URL; a folder that says something of licences at its top, below any source that knows it better."""
    if target.path is None:
        return 0.9 if hosts.of(target) else 0.0
    if not target.path.is_dir():
        return 0.0
    if any((target.path / n).is_file() for n in (reuse.TOML, reuse.DEP5)):
        return 0.92  # what speaks of each file knows it better than what looks into some
    said = any((target.path / n).exists() for n in ("LICENSES", CITATION)) or any(map(whole.speaks, _top(target.path)))
    return max(0.58 if said else 0.0, _of_pictures(target))


def _of_pictures(target: Target) -> float:
    """Say how sure a folder is of its licence files where they, or READMEs, speak of some of its pictures or sounds.

    More than what reads pictures alone; beside a table of them less than what knows all that the folder holds.
    """
    assert target.path is not None
    places = [f.relative_to(target.path).as_posix() for f in target.files]
    media = [p for p in places if sources.source("media").FILES.search(p)]
    if not media:
        return 0.0
    folders = files.speaking(target.path, places)
    beside = {p.removesuffix(reuse.SIDE) for p in places if reuse.declares(target.path, p)}
    holding = {p.rpartition("/")[0] + "/" for p in media}
    if beside.isdisjoint(media) and not any(h.startswith(f"{folder}/") for h in holding for folder in folders):
        return 0.0
    return 0.82 if max(sources.knows(n, target) for n in embedded.SOURCES) >= inside.KNOWN else 0.5


def _top(root: Path) -> list[Path]:
    files_ = (f for f in root.iterdir() if f.is_file() and (not f.name.startswith(".") or f.name == whole.DEPOSIT))
    return sorted(f for f in files_ if place.lies_in(f, root))


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Yield the pages that speak of the whole, then those of what is inside."""
    name = hosts.of(target)
    if name is None:
        assert target.path is not None
        yield from _tree(target, target.path, get)
        return
    try:
        about = hosts.about(target, name, get)
    except NotReachable as error:
        yield from manifest.instead(target, get, "the repository", error)
        return
    yield about
    size = hosts.too_large(about)
    try:
        if size:
            raise NotReachable(
                f"it has {size} MB, which is more than is fetched unasked: audit a clone to see its files."
            )
        root, archive = hosts.tree(target, name, get)
    except NotReachable as error:
        target.told(f"the repository's files were not fetched, so only what stands at its top is read: {error}")
        yield from _top_alone(target, name, get)
        return
    chosen = root / name.below
    if not chosen.resolve().is_relative_to(root.resolve()) or not chosen.is_dir():
        raise BadInput(f"{target.name}: there is no folder {name.below} in it: leave it out to see what there is.")
    if chosen != root:  # what the top says holds below it too
        above = replace(target, name=TREE.sub("", target.name))
        yield from (_of(p, archive) for p in _said_at(above, root, get))
    yield from (_of(p, archive) for p in _tree(replace(target, path=chosen, matches=()), chosen, get))


def _top_alone(target: Target, name: hosts.Name, get: Get) -> Iterator[Page]:
    """Yield the pages of the files at the top, as the host's API gives them one by one."""
    found = list(hosts.top(target, name, get, lambda file: whole.form_of(Path(file)) is not None))
    beside = [file for file, _ in found if whole.form_of(Path(file)) == "license"]
    for file, page in found:
        known = {"format": whole.form_of(Path(file)), "id": target.name, "files": beside, "name": file}
        yield page.with_(level="dataset", context=page.context | known)


def _of(page: Page, archive: Page) -> Page:
    """Return the page as one of the archive's state: equal wherever and whenever it is unpacked."""
    return page.with_(stamp=archive.stamp, retrieved=archive.retrieved)


def _tree(target: Target, root: Path, get: Get) -> Iterator[Page]:
    yield from _said_at(target, root, get)
    places = [f.relative_to(root).as_posix() for f in target.files]
    declared = reuse.has_dep5(root) or any(reuse.declares(root, p) for p in places)
    tagged = declared or any(_tagged(root / p) for p in list(filter(reuse.covered, places))[:HEADS])
    every = reuse.has_dep5(root) or any(PurePosixPath(p).name == reuse.TOML for p in places)
    folders = files.speaking(root, places) if not every else {}
    rest = [f for f, p in zip(target.files, places, strict=True) if _may_be_data(f, p)]
    if declared:  # a settings file is a file like any other, though it may look like a table
        rest = [
            f for f in rest if inside.ROWS.search(f.name) or best(target.at(f)) not in ("table", "debian_copyright")
        ]
    tables = [f.with_name(f.name + reuse.SIDE) for f in rest if inside.ROWS.search(f.name)]
    yield from whole.asides(target, [f for f in tables if f.is_file()])  # of the table: no word on a row, but heard
    seen: dict[str, str] = {}  # locator -> source of what is audited by its own items
    prefix = f"{target.name.rstrip('/')}/"
    but = embedded.SOURCES if declared or folders else ()
    for page in inside.pages(target, rest, root, prefix, get, not (tagged or folders), but):
        if page.level == "items" and page.source in (*but, *(("folder",) if declared else ())):
            continue
        seen |= {page.locator: page.source} if page.level == "items" else {}
        yield page
    if declared or (folders and "debian_copyright" not in seen.values()) or (tagged and not seen):
        what = f"{len(folders)} folders below the top" if folders else "REUSE or SPDX tags"
        target.told(f"{what} speak of licences of single files: each file is an item.")
        items = (p for p in places if reuse.covered(p) and f"{prefix}{printable(p)}" not in seen)
        if not every:  # REUSE speaks of READMEs too; elsewhere they describe what lies beside them
            items = (p for p in items if whole.form_of(root / p) is None and PurePosixPath(p).name != CITATION)
        some = [p for p in items if (root / p).stat().st_size]
        yield from files.pages(target, root, some, folders)


def _said_at(target: Target, root: Path, get: Get) -> Iterator[Page]:
    """Yield the pages of what stands at the top of a folder."""
    beside = [f.name for f in _top(root) if whole.form_of(f) == "license"]
    for file in _top(root):
        locator = f"{target.name.rstrip('/')}/{printable(file.name)}"
        form = whole.form_of(file)
        if form is not None and whole.is_text(file):
            yield whole.page(SOURCE, file, locator, form, target.name, beside)
        elif form is not None or whole.NOT_READ.fullmatch(file.name):
            target.told(f"{file.name} is no plain text and was not read: look at it by hand.")
        elif file.name == CITATION:
            child = replace(target, name=locator, path=file, matches=())
            try:
                yield from sources.source("citation_cff").fetch(child, get)
            except AuditError as error:
                target.told(str(error))
    yield from whole.asides(target, [f for f in _top(root) if whole.mention_of(f) == "note"])


def _may_be_data(file: Path, inside_: str) -> bool:
    if files.PACKAGES & set(PurePosixPath(inside_).parts):
        return False
    top = "/" not in inside_ and (whole.form_of(file) is not None or file.name == CITATION)
    return not (
        top
        or place.is_license(file.name)
        or file.name == reuse.TOML
        or reuse.FOLDERS & set(PurePosixPath(inside_).parts)
    )


def _tagged(file: Path) -> bool:
    try:
        return bool(reuse.tags_of(file).licenses)
    except OSError:
        return False


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Turn a page into claims: on the whole, or on files."""
    form = page.context["format"]
    if form == "files":
        yield from claims(files.claims_of(page))
    else:
        yield from claims(_whole(page, form))


def _whole(page: Page, form: str) -> Iterator[dict[str, Any]]:
    base = place.of_whole(page.context["id"])
    if form == "host":
        yield from hosts.claims(base, json.loads(page.read()))
    else:
        name = page.context.get("name") or page.locator.rsplit("/", 1)[-1]
        said = {"authority": page.context["authority"]} if "authority" in page.context else {}
        yield from (base | one | said for one in whole.claims(form, name, hosts.content(page), page.context["files"]))
