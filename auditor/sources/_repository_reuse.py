"""REUSE: which licence each file of a tree is under, by its header, its `.license` file, REUSE.toml or `.reuse/dep5`.

Source: version 3.3 of the specification (https://reuse.software/spec-3.3/) as the PyPI package reuse 6.2.0 reads it: the
last annotation of a REUSE.toml that matches counts; `override` silences the file and what lies deeper, `aggregate` adds to
it, `closest` (the default) speaks where the file does not; dep5 adds to it. All that a file's tags say holds at once (AND).
"""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from auditor.errors import BadInput
from auditor.sources import _dep5 as dep5
from auditor.sources._repository_said import lies_in

HEAD = 64 << 10  # bytes of a file looked at for tags
TAG = re.compile(r"SPDX-License-Identifier:[ \t]*(.{0,1000})")
COPYRIGHT = re.compile(r"SPDX-(?:File|Snippet)CopyrightText:[ \t]*(.{0,1000})")
END = re.compile(r"""(?:\s*(?:\*+/|\*?\||--+>|\*\)|-\}|\#\}|'''|\"\"\"|\]::|%>|</?\w[^<>]*>|["'>;]))*\s*$""")
IGNORED = re.compile(r"REUSE-IgnoreStart.*?(?:REUSE-IgnoreEnd|\Z)", re.DOTALL)
NOT_COVERED = re.compile(
    r"(?:LICEN[CS]E|COPYING)(?:[-.].*)?|.*\.license|REUSE\.toml|.*\.spdx(?:\.(?:rdf|json|xml|ya?ml))?"
)
FOLDERS = frozenset(("LICENSES", ".reuse", ".git", ".hg"))
TOML, DEP5, SIDE = "REUSE.toml", ".reuse/dep5", ".license"
OVERRIDE, AGGREGATE, CLOSEST = "override", "aggregate", "closest"


@dataclass(frozen=True, slots=True)
class Tags:
    """What some place says of a file: licence expressions and copyright notices."""

    licenses: tuple[str, ...] = ()
    copyrights: tuple[str, ...] = ()


def covered(inside: str) -> bool:
    """Say whether REUSE asks for the licence of a file: not of licence texts, nor of what tells of other files."""
    parts = PurePosixPath(inside).parts
    return not NOT_COVERED.fullmatch(parts[-1]) and not FOLDERS & set(parts[:-1])


def declares(root: Path, inside: str) -> bool:
    """Say whether a file is REUSE's own: REUSE.toml, or the `.license` of a file beside it."""
    name = PurePosixPath(inside).name
    return name == TOML or (name.endswith(SIDE) and (root / inside.removesuffix(SIDE)).is_file())


def tags(text: str) -> Tags:
    """Return the SPDX tags of a text, those between REUSE-IgnoreStart and -IgnoreEnd left out."""
    seen = IGNORED.sub("", text)
    found = [[END.sub("", m).strip() for m in tag.findall(seen)] for tag in (TAG, COPYRIGHT)]
    return Tags(*(tuple(dict.fromkeys(f for f in some if f)) for some in found))


def tags_of(file: Path) -> Tags:
    """Return the SPDX tags in the head of a file."""
    with file.open("rb") as stream:
        body = stream.read(HEAD)
    if b"SPDX-" not in body or b"\0" in body:  # what a binary file holds is not its own header
        return Tags()
    return tags(body.decode("utf-8", "replace"))


@dataclass(frozen=True)
class Rules:
    """The files of a tree that speak of others: texts of the REUSE.toml by their folder, and of `.reuse/dep5`."""

    tomls: Sequence[tuple[str, str]] = ()
    dep5: str | None = None

    @cached_property
    def _annotations(self) -> list[tuple[str, list[tuple[re.Pattern[str], str, Tags]]]]:
        by_depth = sorted(self.tomls, key=lambda t: (t[0].count("/") + bool(t[0]), t[0]))
        return [(folder, list(_annotations(folder, text))) for folder, text in by_depth]

    @cached_property
    def _paragraphs(self) -> list[tuple[re.Pattern[str], Tags]]:
        said = dep5.read(self.dep5 or "")
        return [(glob, _paragraph(said.files[place])) for glob, place in said.matchers()]

    def of(self, inside: str, own: Tags) -> tuple[Tags, bool]:
        """Return what holds for a file that says `own` of itself, and whether it was said elsewhere."""
        found = list(self._found(inside))
        if any(precedence == OVERRIDE for precedence, _ in found):
            own = Tags()
        added = [said for precedence, said in found if precedence in (OVERRIDE, AGGREGATE)]
        closest = [said for precedence, said in reversed(found) if precedence == CLOSEST]
        licenses = own.licenses + tuple(n for s in added for n in s.licenses)
        elsewhere = licenses != own.licenses
        if not licenses:
            licenses = next((s.licenses for s in closest if s.licenses), ())
            elsewhere = bool(licenses)
        copyrights = own.copyrights + tuple(n for s in added for n in s.copyrights)
        copyrights = copyrights or next((s.copyrights for s in closest if s.copyrights), ())
        return Tags(tuple(dict.fromkeys(licenses)), tuple(dict.fromkeys(copyrights))), elsewhere

    def _found(self, inside: str) -> Iterable[tuple[str, Tags]]:
        for folder, annotations in self._annotations:
            if folder and not inside.startswith(f"{folder}/"):
                continue
            place = inside[len(folder) + 1 :] if folder else inside
            match = next(((p, said) for glob, p, said in reversed(annotations) if glob.fullmatch(place)), None)
            if match:
                yield match
                if match[0] == OVERRIDE:
                    break
        for glob, said in self._paragraphs if self.dep5 else ():
            if glob.fullmatch(inside):
                yield AGGREGATE, said
                break


def rules(root: Path, files: Iterable[str]) -> Rules:
    """Read a tree's REUSE.toml and dep5; BadInput where one can't be read: what it says would be missed."""
    tomls = []
    for inside in files:
        folder, _, name = inside.rpartition("/")
        if name == TOML:
            text = (root / inside).read_bytes().decode("utf-8-sig", "replace")
            list(_annotations(inside, text))
            tomls.append((folder, text))
    said = (root / DEP5).read_bytes().decode("utf-8-sig", "replace") if has_dep5(root) else None
    return Rules(tuple(tomls), said)


def has_dep5(root: Path) -> bool:
    """Say whether a tree has a `.reuse/dep5` that lies in it."""
    return (root / DEP5).is_file() and lies_in(root / DEP5, root)


def _annotations(where: str, text: str) -> Iterable[tuple[re.Pattern[str], str, Tags]]:
    try:
        said = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput(
            f"{where} is no TOML ({' '.join(str(error).split())[:120]}): mend it, or move it away."
        ) from None
    tables = said.get("annotations", [])
    for table in tables if isinstance(tables, list) else []:
        paths = _strings(table.get("path")) if isinstance(table, dict) else []
        if paths:
            licenses, notices = table.get("SPDX-License-Identifier"), table.get("SPDX-FileCopyrightText")
            glob = re.compile("|".join(map(_glob, paths)), re.DOTALL)
            yield glob, str(table.get("precedence", CLOSEST)), Tags(tuple(_strings(licenses)), tuple(_strings(notices)))


def _strings(value: Any) -> list[str]:
    return [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, str) and v.strip()]


def _glob(path: str) -> str:
    """Return the pattern of a path: `*` is anything but a slash, `**` anything (`**/` nothing too), `\\` escapes."""
    pieces = re.findall(r"\\.|\*\*+/?|\*|[^\\*]+|\\", path, re.DOTALL)
    return "".join(
        ".*" if p.startswith("**") else "[^/]*" if p == "*" else re.escape(re.sub(r"\\(.)", r"\1", p)) for p in pieces
    )


def _paragraph(said: dep5.Paragraph) -> Tags:
    if said.error:
        raise BadInput(f"{DEP5} cannot be read: {said.error}")
    notice = said.one("copyright")
    return Tags(tuple(name for name, _ in said.licenses if name), (notice,) if notice else ())
