"""Several mentions of licences in one statement: the same one said twice, alternatives, a sum, or a contradiction."""

import re
from collections.abc import Sequence
from itertools import pairwise

from auditor import policy
from auditor.licensing import tables
from auditor.licensing.scan import Mention, Scan

_SCOPE = re.compile(
    r"\b(code|software|scripts?|data|datasets?|databases?|contents?|texts?|articles?|images?|photos?|pictures?|audio|recordings?|music|videos?"
    r"|annotations?|labels?|metadata|documentation|docs|codebooks?|schemas?|taxonomy|logos?"
    r"|models?|weights|media|papers?|publications?|preprints?|websites?|web ?pages?"
    r"|donnees|contenus?|textes?|datos|codigo|contenidos?|textos?|imagenes|dados|conteudos?|imagens|dati|codice|contenuti|testi|immagini"
    r"|daten|datensatz|quellcode|inhalte|texte|bilder|gegevens|данные|датасет|код|изображения|тексты|дані)\b"
)
_OF = re.compile(
    r"[^.;\n]{0,40}?\b(?:to|of|for|in|covers?)\b(?: (?:the|all|our|its|source))* (metadata|annotations?|labels?|code|papers?|websites?)\b"
    r"(?! ?(?:and|or|,|/|&|\w+ ?set))"
)
# Beside the items: what is said of these is not said of the items.
_ADDED = frozenset({"metadata", "annotations", "code", "paper", "website", "codebook", "schema", "taxonomy", "logo"})
_ITSELF = re.compile(
    r"\b(?:this|these|all|any|following) (?:\w+ )?(?:code|scripts?|papers?|publications?|preprints?|websites?|web ?pages?|schemas?|taxonomy|\w+ set)"
    r"|\b(?:sample|example) code\b"
)
_REST = re.compile(r"\b(?:everything|all|items?|works?|files?|software|package|library)\b")
_HEAD = re.compile(
    rf"({_SCOPE.pattern})( of (?:the |this |these |our |its )?)(?:{_SCOPE.pattern})"
)  # contents of the database
FAR = 24  # words between two licences from which on they are no list
_OR = frozenset({"or", "oder", "|"})
_AND = frozenset({"and", "+", "und"})
_DUAL = frozenset({"dual", "disjunctive"})
_BARE = (
    _OR
    | _AND
    | frozenset("()[]")
    | frozenset(",;:/ under either terms of at your option alternatively".replace(",;:/", ", ; : /").split())
)
_SCOPES = {"script": "code", "dataset": "data", "content": "contents", "doc": "documentation", "photo": "images", "picture": "images",
           "image": "images", "annotation": "annotations", "label": "annotations", "text": "text", "article": "text", "model": "model", "weight": "model",
           "database": "database", "recording": "audio", "music": "audio", "video": "video",
           "donnee": "data", "dato": "data", "dado": "data", "dati": "data", "daten": "data", "datensatz": "data", "gegeven": "data", "данные": "data",
           "датасет": "data", "дані": "data", "codigo": "code", "codice": "code", "quellcode": "code", "код": "code", "contenu": "contents",
           "contenido": "contents", "conteudo": "contents", "contenuti": "contents", "inhalte": "contents", "texte": "text", "texto": "text", "testi": "text",
           "тексты": "text", "imagene": "images", "imagen": "images", "immagini": "images", "bilder": "images", "изображения": "images",
           "publication": "paper", "preprint": "paper", "web page": "website", "webpage": "website"}  # fmt: skip


def same(a: Mention, b: Mention) -> Mention | None:
    """Return the mention that says more, where one only says more than the other; None where they differ."""
    if a.tool and b.tool:
        return a if a.tool.refines(b.tool) else b if b.tool.refines(a.tool) else None
    if a.license == b.license or (b.license and b.license.rstrip("+") in a.options):
        return b
    if a.license and a.license.rstrip("+") in b.options:
        return a
    if a.options and b.options and "NOASSERTION" in (a.license, b.license) and a.options & b.options:
        return b if a.license == "NOASSERTION" else a
    if a.license and b.license and a.license != "NOASSERTION" != b.license:
        if policy.refines(a.license, b.license):
            return a
        if policy.refines(b.license, a.license):
            return b
    return None


def distinct(mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions without those that only repeat another with less said, in their order."""
    kept: list[Mention] = []
    for mention in mentions:
        for i, other in enumerate(kept):
            more = same(other, mention)
            if more is not None:
                kept[i] = other if more.license == other.license else more
                break
        else:
            kept.append(mention)
    if len(kept) < len(mentions) and len(kept) > 1:
        return distinct(kept)
    return kept


def scope_of(scan: Scan, mention: Mention, after: int) -> str | None:
    """Return what a licence is said of: the last such word before it in its clause, from the token `after` on."""
    start = scan.tokens.start(after) if after < len(scan.tokens) else 0
    clause: str = scan.folded_at(start, scan.tokens.start(mention.start))
    found = _SCOPE.findall(_HEAD.sub(r"\1", re.split(r"[.;\n]", clause)[-1])) or _SCOPE.findall(clause)
    if not found:
        return None
    word: str = found[-1].rstrip("s") if found[-1] not in ("scripts", "docs") else found[-1][:-1]
    return _SCOPES.get(word) or word


def beside(scan: Scan, mention: Mention) -> str | None:
    """Return what was added to items, if the only licence of a statement is said of that alone; else None."""
    said = scope_of(scan, mention, 0) if mention.start else None
    clause: str = scan.folded_at(0, scan.tokens.start(mention.start)) if mention.start else ""
    if said in _ADDED and (_ITSELF.search(clause) or _REST.search(clause) or not _alone(clause)):
        return None
    if said is None and mention.end < len(scan.tokens):
        rest: str = scan.folded_at(scan.tokens.start(mention.end), len(scan.text))
        after = _OF.match(rest)
        said = after and (_SCOPES.get(after[1].rstrip("s")) or after[1].rstrip("s"))
    return said if said in _ADDED else None


def _alone(clause: str) -> bool:
    """Say whether of the things that a clause names none is the items themselves: "data and code" are."""
    named = {w.rstrip("s") for w in _SCOPE.findall(re.split(r"[.;\n]", _HEAD.sub(r"\1", clause))[-1])}
    return all(_SCOPES.get(w, w) in _ADDED for w in named)


def joined(scan: Scan, mentions: Sequence[Mention]) -> str | None:
    """Return AND or OR, if the words between all neighbours say so; None where they don't say.

    OR takes the freest of them, so it needs bare words between: "MIT or Apache-2.0". AND is never freer than its parts.
    """
    inside = {i for m in scan.mentions for i in range(m.start, m.end)}
    dual = any(w in _DUAL for w in scan.tokens)
    found = {_between(scan, a, b, inside, dual) for a, b in pairwise(sorted(mentions, key=lambda m: m.start))}
    if found == {"OR"}:
        return "OR"
    return "AND" if found == {"AND"} else None


def _forbids(mention: Mention) -> frozenset[str]:
    return policy.restrictions(mention.license or "NOASSERTION") & policy.FORBIDDING


def _between(scan: Scan, a: Mention, b: Mention, inside: set[int], dual: bool) -> str | None:
    words = [scan.tokens[i] for i in range(a.end, b.start) if i not in inside]
    said = set(words)
    if a.tool and b.rule == "cc-url" and not said & {"and", "or"}:
        return None  # a name and its link that say different things
    bare = said <= _BARE | tables.fillers()
    if words == ["/"] or ("|" in said and bare and not said & (_OR - {"|"})):
        return "OR" if _forbids(a) == _forbids(b) else "AND"  # a stroke is no word: where it matters, both bind
    if bare and (said & _OR or (dual and words)):
        return "OR"
    if len(words) <= FAR and not said & _OR and (said & _AND or (said & {",", ";"} and bare)):
        return "AND"
    return None


def listed(words: Sequence[str]) -> bool:
    """Return whether the words between two names only list them: or, and, a comma, the word licence."""
    said = set(words)
    return bool(said & (_OR | _AND | {",", "/"})) and said <= _BARE | tables.fillers()
