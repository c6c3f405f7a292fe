"""Charts of a report as SVG without script, style or fonts of its own: colours are classes that the page's style gives."""

import io
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from auditor.report.section import cut

WIDTH, ROW, BAR, LABEL = 440, 36, 9, 42  # of the drawing's own units, points; LABEL in characters
FORMATS = [
    "%Y",
    "%b %Y",
    "%d %b",
    "%H:%M",
    "%H:%M",
    "%H:%M:%S",
]  # of ticks at years, months, days, hours, minutes, seconds
ZERO = ["", "%Y", "%d %b", "%d %b", "%H:%M", "%H:%M"]  # where the smaller unit is at its start
KEPT = ("d", "x", "y", "transform", "clip-path", "viewBox", "points")
STYLED = ("text-anchor", "stroke-width", "font-size", "font-weight")


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: its name, what it is said to be worth, and its pieces: class, items, what each is."""

    label: str
    value: str
    pieces: Sequence[tuple[str, int, str]]


def bars(rows: Sequence[Bar], title: str) -> str:
    """Return horizontal bars under their names, all on one scale."""
    most = max(sum(n for _, n, _ in row.pieces) for row in rows)
    figure, axes = _figure(ROW * len(rows))
    told: dict[str, str] = {}
    for place, row in enumerate(rows):
        top, left = place * ROW, 0.0
        axes.text(0, top + 14, cut(row.label, LABEL), gid="label")
        axes.text(WIDTH, top + 14, row.value, ha="right", gid="value")
        _piece(axes, 0, top + 20, WIDTH, "track", "", told)
        for kind, n, what in row.pieces:
            if n:
                size = max(WIDTH * n / most, 1.5)
                _piece(axes, min(left, WIDTH - size), top + 20, size, f"c-{kind}", what, told)
                left += size
    said = "; ".join(f"{cut(row.label, LABEL)}: {row.value}" for row in rows)
    return _svg(figure, f"{title}. {said}.", told)


def share_of(pieces: Sequence[tuple[str, int, str]], title: str) -> str:
    """Return one bar that is the whole, as wide as it is given room."""
    figure, axes = _figure(BAR)
    told: dict[str, str] = {}
    left, whole = 0.0, sum(n for _, n, _ in pieces)
    for kind, n, what in (p for p in pieces if p[1]):
        _piece(axes, left, 0, WIDTH * n / whole, f"c-{kind}", what, told)
        left += WIDTH * n / whole
    said = "; ".join(what for _, _, what in pieces)
    return _svg(figure, f"{title}. {said}.", told).replace("<svg ", '<svg preserveAspectRatio="none" ', 1)


def _piece(axes: Any, left: float, top: float, width: float, kind: str, what: str, told: dict[str, str]) -> None:
    (drawn,) = axes.barh([top], [width], BAR, left=left, align="edge")
    name = f"{kind}|{len(told)}"
    told[name] = what
    drawn.set_gid(name)


def times(rows: Sequence[tuple[datetime, int]], title: str, what: str) -> str:
    """Return columns over time; each starts where its time does."""
    from matplotlib import dates as untyped

    dates: Any = untyped

    height, foot = 130, 22
    figure, axes = _figure(height)
    axes.set_position((0.02, foot / height, 0.96, 1 - 2 * foot / height))
    axes.invert_yaxis()
    axes.axis("on")
    axes.autoscale(True)
    at = [float(dates.date2num(t)) for t, _ in rows]
    step = min((b - a for a, b in pairwise(at)), default=1.0)
    told: dict[str, str] = {}
    for (when, n), x in zip(rows, at, strict=True):
        (drawn,) = axes.bar([x], [n], step * 0.9, align="edge")
        name = f"c-time|{len(told)}"
        told[name] = f"{when:%Y-%m-%d %H:%M} UTC: {n:,} {what}"
        drawn.set_gid(name)
    axes.set_xlim(at[0] - step / 2, at[-1] + 3 * step / 2)
    axes.set_ylim(0, max(n for _, n in rows))
    axes.spines[["top", "left", "right"]].set_visible(False)
    axes.spines["bottom"].set_gid("rule")
    axes.set_yticks([])
    locator = dates.AutoDateLocator(minticks=2, maxticks=5)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(
        dates.ConciseDateFormatter(locator, formats=FORMATS, zero_formats=ZERO, show_offset=False)
    )
    axes.tick_params(length=0, labelsize=11)
    peak = max(n for _, n in rows)
    axes.text(0, 1.05, f"at the highest {peak:,}", transform=axes.transAxes, gid="value")
    said = f"From {rows[0][0]:%Y-%m-%d %H:%M} to {rows[-1][0]:%Y-%m-%d %H:%M} UTC, {sum(n for _, n in rows):,} {what}"
    return _svg(figure, f"{title}. {said}.", told)


def _figure(height: float) -> tuple[Any, Any]:
    """Return an empty figure whose units are points from its upper left corner."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH / 72, height / 72))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(height, 0)
    axes.axis("off")
    return figure, axes


def _svg(figure: Any, label: str, told: dict[str, str]) -> str:
    """Return the figure as one element: shapes, text and classes only; a piece's meaning is its title."""
    import matplotlib
    from lxml import etree

    out = io.BytesIO()
    plain: Any = {"svg.fonttype": "none", "svg.hashsalt": "auditor", "font.size": 12, "text.parse_math": False}
    with matplotlib.rc_context(plain), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # the reader's own fonts draw the text
        for text in figure.findobj(matplotlib.text.Text):
            text.set_parse_math(False)
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    drawn = etree.fromstring(out.getvalue(), etree.XMLParser(resolve_entities=False, no_network=True))
    made = etree.Element(
        "svg", viewBox=drawn.get("viewBox"), role="img", attrib={"aria-label": label, "class": "chart"}
    )
    _copy(drawn, made, told)
    return str(etree.tostring(made, encoding="unicode"))


def _copy(drawn: Any, made: Any, told: dict[str, str]) -> None:
    """Copy groups, paths and texts with their classes; whatever else a drawing brings (ids, style, metadata) stays behind."""
    from lxml import etree

    for child in drawn.iterchildren(tag=etree.Element):
        name = etree.QName(child).localname
        if name not in ("g", "path", "text"):
            continue
        gid = child.get("id", "")
        styles = dict(re.findall(r"([\w-]+):\s*([^;]+)", child.get("style", "")))
        if name == "path" and styles.get("fill") == "none" and "stroke" not in styles:
            continue
        kept = {k: child.get(k) for k in KEPT if child.get(k) and k != "clip-path"}
        kept |= {k: styles[k] for k in STYLED if k in styles}
        if "font" in styles and (size := re.search(r"([\d.]+)px", styles["font"])):
            kept["font-size"] = size.group(1)
        new = etree.SubElement(made, name, kept)
        new.text = child.text if name == "text" else None
        if gid in told or gid in ("label", "value", "rule"):
            new.set("class", gid.partition("|")[0])
            if told.get(gid):
                etree.SubElement(new, "title").text = told[gid]
        _copy(child, new, told)
        if name == "g" and len(new) == 0:
            made.remove(new)
