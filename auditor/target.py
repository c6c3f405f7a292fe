"""What the user asked about: a URL, a path, a package or a name, with cheap looks at it for sources to judge by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from auditor.errors import BadInput
from auditor.streams import head_of

HEAD = 65_536  # bytes looked at, after decompression


@dataclass(frozen=True)
class Target:
    """A target and the options that go with it.

    `name` is as the user gave it and stands in locators; `path` is the file or folder it means, if it is one.
    """

    name: str
    path: Path | None = None
    columns: Mapping[str, str] = field(default_factory=dict)  # role -> name, number or template
    manifest: Any = None  # auditor.manifests.Manifest that knows it, or None
    endpoints: Mapping[str, str] = field(default_factory=dict)
    matches: tuple[Path, ...] = ()  # the files that a glob means
    told: Callable[[str], None] = lambda _: None  # says something to the user, and the audit keeps it

    @cached_property
    def url(self) -> SplitResult | None:
        """The URL's parts, or None for anything but http and https."""
        try:
            parts = urlsplit(self.name)
        except ValueError:
            return None
        return parts if parts.scheme in ("http", "https") and parts.netloc else None

    @cached_property
    def filename(self) -> str:
        """The last part of the path or URL, in lower case, without a compression's suffix."""
        last = (
            self.path.name if self.path else (self.url.path if self.url else self.name).rstrip("/").rsplit("/", 1)[-1]
        )
        last = last.lower()
        for suffix in (".gz", ".bz2", ".xz", ".lzma", ".zst", ".zstd"):
            last = last.removesuffix(suffix)
        return last

    @cached_property
    def head(self) -> bytes:
        """The first bytes of a file, decompressed; empty for a folder, for what can't be read and for URLs."""
        if self.path is None or not self.path.is_file():
            return b""
        try:
            return head_of(self.path, HEAD)
        except (OSError, BadInput):
            return b""

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """The files of a glob or below a folder, sorted; links that leave it, hidden files and audits are passed over."""
        if self.matches:
            return self.matches
        if self.path is None or not self.path.is_dir():
            return ()
        top = self.path.resolve()
        found = []
        for file in sorted(self.path.rglob("*")):
            parts = file.relative_to(self.path).parts
            if any(p.startswith(".") and p != ".reuse" for p in parts) or not file.is_file():
                continue
            if file.is_symlink() and not file.resolve().is_relative_to(top):
                continue
            found.append(file)
        audits = {f.parent for f in found if f.name == "parts.jsonl" and (f.parent / "audit.json").is_file()}
        return tuple(f for f in found if not audits & set(f.parents)) if audits else tuple(found)

    def place(self, path: Path) -> str:
        """Return a file's path inside this target, with `/`: what its rows' ids start with."""
        if self.path is not None and self.path.is_dir() and path.is_relative_to(self.path):
            return printable(path.relative_to(self.path).as_posix())
        if len(self.matches) > 1:
            import os.path

            return printable(
                Path(os.path.relpath(path, os.path.commonpath([m.parent for m in self.matches]))).as_posix()
            )
        return printable(path.name)

    def at(self, path: Path) -> "Target":
        """Return the target of a file inside this one."""
        inside = (
            f"{self.name.rstrip('/')}/{self.place(path)}" if self.path is not None and self.path.is_dir() else str(path)
        )
        return replace(self, name=inside, path=path, matches=())


def printable(name: str) -> str:
    """Return a file's name as text: bytes of it that are not UTF-8 as `\\xNN`."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
