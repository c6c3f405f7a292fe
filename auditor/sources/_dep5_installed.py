"""Which Files paragraphs of a debian/copyright speak of a file that a binary package installs.

The patterns name paths in the source tree; where an installed file lay there is told only where a part of its path is the end
of a folder that the patterns name (`Data/Sounds/a.ogg` of `share/heron/Data/Sounds/*`): there the last paragraph that matches
speaks of it. Of any other, all paragraphs speak that may mean it, so that only what they agree on is determined: of pictures and
sounds, which are installed as they are, those with a wildcard or the same name; of all else, which may be built from any file,
each. What packages or builds the whole (`debian/`, `m4/` …) comes apart.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from debian.copyright import MachineReadableFormatError, globs_to_re

from auditor.sources._dep5 import Copyright
from auditor.sources._repository_files import kind_of

PLACED = re.compile(  # where a package is laid down; its own folder, or the one of its kind, is no source's
    r"(?:usr/)?(?:local/)?(?:(?:etc|lib(?:/[^/]+-linux-gnu[^/]*)?|libexec|opt|share(?:/games)?|srv|var/games|var/lib)/(?:[^/]+/)?)?"
)
BUILD = re.compile(r"(?:debian|m4|cmake|build-aux|autotools|autoconf)/")
WILD = re.compile(r"[*?]")


class Speaking(NamedTuple):
    """Paragraphs by their places: those that speak of a file, and those of what packages and builds it."""

    of_it: list[int]
    beside: list[int]


@dataclass(frozen=True)
class Pattern:
    """One glob of a Files field."""

    glob: str

    @cached_property
    def folder(self) -> str:
        """The folder that it names before its first wildcard."""
        return WILD.split(self.glob, maxsplit=1)[0].rpartition("/")[0]

    @cached_property
    def wild(self) -> bool:
        """Whether it has a wildcard."""
        return WILD.search(self.glob) is not None

    @cached_property
    def fits(self) -> re.Pattern[str] | None:
        """What it matches; None where it is not allowed."""
        try:
            return globs_to_re([self.glob])
        except (MachineReadableFormatError, re.error):
            return None

    @cached_property
    def everywhere(self) -> bool:
        """Whether it fits a name in any folder: `*`, `*.png`."""
        return self.glob.startswith("*") and "/" not in self.glob

    def matches(self, path: str) -> bool:
        """Say whether it matches a path; one that is not allowed matches none."""
        return self.fits is not None and self.fits.fullmatch(path) is not None

    def may_mean(self, name: str) -> bool:
        """Say whether it may mean a file that was installed under a name from anywhere."""
        if self.everywhere:
            return self.matches(name)
        stem = self.glob.rpartition("/")[2].split(".")[0]
        return self.wild or stem == name.split(".")[0] or kind_of(name) == "file"


@dataclass(frozen=True)
class Installed:
    """The paragraphs of one file, asked for what a package installs."""

    said: Copyright

    @cached_property
    def _paragraphs(self) -> list[list[Pattern]]:
        return [[Pattern(g.removeprefix("./")) for g in p.patterns] for p in self.said.files]

    @cached_property
    def _odd(self) -> list[int]:
        """Paragraphs that can't be read: any file may be theirs."""
        bad = (any(p.fits is None for p in some) or not some for some in self._paragraphs)
        return [i for i, odd in enumerate(bad) if odd or self.said.files[i].error]

    @cached_property
    def _build(self) -> list[int]:
        return [i for i, some in enumerate(self._paragraphs) if some and all(BUILD.match(p.glob) for p in some)]

    @cached_property
    def _files(self) -> frozenset[str]:
        """The files that the patterns name."""
        return frozenset(p.glob for some in self._paragraphs for p in some if not p.wild)

    @cached_property
    def _folders(self) -> dict[str, set[str]]:
        """End of a folder that the patterns name, or one that such a folder lies in -> those folders."""
        named = {p.folder for some in self._paragraphs for p in some} - {""}
        found: dict[str, set[str]] = {}
        for folder in named | {f[:i] for f in named for i, sign in enumerate(f) if sign == "/"}:
            parts = folder.split("/")
            for start in range(len(parts)):
                found.setdefault("/".join(parts[start:]), set()).add(folder)
        return found

    def of(self, path: str) -> Speaking:
        """Return which paragraphs speak of an installed file."""
        tails = _tails(path)
        sources, name = self._sources(tails), tails[-1]
        found = [i for source in sources for i in self._at(source)]
        if not sources:
            first = max(self._everywhere(name), default=0)  # what stands before a glob that fits anywhere is not meant
            later = list(enumerate(self._paragraphs))[first:]
            found = [i for i, some in later if i not in self._build and any(p.may_mean(name) for p in some)]
        elif not any(source.endswith(f"/{tails[0]}") or source in tails for source in sources):
            found += self._everywhere(name)[-1:]  # unlike at its beginning too, the path may be another's
        return Speaking(sorted({*found, *self._odd}), [i for i in self._build if i not in (*found, *self._odd)])

    def _everywhere(self, name: str) -> list[int]:
        """Return the paragraphs that mean a name in any folder."""
        some = enumerate(self._paragraphs)
        return [i for i, patterns in some if any(p.everywhere and p.matches(name) for p in patterns)]

    def _at(self, source: str) -> list[int]:
        """Return the last paragraph that matches a path of the source, and those that mean files in folders below the file's own.

        From there it may have been laid one folder up.
        """
        last = [i for i, some in enumerate(self._paragraphs) if any(p.matches(source) for p in some)][-1:]
        if source in self._files:
            return last
        folder, _, name = source.rpartition("/")
        below = (
            i
            for i, some in enumerate(self._paragraphs)
            if any(p.folder.startswith(f"{folder}/") and (p.wild or p.glob.endswith(f"/{name}")) for p in some)
        )
        return [*last, *below]

    def _sources(self, tails: Sequence[str]) -> list[str]:
        """Return the paths in the source that a file may have had, where the patterns show them: the longest common part counts."""
        if tails[0] in self._files:
            return [tails[0]]
        for tail in tails:
            ends = [i for i, sign in enumerate(tail) if sign == "/" and tail[:i] in self._folders]
            if ends:
                return sorted(folder + tail[ends[-1] :] for folder in self._folders[tail[: ends[-1]]])
        return []


def _tails(path: str) -> list[str]:
    """Return the ends of a path that may have been paths in the source, the longest first; the last is its name."""
    path = path.removesuffix(".gz")
    match = PLACED.match(path)
    inside = path[match.end() :] if match and match.end() < len(path) else path
    parts = inside.split("/")
    return ["/".join(parts[i:]) for i in range(len(parts))]
