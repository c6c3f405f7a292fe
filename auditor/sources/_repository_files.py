"""The files of a tree, each an item: by REUSE, SPDX tags, the licence files and READMEs of the folder it lies in, and what is embedded in it.

Pages are of the source `repository`, whoever yields them: a repository, a package, a folder of pictures.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from auditor.errors import BadInput
from auditor.schema import Page
from auditor.sources import _embedded as embedded
from auditor.sources import _repository_reuse as reuse
from auditor.sources import _repository_said as place
from auditor.sources import _repository_whole as whole
from auditor.target import Target, printable

FILES_A_PAGE = 20_000
AFTER = re.compile(r"(?i)readme[_-]([\w-]+)(?:\.(?:txt|md|rst))?")
LONGEST = 1 << 20  # bytes of a licence file that are compared
PACKAGES = frozenset(("node_modules", "site-packages"))  # what a package manager put there
OTHERS = PACKAGES | {"vendor", "third_party", "third-party", "LICENSES", ".reuse"}
KINDS = (  # by the suffixes that are used for nothing else
    ("image", "avif|bmp|gif|heic|ico|jpe?g|jfif|png|psd|svgz?|tiff?|webp|xcf|xpm"),
    ("sound", "aiff?|flac|m4a|midi?|mp3|og[ga]|opus|sf2|wav"),
    ("video", "avi|m4v|mkv|mov|mp4|mpe?g|ogv|webm"),
    ("font", "otf|pf[ab]|tt[cf]|woff2?"),
)
KIND = re.compile(rf"(?i)\.(?:{'|'.join(f'(?P<{name}>{suffixes})' for name, suffixes in KINDS)})$")


def speaking(
    root: Path, places: Sequence[str], below: int = 1, of_whole: Callable[[str], bool] = lambda _: False
) -> dict[str, list[str]]:
    """Return folder -> its files that say something of licences; those of other people's packages left out.

    below: how many folders deep a file must lie: what lies less deep speaks of the whole, as does what `of_whole` says so of. A
    copy of a licence file that speaks of the whole says no more than that.
    """
    deep = {p for p in places if p.count("/") >= below and not of_whole(p)}
    told = {_words(root / p) for p in places if p not in deep and whole.form_of(root / p) == "license"}
    found: dict[str, list[str]] = {}
    for inside in (p for p in places if p in deep):
        folder = PurePosixPath(inside).parent
        form = whole.form_of(root / inside) if not OTHERS & set(folder.parts) else None
        copy = form == "license" and _words(root / inside) in told
        if form in ("license", "readme") and not copy and whole.speaks(root / inside):
            found.setdefault(folder.as_posix(), []).append(inside)
    return found


def named(root: Path, places: Sequence[str]) -> dict[str, str]:
    """Return folder and stem -> the README that is called after the files of that stem: `README_hyph_de.txt` of `hyph_de_AT.dic`."""
    found = ((p, AFTER.fullmatch(PurePosixPath(p).name)) for p in places if whole.form_of(root / p) is None)
    return {_called(p, match[1]): p for p, match in found if match and os.access(root / p, os.R_OK)}


def _called(inside: str, stem: str) -> str:
    return f"{PurePosixPath(inside).parent.as_posix()}/{stem.lower()}"


def _after(root: Path, name: str, called: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield what the README says that is called after a file, as mentions; the longest common stem counts."""
    stem = PurePosixPath(name).name.split(".")[0]
    while stem and (place_ := called.get(_called(name, stem))) is None:
        stem = stem.rpartition("_")[0]
    if stem and place_:
        said = whole.claims("note", place_, (root / place_).read_bytes()[:LONGEST])
        yield from (one | {"authority": "mention", "place": PurePosixPath(place_).name} for one in said)


def _words(file: Path) -> bytes:
    """Return what tells the words of a licence file from another's, whatever the space between them; its name, where it can't be read."""
    try:
        with file.open("rb") as stream:
            return hashlib.sha256(b" ".join(stream.read(LONGEST).split())).digest()
    except OSError:
        return str(file).encode("utf-8", "surrogateescape")


def pages(target: Target, root: Path, places: Sequence[str], folders: dict[str, list[str]]) -> Iterator[Page]:
    """Yield pages of files; their context has what speaks of files elsewhere, so any file's change is another state of all."""
    rules = reuse.rules(root, [f.relative_to(root).as_posix() for f in target.files if f.name == reuse.TOML])
    every = [f.relative_to(root).as_posix() for f in target.files]
    context = {
        "format": "files",
        "tomls": rules.tomls,
        "dep5": rules.dep5,
        "folders": folders,
        "named": named(root, every),
    }
    states = [(p, (root / p).stat().st_size, (root / p).stat().st_mtime_ns) for p in every]
    stamp = hashlib.sha256(repr([rules.dep5, states]).encode("utf-8", "surrogateescape")).hexdigest()[:20]
    for first in range(0, len(places), FILES_A_PAGE):
        some = places[first : first + FILES_A_PAGE]
        part = {"row": first, "files": len(some)}
        yield Page(
            "repository", target.name, path=str(root), slice=part, context=context | {"files": some}, stamp=stamp
        )


def claims_of(page: Page) -> Iterator[dict[str, Any]]:
    """Yield the claims on each file: its own or REUSE's, else those of the nearest folder that has some; and what is embedded."""
    root = Path(page.path or ".")
    rules = reuse.Rules(tuple((f, t) for f, t in page.context["tomls"]), page.context["dep5"])
    folders = {name: list(_of_folder(root, files)) for name, files in page.context["folders"].items()}
    for row, name in enumerate(page.context["files"], start=(page.slice or {}).get("row", 0)):
        base = {"item_id": printable(name), "row": row, "kind": kind_of(name)}
        try:
            side = root / (name + reuse.SIDE)
            beside = side.is_file() and place.lies_in(side, root)
            said, elsewhere = rules.of(name, reuse.tags_of(side if beside else root / name))
        except BadInput as error:
            yield base | {"error": str(error)}
            continue
        except OSError as error:
            yield base | {"error": f"{name} cannot be read ({error.strerror}): check its permissions."}
            continue
        where = place.REUSE if elsewhere or beside else place.HEADER
        base |= {"copyright_text": "\n".join(said.copyrights) or None}
        texts = [_text(root, t) for t in place.together(said.licenses, "AND", None)]
        found = [place.uploaded(where, license_text=t) for t in texts] or list(_nearest(name, folders))
        found += [*_after(root, name, page.context.get("named", {})), *embedded.of_file(root, name)]
        yield from (base | one for one in found or [{}])


def kind_of(name: str) -> str:
    """Return what a file is by its suffix: image, sound, video, font; file for anything else."""
    found = KIND.search(name)
    return (found and found.lastgroup) or "file"


def _of_folder(root: Path, files: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield what the licence files and READMEs of a folder say of what lies in it."""
    beside = [Path(f).name for f in files if whole.form_of(root / f) == "license"]
    for file in files:
        form = whole.form_of(root / file) or "license"
        for one in whole.claims(form, Path(file).name, (root / file).read_bytes(), beside):
            yield one | {"authority": "dataset"}


def _nearest(name: str, folders: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return next((folders[str(p)] for p in PurePosixPath(name).parents if str(p) in folders), [])


def _text(root: Path, statement: str) -> str:
    """Return a file's licence: of a LicenseRef that stands alone, the text that LICENSES/ has for it."""
    name = statement.strip("() ")
    if name.startswith("LicenseRef-") and "/" not in name and " " not in name:
        for file in (f for f in sorted((root / "LICENSES").glob(f"{name}.*")) if place.lies_in(f, root)):
            return file.read_bytes()[: reuse.HEAD].decode("utf-8-sig", "replace").strip() or statement
    return statement
