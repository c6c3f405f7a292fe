"""A dataset published as a package, by package URL, or an archive of files; nothing in it is ever run."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pyarrow as pa
from packageurl import PackageURL

from auditor import sources, unpack
from auditor.errors import BadInput
from auditor.fetch import Get
from auditor.resolve import best
from auditor.schema import Page, claims
from auditor.sources import _folder_pages as files
from auditor.sources import _package_files as inside
from auditor.sources import _package_get as registry
from auditor.sources import _package_meta as meta
from auditor.sources._package_get import Package
from auditor.store import hash_file
from auditor.target import Target

SUMMARY = (
    "packages: pkg:pypi/NAME, pkg:npm/NAME, pkg:deb/debian/NAME (@VERSION, #path/inside); wheels, .deb, .zip, .tar.*"
)
OWN = (".whl", ".deb")
WHOLE = ("huggingface", "media", "repository", "rocrate")  # what a folder may be as a whole, beyond the files in it


def knows(target: Target) -> float:
    """A package URL; a wheel or .deb; any other archive, faintly: who knows what is inside knows better."""
    if target.name.startswith("pkg:") and target.path is None:
        return 1.0
    name = (target.path.name if target.path else target.url.path if target.url else "").lower()
    if not name.endswith(unpack.SUFFIXES) or (target.path is not None and not target.path.is_file()):
        return 0.0
    return 0.9 if name.endswith(OWN) else 0.25


def fetch(target: Target, get: Get) -> Iterator[Page]:
    """Fetch, unpack, and yield the pages of what is inside, those that speak of the whole first."""
    folder, package, wanted = _laid_down(target, get)
    tree = folder / "tree"
    _tell(target, package, folder)
    prefix = f"{package.purl}!"
    shown = replace(target, name=package.purl, path=tree, matches=())
    own = meta.find(tree)
    some = [files.File(f, f.relative_to(tree).as_posix()) for f in shown.files if own is None or f != own[1]]
    if wanted:
        some = _below(wanted, some, target)
    published = own is not None or target.name.startswith("pkg:") or package.file.endswith(OWN)
    empty = True
    found = files.Files(shown, get, tree, prefix, once=True, quiet=published and not wanted)
    if published and not wanted:
        inner = inside.pages(shown, some, found)
    else:
        inner = (None if published else _as_folder(shown, get)) or files.pages(some, found, last=True)
    for page in chain(meta.pages(tree, prefix), inner):
        empty = False
        yield _stamped(page, package)
    if empty:
        raise files.nothing(target)


def _as_folder(shown: Target, get: Get) -> Iterator[Page] | None:
    """Return the pages of an archive's folder where that is a clone, a repository, a crate or pictures, read as a whole."""
    assert shown.path is not None
    top = list(shown.path.iterdir())
    root = top[0] if len(top) == 1 and top[0].is_dir() else shown.path
    place = root.relative_to(shown.path).as_posix()
    folder = replace(shown, name=f"{shown.name}!" + ("" if place == "." else place), path=root)
    name = best(folder)
    return sources.source(name).fetch(folder, get) if name in WHOLE else None


def parse(page: Page) -> Iterator[pa.RecordBatch]:
    """Turn a package's own metadata into claims on the whole, with vocabulary `pypi` or `npm`."""
    yield from claims(meta.rows(page))


def _laid_down(target: Target, get: Get) -> tuple[Path, Package, str | None]:
    """Return the folder in the audit's store with `tree/` unpacked, what was fetched, and the path inside asked for."""
    if target.name.startswith("pkg:"):
        purl = registry.parse(target.name)
        asked = PackageURL(purl.type, purl.namespace, purl.name, purl.version, purl.qualifiers).to_string()
        folder = get.folder(asked, lambda into: _from_registry(purl, into))
        return folder, Package.read(folder), purl.subpath
    local = target.path and Page.of_file("package", target.path, target.name)
    page = local or get.file(target.name, "package")
    assert page.path is not None
    archive = Path(page.path)
    here = replace(get, offline=False)  # unpacking asks no network
    folder = here.folder(f"{page.locator} {page.stamp}", lambda into: _from_file(archive, target.name, into))
    return folder, Package.read(folder), None


def _from_registry(purl: PackageURL, into: Path) -> None:
    place = into / "archive"
    place.mkdir()
    package = registry.fetch(purl, place)
    _unpack(place / package.file, package, into)


def _from_file(archive: Path, name: str, into: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0).isoformat()
    _unpack(archive, Package(name, archive.name, "", archive.name, hash_file(archive), now), into)


def _unpack(archive: Path, package: Package, into: Path) -> None:
    left = unpack.unpack(archive, into / "tree")
    (into / "left.json").write_text(json.dumps(left), encoding="utf-8")
    package.write(into)


def _tell(target: Target, package: Package, folder: Path) -> None:
    target.told(f"{package.purl}: {package.file}, sha256 {package.sha256}, fetched {package.retrieved}")
    for reason, names in json.loads((folder / "left.json").read_text(encoding="utf-8")).items():
        target.told(f"left out of what was unpacked ({reason}): {files.listed(names)}")


def _below(wanted: str, some: list[files.File], target: Target) -> list[files.File]:
    """Return the file, or the files of the folder, that the subpath names; npm's `package/` may be left out."""
    for place in (wanted, f"package/{wanted}"):
        found = [f for f in some if f.inside == place or f.inside.startswith(f"{place}/")]
        if found:
            return found
    raise BadInput(f"{target.name}: there is no {wanted} in it: leave #{wanted} out to see what is inside.")


def _stamped(page: Page, package: Package) -> Page:
    """Return the page as one of this package's state: equal wherever and whenever it is unpacked."""
    retrieved = datetime.fromisoformat(package.retrieved)
    return page.with_(stamp=package.sha256, retrieved=retrieved)
