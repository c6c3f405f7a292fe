"""The appendix as LaTeX, for pdfTeX, XeTeX and LuaTeX; no character of the data means anything to TeX.

pdfTeX's fonts (T1) have the Latin letters; any other character is shown as its number there, and as itself elsewhere.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby

from auditor.appendix import Head, asks, words
from auditor.appendix.credits import Credit, Credits
from auditor.appendix.text import link
from auditor.report.section import counted

PREAMBLE = r"""\documentclass[11pt]{article}
\newif\ifunicodetex
\ifdefined\XeTeXversion\unicodetextrue\fi
\ifdefined\directlua\unicodetextrue\fi
\ifunicodetex
  \usepackage{fontspec}
  \newcommand{\codepoint}[1]{\iffontchar\font"#1\relax\char"#1\relax\else\texttt{\small[U+#1]}\fi}
\else
  \usepackage[utf8]{inputenc}
  \usepackage[T1]{fontenc}
  \usepackage{textcomp}
  \IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
  \newcommand{\codepoint}[1]{\texttt{\small[U+#1]}}
\fi
\usepackage[margin=25mm]{geometry}
\usepackage[hidelinks]{hyperref}
\setlength{\parindent}{0pt}\setlength{\parskip}{4pt plus 2pt}
\raggedright
"""
_SPECIAL = {c: f"\\{c}" for c in "{}$&#%_"} | {c: f"{{{c}}}" for c in "-,!?[]"}
_SPECIAL |= {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}"}
_SPECIAL |= {">": r"\textgreater{}", "|": r"\textbar{}", "`": r"\textasciigrave{}"}
_SPECIAL |= {'"': r"\textquotedbl{}", "'": r"\textquotesingle{}"}
# What T1 holds beside ASCII: Latin letters with accents, and marks of text (LaTeX's t1enc.dfu).
_LATIN = frozenset("ĂăĄąĆćČčĎďĐđĘęĚěĞğĹĺĽľŁłŃńŇňŐőŔŕŘřŚśŞşŠšŤťŢţŮůŰűŸŹźŻżŽžİıŒœ–—‘’“”„‚…«»")
_LATIN |= frozenset(chr(n) for n in range(0xC0, 0x100) if n not in (0xD7, 0xF7))
LONG = 24  # characters without a break after which one may be made


def pieces(head: Head, found: Credits) -> Iterator[str]:
    """Yield the document."""
    yield PREAMBLE + "\\begin{document}\n\\section*{" + _shown(words.title(head)) + "}\n\n"
    yield "".join(f"{_shown(line)}\n\n" for line in words.intro(head, found))
    for lacking, group in groupby(found, lambda c: bool(c.missing)):
        if lacking:
            yield f"\\section*{{Credits that are not complete}}\n{_shown(words.hint(found))}\n\n"
            yield from _incomplete(group, found)
        elif head.by == "item":
            yield "\\section*{Items}\n"
            yield from _list(
                f"{_item(c)}, {words.by(_shown(words.author(c)))}, {_shown(c.used)}{_history(c)}" for c in group
            )
        else:
            yield from _by_license(group, found)
    yield from _texts(found)
    yield "\\end{document}\n"


def _by_license(group: Iterable[Credit], found: Credits) -> Iterator[str]:
    for used, under in groupby(group, lambda c: c.used):
        yield f"\\section*{{{_shown(used)}: {counted(found.licenses[used])}}}\n"
        for one in map(asks.license_of, asks.licenses(used)):
            yield f"{_shown(one.name)}{_address(one.url)}. {_shown(words.asked(one))}\n\n"
        for who, own in groupby(under, words.author):
            yield f"\\textbf{{{_shown(who)}}}\n"
            yield from _list(f"{_item(c)}{_history(c)}" for c in own)


def _incomplete(group: Iterable[Credit], found: Credits) -> Iterator[str]:
    for (used, what), lacking in groupby(group, lambda c: (c.used, c.missing)):
        yield f"\\subsection*{{{_shown(used)}, {_shown(words.missing(what))}: {counted(found.missing[used, what])}}}\n"
        yield from _list(f"{_item(c)}, {words.by(_shown(words.author(c)))}{_history(c)}" for c in lacking)


def _list(lines: Iterable[str]) -> Iterator[str]:
    yield "\\begin{itemize}\n"
    yield from (f"\\item {{}}{line}\n" for line in lines)
    yield "\\end{itemize}\n"


def _texts(found: Credits) -> Iterator[str]:
    if found.ids:
        yield "\\section*{Licences}\n"
    for one in map(asks.license_of, found.ids):
        yield f"\\subsection*{{{_shown(one.name)}}}\n{_shown(one.id)}{_address(one.url)}\n\n"
        yield (
            "{\\small\n"
            + "\n\n".join(_shown(line) for line in (one.text or words.no_text(one)).splitlines())
            + "\n\n}\n"
        )


def _item(credit: Credit) -> str:
    parts = [_shown(words.name(credit)), *map(_shown, words.after(credit))]
    if credit.source:
        parts.append(f"\\url{{{link(credit.source)}}}" if link(credit.source) else _shown(words.source(credit)))
    return ", ".join(parts)


def _history(credit: Credit) -> str:
    return _address(credit.history)


def _address(url: str | None) -> str:
    address = link(url)
    return f", \\url{{{address}}}" if address else ""


def _shown(text: str) -> str:
    """Return text that TeX sets as it is; long words may break."""
    return "".join(_set(unicodedata.normalize("NFC", text)))


def _set(text: str) -> Iterator[str]:
    run = 0
    for character in text:
        run = 0 if character.isspace() else run + 1
        if character.isascii():
            yield _SPECIAL.get(character, character)
        elif character in _LATIN:
            yield character
        else:
            yield f"\\codepoint{{{ord(character):04X}}}"
            run += len("[U+0000]") - 1  # as wide as it may be set
        if run >= LONG:
            yield "\\allowbreak{}"
            run = 0
