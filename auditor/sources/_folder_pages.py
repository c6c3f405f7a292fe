"""The pages of many files of different kinds: each by the source that knows it best, and what nobody knows is told."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from auditor import sources
from auditor.errors import AuditError, BadInput, BadOption
from auditor.fetch import Get
from auditor.resolve import best
from auditor.schema import Page
from auditor.store import hash_file
from auditor.target import Target
from auditor.unpack import printable

CODE = frozenset(
    (".py", ".pyi", ".pyc", ".pyx", ".so", ".dll", ".dylib", ".js", ".mjs", ".cjs", ".ts", ".map", ".css", ".c", ".h")
)
SAYS_LICENSE = ("license_text", "license_url")
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

    prefix stands before a file's place in its locator; `unsaid`: also take tables without a licence column.
    """

    target: Target
    get: Get
    prefix: str
    skip: Collection[str] = ("folder",)
    unsaid: bool = False
    streams: list[tuple[File, str, Iterator[Page]]] = field(default_factory=list)
    bare: list[File] = field(default_factory=list)
    other: Counter[str] = field(default_factory=Counter)
    wrong: BadOption | None = None

    def dataset(self, files: Iterable[File]) -> Iterator[Page]:
        """Yield the pages that speak of the whole, from all files."""
        seen: dict[tuple[int, str], str] = {}
        for file in files:
            teller = Teller(self.target.told)
            pages = self._of(file, teller)
            for page in pages:
                if page.level == "dataset":
                    teller.release()
                    yield page
                elif not self._taken(file, page):
                    break
                elif not self._again(file, seen):
                    teller.release()
                    self.streams.append((file, page.source, chain([page], pages)))
                    break
                else:
                    break
        self._tell()

    def items(self) -> Iterator[Page]:
        """Yield the pages of items; ids are qualified by the file where several files are of one kind."""
        kinds = Counter(source for _, source, _ in self.streams)
        for file, source, pages in self.streams:
            for page in pages:
                if kinds[source] > 1:
                    context = page.context | {"namespace": printable(file.inside), "unique_ids": False}
                    page = page.with_(context=context)
                yield page
        if self.wrong is not None and not self.streams:
            raise self.wrong

    def _of(self, file: File, teller: Teller) -> Iterator[Page]:
        """Yield one file's pages by its best source; what breaks it becomes a page that says so."""
        locator = f"{self.prefix}{printable(file.inside)}"
        if file.path.suffix.lower() in CODE or not file.path.stat().st_size:
            self.other[file.path.suffix.lower() or "no suffix"] += 1
            return
        child = replace(self.target, name=locator, path=file.path, matches=(), told=teller)
        name = best(child)
        if name is None or name in self.skip:
            self.other[file.path.suffix.lower() or "no suffix"] += 1
            return
        try:
            yield from sources.source(name).fetch(child, self.get)
        except BadOption as error:
            self.wrong = error
            self.bare.append(file)
        except AuditError as error:
            yield Page.of_file("folder", file.path, locator, context={"error": str(error)})

    def _taken(self, file: File, page: Page) -> bool:
        """Say whether a page's file is examined: a table only if a column of it speaks of licences."""
        said = page.context.get("roles", {})
        if page.source != "table" or self.unsaid or any(r in said for r in SAYS_LICENSE):
            return True
        self.bare.append(file)
        return False

    def _again(self, file: File, seen: dict[tuple[int, str], str]) -> bool:
        """Say whether a file's bytes have been seen under another name."""
        key = (file.path.stat().st_size, hash_file(file.path))
        first = seen.setdefault(key, file.inside)
        if first != file.inside:
            self.target.told(f"{printable(file.inside)} has the same bytes as {printable(first)}: audited once.")
        return first != file.inside

    def _tell(self) -> None:
        if self.bare:
            names = listed([printable(f.inside) for f in self.bare])
            self.target.told(f"not examined, as no column in them speaks of licences: {names}")
        if self.other:
            most = sorted(self.other.items(), key=lambda o: (-o[1], o[0]))
            kinds = ", ".join(f"{n} {suffix}" for suffix, n in most[:12])
            self.target.told(f"{self.other.total()} other files that no source reads: {kinds}")


def pages(
    files: Sequence[File],
    target: Target,
    get: Get,
    prefix: str,
    skip: Collection[str] = ("folder",),
    last: bool = False,
) -> Iterator[Page]:
    """Yield the pages of files, those of the whole first.

    last: where no file speaks of licences, the rows of tables that don't are the items all the same.
    """
    found = Files(target, get, prefix, skip)
    yield from found.dataset(files)
    if last and not found.streams and found.bare and found.wrong is None:
        again = Files(target, get, prefix, skip, unsaid=True)
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
