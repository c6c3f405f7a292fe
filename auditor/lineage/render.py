"""A lineage as text, Mermaid, DOT or PROV-JSON; pure."""

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote

from auditor.lineage.model import Lineage, Node, Stated
from auditor.policy import category_of

WORDS = 160  # characters shown of a statement


def text(found: Lineage) -> str:
    """Return the lineage for people: a tree, then what binds, what was lost, and what is not known."""
    return "\n".join([*_tree(found), *_binding(found), *_laundered(found), *_open(found)]) + "\n"


def _tree(found: Lineage) -> Iterator[str]:
    seen: set[str] = set()
    stack: list[tuple[str, int, str, str]] = [(found.root, 0, "", "")]
    while stack:
        name, depth, words, evidence = stack.pop()
        indent = "   " * depth
        node = found.nodes[name]
        yield f"{indent}{'from ' if depth else ''}{_name(node)}{' (see above)' if name in seen else ''}"
        if words:
            yield f"{indent}   “{_cut(words)}” ({evidence})"
        if name in seen:
            continue
        seen.add(name)
        yield from (f"{indent}   {line}" for line in _statements(node))
        steps = reversed(found.parents(name))
        stack += [(s.parent, depth + 1, s.words, s.evidence + _brings(found.brings(s))) for s in steps]


def _brings(restrictions: tuple[str, ...]) -> str:
    return f"; brings {', '.join(restrictions)}" if restrictions else ""


def _name(node: Node) -> str:
    if node.kind == "items":
        return f"{_place(node)}, {node.number} origins, each under its own licence"
    if node.kind == "unknown":
        return f"{node.name}: no manifest knows it, so what it restricts is not known"
    return f"{node.name}: {node.title}" if node.title else node.name


def _place(node: Node) -> str:
    return f"{node.title} ({node.name})" if node.title else node.name


def _statements(node: Node) -> Iterator[str]:
    for s in node.stated:
        yield f"{s.scope or 'the whole'}: {_said(s)}"
    if node.kind == "dataset" and not node.contents:
        yield "contents: nothing is stated that could be verified"


def _said(stated: Stated) -> str:
    restricts = ", ".join(sorted(stated.restrictions)) or ("nothing" if stated.known else "not known")
    return f"{stated.license} (restricts: {restricts}) “{_cut(stated.words)}”"


def _binding(found: Lineage) -> Iterator[str]:
    yield ""
    least = category_of(found.restrictions)
    open_ = f"; not all is known, but at least {least}" if found.restrictions and found.category != least else ""
    yield f"What binds {found.root}: {found.category}{open_}"
    for restriction in sorted(found.restrictions):
        places = [(e.path, e.stated) for e in found.entered if e.restriction == restriction]
        yield from dict.fromkeys(
            f"   {restriction} enters at {_way(path)}: {stated.scope or 'the whole'}, {stated.license}"
            for path, stated in places
        )
    for path, stated in found.access:
        asked = ", ".join(sorted(stated.restrictions)) or "not known"
        yield f"   terms of access at {_way(path)}, apart from its licence: {asked} “{_cut(stated.words)}”"


def _laundered(found: Lineage) -> Iterator[str]:
    for x in found.laundering:
        yield ""
        yield f"Laundering: {x.path[0]} declares {_licenses(x.declared)}, freer than {x.path[-1]}, which it was derived from."
        yield f"   {x.path[-1]} states {_licenses(x.lost)}; lost on the way {_way(x.path)}: {', '.join(x.restrictions)}"


def _licenses(stated: tuple[Stated, ...]) -> str:
    named = dict.fromkeys(s.license if s.license != "NOASSERTION" else f"“{_cut(s.words)}”" for s in stated)
    return " and ".join(named)


def _open(found: Lineage) -> Iterator[str]:
    told = [f"   what {n} restricts" for n in found.unknown] + [f"   {g}" for g in found.gaps]
    told += [f"   a cycle: {_way(c)}" for c in found.cycles]
    if told:
        yield ""
        yield "Not known"
        yield from told


def _way(path: tuple[str, ...]) -> str:
    return " < ".join(path)


def _cut(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= WORDS else words[: WORDS - 1] + "…"


def mermaid(found: Lineage) -> str:
    """Return a Mermaid flowchart, from origins to the dataset; laundering is a dotted edge."""
    ids = {name: f"n{i}" for i, name in enumerate(found.nodes)}
    lines = ["flowchart BT"]
    lines += [f'    {ids[n]}["{_escaped(_label(node))}"]' for n, node in found.nodes.items()]
    for s in found.steps:
        brought = ", ".join(found.brings(s))
        label = f'|"{_escaped(brought)}"|' if brought else ""
        lines.append(f"    {ids[s.parent]} -->{label} {ids[s.child]}")
    for x in found.laundering:
        label = _escaped("lost: " + ", ".join(x.restrictions))
        lines.append(f'    {ids[x.path[-1]]} -.->|"{label}"| {ids[x.path[0]]}')
    return "\n".join(lines) + "\n"


def _label(node: Node) -> str:
    asked = ", ".join(sorted(node.restrictions)) or ("nothing restricted" if node.known else "not known")
    terms = ", ".join(sorted({r for s in node.access for r in s.restrictions}))
    asked += f"; terms of access: {terms}" if terms else ""
    return f"{node.name}: {asked}" if node.kind != "items" else f"{_place(node)}: {node.number} origins"


def _escaped(label: str) -> str:
    """Escape a label of Mermaid, where quotes end it and `#` begins an entity."""
    label = " ".join(label.split()).replace("#", "#35;").replace('"', "#quot;")
    return label.replace("<", "#lt;").replace(">", "#gt;")


def dot(found: Lineage) -> str:
    """Return a Graphviz graph, from origins to the dataset; laundering is a dashed edge."""
    lines = ["digraph lineage {", "  rankdir=BT;"]
    lines += [f"  {_dot(n)} [label={_dot(_label(node))}];" for n, node in found.nodes.items()]
    for s in found.steps:
        lines.append(f"  {_dot(s.parent)} -> {_dot(s.child)} [label={_dot(', '.join(found.brings(s)))}];")
    for x in found.laundering:
        label = _dot("lost: " + ", ".join(x.restrictions))
        lines.append(f"  {_dot(x.path[-1])} -> {_dot(x.path[0])} [style=dashed, label={label}];")
    return "\n".join([*lines, "}"]) + "\n"


def _dot(said: str) -> str:
    """Quote a string of DOT: only `"` and `\\` need an escape."""
    return '"' + " ".join(said.split()).replace("\\", "\\\\").replace('"', '\\"') + '"'


def prov_json(found: Lineage) -> str:
    """Return PROV-JSON (W3C member submission of 2013): entities and `wasDerivedFrom`."""
    from prov.model import ProvDocument

    document = ProvDocument()
    document.add_namespace("auditor", "urn:auditor:lineage:")
    document.add_namespace("dataset", "urn:auditor:dataset:")
    for name, node in found.nodes.items():
        asked = [("auditor:restriction", r) for r in sorted(node.restrictions)]
        asked += [("auditor:access", r) for r in sorted({r for s in node.access for r in s.restrictions})]
        stated = (s.license for s in node.stated if s.scope != "access")  # terms of access are no licence (rule 6)
        licenses = [("auditor:license", x) for x in dict.fromkeys(stated)]
        document.entity(
            _entity(name), [("prov:label", node.title or name), ("auditor:kind", node.kind), *asked, *licenses]
        )
    for s in found.steps:
        told = [(f"auditor:{k}", v) for k, v in (("words", s.words), ("evidence", s.evidence)) if v]
        brought = [("auditor:brings", r) for r in found.brings(s)]
        document.wasDerivedFrom(_entity(s.child), _entity(s.parent), other_attributes=[*told, *brought])
    return f"{document.serialize(format='json', indent=2)}\n"


def _entity(name: str) -> str:
    return "dataset:" + quote(name, safe="")


FORMS: Mapping[str, Callable[[Lineage], str]] = {"text": text, "mermaid": mermaid, "dot": dot, "prov-json": prov_json}
