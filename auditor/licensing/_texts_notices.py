"""Notices that say under which licence a work is, and which version: `licenses/notices.tsv`, and SPDX-License-Identifier lines.

A notice is replaced by the SPDX id that it says; the reader then reads what is left as any statement, so that what restricts
beside it counts.
"""

import re
from functools import cache
from itertools import accumulate

from auditor.licensing import spdx_list, tables

_WORD = re.compile(r"\d+(?:\.\d+)*|[^\W\d_]+")
_IDENTIFIER = re.compile(r"SPDX-License-Identifier:[ \t]*(?P<e>[^\n]{1,300}?)[ \t]*(?:\*/|-->|\"|#\}|$)", re.MULTILINE)
_FILE_COPYRIGHT = re.compile(r"SPDX-FileCopyrightText:[^\n]{0,300}$", re.MULTILINE)


def rewrite(text: str) -> str:
    """Return the text with each notice replaced by the id it says; boilerplate of notices is left out."""
    folded = " ".join(_WORD.findall(text)).lower()
    found = [(match, license_) for pattern, license_ in _patterns() for match in pattern.finditer(folded)]
    if not found:
        return text
    words = list(_WORD.finditer(text))
    starts = list(accumulate((len(m[0]) + 1 for m in words), initial=0))
    place = {start: i for i, start in enumerate(starts)}
    cuts: list[tuple[int, int, str]] = []
    if len(folded) + 1 != starts[-1]:
        return text  # a letter that folds to two
    for match, license_ in found:
        first, last = place.get(match.start()), place.get(match.end() + 1)
        said = _id(license_, match)
        if first is None or last is None or said is None or any(f < last and first < e for f, e, _ in cuts):
            continue
        cuts.append((first, last, said))
    pieces, at = [], 0
    for first, last, said in sorted(cuts):
        pieces += [text[at : words[first].start()], said and f"under {said}"]
        at = words[last - 1].end()
    return "".join([*pieces, text[at:]])


def identifiers(text: str) -> tuple[list[str], str]:
    """Return the expressions of the SPDX-License-Identifier lines, and the text without them."""
    found = list(dict.fromkeys(" ".join(m["e"].split()) for m in _IDENTIFIER.finditer(text)))
    return (found, _FILE_COPYRIGHT.sub("", _IDENTIFIER.sub("", text))) if found else (found, text)


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(rf"(?<!\w)(?:{row['pattern']})(?!\w)"), row["license"]) for row in tables.rows("notices.tsv")]


def _id(license_: str, match: re.Match[str]) -> str | None:
    """Return the id with its version filled in, "" for boilerplate, None where SPDX has no such licence."""
    if not license_:
        return ""
    said = {k: v for k, v in match.groupdict().items() if v}
    version = said.get("v") or said.get("w") or ""
    whole = license_.replace("{v}", version if "." in version else f"{version}.0")
    return spdx_list.folded().get(whole.lower())
