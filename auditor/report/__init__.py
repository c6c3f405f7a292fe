"""The freeness report: one object made from an audit, and pure functions that turn it into text, Markdown, HTML or JSON."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auditor.auditing import Audit
    from auditor.compatibility import Release
    from auditor.lineage import Lineage

FORMATS = ("text", "md", "html", "json")
WORST_FIRST = (
    *("academic-only", "non-commercial", "no-derivatives", "use-restricted", "proprietary", "unknown"),
    *("free-sharealike", "free"),
)
FREE_UNDER, NONE_NAMED = "free under the policy", "none named"
NOT_EXAMINED = (
    "privacy and personality rights; trademarks; rights in works that are depicted or quoted; database rights beyond what is stated",
    "whether whoever stated a licence had the right to give it",
    "anything behind the statements that were read: this is what was said, by whom, and by which rule it was read. It is not legal advice",
)


@dataclass(frozen=True)
class Group:
    """Items of one category: how many, why, and some of them."""

    category: str
    items: int
    reasons: list[tuple[str, int]]
    examples: list[dict[str, Any]]


@dataclass(frozen=True)
class Origin:
    """Items whose origin was followed, or wasn't for one kind of reason: how many, why, and an item of each why."""

    status: str  # one of schema.ORIGIN_STATUSES, or NONE_NAMED
    items: int
    reasons: list[tuple[str, int, str]]


@dataclass(frozen=True, repr=False)
class Report:
    """What an audit found, counted; every count adds up to `items`."""

    target: str
    title: str
    policy: str
    items: int
    level: str
    verdicts: dict[str, int]
    categories: dict[str, int]
    access: dict[str, int]
    access_terms: list[dict[str, Any]]
    groups: list[Group]
    licenses: list[tuple[str, str, str, int]]  # concluded, category, verdict, items
    by: dict[str, list[tuple[str, int, int]]]  # kind, split, label, language, host -> value, items, free ones
    unread: list[tuple[str, int]]
    conflicts: tuple[int, list[tuple[str, int]]]
    conflict_kinds: dict[str, int]  # `tag against readme`, `host against aggregator` … -> items
    compatibility: "Release"
    lineage: "Lineage"  # of the dataset, its items' origins left out
    errors: tuple[int, list[tuple[str, int]]]
    attribution: dict[str, int]
    origins: dict[str, int]
    followed: list["Origin"]  # what became of each item's origin; empty where none was asked for
    routes: dict[str, dict[str, int]]  # collection, origin -> category -> items, and FREE_UNDER
    retrieved: dict[str, list[tuple[str, int]]]  # items, answers of origins -> start of a span of time (UTC), how many
    dataset: dict[str, Any]
    info: dict[str, Any]
    where: str
    not_examined: tuple[str, ...] = field(default=NOT_EXAMINED)

    @classmethod
    def of(cls, audit: "Audit") -> "Report":
        """Count an audit's findings."""
        from auditor.report.count import count

        return cls(**count(audit))

    @property
    def free(self) -> int:
        """Items whose verdict is free under the policy."""
        return self.verdicts.get("free", 0)

    @property
    def restricted_access(self) -> str | None:
        """The strictest category of the terms of access, where they forbid something."""
        from auditor.policy import FORBIDDING

        return next((c for c in WORST_FIRST if c in self.access and c in FORBIDDING), None)

    def render(self, form: str = "text") -> str:
        """Return the report as text, Markdown (`md`), one HTML file or JSON."""
        made: Callable[[Report], str] = import_module(f"auditor.report.{form}").render
        return made(self)

    def __str__(self) -> str:
        return self.render("text")

    def __repr__(self) -> str:
        said = ", ".join(f"{n:,} {verdict}" for verdict, n in sorted(self.verdicts.items()))
        return f"<Report on {self.title}, policy {self.policy}: {self.items:,} items, {said}>"

    def _repr_html_(self) -> str:
        from auditor.report.html import fragment

        return fragment(self)
