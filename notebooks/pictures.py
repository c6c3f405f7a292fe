"""What the notebooks' pictures share: one colour a category everywhere, and plain axes."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib_inline.backend_inline import set_matplotlib_formats

# Worst first, as in the report. Reds forbid, grey is not known, greens are free; told apart in grey print by their order.
COLOURS = {
    "academic-only": "#7f1d1d",
    "non-commercial": "#c2410c",
    "no-derivatives": "#e08a3c",
    "use-restricted": "#a16207",
    "proprietary": "#44403c",
    "unknown": "#b6bac2",
    "free-sharealike": "#5aa58c",
    "free": "#0f766e",
}
VERDICTS = {"free": "#0f766e", "undetermined": "#b6bac2", "non-free": "#c2410c"}
INK, FAINT = "#1f2328", "#6b7280"

plt.rcParams.update(
    {
        "figure.dpi": 110,
        "savefig.bbox": "tight",
        "font.size": 10,
        "axes.titlesize": 12,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "ytick.left": False,
        "text.color": INK,
        "axes.labelcolor": FAINT,
        "xtick.color": FAINT,
        "legend.frameon": False,
        "svg.hashsalt": "auditor",
    }
)
set_matplotlib_formats("png")


def plain(axes: Axes, title: str, below: str = "") -> None:
    """Give a title that says what is seen, a line below it, and no more ink than needed."""
    axes.set_title(title, pad=24 if below else 10)
    if below:
        axes.text(0, 1.02, below, transform=axes.transAxes, color=FAINT, va="bottom")
    axes.set_axisbelow(True)
    axes.grid(axis="x", color="#e5e7eb")


def ends(axes: Axes, values: list[float], words: list[str]) -> None:
    """Write what each horizontal bar stands for at its end."""
    room = max(values) * 0.012
    for place, (value, word) in enumerate(zip(values, words, strict=True)):
        axes.text(value + room, place, word, va="center", color=INK, fontsize=9)


def percent(share: float) -> str:
    """Return a share in words that never make something look like nothing."""
    return "< 0.1%" if 0 < share < 0.001 else f"{share:.1%}"
