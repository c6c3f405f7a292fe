"""What is known of a dataset, from `manifests/*.toml`: who says what of its items, and the words it rests on.

Only the head of each file (what stands before its first table) is read to find one; a file is read whole when it
is asked for. `manifests/README.md` says what the fields mean, `manifests/schema.json` how they are spelt.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from auditor.data import folder

THIRD_PARTY = "third party"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was read, and its words."""

    quote: str = ""  # at most 25 words
    evidence: str = ""  # what was read: see manifests/README.md
    how: str = ""  # publisher page | publisher repo | hub card | real data | third party
    seen: str = ""  # its date or commit
    by: str = "publisher"
    note: str = ""

    @property
    def place(self) -> str:
        """Where the words stand, for people: the page, or the file of the real samples."""
        kind, _, where = self.evidence.partition(": ")
        return f"real data: {where}" if kind == "real-data" else where

    @property
    def verified(self) -> bool:
        """Whether it names what was read and its words, and they aren't a third party's."""
        return bool(self.quote and self.evidence and self.how and self.how != THIRD_PARTY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement(Proof):
    """One statement on one part of a dataset; contradictory ones stand side by side."""

    scope: str  # media | text | code | data | annotations | metadata | database | software | access
    says: str  # for the licence reader: the words themselves, a tag or an SPDX expression
    url: str | None = None
    version: str | None = None
    vocabulary: str | None = None
    as_of: str | None = None  # ISO date it speaks of
    until: str | None = None  # ISO date from which its author says otherwise; then it is history and has no effect
    part: str | None = None  # what part of the dataset it speaks of; None: all of it
    reads: str | None = None  # what the licence reader makes of it; None: not stated here


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin(Proof):
    """What a dataset was made from."""

    name: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the dataset that its header tells apart, or a run of its columns' values; and what its columns are."""

    columns: Mapping[str, str]  # role -> name or template; of a run the place in it, from 0
    header: tuple[str, ...] = ()  # names that all stand in it
    note: str = ""  # what whoever audits the table must be told of it
    run: tuple[str, ...] = ()  # patterns of the values of columns side by side, in a table without a header


@dataclass(frozen=True, slots=True)
class Curation:
    """A decision taken by hand: who, when (ISO date), why."""

    scope: str
    says: str
    who: str
    when: str
    why: str


@dataclass(frozen=True)
class Manifest:
    """What is known of one dataset."""

    name: str
    title: str
    aliases: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()  # host and path, without scheme; a URL that begins so is this dataset
    source: str | None = None  # module in auditor/sources that audits it
    items_from: str = "unknown"  # own | third-party | mixed | unknown
    items_proof: Proof | None = None
    statements: tuple[Statement, ...] = ()
    derived: tuple[Origin, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)  # role -> number, of its table without a header
    tables: tuple[Table, ...] = ()
    part_of: str | None = None  # the manifest whose URLs its own lie in
    namespace: str | None = None
    same_ids: bool = False  # an id is one item, whatever tables of the dataset it stands in
    ids: str | None = None  # pattern of its items' ids, which no other dataset's are like
    curations: tuple[Curation, ...] = ()
    missing: tuple[str, ...] = ()  # scopes for which no statement could be verified
    path: Path | None = None

    @property
    def origins(self) -> tuple[str, ...]:
        """The names of what it was made from; manifests' names where there are some."""
        return tuple(o.name for o in self.derived)

    @property
    def verified(self) -> tuple[Statement, ...]:
        """The statements that have effect."""
        return tuple(s for s in self.statements if s.verified)

    @property
    def unverified(self) -> tuple[Statement, ...]:
        """The statements that are told and have no effect."""
        return tuple(s for s in self.statements if not s.verified)

    @property
    def standing(self) -> tuple[Statement, ...]:
        """The verified statements, without history and without those of a part where the whole is spoken of."""
        now = [s for s in self.verified if s.until is None]
        whole = {s.scope for s in now if s.part is None}
        return tuple(s for s in now if s.part is None or s.scope not in whole)

    def claims(self) -> list[dict[str, Any]]:
        """Return CLAIM dicts (auditor.schema) of the curations and of the standing statements, word for word."""
        return [_curated(self.name, c) for c in self.curations] + [_claim(self.name, s) for s in self.standing]

    def told(self) -> dict[str, Any]:
        """Return what an audit keeps of it: every statement and origin with its words and where they were read."""
        return {
            "name": self.name,
            "title": self.title,
            "source": self.source,
            "items_from": {"from": self.items_from} | (asdict(self.items_proof) if self.items_proof else {}),
            "statements": [
                asdict(s) | {"verified": s.verified, "standing": s in self.standing} for s in self.statements
            ],
            "origins": [asdict(o) for o in self.derived],
            "curations": [asdict(c) for c in self.curations],
            "missing": list(self.missing),
        }

    def roles(self, header: Iterable[str]) -> Mapping[str, str] | None:
        """Return what the columns of a table are, if its header is one of this dataset's tables."""
        names = set(header)
        return next((t.columns for t in self.tables if t.header and names.issuperset(t.header)), None)

    def notes(self, header: Iterable[str]) -> list[str]:
        """Return what is to be told of a table with this header."""
        names = set(header)
        return [t.note for t in self.tables if t.note and t.header and names.issuperset(t.header)]

    def run_roles(self, sample: Mapping[str, Sequence[str | None]]) -> Mapping[str, str] | None:
        """Return what the columns of a table without a header are, if a run of them has the values of one of its tables."""
        return next((found for t in self.tables if t.run and (found := _placed(t, sample)) is not None), None)


def find(name: str) -> Manifest | None:
    """Return the manifest of a name, an alias (case and punctuation don't matter) or a URL (host checked)."""
    named, placed, editions = _index()
    path = named.get(plain(name)) or _by_url(name, placed)
    return load(path) if path else _edition(name, editions)


def every() -> tuple[Manifest, ...]:
    """Return all manifests, by name."""
    return tuple(load(p) for p in _paths())


def search(words: str) -> list[Manifest]:
    """Return the manifests in whose name, title or aliases all of the words stand."""
    wanted = [plain(w) for w in words.split()]
    found = [m for m in every() if all(w in plain(" ".join((m.name, m.title, *m.aliases))) for w in wanted)]
    edition = find(words) if words and not found else None
    return [edition] if edition else found


def of_header(header: Iterable[str]) -> Manifest | None:
    """Return the dataset that a table belongs to by its header; None where none or more than one fits."""
    names = list(header)
    fit = [m for m in every() if m.roles(names) is not None]
    return fit[0] if len(fit) == 1 else None


def of_values(sample: Mapping[str, Sequence[str | None]]) -> Manifest | None:
    """Return the dataset that a table without a header belongs to by its values; None where none or more than one fits."""
    fit = [m for m in every() if m.run_roles(sample) is not None]
    return fit[0] if len(fit) == 1 else None


def of_ids(ids: Sequence[str | None]) -> Manifest | None:
    """Return the dataset whose items' ids these are, a file's suffix aside; None where they are of no known pattern."""
    bare = [re.sub(r"^.*/|\.\w{1,5}$", "", i) for i in ids if i]
    return next((m for m in every() if m.ids and bare and _fits(re.compile(m.ids), bare)), None)


def _placed(table: Table, sample: Mapping[str, Sequence[str | None]]) -> Mapping[str, str] | None:
    """Return role -> column (what is no number stays as it is) where a run of columns, and only one, fits the table's."""
    columns = list(sample)
    starts = [
        start
        for start in range(len(columns) - len(table.run) + 1)
        if all(
            _fits(re.compile(p), sample[c])
            for p, c in zip(table.run, columns[start : start + len(table.run)], strict=True)
        )
    ]
    if len(starts) != 1:
        return None
    run = columns[starts[0] : starts[0] + len(table.run)]
    return {role: run[int(said)] if said.isdigit() else said for role, said in table.columns.items()}


def _fits(pattern: re.Pattern[str], values: Sequence[str | None]) -> bool:
    """Say whether nine in ten of the values are of the pattern; where there are none, whether it allows for that."""
    said = [v.strip() for v in values if v] or [""]
    return sum(bool(pattern.fullmatch(v)) for v in said) >= 0.9 * len(said)


def listed(words: str = "") -> Iterator[str]:
    """Yield a line a manifest: name, title, where its items come from, what is stated of which part."""
    for m in search(words):
        yield "\t".join((m.name, m.title, f"items: {m.items_from}", "; ".join(_told(m)) or "nothing verified"))


def plain(name: str) -> str:
    """Return a name's letters and digits, case folded."""
    return "".join(c for c in name.casefold() if c.isalnum())


@cache
def load(path: Path) -> Manifest:
    """Return the manifest in a file; the file's name is its name."""
    raw = tomllib.loads(path.read_text("utf-8"))
    items = raw.get("items", {})
    return Manifest(
        name=path.stem,
        title=raw["title"],
        aliases=tuple(raw.get("aliases", ())),
        urls=tuple(raw.get("urls", ())),
        source=raw.get("source"),
        items_from=items.get("from", "unknown"),
        items_proof=Proof(**{k: v for k, v in items.items() if k != "from"}) if items else None,
        statements=tuple(Statement(**s) for s in raw.get("statement", ())),
        derived=tuple(Origin(**o) for o in raw.get("origin", ())),
        columns={role: str(column) for role, column in raw.get("columns", {}).items()},
        tables=tuple(
            Table(t.get("columns", {}), tuple(t.get("header", ())), t.get("note", ""), tuple(t.get("run", ())))
            for t in raw.get("table", ())
        ),
        part_of=raw.get("part_of"),
        namespace=raw.get("namespace"),
        same_ids=bool(raw.get("same_ids")),
        ids=raw.get("ids"),
        curations=tuple(Curation(**c) for c in raw.get("curation", ())),
        missing=tuple(raw.get("missing", ())),
        path=path,
    )


def _claim(name: str, said: Statement) -> dict[str, Any]:
    return {
        "item_id": name,
        "row": 0,
        "license_text": said.says,
        "license_url": said.url,
        "license_version": said.version,
        "vocabulary": said.vocabulary,
        "scope": said.scope,
        "authority": "access" if said.scope == "access" else "dataset",
        "as_of": said.as_of,
        "place": _place(said),
        "label": said.part,
    }


def _place(said: Statement) -> str:
    """Return where a statement stands, in the words sources use: a hub's tag, the file of a repository, else the kind of page."""
    if said.how == "hub card" or said.vocabulary == "huggingface":
        return "tag" if said.vocabulary == "huggingface" else said.how
    read = said.evidence.partition(": ")[2]
    file = "" if read.startswith("http") or ":" not in read else read.rpartition("/")[2].rpartition(":")[2]
    for name in ("readme", "license"):
        if file.casefold().startswith(name):
            return "readme" if name == "readme" else "license-file"
    return file or said.how


def _curated(name: str, taken: Curation) -> dict[str, Any]:
    said = {"license_text": taken.says, "license_url": None, "scope": taken.scope, "as_of": taken.when}
    return {"item_id": name, "row": 0, "authority": "curation"} | said


def _told(m: Manifest) -> Iterator[str]:
    for scope in dict.fromkeys(s.scope for s in m.standing):
        said = dict.fromkeys(_short(s) for s in m.standing if s.scope == scope)
        yield f"{scope}: {' | '.join(said)}"
    if m.missing:
        yield f"not verified: {', '.join(m.missing)}"


def _short(said: Statement) -> str:
    """Return the licence a statement names, or else the beginning of its words."""
    named = said.reads if said.reads not in (None, "NOASSERTION") else None
    return named or (f'"{said.says}"' if len(said.says) <= 60 else f'"{said.says[:57]}…"')


@cache
def _paths() -> tuple[Path, ...]:
    return tuple(sorted(folder("manifests").glob("*.toml")))


def _head(path: Path) -> dict[str, Any]:
    """Return what stands before a manifest's first table."""
    return tomllib.loads(path.read_text("utf-8").partition("\n[")[0])


Editions = Mapping[str, tuple[str, Path]]


@cache
def _index() -> tuple[dict[str, Path], dict[str, dict[tuple[str, ...], Path]], Editions]:
    """Return the files by plain name, and by host and path of their URLs; and editions by plain name with their file."""
    named: dict[str, Path] = {}
    placed: dict[str, dict[tuple[str, ...], Path]] = {}
    editions: dict[str, tuple[str, Path]] = {}
    for path in _paths():
        head = _head(path)
        for name in (path.stem, *head.get("aliases", ())):
            named[plain(name)] = path
        for prefix in head.get("urls", ()):
            host, _, rest = prefix.partition("/")
            placed.setdefault(host, {})[_segments(rest)] = path
        for name, site in _editions(head.get("editions", "")):
            editions[plain(name)] = editions[plain(site)] = name, path
    return named, placed, editions


def _editions(said: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the host of each edition that lines `SUFFIX: CODE CODE …` tell: `dewiki`, `de.wikipedia.org`."""
    for suffix, _, codes in (line.partition(":") for line in said.replace("\n  ", " ").split("\n") if line):
        for code in codes.split():
            project = "wikipedia" if suffix == "wiki" else suffix
            yield f"{code.replace('-', '_')}{suffix}", f"{code}.{project}.org"


def _by_url(url: str, placed: Mapping[str, Mapping[tuple[str, ...], Path]]) -> Path | None:
    """Return the file with the longest prefix of a URL; none where the host or a `..` could deceive."""
    try:
        parts = urlsplit(url.replace("hf://", "https://huggingface.co/", 1) if url.startswith("hf://") else url)
        host = (parts.hostname or "").removeprefix("www.").removesuffix(".")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or "\\" in url or any(c.isspace() for c in url):
        return None
    segments = _segments(unquote(parts.path))
    known = placed.get(host)
    if not known or ".." in segments:
        return None
    for length in range(len(segments), -1, -1):
        if segments[:length] in known:
            return known[segments[:length]]
    return None


def _edition(name: str, editions: "Editions") -> Manifest | None:
    """Return what is known of one edition among many of which the same is said, by its name or the address of its dumps."""
    dumped = re.fullmatch(r"https?://dumps\.wikimedia\.org/(\w+)(?:/.*)?", name)
    known = editions.get(plain(dumped[1] if dumped else name))
    if known is None:
        return None
    edition, path = known
    family = load(path)
    return replace(family, name=edition, title=f"{edition} among {family.title}", namespace=edition)


def _segments(path: str) -> tuple[str, ...]:
    return tuple(s.casefold() for s in path.split("/") if s not in ("", "."))
