"""The pages of many files of different kinds: each by the source that knows it best, and what nobody knows is told."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path, PurePosixPath

from auditor import sources
from auditor.errors import AuditError, BadInput, BadOption
from auditor.fetch import Get
from auditor.resolve import best
from auditor.schema import Page
from auditor.sources._table_read import ALONE
from auditor.sources._table_sniff import sniff
from auditor.store import hash_file
from auditor.target import Target
from auditor.unpack import printable

CODE = frozenset(
    (".py", ".pyi", ".pyc", ".pyx", ".so", ".dll", ".dylib", ".js", ".mjs", ".cjs", ".ts", ".map", ".css", ".c", ".h")
)
SAYS_LICENSE = ("license_text", "license_url")
NOT_INSIDE = ("folder", "package", "manifest")  # a folder is taken apart already; archives in archives are not
SURE = 0.8  # what a source must score to be given a file that nobody named
MANY = 20  # files of one kind that are read together where their source can
NAMED = 20  # files named in one sentence; the rest is counted


@dataclass(frozen=True, slots=True)
class File:
    """One file and its place inside what is audited."""

    path: Path
    inside: str


@dataclass
class Teller:
    """Holds back what a source says of a file until it is clear whether the file is examined."""

    told: Callable[[str], None]
    held: list[str] | None = field(default_factory=list)

    def __call__(self, said: str) -> None:
        if self.held is None:
            self.told(said)
        else:
            self.held.append(said)

    def release(self) -> None:
        """Say what was held back, and from now on everything at once."""
        held, self.held = self.held or [], None
        for said in held:
            self.told(said)


@dataclass
class Files:
    """The pages of files, in two steps: `dataset()` looks at every file, `items()` goes on from there.

    root: the folder they lie in; prefix stands before a file's place in its locator; once: a table whose bytes
    were seen is not audited again; unsaid: also take tables without a licence column.
    """

    target: Target
    get: Get
    root: Path
    prefix: str
    once: bool = False
    unsaid: bool = False
    quiet: bool = False
    streams: list[tuple[list[File], str, Iterator[Page]]] = field(default_factory=list)  # files, source, pages
    bare: list[File] = field(default_factory=list)
    copies: list[File] = field(default_factory=list)
    single: list[File] = field(default_factory=list)  # whose one record is no list of items
    other: Counter[str] = field(default_factory=Counter)
    wrong: BadOption | None = None
    seen: dict[str, str] = field(default_factory=dict)

    def dataset(self, files: Iterable[File]) -> Iterator[Page]:
        """Yield the pages that speak of the whole, from all files."""
        for name, some in self._grouped(files):
            teller = Teller(self.target.told)
            pages = self._of(name, some, teller)
            for page in pages:
                if page.level == "dataset":
                    teller.release()
                    yield page
                    continue
                if page.source != "table" or self._taken(some[0], page):
                    teller.release()
                    self.single += (
                        some if page.source == "table" and page.context["format"].get("records") == ALONE else []
                    )
                    self.streams.append((some, page.source, chain([page], pages)))
                break
        if not self.quiet:
            self.tell()

    def items(self) -> Iterator[Page]:
        """Yield the pages of items; ids are qualified by the file where several files are of one kind."""
        kinds = Counter(source for _, source, _ in self.streams)
        for some, source, pages in self.streams:
            for page in pages:
                yield _qualified(page, some[0].inside) if kinds[source] > 1 and len(some) == 1 else page
        if self.wrong is not None and not self.streams:
            raise self.wrong

    def _grouped(self, files: Iterable[File]) -> Iterator[tuple[str, list[File]]]:
        """Yield sources and what they read: one file, or all of a kind that come in many and are read in bundles."""
        found: dict[str, list[File]] = {}
        for file in files:
            name = self._source(file)
            if name is None:
                self.other[file.path.suffix.lower() or "no suffix"] += 1
            else:
                found.setdefault(name, []).append(file)
        for name, some in found.items():
            if len(some) > MANY and (
                _speaks(name) or sources.source(name).knows(self._child(some, self.target.told)) >= SURE
            ):
                yield name, some
            else:
                yield from ((name, [file]) for file in some)

    def _child(self, some: Sequence[File], told: Callable[[str], None]) -> Target:
        """Return the target that a source is given: one file, or a glob of many."""
        if len(some) == 1:
            locator = f"{self.prefix}{printable(some[0].inside)}"
            return replace(self.target, name=locator, path=some[0].path, matches=(), told=told)
        paths = tuple(f.path for f in some)
        return replace(self.target, name=self.prefix, path=self.root, matches=paths, told=told)

    def _source(self, file: File) -> str | None:
        """Return the source that is sure of a file or finds statements in it, `table` where it may be one, or None."""
        if file.path.suffix.lower() in CODE or not file.path.stat().st_size:
            return None
        child = self._child([file], self.target.told)
        name = best(child)
        if name is None or name in NOT_INSIDE:
            return None
        if name == "table" or sources.source(name).knows(child) >= SURE:
            return name
        speaks = _speaks(name)
        return name if speaks and speaks(file.path) else None

    def _of(self, name: str, some: Sequence[File], teller: Teller) -> Iterator[Page]:
        """Yield the pages of a file or of many; what breaks a file becomes a page that says so."""
        child = self._child(some, teller)
        try:
            yield from sources.source(name).fetch(child, self.get)
        except BadOption as error:
            self.wrong = error
            self.bare += some
        except AuditError as error:
            if name == "table" and _no_table(some[0].path):  # its beginning looked like one
                self.other[some[0].path.suffix.lower() or "no suffix"] += 1
                return
            said = str(error).replace(str(some[0].path), child.name)  # not where it was unpacked
            yield Page.of_file("folder", some[0].path, child.name, context={"error": said})

    def _taken(self, file: File, page: Page) -> bool:
        """Say whether a table is examined: only if a column of it speaks of licences."""
        roles = page.context.get("roles", {})
        if not self.unsaid and not any(r in roles for r in SAYS_LICENSE):
            self.bare.append(file)
            return False
        first = self.seen.setdefault(hash_file(file.path), file.inside) if self.once else file.inside
        if first != file.inside:
            self.copies.append(file)
            self.target.told(f"{printable(file.inside)} has the same bytes as {printable(first)}: audited once.")
        return first == file.inside

    def tell(self) -> None:
        """Say which files are not examined."""
        if self.bare:
            names = listed([printable(f.inside) for f in self.bare])
            self.target.told(f"not examined, as no column in them speaks of licences: {names}")
        if self.other:
            most = sorted(self.other.items(), key=lambda o: (-o[1], o[0]))
            kinds = ", ".join(f"{n} {suffix}" for suffix, n in most[:12])
            self.target.told(f"{self.other.total()} other files that no source is sure of: {kinds}")


def _no_table(path: Path) -> bool:
    try:
        return sniff(path) is None
    except (AuditError, OSError):
        return False


def _speaks(name: str) -> Callable[[Path], bool] | None:
    """Return what tells of a file of many kinds whether it states a licence, where a source has it."""
    return getattr(sources.source(name), "speaks", None)


def states(file: Target) -> bool:
    """Say whether a file that is mostly no item, like a picture beside a table, states a licence itself."""
    told = ((speaks, name) for name in sources.names() if (speaks := _speaks(name)))
    return file.path is not None and any(sources.knows(name, file) > 0 and speaks(file.path) for speaks, name in told)


def _qualified(page: Page, inside: str) -> Page:
    """Let a page's ids be qualified by its file; where files of one folder speak of the same items, by that folder."""
    context = page.context | {"unique_ids": False}
    if not sources.merges(page):
        return page.with_(context=context | {"namespace": printable(inside)})
    folder = printable(PurePosixPath(inside).parent.as_posix())
    return page.with_(context=context | {"several": True, "folder": "" if folder == "." else folder})


def pages(files: Sequence[File], found: Files, last: bool = False) -> Iterator[Page]:
    """Yield the pages of files, those of the whole first.

    last: where no file speaks of licences, the rows of tables that don't are the items all the same.
    """
    yield from found.dataset(files)
    if last and not found.streams and found.bare and found.wrong is None:
        again = replace(found, unsaid=True, streams=[], bare=[], other=Counter(), seen={})
        yield from again.dataset(found.bare)
        found = again
    yield from found.items()


def listed(names: Sequence[str]) -> str:
    """Return names in one line, the first of them and how many more."""
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


def nothing(target: Target) -> BadInput:
    """Return the error for what holds nothing that speaks of licences."""
    return BadInput(
        f"{target.name} holds no file that speaks of licences and that a source knows: see `auditor sources`."
    )
