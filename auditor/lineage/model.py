"""A lineage: datasets and origins as nodes, `was_derived_from` as steps, and what follows from them. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from auditor.errors import BadOption
from auditor.policy import FORBIDDING, category_of

CONTENTS = (None, "media", "text", "code", "data", "database")  # scopes whose licence binds what is made of the dataset
BINDING = FORBIDDING | {"share-alike"}
FORMS = ("text", "mermaid", "dot", "prov-json")


@dataclass(frozen=True, slots=True)
class Stated:
    """One statement on one scope of a dataset, and how it was read."""

    scope: str | None
    words: str
    license: str
    restrictions: frozenset[str]
    known: bool  # all that it restricts is known


@dataclass(frozen=True, slots=True)
class Node:
    """A dataset, or something that one was made from."""

    name: str
    title: str = ""
    kind: str = "dataset"  # dataset | unknown: no manifest knows it | items: the works its items are, by host
    items_from: str = "unknown"
    stated: tuple[Stated, ...] = ()
    number: int | None = None  # of items that come from it, where they were counted

    @property
    def contents(self) -> tuple[Stated, ...]:
        """The statements that bind what is made of its contents."""
        return tuple(s for s in self.stated if s.scope in CONTENTS)

    @property
    def access(self) -> tuple[Stated, ...]:
        """The terms of the route by which one gets it; they stay apart from the licence (rule 6)."""
        return tuple(s for s in self.stated if s.scope == "access")

    @property
    def restrictions(self) -> frozenset[str]:
        """Everything its contents' statements restrict; contradictory statements count together (rule 4)."""
        return frozenset(r for s in self.contents for r in s.restrictions)

    @property
    def known(self) -> bool:
        """Whether all that it restricts is known."""
        return bool(self.contents) and all(s.known for s in self.contents)


@dataclass(frozen=True, slots=True)
class Step:
    """`child` was derived from `parent`; `words` say so, `evidence` is where they stand."""

    child: str
    parent: str
    words: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Entered:
    """A restriction that binds the dataset, and the node where it comes in."""

    restriction: str
    path: tuple[str, ...]  # from the dataset to the node that states it
    stated: Stated


@dataclass(frozen=True, slots=True)
class Laundering:
    """`path[0]` declares a licence freer than what it was derived from, `path[-1]`, states."""

    path: tuple[str, ...]
    declared: tuple[Stated, ...]
    lost: tuple[Stated, ...]  # the ancestor's statements
    restrictions: tuple[str, ...]  # that they state, and the declared licence does not


@dataclass(frozen=True)
class Lineage:
    """What a dataset was derived from, directly and through others."""

    root: str
    nodes: Mapping[str, Node]
    steps: tuple[Step, ...]
    gaps: tuple[str, ...] = ()  # a sentence each: where the lineage is not told

    def render(self, form: str = "text") -> str:
        """Return the lineage as text, mermaid, dot or prov-json; BadOption for another form."""
        if form not in FORMS:
            raise BadOption(f"a lineage cannot be written as {form!r}: take one of {', '.join(FORMS)}.")
        from auditor.lineage import render

        return render.FORMS[form](self)

    def parents(self, name: str) -> tuple[Step, ...]:
        """Return the steps from a node to what it was derived from."""
        return tuple(s for s in self.steps if s.child == name)

    def brings(self, step: Step) -> tuple[str, ...]:
        """Return the restrictions that a step brings: the parent states them, the child itself does not."""
        return tuple(sorted(self.nodes[step.parent].restrictions - self.nodes[step.child].restrictions))

    @cached_property
    def cycles(self) -> tuple[tuple[str, ...], ...]:
        """The ways that come back to where they started, each once."""
        found: dict[frozenset[str], tuple[str, ...]] = {}
        for path in self._walk((self.root,)):
            if path[-1] in path[:-1]:
                loop = path[path.index(path[-1]) :]
                found.setdefault(frozenset(loop), loop)
        return tuple(found.values())

    @cached_property
    def unknown(self) -> tuple[str, ...]:
        """The ancestors of which it is not known all that they restrict."""
        return tuple(n for n, node in self.nodes.items() if n != self.root and node.kind != "items" and not node.known)

    @cached_property
    def entered(self) -> tuple[Entered, ...]:
        """Where each restriction comes in: the shortest way to every node that states it."""
        found = []
        for path in self._shortest(self.root).values():
            node = self.nodes[path[-1]]
            found += [Entered(r, path, s) for s in node.contents for r in sorted(s.restrictions)]
        return tuple(dict.fromkeys(found))

    @cached_property
    def access(self) -> tuple[tuple[tuple[str, ...], Stated], ...]:
        """Terms of access on the way: who got it by that route took them on; they are no part of its licence."""
        return tuple((path, s) for path in self._shortest(self.root).values() for s in self.nodes[path[-1]].access)

    @property
    def restrictions(self) -> frozenset[str]:
        """What binds the dataset in the end: the union over it and all it was derived from (rule 6)."""
        return frozenset(e.restriction for e in self.entered)

    @property
    def category(self) -> str:
        """The category of that union; unknown where an ancestor, or a gap, leaves it open and nothing forbids."""
        known = self.nodes[self.root].known and not self.unknown and not self.gaps and not self._items
        return category_of(self.restrictions, known=known or bool(self.restrictions & FORBIDDING))

    @property
    def _items(self) -> bool:
        return any(n.kind == "items" for n in self.nodes.values())

    @cached_property
    def laundering(self) -> tuple[Laundering, ...]:
        """Every declared licence that is freer than what its dataset was derived from."""
        return tuple(x for name in self.nodes for x in self._laundered(name))

    def _laundered(self, name: str) -> Iterator[Laundering]:
        own = self.nodes[name]
        declared = tuple(s for s in own.contents if s.license not in ("NONE", "NOASSERTION"))
        if not declared:
            return
        for path in self._shortest(name).values():
            lost = sorted((self.nodes[path[-1]].restrictions - own.restrictions) & BINDING)
            if lost and len(path) > 1:
                stated = tuple(s for s in self.nodes[path[-1]].contents if s.restrictions & set(lost))
                yield Laundering(path, declared, stated, tuple(lost))

    def _shortest(self, start: str) -> dict[str, tuple[str, ...]]:
        """Return the shortest way from a node to itself and each of its ancestors."""
        found: dict[str, tuple[str, ...]] = {start: (start,)}
        queue = [start]
        for name in queue:
            for step in self.parents(name):
                if step.parent not in found:
                    found[step.parent] = (*found[name], step.parent)
                    queue.append(step.parent)
        return found

    def _walk(self, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """Yield every way that ends by meeting itself; each node is gone on from once, so it ends on any graph."""
        done: set[str] = set()
        stack = [path]
        while stack:
            here = stack.pop()
            if here[-1] in here[:-1]:
                yield here
            elif here[-1] not in done:
                done.add(here[-1])
                stack += [(*here, s.parent) for s in self.parents(here[-1])]
