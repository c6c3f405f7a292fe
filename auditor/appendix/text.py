"""Words of strangers on one line, shown safely: no control character, no invisible change of direction, no line break of theirs."""

import re
import textwrap

# Cc, Cf, Cs, Co, Cn but what joins letters in real scripts (U+200C, U+200D); line and paragraph separators.
_LEFT = "\u200c\u200d"
_SPACE = re.compile(r"\s+")
WIDTH = 80


def safe(text: str | None) -> str:
    """Return the text on one line; characters that can't be seen, or turn what follows, as U+ and their number."""
    if not text:
        return ""
    if text.isascii() and text.isprintable():
        return text.strip() if "  " not in text else _SPACE.sub(" ", text).strip()
    one = _SPACE.sub(" ", text).strip()
    return (
        one if one.isprintable() else "".join(c if c.isprintable() or c in _LEFT else f"[U+{ord(c):04X}]" for c in one)
    )


_PLAIN = re.compile(r"https?://[\w.~:/?#@!$&*+,;=%-]+", re.ASCII | re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^/\s]", re.IGNORECASE)


def link(url: str | None) -> str | None:
    """Return an address that may be followed, with what could end it in any markup percent-encoded; None for other schemes."""
    if not url or _PLAIN.fullmatch(url):
        return url or None
    if not _ADDRESS.match(url):
        return None
    return "".join(c if _PLAIN.fullmatch(f"http://{c}") else _percent(c) for c in url)


def _percent(character: str) -> str:
    return "".join(f"%{b:02X}" for b in character.encode("utf-8", "replace"))


def paragraphs(text: str, width: int = WIDTH) -> list[str]:
    """Return a licence's text as lines of at most `width`, a long word apart; line breaks of the text stay."""
    lines: list[str] = []
    for line in text.splitlines():
        lines += textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]
    return lines
