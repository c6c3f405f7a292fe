"""A report's sections without a format: a heading, sentences, a table; and how numbers and words from the data are shown."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

ADDRESS = re.compile(r"(https?://[^\s<>\"'`“”|\\^{}]++)")
END = (".", ",", ";", ":", "!", "?", "]")  # of the sentence, not of the address
# What a spreadsheet takes for a formula at the start of a cell (OWASP, CSV injection; ASVS 1.2.10 adds the null character), after
# spaces too; in Japanese Excel and in Numbers the wide forms do the same (OWASP/www-community issue 1088, adaltas/node-csv pull 387).
# RE2 and Python's re read it alike.
FORMULA = "^[\\s\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]*[=+\\-@\uff1d\uff0b\uff0d\u30fc\uff20\ufe66\ufe62\ufe63\ufe6b]|^[\\t\\r\\n\\x00]"
CODE = re.compile(r"(`[\w. -]+`)")


@dataclass
class Section:
    """A heading, sentences, and a table with its column names."""

    title: str
    lines: list[str] = field(default_factory=list)
    head: tuple[str, ...] = ()
    rows: Sequence[tuple[str, ...]] = ()


def share(part: int, whole: int) -> str:
    """Return a share in per cent; never rounded to none or all where it is neither."""
    if not whole:
        return "0 %"
    percent = 100 * part / whole
    if part and percent < 0.1:
        return "< 0.1 %"
    if part < whole and percent > 99.9:
        return "> 99.9 %"
    return f"{percent:.1f} %".replace(".0 %", " %")


def number(value: int) -> str:
    """Return a number with its thousands apart."""
    return f"{value:,}"


def counted(value: int, noun: str = "item") -> str:
    """Return a number of things in words: 1 item, 2,000 items."""
    return f"{number(value)} {noun}{'s' * (value != 1)}"


def cut(text: str, size: int) -> str:
    """Return printable text on one line, at most so long."""
    text = "".join(c if c.isprintable() else " " for c in " ".join(str(text).split()))
    return text if len(text) <= size else text[: size - 1] + "…"


def linked(text: str) -> list[str]:
    """Return a text in pieces of which every second is an address of the web; one that was cut short is none any more."""
    pieces = ADDRESS.split(text)
    for i in range(1, len(pieces), 2):
        address = "" if pieces[i].endswith("…") else pieces[i]
        while address.endswith(END) or (address.endswith(")") and address.count("(") < address.count(")")):
            address = address[:-1]
        pieces[i : i + 2] = [address, pieces[i][len(address) :] + pieces[i + 1]]
    return pieces
