"""The machine-readable debian/copyright format 1.0 (DEP-5), read paragraph by paragraph: one broken one costs no other.

Source: https://debian.org/doc/packaging-manuals/copyright-format/1.0. python-debian gives the globs; its reader takes
a file whole or not at all and keeps the first of two License fields, so paragraphs are split here.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from debian.copyright import MachineReadableFormatError, globs_to_re

HEAD = 20_000  # characters looked at for the header
FORMAT = re.compile(r"copyright-?format|dep-?5", re.IGNORECASE)  # a .dsc or .changes file has a Format field too
FIELD = re.compile(r"([!-9;-~]+):[ \t]*(.*)")
FILES = re.compile(r"Files:", re.IGNORECASE)


@dataclass
class Paragraph:
    """Fields, their names in lower case; a field that stands twice has two values; `error`: why it can't be read."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    error: str | None = None

    def one(self, name: str) -> str | None:
        """Return all that a field says, or None."""
        said = "\n".join(self.fields.get(name, ())).strip()
        return said or None

    @property
    def patterns(self) -> list[str]:
        """The globs of a Files paragraph."""
        return " ".join(self.fields.get("files", ())).split()

    @property
    def licenses(self) -> list[tuple[str, str]]:
        """The License fields: short name (the first line) and text each."""
        return [license_of(v) for v in self.fields.get("license", ())]

    @property
    def is_files(self) -> bool:
        """Whether it speaks of files."""
        return "files" in self.fields


@dataclass(frozen=True)
class Copyright:
    """One file: its header, its Files paragraphs (broken ones among them, in their place), and texts by short name."""

    header: Paragraph
    files: list[Paragraph]
    texts: dict[str, str]

    def matchers(self) -> list[tuple[re.Pattern[str], int]]:
        """Return the compiled globs of each Files paragraph with its place, the last first: the last match wins.

        A paragraph whose globs are not allowed becomes an error, and matches all that no later one does.
        """
        found = []
        for place, paragraph in reversed(list(enumerate(self.files))):
            try:
                found.append((globs_to_re(paragraph.patterns), place))
            except (MachineReadableFormatError, re.error):
                found.append((re.compile(".*", re.DOTALL), place))
                paragraph.error = (
                    f"its Files field has a glob that is not allowed: {' '.join(paragraph.patterns)[:200]}"
                )
        return found


def is_machine_readable(text: str) -> bool:
    """Say whether a paragraph near the beginning has a Format field that names this format.

    It should be the first; files that were written before the format often have words before it.
    """
    return any(_is_header(parse(lines)) for lines in split(text[:HEAD]))


def read(text: str) -> Copyright:
    """Read a machine-readable file; what stands before its header is left aside."""
    paragraphs = [parse(lines) for lines in split(text)]
    start = next((i for i, p in enumerate(paragraphs) if _is_header(p)), 0)
    texts: dict[str, str] = {}
    for paragraph in paragraphs:
        for name, said in paragraph.licenses:
            if said and (not paragraph.is_files or name.lower() not in texts):
                texts[name.lower()] = said
    header = paragraphs[start] if paragraphs else Paragraph()
    return Copyright(header, [p for p in paragraphs if p.is_files], texts)


def _is_header(paragraph: Paragraph) -> bool:
    said = (paragraph.one("format") or "") + (paragraph.one("format-specification") or "")
    return bool(FORMAT.search(said))


def license_of(value: str) -> tuple[str, str]:
    """Return short name and text of a License field: the indent goes, a lone dot is an empty line."""
    first, *rest = value.split("\n")
    lines = [line[1:].rstrip() for line in rest]
    return first.strip(), "\n".join("" if line.strip() == "." else line for line in lines).strip("\n")


def split(text: str) -> Iterator[list[str]]:
    """Yield the paragraphs' lines, comments left out.

    Lenient where nothing is lost by it: text that stands without indent between two paragraphs goes on with the
    first, and a second Files field without an empty line before it begins a new paragraph.
    """
    held: list[str] = []
    for block in re.split(r"\n(?:[ \t]*\n)+", text.removeprefix("\ufeff").replace("\r\n", "\n")):
        lines = [line for line in block.split("\n") if line.strip() and not line.startswith("#")]
        if held and lines and (FIELD.match(lines[0]) or any(FILES.match(line) for line in lines)):
            yield from _apart(held)
            held = []
        elif held:
            lines = [f" {line}" for line in lines]
        held += lines
    if held:
        yield from _apart(held)


def _apart(lines: list[str]) -> Iterator[list[str]]:
    starts = [i for i, line in enumerate(lines) if FILES.match(line)][1:]
    for start, end in zip([0, *starts], [*starts, len(lines)], strict=True):
        yield lines[start:end]


def parse(lines: Iterable[str]) -> Paragraph:
    """Return one paragraph; a line that is no field and no continuation is its error."""
    paragraph = Paragraph()
    name = ""
    for line in lines:
        match = FIELD.match(line)
        if line[0] in " \t" and name:
            paragraph.fields[name][-1] += "\n" + line
        elif match:
            name = match.group(1).lower()
            paragraph.fields.setdefault(name, []).append(match.group(2))
        else:
            paragraph.error = paragraph.error or f"a line of it is neither a field nor goes on with one: {line[:100]}"
    return paragraph
