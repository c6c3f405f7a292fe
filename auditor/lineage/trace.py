"""Follows `was_derived_from`: in manifests, in what an audit's dataset pages say, and from items to their origins."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor import manifests, policy
from auditor.licensing import read
from auditor.lineage import readme
from auditor.lineage.model import CONTENTS, Lineage, Node, Stated, Step

if TYPE_CHECKING:
    import pyarrow as pa

    from auditor.schema import Page

OWN = {"", "original"}  # Hugging Face's source_datasets: "original" is no origin
HUB = "https://huggingface.co/datasets/"
OTHERS = ("third-party", "mixed")


@dataclass
class _Graph:
    """A lineage while it is followed."""

    nodes: dict[str, Node] = field(default_factory=dict)
    steps: dict[tuple[str, str], Step] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)  # plain name -> the node's

    def dataset(self, known: manifests.Manifest) -> str:
        """Add a dataset and all that its manifest says it was derived from; return its node's name."""
        if known.name in self.nodes:
            return known.name
        stated = tuple(dict.fromkeys(_stated(c) for c in known.claims()))
        self.nodes[known.name] = Node(known.name, known.title, items_from=known.items_from, stated=stated)
        for origin in known.derived:
            self.step(known.name, origin.name, origin.quote, origin.place)
        if known.items_from in OTHERS and not known.derived:
            self.gaps.append(f"{known.name} has items that are others' works, and nothing says where they come from.")
        return known.name

    def step(self, child: str, origin: str, words: str, evidence: str) -> None:
        """Add one step, and what lies behind it."""
        known = named(origin)
        parent = self.dataset(known) if known else self.unknown(origin)
        self.steps.setdefault((child, parent), Step(child, parent, words, evidence))

    def unknown(self, name: str) -> str:
        """Add an origin that no manifest knows; two spellings of a name are one."""
        name = self.names.setdefault(manifests.plain(name) or name, name)
        self.nodes.setdefault(name, Node(name, kind="unknown"))
        return name

    def done(self, root: str) -> Lineage:
        """Return the lineage."""
        return Lineage(root, dict(self.nodes), tuple(self.steps.values()), tuple(dict.fromkeys(self.gaps)))


def lineage(name: str, *, offline: bool = False) -> Lineage:
    """Return the lineage of a manifest's name, alias or URL, of an audit's folder, or of a target a source knows.

    The network is asked for such a target only, and never where `offline`.
    UnknownTarget, BadInput, NotReachable: nothing is known of it, or it can't be read or had.
    """
    if (Path(name) / "audit.json").is_file():
        return of_audit(Path(name))
    known = None if Path(name).exists() else manifests.find(name)
    return of_manifest(known) if known else of_target(name, offline)


def of_manifest(known: manifests.Manifest) -> Lineage:
    """Return the lineage that manifests tell."""
    graph = _Graph()
    return graph.done(graph.dataset(known))


def of_audit(folder: Path, items: bool = True) -> Lineage:
    """Return the lineage of an audited dataset: its manifest's, its own statements', and, if asked, its items' origins."""
    from auditor.store import Store
    from auditor.trail import pages_of

    info = Store(folder).info()
    graph = _Graph()
    root = _root(graph, info["target"], info.get("manifest"), (p for p in pages_of(folder) if p.level == "dataset"))
    if items:
        _items(graph, root, folder)
    return graph.done(root)


def of_target(name: str, offline: bool = False) -> Lineage:
    """Return the lineage of a target that has no audit yet: what its dataset pages say, items left out."""
    from itertools import takewhile
    from tempfile import TemporaryDirectory

    from auditor import sources
    from auditor.fetch import Get, typed
    from auditor.resolve import resolve

    target, source = resolve(name)
    graph = _Graph()
    with TemporaryDirectory() as held, Get(Path(held), offline=offline, trusted=typed(name)) as get:
        pages = sources.source(source).fetch(target, get)
        known = target.manifest.name if target.manifest else None
        root = _root(graph, name, known, takewhile(lambda p: p.level == "dataset", pages))
    return graph.done(root)


def _root(graph: _Graph, target: str, manifest: str | None, pages: "Iterable[Page]") -> str:
    """Add the dataset itself, from its manifest and its pages; return its node's name."""
    every = list(pages)
    held = [p for p in every if p.path is None or Path(p.path).exists()]
    graph.gaps += [
        f"{p.locator} is no longer there, so what it says of origins is not told." for p in every if p not in held
    ]
    named_there = next((n for p in held if (n := p.context.get("manifest"))), None)
    known = manifests.find(manifest or named_there or "")
    root = graph.dataset(known) if known else target
    node = graph.nodes.setdefault(root, Node(root))
    said = [claim for page in held for claim in _claims(page)]
    stated = tuple(dict.fromkeys((*node.stated, *(_stated(c) for c in said))))
    items_from = next((p.context["items_from"] for p in held if p.context.get("items_from")), node.items_from)
    graph.nodes[root] = replace(node, stated=stated, items_from=items_from)
    for claim in said:
        for origin in claim.get("was_derived_from") or ():
            if origin.strip() not in OWN and origin != root:
                graph.step(root, origin.strip(), f"was_derived_from: {origin}", claim["locator"])
    for page in held:
        if page.context.get("format") in ("card", "readme"):
            for found, words in readme.origins(page.read().decode("utf-8-sig", "replace")):
                if found.name != root:
                    graph.step(root, found.name, words, page.locator)
    return root


def _claims(page: "Page") -> Iterator[dict[str, Any]]:
    from auditor import sources

    for batch in sources.source(page.source).parse(page):
        for claim in batch.to_pylist():
            yield claim | {"locator": page.locator}


def _items(graph: _Graph, root: str, folder: Path) -> None:
    """Add the hosts that the items come from, with how many do; say how many have no origin."""
    from auditor.origins import called

    hosts, without, items = origins(folder)
    for host, number in sorted(hosts.items()):
        graph.nodes[host] = Node(host, called(host), kind="items", number=number)
        graph.steps.setdefault((root, host), Step(root, host, f"{number} origins of items", "findings"))
    if hosts and without:
        graph.gaps.append(f"{without} of the {items} items of {root} say nothing of where they come from.")


def origins(folder: Path) -> tuple[Mapping[str, int], int, int]:
    """Return how many origins of items lie where (`flickr:photo`, or a URL's host), items without one, and items."""
    import pyarrow.compute as pc

    from auditor.auditing import Audit

    hosts: Counter[str] = Counter()
    without = items = 0
    for batch in Audit(folder).findings.to_batches(columns=["was_derived_from"]):
        lists = batch.column(0)
        said = pc.fill_null(pc.not_equal(pc.list_flatten(lists), ""), False)
        items += len(lists)
        without += len(lists) - len(pc.unique(pc.list_parent_indices(lists).filter(said)))
        for pair in hosts_of(pc.list_flatten(lists).filter(said)).value_counts().to_pylist():
            hosts[pair["values"]] += pair["counts"]
    return hosts, without, items


def hosts_of(names: "pa.Array") -> "pa.Array":
    """Return where each lies: `flickr:photo` of `flickr:photo:12` and of all its URLs, else a URL's host, else itself."""
    import pyarrow.compute as pc

    from auditor.origins import canonical_array

    names = pc.coalesce(canonical_array(names), names)
    kind = pc.struct_field(pc.extract_regex(names, r"^(?P<kind>[a-z-]+:[a-z-]+):."), [0])
    host = pc.struct_field(pc.extract_regex(names, r"^(?:[A-Za-z]+:)?//(?:[^/@]*@)?(?P<host>[^/:?#]+)"), [0])
    return pc.coalesce(pc.utf8_lower(host), kind, names)


def ancestors(origins: Iterable[str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each of these origins, and of those behind them, with the claims on its contents; none where none is known."""
    todo, seen = [o.strip() for o in origins if o.strip() not in OWN], set[str]()
    for origin in todo:
        known = named(origin)
        name = known.name if known else origin
        if name not in seen:
            seen.add(name)
            todo += known.origins if known else ()
            yield name, [c for c in known.claims() if c["scope"] in CONTENTS] if known else []


def named(origin: str) -> manifests.Manifest | None:
    """Return the manifest of an origin: its name, its URL, or its id on Hugging Face (`extended|squad` is squad)."""
    name = origin.partition("|")[2] if origin.startswith("extended|") else origin
    found = manifests.find(name)
    hub_id = found is None and "://" not in name and not any(c.isspace() for c in name)
    return manifests.find(HUB + name) if hub_id else found


def _stated(claim: Mapping[str, Any]) -> Stated:
    """Read one statement on a dataset."""
    fields = ("license_text", "license_url", "license_version", "vocabulary", "as_of")
    found = read(*(claim.get(f) for f in fields))
    words = " ".join(w for w in (claim.get("license_text"), claim.get("license_url")) if w)
    scope = "access" if claim.get("authority") == "access" else claim.get("scope")
    return Stated(scope, words, found.license, frozenset(found.restrictions), policy.known(found.license))
