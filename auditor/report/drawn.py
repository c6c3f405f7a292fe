"""A lineage drawn as SVG: the dataset at the left, what it was made from in columns to its right."""

from collections.abc import Mapping
from dataclasses import replace

from auditor.lineage.model import Lineage, Node, Step
from auditor.origins import called
from auditor.report.markup import Safe, tag
from auditor.report.section import cut

BOX, HIGH, ACROSS, DOWN, MOST, HOSTS = 250, 62, 330, 86, 60, 6


def with_hosts(found: Lineage, hosts: Mapping[str, int]) -> Lineage:
    """Return the lineage with the hosts that most items come from, and the others together."""
    most = sorted(hosts.items(), key=lambda h: (-h[1], h[0]))
    shown, others = most[:HOSTS], most[HOSTS:]
    if others:
        shown.append((f"{len(others):,} other places", sum(n for _, n in others)))
    nodes = {name: Node(name, called(name), kind="items", number=n) for name, n in shown if name not in found.nodes}
    steps = tuple(Step(found.root, name) for name in nodes)
    return replace(found, nodes={**found.nodes, **nodes}, steps=(*found.steps, *steps))


def drawn(found: Lineage) -> Safe:
    """Return the drawing; at most 60 nodes, the nearest."""
    places = _places(found)
    lost = {x.path[-1]: x.restrictions for x in found.laundering if x.path[0] == found.root}
    edges = [s for s in found.steps if s.child in places and s.parent in places]
    lines = [_edge(places[s.parent], places[s.child], ", ".join(found.brings(s))) for s in edges]
    boxes = [_box(found.nodes[n], at, n == found.root, lost.get(n, ())) for n, at in places.items()]
    width = max(x for x, _ in places.values()) + ACROSS
    height = max(y for _, y in places.values()) + HIGH + 2
    said = "; ".join(f"{s.child} was made from {s.parent}" for s in edges[:MOST])
    head = tag("marker", tag("path", d="M0 0 8 4 0 8z"), id="tip", viewBox="0 0 8 8", refX=8, refY=4, markerWidth=8, markerHeight=8, orient="auto")  # fmt: skip
    return tag(
        "svg",
        tag("defs", head),
        *lines,
        *boxes,
        viewBox=f"-1 -1 {width} {height}",
        width=width,
        height=height,
        role="img",
        aria_label=f"Lineage of {found.root}. {said}.",
        class_="lineage",
    )


def _places(found: Lineage) -> dict[str, tuple[int, int]]:
    """Return the upper left corner of each node: a column for each step away from the dataset."""
    depth, queue = {found.root: 0}, [found.root]
    for name in queue:
        for step in found.parents(name):
            if step.parent not in depth and len(depth) < MOST:
                depth[step.parent] = depth[name] + 1
                queue.append(step.parent)
    filled: dict[int, int] = {}
    places = {}
    for name, column in depth.items():
        places[name] = (column * ACROSS, filled.setdefault(column, 0) * DOWN)
        filled[column] += 1
    return places


def _box(node: Node, at: tuple[int, int], root: bool, lost: tuple[str, ...]) -> Safe:
    x, y = at
    name = cut(node.title or node.name, 28)
    if node.kind == "items":
        said = f"{node.number:,} origins, each its own licence" if node.number is not None else "items"
    elif lost:
        said = f"lost on the way: {', '.join(lost)}"
    else:
        said = ", ".join(sorted(node.restrictions)) or ("nothing restricted" if node.known else "not known")
    licenses = ", ".join(dict.fromkeys(s.license for s in node.contents))
    kind = "root" if root else "lost" if lost else "forbids" if node.restrictions else node.kind
    return tag(
        "g",
        tag("title", f"{node.title or node.name}: {licenses or 'no licence known'}; {said}"),
        tag("rect", x=x, y=y, width=BOX, height=HIGH, rx=6),
        tag("text", name, x=x + 12, y=y + 20, class_="name"),
        tag(
            "text",
            cut(licenses or ("places of its items" if node.kind == "items" else node.name), 34),
            x=x + 12,
            y=y + 37,
        ),
        tag("text", cut(said, 34), x=x + 12, y=y + 53),
        class_=f"node {kind}",
    )


def _edge(origin: tuple[int, int], made: tuple[int, int], brings: str) -> Safe:
    """Return an arrow from an origin to what was made from it."""
    x, y = origin[0], origin[1] + HIGH // 2
    u, v = made[0] + BOX, made[1] + HIGH // 2
    bend = (x + u) // 2
    if x < u:  # not a step to the right: around the right side of both
        x += BOX
        bend = max(x, u) + (ACROSS - BOX) // 2
    label = [tag("title", f"brings {brings}")] if brings else []
    way = tag("path", *label, d=f"M{x} {y}C{bend} {y} {bend} {v} {u} {v}", marker_end="url(#tip)")
    return tag("g", way, class_="edge brings" if brings else "edge")
