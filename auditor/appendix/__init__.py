"""The licence appendix of a release: the credit of every item that passes a policy, in the words and form its licence asks for.

A credit that lacks what its licence asks for is never passed over: it is listed apart, with what is missing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.appendix.credits import Credits, gathered
from auditor.errors import BadOption
from auditor.report.section import counted, number
from auditor.store import write_whole
from auditor.subset import ROUTES

if TYPE_CHECKING:
    from auditor.auditing import Audit

FORMATS = ("md", "html", "tex", "csv", "dep5", "notice")
ORDERS = ("license", "item")


@dataclass(frozen=True, slots=True)
class Head:
    """What an appendix says of itself."""

    title: str
    policy: str
    route: str
    by: str  # license | item
    changes: str | None  # what the release changed, in its maker's words
    when: str  # day of the audit
    auditor: str


@dataclass(frozen=True, slots=True)
class Appendix:
    """How many credits an appendix has; `complete` and `incomplete` add up to the items that pass."""

    of: int
    complete: int
    incomplete: int
    missing: dict[tuple[str, str], int]  # (licence, what is missing) -> items
    text: str | None  # the document itself, where it was not written to a file

    def __str__(self) -> str:
        return self.text if self.text is not None else self.summary()

    def summary(self) -> str:
        """Say in a line a fact how many credits are complete, and what is missing of the others."""
        lines = [
            f"{number(self.complete + self.incomplete)} of {counted(self.of)} pass; the credits of {number(self.complete)} are complete."
        ]
        lines += [f"{number(n)} under {used} lack{'s' * (n == 1)}: {what}." for (used, what), n in self.missing.items()]
        return "\n".join(lines) + "\n"


def appendix(
    audit: "Audit",
    out: Path | None = None,
    *,
    form: str = "md",
    by: str = "license",
    under: str | None = None,
    route: str = "origin",
    changes: str | None = None,
) -> Appendix:
    """Write the appendix of the items that pass to `out`, whole or not at all; without it the text is returned.

    form: one of FORMATS. by: `license`, then author, or `item`, in the dataset's order (dep5 is always by licence, csv and
    notice take both). under: a policy's name or TOML file, the audit's own by default. changes: what the release changed.
    """
    with written(audit, form=form, by=by, under=under, route=route, changes=changes) as (credits_, pieces):
        text = None
        if out is None:
            text = "".join(pieces)
        else:
            write_whole(out, pieces)
        return Appendix(credits_.of, credits_.complete, credits_.incomplete, credits_.missing, text)


@contextmanager
def written(
    audit: "Audit", *, form: str, by: str, under: str | None, route: str, changes: str | None
) -> Iterator[tuple[Credits, Iterator[str]]]:
    """Give the credits and the document, piece by piece; memory does not grow with the number of items."""
    for option, value, known in (("--format", form, FORMATS), ("--by", by, ORDERS), ("--route", route, ROUTES)):
        if value not in known:
            raise BadOption(f"{option} {value!r} is not known: use one of {', '.join(known)}.")
    info = audit.info
    policy = under or info["policy"]
    head = Head(audit.title, policy, route, by, changes, str(info["finished"] or info["started"])[:10], info["auditor"])
    with gathered(audit, policy, route, "globs" if form == "dep5" else by) as credits_:
        yield credits_, import_module(f"{__name__}.{form}").pieces(head, credits_)
