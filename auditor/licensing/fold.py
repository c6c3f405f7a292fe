"""What of a spelling carries meaning: one normal form of text, and its tokens."""

import html
import re
import unicodedata
from collections.abc import Iterator

MAX = 20_000  # characters of a statement that are looked at; whole licence texts go to `texts`

# Scripts written without spaces: each character is a token.
_SINGLE = "\u0e00-\u0e7f\u3005-\u3007\u3040-\u30fa\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"\d+(?:[._]\d+)*|[{_SINGLE}]|[^\W\d_{_SINGLE}]+|[^\s\w\-'\"`*~]")
_LICENSE = re.compile(
    "ライセンス|许可证|許可證|许可协议|許可協議|授权协议|授權協議|授權條款|协议|協議|라이선스|라이센스"
)  # endings go on from it
_DASH = re.compile("[\u2010-\u2015\u2212\u2500\u30fc\ufe58\ufe63\uff0d](?![\u30a0-\u30ff])|\u2014")
_DOTTED = re.compile(r"\b(?:[A-Za-z]\.){2,}(?:[A-Za-z]\b)?")
_DROP = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u00ad\u200b-\u200f\u202a-\u202e\u2060\ue000\ue001\ufeff\ufffd]"
)
_TAGS = "a|abbr|b|blockquote|br|center|cite|code|div|em|font|h[1-6]|hr|i|img|li|ol|p|pre|q|s|small|span|strong|sub|sup|table|tbody|td|th|tr|u|ul"
_POSSESSIVE = re.compile(r"(?<=\w)'s\b")
_MARKUP = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]{{0,2000}})?/?>", re.IGNORECASE)
_HREF = re.compile(r"""href\s*=\s*["']?([^"'\s>]{1,2000})""", re.IGNORECASE)
_GLUED = re.compile(rf"v(?=\d)(?<=[^\W\d_{_SINGLE}]{{2}}v)")  # the v of GPLv3

_ODD = re.compile(r"[^\x00-\x7f]")
_FIGURES = {"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4"}


def normal(text: str) -> str:
    """Return the text in Unicode's compatibility form, entities and markup resolved, one kind of dash and space."""
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = _MARKUP.sub(_tag, text)
    if not text.isascii():
        text = _DROP.sub("", unicodedata.normalize("NFKC", text))
        if max(text, default="") > "\u2fff":
            text = _LICENSE.sub(" license ", text)
        text = _DASH.sub("-", text).replace("\u2019", "'").replace("\u2018", "'")
    if "'s" in text:
        text = _POSSESSIVE.sub("", text)
    if "." in text:
        text = _DOTTED.sub(lambda m: m[0].replace(".", ""), text)
    return " ".join(text.replace("\t", " ; ").split())


def _tag(match: re.Match[str]) -> str:
    link = _HREF.search(match[0])
    return f" {link[1]} " if link else " "


class _Folded(dict[int, str]):
    """Code point -> what is left of the character without case and accents; made as they come."""

    def __missing__(self, code: int) -> str:
        apart = unicodedata.normalize("NFKD", chr(code).casefold())
        self[code] = "".join(c for c in apart if not unicodedata.combining(c))
        return self[code]


_FOLDED = _Folded()


def fold(text: str) -> str:
    """Return the text without case and accents: equal for spellings that differ in nothing else."""
    return text.lower() if text.isascii() else text.translate(_FOLDED)


class Tokens(list[str]):
    """The folded words, versions (dots for underscores) and single signs of a text in normal form; dashes left out.

    Where each stands in the text is found when it is first asked for: most statements are read without it.
    """

    __slots__ = ("_spans", "even", "folded", "text")

    def __init__(self, text: str) -> None:
        self.text, self.folded = text, fold(text)
        self._spans: list[tuple[int, int]] | None = None
        self.even = text.isascii() or all(len(_FOLDED[ord(c)]) == 1 for c in _ODD.findall(text))
        if self.even:
            super().__init__(_TOKEN.findall(_GLUED.sub(" ", self.folded)))
        else:
            super().__init__(self._apart(text))
        if "_" in text or "&" in text:
            self[:] = ["and" if w == "&" else w.replace("_", ".") for w in self]
        if "clause" in self or "clauses" in self:
            _clauses(self)

    def _apart(self, text: str) -> Iterator[str]:
        """Yield the tokens of a text whose places are not those of the folded text: each is folded by itself."""
        self._spans = []
        for match in _TOKEN.finditer(text):
            word = fold(match[0])
            if not word:
                continue  # a lone accent
            self._spans.append(match.span())
            glued = word.endswith("v") and len(word) > 2 and text[match.end() : match.end() + 1].isdigit()
            yield word[:-1] if glued else word

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Start and end of each in the text."""
        if self._spans is None:
            self._spans = [m.span() for m in _TOKEN.finditer(self.folded)]
        return self._spans

    def fold(self, start: int, end: int | None = None) -> str:
        """Return a stretch of the text, folded."""
        return self.folded[start:end] if self.even else fold(self.text[start:end])

    def start(self, i: int) -> int:
        """Return the place in the text where one begins."""
        return self.spans[i][0]

    def end(self, i: int) -> int:
        """Return the place in the text after one."""
        return self.spans[i][1]

    def between(self, i: int) -> str:
        """Return what of the text stands between one and the one before it."""
        return self.text[self.end(i - 1) : self.start(i)]


def _clauses(found: list[str]) -> None:
    """Write the number before "clause" as a figure: BSD three clause."""
    for i, word in enumerate(found):
        if word in ("clause", "clauses") and i and found[i - 1] in _FIGURES:
            found[i - 1] = _FIGURES[found[i - 1]]


def words(text: str) -> tuple[str, ...]:
    """Return the folded tokens of an entry of the lexicon."""
    return tuple(Tokens(normal(text)))


def key(text: str) -> str:
    """Return the form by which aliases are compared: case and white space folded, nothing else."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
