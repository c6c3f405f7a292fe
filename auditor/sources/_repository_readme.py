"""What a README (Markdown, reStructuredText, plain) says of licences: sections, labelled lines, badges; word for word.

Shared by `huggingface` (a dataset card is a README) and `repository`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from auditor.licensing import read
from auditor.sources import _repository_said as place

NAME = re.compile(
    r"(?i)(?:readme(?:[._-][a-z]{2}(?:[_-][a-z]{2,4})?)?|lisez-?moi|lies-?mich|l[ée]eme|leia-?me|leggimi|data_?sheet|data(?:set)?[-_]?card)"
    r"(\.(md|markdown|mdown|rst|txt|adoc|org))?|readme\.(?:dataset|roboflow)\.txt"
)
LARGEST = 4 << 20  # characters looked at
ABOUT = re.compile(
    r"(?i)\blicen[sc](?:es?|ing|ed)\b|\bcopyrights?\b|\bterms (?:of|and|&)|\b(?:usage|data use) (?:terms|restrictions|rights|agreement)"
    r"|\bre-?use (?:terms|conditions)\b|lizenz|licencia|licença|\blicenza\b|лиценз|许可|授權|ライセンス|라이선스"
)
OTHER = re.compile(r"(?i)\b(?:citation|citing|contribut|acknowledge?ment|changelog|contact)")
TITLE = re.compile(r"(?i)\s*data(?:set)? card for\b")
EMPTY = re.compile(
    r"(?i)[\s\W_]*(?:\[?(?:more information needed|needs more information|more info needed)\]?(?:\([^)\s]*\))?|n/?a|todo|tbd)?[\s\W_]*"
)
ATX = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
UNDERLINE = re.compile(r"([=\-~^\"'`#*+])\1{2,}\s*$")
FENCE = re.compile(r" {0,3}(?:(```+)([^`]*)|(~~~+)(.*))$")
HTML = re.compile(r"(?i)\s*<h([1-6])[^>]*>(.*?)</h\1>\s*$")
LABELLED = re.compile(
    r"(?im)^[ \t>*+-]*(?:\*\*|__)\s*(licen[sc](?:e|es|e\(s\)|ing))\s*:?\s*(?:\*\*|__)\s*:?[ \t]*(\S.*)$"
)
LINE = re.compile(r"(?m)^Licen[cs]e:[ \t]+(\S.*)$")  # a line of its own, as in Roboflow's README.dataset.txt
WORKS = (
    "annotations|archive|audio|clips|collection|content|corpora|corpus|data(?:[ -]?(?:base|sets?))?|files|icons|images|photos|pictures"
    "|recordings|repository|sounds|texts?|videos|work"
)
SENTENCE = re.compile(  # what the data are licensed under, in running text
    rf"(?i)(?:^|(?<=[.!?]\s)|(?<=\n))[ \t>*-]*((?:this|the|our|all(?: of the)?)\s+(?:[\w-]+\s+){{0,3}}?(?:{WORKS})"
    r"\s+(?:is|are|has been|have been|was|were)\s+(?:[\w-]+\s+){0,3}?"
    r"(?:licen[sc]ed|released|distributed|available|published|provided|shared)\b[^\n]*(?:\n(?!\s*\n)[^\n]+)*)"
)
BADGE = re.compile(r"\[!\[([^\]]*)\]\(([^)\s]+)[^)]*\)\]\(([^)\s]+)[^)]*\)|!\[([^\]]*)\]\(([^)\s]+)[^)]*\)")
STATIC = re.compile(
    r"(?i)img\.shields\.io/(?:badge|static/v1)[/?](?:[^-?#]|--)*?licen[sc]e[^-?#]*-((?:[^-?#]|--)+)-[^-?#]+"
)
DYNAMIC = re.compile(r"(?i)img\.shields\.io/(?:github|gitlab|pypi|npm|crates|conda)[^/]*/")
BARE = re.compile(r"(?i)\W*(?:licen[sc]es?|badge)?\W*")


@dataclass(frozen=True, slots=True)
class Part:
    """One part: what it stands under, its words, its link, and what kind of part it is (`readme` or `badge`)."""

    heading: str
    text: str | None
    url: str | None = None
    kind: str = "readme"


def parts(text: str) -> list[Part]:
    """Return the parts that speak of licences, in their order, those with nothing but a placeholder left out."""
    text = text[:LARGEST].replace("\r\n", "\n")
    found = [Part(h, body) for h, body in sections(text) if not EMPTY.fullmatch(body)]
    under = "\n".join(p.text or "" for p in found)
    for match in LABELLED.finditer(text):
        said = match.group(2).strip()
        if not EMPTY.fullmatch(said) and match.group(0).strip() not in under:
            found.append(Part(match.group(1), said))
    under = "\n".join(p.text or "" for p in found)
    lines = [m.group(1).strip() for m in LINE.finditer(text) if m.group(0).strip() not in under]
    found += [Part("License", said) for said in lines if read(said).restrictions or read(said).license != "NOASSERTION"]
    found += [b for b in badges(text) if b not in found]
    return found or [Part("", s) for s in _stated(text)]


def _stated(text: str) -> Iterator[str]:
    """Yield the paragraphs from where running text says what the data are licensed or released under."""
    for match in SENTENCE.finditer(text):
        said = " ".join(match.group(1).split())
        reading = read(said)
        if reading.restrictions or reading.license != "NOASSERTION":
            yield said


def claims(text: str) -> Iterator[dict[str, Any]]:
    """Yield what the parts say as claims of the uploader; a heading may say that a part is of the code alone."""
    for part in parts(text):
        where = place.BADGE if part.kind == "badge" else place.README
        yield place.uploaded(where, license_text=part.text, license_url=part.url, scope=place.scope_of(part.heading))


def sections(text: str) -> Iterator[tuple[str, str]]:
    """Yield heading and body of each section on licences; a body goes to the next heading that is not below it."""
    lines = text.split("\n")
    heads = list(headings(lines))
    until = 0
    for at, (start, first, level, heading) in enumerate(heads):
        if start < until or not ABOUT.search(heading) or TITLE.match(heading):
            continue
        below = level if level > 1 else 6  # the document's own title has the whole of it below
        until = next((s for s, _, other, said in heads[at + 1 :] if other <= below or OTHER.search(said)), len(lines))
        yield heading, "\n".join(lines[first:until]).strip()


def headings(lines: list[str]) -> Iterator[tuple[int, int, int, str]]:
    """Yield each heading's line, the line after it, its level and words; none inside a fence."""
    inside = fenced(lines)
    ranks: dict[str, int] = {}
    for number, line in enumerate(lines):
        if number in inside:
            continue
        found = ATX.match(line)
        html = HTML.match(line)
        if found:
            yield number, number + 1, len(found.group(1)), found.group(2)
        elif html:
            yield number, number + 1, int(html.group(1)), re.sub(r"<[^>]+>", "", html.group(2))
        elif number + 1 < len(lines) and _underlined(line, lines[number + 1]):
            sign = lines[number + 1].strip()[0]
            yield number, number + 2, {"=": 1, "-": 2}.get(sign) or ranks.setdefault(sign, 3 + len(ranks)), line.strip()


def fenced(lines: list[str]) -> set[int]:
    """Return the lines of fenced code; a fence that is never closed holds nothing, lest it hide what comes after."""
    inside: set[int] = set()
    start, fence = -1, ""
    for number, line in enumerate(lines):
        mark = FENCE.match(line)
        sign, rest = (mark.group(1) or mark.group(3), mark.group(2) or mark.group(4) or "") if mark else ("", "")
        if fence and sign.startswith(fence) and not rest.strip():
            inside.update(range(start, number + 1))
            fence = ""
        elif sign and not fence:
            start, fence = number, sign
    return inside


def _underlined(line: str, below: str) -> bool:
    said = line.strip()
    if not said or said[0] in "|>" or UNDERLINE.match(said) or said == "---":
        return False
    return bool(UNDERLINE.match(below)) and len(below.strip()) >= min(len(said), 40) and len(said) <= 200


def badges(text: str) -> list[Part]:
    """Return the badges that state a licence; one that the badge's server looks up itself states nothing."""
    found = []
    for linked, image, link, alone, picture in BADGE.findall(text):
        words, shown = linked or alone, image or picture
        static = STATIC.search(unquote(shown))
        if DYNAMIC.search(shown) or not (
            static or re.search(r"(?i)licen[sc]e|creativecommons\.org/l/", words + shown + link)
        ):
            continue
        said = static.group(1).replace("--", "-").replace("_", " ").strip() if static else words
        url = (
            link
            if re.match(r"https?://", link) and not re.search(r"(?i)/(?:blob|tree|raw)/|shields\.io", link)
            else None
        )
        if url or not BARE.fullmatch(said):
            found.append(Part("badge", None if BARE.fullmatch(said) else said, url, "badge"))
    return list(dict.fromkeys(found))
