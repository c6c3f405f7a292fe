"""Does an audit still hold? Its bytes are hashed again, and its findings derived again from its pages, without the network.

What is gone can't be verified, and is never counted as passed. An audit that an earlier auditor made is derived again with the
code and knowledge of this one: what differs then shows what they read otherwise.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.errors import BadInput
from auditor.report.section import number

if TYPE_CHECKING:
    from auditor.auditing import Audit
    from auditor.verify.asked import Asked
    from auditor.verify.derived import Derived
    from auditor.verify.hashed import Hashed

NAMED = 10  # files named in one list; the rest is counted


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked of an audit, and what was found."""

    folder: str
    items: int
    parts: "Hashed"
    pages: "Hashed"
    derived: "Derived"
    asked: "Asked | None" = None

    @property
    def holds(self) -> bool:
        """Whether all that was checked is the same: nothing changed, nothing gone, no finding otherwise."""
        return self.parts.whole and self.pages.whole and self.derived.same

    def __bool__(self) -> bool:
        return self.holds

    def render(self) -> str:
        """Return one page of text: the answer, what was checked, what differs."""
        lines = [self._answer(), "", *self._hashes("Findings", "parts", self.parts)]
        lines += self._hashes("Evidence", "pages", self.pages)
        lines += self.derived.lines()
        lines += self.asked.lines() if self.asked else []
        return "\n".join(lines) + "\n"

    def __str__(self) -> str:
        return self.render()

    def _answer(self) -> str:
        if self.holds:
            return f"VERIFIED: the findings of {self.folder} ({number(self.items)}) are those that its evidence gives."
        gone = [n for n, hashed in (("parts", self.parts), ("evidence", self.pages)) if hashed.gone]
        changed = [n for n, hashed in (("parts", self.parts), ("evidence", self.pages)) if hashed.changed]
        why = [f"{' and '.join(changed)} changed"] if changed else []
        why += [f"{' and '.join(gone)} gone"] if gone else []
        why += [] if self.derived.same else [self.derived.why]
        return f"NOT VERIFIED: {self.folder}: {'; '.join(why)}."

    def _hashes(self, title: str, what: str, hashed: "Hashed") -> list[str]:
        apart = f", {number(hashed.without)} have no bytes of their own" if hashed.without else ""
        lines = [f"{title}: {number(hashed.same)} of {number(hashed.of)} {what} have the SHA-256 they had{apart}."]
        for word, names in (("changed", hashed.changed), ("gone, not verifiable", hashed.gone)):
            lines += [f"  {word}: {name}" for name in names[:NAMED]]
            lines += [f"  {word}: {number(len(names) - NAMED)} more"] if len(names) > NAMED else []
        return lines


def verify(
    audit: "Audit",
    *,
    ask_again: int = 0,
    seed: int | None = None,
    endpoints: Mapping[str, str] | None = None,
    allow_hosts: Collection[str] = (),
    workers: int | None = None,
) -> Verification:
    """Check an audit's hashes and derive its findings again; AuditError where it can't be done.

    ask_again: so many of the origins that were followed, drawn at random (`seed`), are asked once more.
    """
    from auditor.policy import load
    from auditor.verify import asked, derived, hashed

    info = audit.info
    load(info["policy"])
    if info["finished"] is None:
        raise BadInput(
            f"{audit.folder} was not done to its end: run `auditor audit {info['target']} -o {audit.folder}`."
        )
    parts, readable = hashed.parts(audit.folder)
    pages, there = hashed.pages(audit.folder)
    found = derived.derive(audit, there, readable, workers)
    again = asked.ask(audit.folder, ask_again, seed, endpoints or {}, allow_hosts) if ask_again else None
    return Verification(str(audit.folder), info["rows"], parts, pages, found, again)
