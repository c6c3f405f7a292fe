"""What of a spelling carries meaning: one normal form of text, and its tokens."""

import html
import re
import unicodedata
from typing import NamedTuple

MAX = 20_000  # characters of a statement that are looked at; whole licence texts go to `texts`

# Scripts written without spaces: each character is a token.
_SINGLE = "\u0e00-\u0e7f\u3005-\u3007\u3040-\u30fa\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"\d+(?:[._]\d+)*|[{_SINGLE}]|(?:(?![{_SINGLE}])[^\W\d_])+|[^\s\w]", re.UNICODE)
_DASH = re.compile("[\u2010-\u2015\u2212\u2500\u30fc\ufe58\ufe63\uff0d](?![\u30a0-\u30ff])|\u2014")
_DOTTED = re.compile(r"\b(?:[A-Za-z]\.){2,}(?:[A-Za-z]\b)?")
_DROP = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff\ufffd]")
_TAGS = "a|abbr|b|blockquote|br|center|cite|code|div|em|font|h[1-6]|hr|i|img|li|ol|p|pre|q|s|small|span|strong|sub|sup|table|tbody|td|th|tr|u|ul"
_POSSESSIVE = re.compile(r"(?<=\w)'s\b")
_MARKUP = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]{{0,2000}})?/?>", re.IGNORECASE)
_HREF = re.compile(r"""href\s*=\s*["']?([^"'\s>]{1,2000})""", re.IGNORECASE)
_GLUED = re.compile(r"(?<=[a-z]{2})v(?=\d)")


_FIGURES = {"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4"}


class Token(NamedTuple):
    """A word, number or sign, folded; `start` and `end` are its place in the normal form."""

    text: str
    start: int
    end: int


def normal(text: str) -> str:
    """Return the text in Unicode's compatibility form, entities and markup resolved, one kind of dash and space."""
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = _MARKUP.sub(_tag, text)
    if not text.isascii():
        text = _DROP.sub("", unicodedata.normalize("NFKC", text))
        text = _DASH.sub("-", text).replace("\u2019", "'").replace("\u2018", "'")
    if "'s" in text:
        text = _POSSESSIVE.sub("", text)
    if "." in text:
        text = _DOTTED.sub(lambda m: m[0].replace(".", ""), text)
    return " ".join(text.replace("\t", " ; ").split())


def _tag(match: re.Match[str]) -> str:
    link = _HREF.search(match[0])
    return f" {link[1]} " if link else " "


def fold(text: str) -> str:
    """Return the text without case and accents: equal for spellings that differ in nothing else."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in text if not unicodedata.combining(c))


def tokens(text: str) -> list[Token]:
    """Return the tokens of a normal form: words, versions (dots for underscores), single signs; dashes left out."""
    found = []
    for match in _TOKEN.finditer(text):
        word = match[0]
        if word in "-_'\"`*~":
            continue
        word = word.replace("_", ".") if word[0].isdigit() else fold(word)
        if not word:
            continue  # a lone accent
        start, end = match.span()
        if word[-1:] == "v" and len(word) > 2 and text[end : end + 1].isdigit():
            word = word[:-1]
        found.append(Token("and" if word == "&" else word, start, end))
    return _clauses(found)


def _clauses(found: list[Token]) -> list[Token]:
    """Write the number before "clause" as a figure: BSD three clause."""
    for i, token in enumerate(found):
        if token.text in ("clause", "clauses") and i and found[i - 1].text in _FIGURES:
            found[i - 1] = found[i - 1]._replace(text=_FIGURES[found[i - 1].text])
    return found


def words(text: str) -> tuple[str, ...]:
    """Return the folded tokens of an entry of the lexicon."""
    return tuple(t.text for t in tokens(normal(text)))


def key(text: str) -> str:
    """Return the form by which aliases are compared: case and white space folded, nothing else."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
