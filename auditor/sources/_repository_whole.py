"""What a repository says of itself as a whole, in the files at its top: licence files, README, package metadata."""

import json
import os
import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from auditor.errors import BadInput
from auditor.licensing import read
from auditor.schema import Page
from auditor.sources import _package_meta as meta
from auditor.sources import _repository_readme as readme
from auditor.sources import _repository_reuse as reuse
from auditor.sources import _repository_said as place
from auditor.sources._huggingface_yaml import load, strings
from auditor.sources._table_roles import TERMS
from auditor.target import Target

Claim = dict[str, Any]
LARGEST = 64 << 20  # bytes of one such file
PACKAGES = ("pyproject.toml", "setup.cfg", "Cargo.toml", "package.json", "codemeta.json", "DESCRIPTION")
NOT_READ = re.compile(r"(?i)(?:un)?licen[sc]e[\w.-]*\.(?:pdf|docx?|html?|rtf|odt)|copying\.(?:pdf|docx?)")
DEPOSIT = ".zenodo.json"  # what Zenodo shall say of a repository that it archives
SETTINGS = "data.yaml"  # of a training set; Roboflow's exports say the licence in it
SPEAKING = ("license", "readme", "settings", "note", "sidecar")  # forms that speak of data
NOTE = re.compile(
    r"(?i)(?:about|attributions?|copyrights?|credits|disclaimer|info|notice|rights|sources?|terms)(?:\.(?:txt|md|rst))?"
)
NOTE_LENGTH = 20_000  # characters: a longer one is no note
SHARE = re.compile(
    r"(?i)train(?:ing|val)?|val(?:id(?:ation)?)?|test|annotations?|labels|images?|imgs?|photos|pictures|icons|svgs?|audio|clips|data|files"
)  # names of a part's folder
POINTER = re.compile(r"(?i)\s*file\s+licen[sc]e\s*")  # R's word for "see the licence file"


def form_of(file: Path) -> str | None:
    """Return what a file at the top of a folder is: license, readme, settings, package; None for anything else."""
    if readme.NAME.fullmatch(file.name):
        return "readme"
    if file.name in (SETTINGS, DEPOSIT):
        return "settings"
    if file.name in PACKAGES:
        return "package"
    sidecar = file.suffix == ".license" and file.with_suffix("").exists()
    return "license" if place.is_license(file.name) and not sidecar else None


def mention_of(file: Path) -> str | None:
    """Return what a file that may speak of what lies beside it is: also a note, or REUSE's `.license` of one file."""
    if file.suffix == reuse.SIDE and file.with_suffix("").is_file():
        return "sidecar"
    return "note" if NOTE.fullmatch(file.name) else form_of(file)


def page(source: str, file: Path, locator: str, form: str, known: str, beside: Sequence[str]) -> Page:
    """Return the page of one such file, on the dataset `known`; beside: the licence files of its folder."""
    if file.stat().st_size > LARGEST:
        raise BadInput(f"{locator} is larger than {LARGEST >> 20} MB, which no such file is: look at it by hand.")
    return Page.of_file(
        source, file, locator, level="dataset", context={"format": form, "id": known, "files": list(beside)}
    )


def beside(target: Target) -> Iterator[Page]:
    """Yield the pages of the licence files and READMEs at the top of a folder whose data another source reads."""
    assert target.path is not None
    top = [f for f in target.files if f.parent == target.path]
    yield from _speaking(target.name, [(f, target.at(f).name) for f in top])


def around(target: Target) -> Iterator[Page]:
    """Yield the pages of what lies beside files given alone, or above the folder of one part of a set, as mentions.

    Nothing shows that a README beside a file is that of its dataset, so what it says can only restrict. Of a folder, so
    are the notes in it, and what REUSE says of single files.
    """
    given = [p.resolve() for p in target.matches or (target.path,) if p is not None and target.url is None]
    beside = dict.fromkeys(p.parent for p in given if p.is_file())
    above = (f.parent for f in (*beside, *(p for p in given if p.is_dir())) if SHARE.fullmatch(f.name))
    files: list[Path] = []
    named = set(given)
    for folder in dict.fromkeys((*beside, *above)):
        with suppress(OSError):  # a folder that may not be listed tells nothing
            files += [f for f in sorted(folder.iterdir()) if f.is_file() and f not in named]
    absolute = Path(target.name).is_absolute()  # locators are as the user names things
    yield from _mentions(target.name, [(f, str(f) if absolute else os.path.relpath(f)) for f in files], mention_of)
    if target.path is not None and target.path.is_dir():
        yield from asides(target, target.files)


def asides(target: Target, files: Sequence[Path]) -> Iterator[Page]:
    """Yield the pages of the notes and REUSE's `.license` files among some of a folder's, as mentions."""
    some = [(f, target.at(f).name) for f in files if mention_of(f) in ("note", "sidecar")]
    yield from _mentions(target.name, some, mention_of)


def below(target: Target, folders: Collection[Path]) -> Iterator[Page]:
    """Yield the pages of what lies in some folders below the top, as mentions: of which part they speak is not told."""
    assert target.path is not None
    inside = [f for f in target.files if f.parent in folders and f.parent != target.path]
    yield from _mentions(target.name, [(f, target.at(f).name) for f in inside], form_of)


def _mentions(known: str, files: Sequence[tuple[Path, str]], form: Callable[[Path], str | None]) -> Iterator[Page]:
    for one in _speaking(known, files, form):
        yield one.with_(context=one.context | {"authority": "mention"})


def _speaking(
    known: str, files: Sequence[tuple[Path, str]], form: Callable[[Path], str | None] = form_of
) -> Iterator[Page]:
    some = [(f, locator, it) for f, locator in files if (it := form(f)) in SPEAKING and is_text(f)]
    licenses = [f.name for f, _, it in some if it == "license"]
    for file, locator, it in some:
        yield page("repository", file, locator, it or "license", known, licenses)


def claims(form: str, name: str, body: bytes, beside: Sequence[str] = ()) -> Iterator[Claim]:
    """Yield what one such file says, word for word: fields of claims of the uploader."""
    if form == "license":
        yield from place.license_file(name, body, beside)
    elif form == "readme":
        yield from readme.claims(place.text_of(body))
    elif form == "settings":
        yield from _settings(place.text_of(body))
    elif form == "note":
        yield from _note(place.text_of(body))
    elif form == "sidecar":
        yield from (place.uploaded(place.REUSE, license_text=t) for t in reuse.tags(place.text_of(body)).licenses)
    elif form == "package":
        found = _package(name, place.text_of(body))
        yield from (place.uploaded(place.PACKAGE, scope="software", **said) for said in found)


def is_text(file: Path) -> bool:
    """Say whether a file's head is text."""
    with file.open("rb") as stream:
        return "\0" not in place.text_of(stream.read(4096))


def speaks(file: Path) -> bool:
    """Say whether a file at the top says something of a licence."""
    form = form_of(file)
    try:
        return form is not None and any(True for _ in claims(form, file.name, file.read_bytes()[:LARGEST]))
    except (OSError, ValueError):
        return False


def _settings(text: str) -> Iterator[Claim]:
    """Yield the licence that a data.yaml or .zenodo.json names: Roboflow's under `roboflow`, with the address of the set there."""
    said = load(text, frozenset({"license", "roboflow"}))
    inside = said.get("roboflow")
    for value in (said.get("license"), inside.get("license") if isinstance(inside, dict) else None):
        yield from (place.uploaded(place.METADATA, license_text=text) for text in strings(value))


def _note(text: str) -> Iterator[Claim]:
    """Yield what a note says of licences as a README would, else all of its words where they speak of terms or name a licence."""
    parts = list(readme.claims(text))
    if not parts and len(text) <= NOTE_LENGTH and (re.search(TERMS, text) or read(text).restrictions):
        parts = [place.uploaded(place.README, license_text=text.strip())]
    yield from parts


def _package(name: str, text: str) -> Iterator[Claim]:
    """Yield the statements of package metadata; they are of the software, so each has that scope."""
    try:
        if name in ("pyproject.toml", "Cargo.toml"):
            yield from _toml(tomllib.loads(text))
        elif name.endswith(".json"):
            said = json.loads(text)
            yield from meta.npm(said) if isinstance(said, dict) else ()
        else:
            field = re.compile(r"(?im)^license[ \t]*[:=][ \t]*(\S.*)$")
            yield from ({"license_text": t.strip()} for t in field.findall(text) if not POINTER.fullmatch(t))
            yield from _classifiers(re.findall(r"(?m)^\s*(License :: .+?)\s*$", text))
    except (ValueError, RecursionError):  # settings of a program that can't be read say nothing of the data
        return


def _toml(said: dict[str, Any]) -> Iterator[Claim]:
    for table in ("project", "package"):
        about = said.get(table)
        if not isinstance(about, dict):
            continue
        given = about.get("license")
        given = given.get("text") if isinstance(given, dict) else given
        if isinstance(given, str) and given.strip():
            yield {"license_text": given.strip()}
        elif isinstance(about.get("classifiers"), list):
            yield from _classifiers([c for c in about["classifiers"] if isinstance(c, str)])


def _classifiers(found: list[str]) -> Iterator[Claim]:
    yield from ({"license_text": c, "vocabulary": "pypi"} for c in found if c.startswith("License ::"))
