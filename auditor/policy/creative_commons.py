"""Creative Commons ids by their grammar: elements, version, jurisdiction. Ports without an SPDX id follow it too."""

import re
from functools import cache
from typing import NamedTuple

ELEMENTS = ("BY", "NC", "ND", "SA", "SAMPLING", "SAMPLINGPLUS", "DEVNATIONS")
_ID = re.compile(
    rf"(?:LicenseRef-)?CC((?:-(?:{'|'.join(ELEMENTS)}))+)(?:-(\d\.\d))?(?:-([A-Z]{{2,3}}|SCOTLAND))?", re.IGNORECASE
)


class Tool(NamedTuple):
    """What a Creative Commons id says; a missing version or jurisdiction was not stated."""

    elements: frozenset[str]
    version: str | None
    jurisdiction: str | None  # as the id writes it: DE, UK, SCOTLAND, IGO


@cache
def parse(name: str) -> Tool | None:
    """Return what the id says, or None where it is not one of this grammar (CC0 and the marks are not)."""
    match = _ID.fullmatch(name)
    if not match:
        return None
    elements = match[1].upper().strip("-").split("-")
    if len(set(elements)) < len(elements) or {"ND", "SA"} <= set(elements):
        return None
    return Tool(frozenset(elements), match[2], match[3].upper() if match[3] else None)
