"""What a published package holds: rows of files that state licences, and its data files, each an item.

What the package says as a whole is no word on a file: it is inherited by none (rule 5). A folder below the package's own
may have a licence file, a file may have one beside it or state one itself; a Debian package's copyright file has patterns.
Where rows state licences and name most of the files, as a list of pictures does, the rows are the items, and the files are counted.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from auditor.schema import Page
from auditor.sources import _embedded as embedded
from auditor.sources import _folder_pages as files
from auditor.sources import _repository_files as each
from auditor.sources import _repository_reuse as reuse
from auditor.sources import _repository_whole as whole
from auditor.sources import debian_copyright
from auditor.target import Target

TOP = 2  # folders deep: the first is the package's own
MORE_CODE = """
    a bat build cc class cmd cpp cs cts cu cxx do el exe f f90 go hpp in jar java jsx less lua m mts o php pl pm ps1 pxd pxi pyd
    r rb rs sass scss sh svelte tsx typed vue wasm zig
"""
CODE = (files.CODE | {f".{suffix}" for suffix in MORE_CODE.split()}) - {".map"}  # which a game has, too
TEXT = r"(?:\.(?:md|markdown|rst|txt|html?|pdf|debian|gz|bz2|amd64))*"
DOCUMENT = re.compile(
    r"(?i)(?:authors|change[-_]?log|code[-_]of[-_]conduct|codeowners|contribut(?:ing|ors)|copyrights?|maintainers|notice"
    rf"|[\w-]*readme[\w-]*(?:\.[a-z]{{2}}(?:[_-]\w{{2,4}})?)?){TEXT}"
)
AT_TOP = re.compile(  # and in Debian's folder of documents; elsewhere data may be called so
    rf"(?i)(?:bugs|changes|credits|faq|history|install(?:ing)?|news|security|thanks|todo|version|\w+_template){TEXT}"
)
SETTINGS = re.compile(
    r"(?i)makefile|(?:bower|component|composer|package-lock|renovate|tsconfig[\w.]*)\.json|setup\.cfg|manifest\.in|pnpm-lock\.yaml"
    r"|yarn\.lock|.*\.(?:[cm]?js|css|ts)\.map"
)
ABOUT = re.compile(
    r"[^/]+\.(?:dist|egg)-info/|(?:usr/|usr/local/)?s?bin/|usr/games/|usr/share/(?:bug|doc-base|help|info|lintian|man)/"
    r"|(?:.*/)?third[-_]?party[\w.-]*licen[sc]es?[^/]*$"
)
SAMPLE, LARGEST = 200, 64 << 20  # files that are looked for in lists, bytes of a list
LIBRARY = re.compile(r"\.so(?:\.\d+)*$")


def is_data(inside: str) -> bool:
    """Say whether a package's file is data by its name: no code, no program, none that tells of the package."""
    name = PurePosixPath(inside).name
    top = inside.count("/") < TOP or inside.startswith("usr/share/doc/")
    document = DOCUMENT.fullmatch(name) or (top and AT_TOP.fullmatch(name))
    told = document or tells(inside) or whole.form_of(Path(inside)) is not None or name == "CITATION.cff"
    program = LIBRARY.search(name) or SETTINGS.fullmatch(name) or PurePosixPath(name).suffix.lower() in CODE
    return not (told or program)


def tells(inside: str) -> bool:
    """Say whether a file only tells of the package: how it was made, installed, found."""
    return ABOUT.match(inside) is not None


def pages(target: Target, some: Sequence[files.File], found: files.Files) -> Iterator[Page]:
    """Yield the pages of a package's files, those that speak of the whole first; found: quiet, not yet looked into."""
    tree = found.root
    copyright_ = debian_copyright.of_package(tree)
    yield from found.dataset([f for f in some if f.path != copyright_ and not tells(f.inside)])
    rows = [s for s in found.streams if s[1] not in embedded.SOURCES]
    taken = {f.inside for held in (*(held for held, _, _ in rows), found.copies) for f in held}
    data = [f.inside for f in some if is_data(f.inside) and f.inside not in taken and f.path.stat().st_size]
    folders = each.speaking(tree, [f.inside for f in some], TOP, tells)
    apart = copyright_ is not None or bool(folders) or any(reuse.declares(tree, f.inside) for f in some)
    lists = [f for held, source, _ in rows for f in held if source != "folder" and f not in found.single]
    if not apart and lists and _name(lists, data):
        found.tell()
        if data:
            target.told(
                f"its items are the records that state licences; of {len(data)} data files only the package speaks."
            )
        yield from found.items()
        return
    by = (
        "each by what its copyright file may say of it" if copyright_ else "what is said of the whole is no word on any"
    )
    if data:
        target.told(f"its data files are its items, {len(data):,} of them; {by}.")
    _tell(target, [f.inside for f in some if f.inside not in taken and not is_data(f.inside)])
    of_files = each.pages(target, tree, data, folders)
    if copyright_ is not None:
        locator = f"{found.prefix}{copyright_.relative_to(tree).as_posix()}"
        of_files = debian_copyright.installed(replace(target, name=locator, path=copyright_), data)
        yield next(of_files)
    yield from replace(found, streams=rows).items()
    yield from of_files


def _name(lists: Sequence[files.File], data: Sequence[str]) -> bool:
    """Say whether lists name most of the files, by name or stem; a few that are no pictures or sounds may lie beside them."""
    if len(data) <= files.MANY and not any(each.kind_of(d) != "file" for d in data):
        return True
    some = data[:: len(data) // SAMPLE + 1]
    words = b"\n".join(f.path.read_bytes()[:LARGEST] for f in lists).lower()
    names = ((n, n.rpartition(".")[0]) for n in (PurePosixPath(d).name.lower() for d in some))
    named = sum(any(len(w) > 2 and w.encode() in words for w in pair) for pair in names)
    return 2 * named >= len(some)


def _tell(target: Target, others: Sequence[str]) -> None:
    if others:
        kinds = Counter(PurePosixPath(o).suffix.lower() or "no suffix" for o in others)
        most = ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items(), key=lambda k: (-k[1], k[0]))[:12])
        target.told(f"{len(others)} files of code, of documents and of the package itself are no items: {most}")
