"""Licence templates of a wiki's File: page, read: `{{self|cc-by-sa-4.0|GFDL}}` is a choice, two tags bind together.

`statements` finds them on a page (the source's hot path); `read_wikitext` says what they mean. What lists mean is the
vocabulary's (`licenses/wikis.toml`, table `templates`); several tags side by side are read as AND, the cautious way.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache, partial
from typing import NamedTuple

from auditor import policy
from auditor.licensing._wikitext_calls import BLANK, Call, calls, title, visible
from auditor.licensing._wikitext_tags import NOASSERTION, Tag, tag_of, templates
from auditor.licensing.reading import Reading

NAMES = re.compile(r"\{\{([^{}|]*)")
FLAT = re.compile(r"\{\{[^{}<\[\]]*\}\}")
LETTERS = re.compile(r"[^\W\d_]{3}")
# Words in a parameter or beside a tag that may take back what the tag gives.
CAUTION = re.compile(
    r"non.?commercial|commercial(?:ly)?\s+use|not\s+for\s+commerc|no\s+deriv|not\s+be\s+modified|educational\s+(?:use|purpose)|"
    r"research\s+(?:only|use|purpose)|academic\s+(?:use|purpose)|permission\s+(?:is\s+)?(?:required|only)|"
    r"(?:use|used|reuse|licensed)\s+only|only\s+for\s|not\s+free|fair\s+use|press\s+use|editorial\s+use|all\s+rights\s+reserved",
    re.IGNORECASE,
)
# Words of terms anywhere on a page, for RE2 too: of what they stand in, the reader tells whether it restricts.
RIDER = CAUTION.pattern + (
    r"|(?:may|must|can|shall)\s*not\b|(?:do\s+not|don't|never)\s+(?:\w+\s+){0,3}(?:use|copy|distribut|modif|sell|publish|upload|re)|"
    r"not\s+(?:allowed|permitted|for\s+sale|available|public|under)|prohibited|forbidden|without\s+(?:\w+\s+){0,4}(?:permission|consent)|"
    r"(?:personal|private|non-?profit)\s+(?:use|purpose)|kommerziel|untersagt|verboten|nicht\s+(?:gestattet|erlaubt|frei)|nur\s+(?:für|zu|mit)\b|"
    r"commerciale|commercieel|commerciel|comercia|kommersi|kommerc|komerc|коммерч|комерц|interdit|prohibid|proibid|vietat|"
    r"uso\s+(?:personal|privat|acad|accad|did)|usage\s+(?:privé|personnel|pédagog)|запрещ|заборон|商用|商业|商業|転載禁止|상업"
)
ASKED = (
    r"requires?\s+(?:\w+\s+){0,4}(?:permission|consent|authori)|"
    r"ohne\s+(?:\w+\s+){0,3}(?:genehmigung|erlaubnis|zustimmung)|sans\s+autoris|sin\s+(?:permiso|autoriz)|senza\s+(?:permesso|autoriz)|"
    r"sem\s+autoriz|без\s+разреш"
)
RIDER += r"|only\s+be\s+(?:us|reproduc|publish|copi)|" + ASKED
RIDING = re.compile(RIDER, re.IGNORECASE)
_BAN = r"(?:verboten|untersagt|nicht\s+gestattet|nicht\s+erlaubt|interdit|prohibid|proibid|vietat|запрещ|заборон|prohibited|forbidden)"
_USE = (
    r"(?:nutzung|verwend|weitergabe|utilisation|usage|reproduction|diffusion|\buso\b|utiliz|riproduz|reproduc|использов|копирован|"
    r"распростран|використан|\bre-?use\b|\buse\b|copying|redistribut)"
)
_ONLY = r"only\s+be\s+(?:used|reproduced|published|copied)(?!\s+(?:according|under|in\s+accordance|within|if|with|when|provided))"
# Sentences that ban a use, or ask for leave, whatever the reader makes of them.
BANNING = re.compile(rf"{ASKED}|{_ONLY}|{_USE}[^.\n|]{{0,60}}{_BAN}|{_BAN}[^.\n|]{{0,60}}{_USE}", re.IGNORECASE)
LINK = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]|\[https?://\S{1,500} ([^\]\n]{0,500})\]")
MARKUP = re.compile(r"'{2,}|<[^<>]*>")
PIECES = re.compile(r"[\n|]|\{\{|\}\}|(?<=[.!?;])\s+|。")
FIELD = re.compile(r"[\w -]{1,30}=")  # the name of a parameter
RIDERS = 2_000  # characters of them kept
PERMISSION = re.compile(r"\|\s*permission\s*=[ \t]*(?![\n|}])", re.IGNORECASE)  # one that says something
LookUp = Callable[[str], Reading]


class Part(NamedTuple):
    """What one call says."""

    license: str
    rules: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


def statements(text: str, redirects: Mapping[str, str] | None = None) -> list[str]:
    """Return a page's licence templates, word for word, outer ones with all that is in them; [] where there are none.

    redirects: template name in lower case -> the name it leads to, which then stands in the statement.
    """
    tells = _licensed_name if not redirects else partial(_licensed, redirects=redirects)
    named = [m for m in NAMES.finditer(text) if tells(m[1])]
    if not named:
        return []
    plain = [_flat(text, m) for m in named] if "<" not in text and not redirects else [None]
    if None not in plain and not _inside_function(text):
        return [p for p in plain if p is not None]
    return [_led(text, c, redirects) for c in _outermost(text, redirects)]


def _flat(text: str, name: re.Match[str]) -> str | None:
    """Return the call at a name if it has nothing nested and nothing around that could make it something else."""
    if name.start() and text[name.start() - 1] == "{":
        return None
    call = FLAT.match(text, name.start())
    return call[0] if call else None


def _inside_function(text: str) -> bool:
    return "{{#" in text


def _licensed(name: str, redirects: Mapping[str, str] | None = None) -> bool:
    name = _target(title(name), redirects)
    return tag_of(name) is not None or name.lower() in templates()["choice"] | templates()["wrap"]


@lru_cache(maxsize=65_536)
def _licensed_name(name: str) -> bool:
    return _licensed(name)


def _target(name: str, redirects: Mapping[str, str] | None) -> str:
    return title(redirects.get(name.lower(), name)) if redirects else name


def _led(text: str, call: Call, redirects: Mapping[str, str] | None) -> str:
    """Return the call's words, its name replaced where a redirect leads on."""
    words = text[call.start : call.end]
    target = _target(call.name, redirects)
    return words if target == call.name else NAMES.sub(lambda _: "{{" + target, words, count=1)


def _outermost(text: str, redirects: Mapping[str, str] | None = None) -> list[Call]:
    """Return licence calls that stand in no other one; a parser function with one inside counts as one."""
    found: list[Call] = []
    all_ = calls(text)
    licensed = [c for c in all_ if _licensed(c.name, redirects)]
    for call in all_:
        if found and call.end <= found[-1].end:
            continue
        function = call.name.startswith("#") and any(call.start < c.start and c.end <= call.end for c in licensed)
        if function or call in licensed:
            found.append(call)
    return found


def section(text: str) -> list[str]:
    """Return what a page without a known licence template says of it: its `permission`, or its licence section.

    Unknown templates there are kept, so that somebody can look; they are never read as a licence.
    """
    found = calls(text)
    said = [v for c in found if (v := c.get("permission")) and LETTERS.search(v)]
    if said:
        return said[:1]
    heading = re.search(templates()["heading"], text)
    if heading is None:
        return []
    inside = [c for c in found if c.start >= heading.end()]
    return [text[c.start : c.end] for c in inside if not any(o.start < c.start < o.end for o in inside)]


def cautions(text: str) -> str | None:
    """Return the `permission` of a page where its words may take back what its tags give; else None."""
    if not any(CAUTION.search(text, m.end()) for m in PERMISSION.finditer(text)):
        return None
    return next((v for c in calls(text) if (v := c.get("permission")) and CAUTION.search(v)), None)


def riders(text: str) -> str | None:
    """Return the sentences outside a page's licence templates that have words of terms; None where there are none."""
    if not RIDING.search(text):
        return None
    return riding(MARKUP.sub(" ", LINK.sub(lambda m: m[1] or m[2] or "", _beside(text, _outermost(text)))))


def riding(prose: str) -> str | None:
    """Return the sentences of some prose that have words of terms; None where there are none."""
    pieces = (p.strip(" \t*#:") for p in PIECES.split(prose))
    said = (p[m.end() :].lstrip() if (m := FIELD.match(p)) else p for p in pieces if RIDING.search(p))
    return " ".join(dict.fromkeys(said))[:RIDERS] or None


def banning(prose: str) -> bool:
    """Say whether some prose bans a use or asks for leave: such words count though they could not be read."""
    return BANNING.search(prose) is not None


def doubtful(categories: Iterable[str]) -> list[str]:
    """Return those of a file's categories in which a wiki gathers files whose licence is in doubt."""
    listed: tuple[str, ...] = tuple(templates()["doubtful"])
    return [c for c in categories if c.lower().startswith(listed)]


@cache
def _disputing() -> tuple[re.Pattern[bytes], re.Pattern[str]]:
    """Return what finds templates that dispute a text's copyright: in a dump's bytes, and as whole names."""
    names = sorted(templates()["disputed"])
    spelled = [
        f"(?:{first}|{first.upper()}){rest}" for n in names for first, rest in [(re.escape(n[:1]), _spelled(n[1:]))]
    ]
    found = r"\{\{\s{0,3}(?:[Tt]emplate:\s?)?(?:" + "|".join(spelled) + ")"
    whole = "|".join(re.escape(n[:-1]) + ".*" if n.endswith("*") else re.escape(n) for n in names)
    return re.compile(found.encode(), re.IGNORECASE), re.compile(whole, re.IGNORECASE)


def _spelled(name: str) -> str:
    """Return a name's pattern up to where it ends, `_` as good as a space."""
    end = "" if name.endswith("*") else r"\s{0,3}(?=[|}<\n])"
    return re.escape(name.removesuffix("*")).replace(r"\ ", "[ _]") + end


def disputing(text: bytes, start: int, end: int) -> bool:
    """Whether bytes of a dump, still escaped, name a template that disputes the copyright of a text."""
    return _disputing()[0].search(text, start, end) is not None


def disputes(text: str) -> list[str]:
    """Return a text's templates that dispute its copyright, word for word."""
    return [text[c.start : c.end] for c in calls(text) if _disputing()[1].fullmatch(c.name)]


def read_wikitext(text: str, look_up: LookUp | None = None, vocabulary: str | None = "commons") -> Reading:
    """Read licence templates, or the bare name of one; NONE for an empty text, NOASSERTION for what is not read.

    look_up: the general reader, for words that stand beside or inside the tags.
    vocabulary: `commons` where the page is Wikimedia Commons', whose {{GFDL}} says "with no Invariant Sections".
    """
    if not text.strip():
        return _reading([Part("NONE")], text, "", vocabulary)
    if "{{" not in text:
        tag = tag_of(title(text))
        return _reading([_of_tag(tag)] if tag else _named([text], look_up), text, "", vocabulary)
    outer = _outermost(text)
    if not outer:
        return _reading(_named([c.name for c in calls(text)], look_up), text, "", vocabulary)
    parts = [_of_call(c, text[c.start : c.end]) for c in outer]
    rest = " ".join(_beside(text, outer).split())
    held = _held_back(rest, look_up) if parts else None
    return _reading([*parts, *([held] if held else [])], text, rest, vocabulary)


def _named(names: Iterable[str], look_up: LookUp | None) -> list[Part]:
    """Read names that no line knows as the spellings they are: {{ODbL}}, {{GPLv3}}."""
    found = [(n, look_up(n)) for n in names] if look_up else []
    return [Part(r.license, (f"name:{n}", r.rule)) for n, r in found if r.license not in (NOASSERTION, "NONE")]


def _of_call(call: Call, words: str) -> Part:
    name = call.name.lower()
    if name.startswith("#"):
        return Part(NOASSERTION, ("parser-function",), ("Whether this tag shows depends on a condition.",))
    if name in templates()["choice"]:
        return _joined(call, " OR ", words, "")
    if name in templates()["wrap"]:
        return _joined(call, " AND ", words, templates()["wrapped_by_default"])
    tag = tag_of(call.name)
    assert tag is not None
    if call.get("version"):
        return Part(NOASSERTION, (tag.rule,), (f"{words} names a version that this name alone does not stand for.",))
    part = _of_tag(tag, call.name)
    return _cautioned(_migrated(part, call), call)


def _of_tag(tag: Tag, name: str = "") -> Part:
    return Part(tag.license, (tag.rule,), (f"{{{{{name}}}}}: {tag.words}",) if tag.words and name else ())


def _joined(call: Call, word: str, words: str, default: str) -> Part:
    """Read a template whose parameters are names of licence templates, or calls of them."""
    parts, ignored = [], []
    for value in call.unnamed() if any(True for _ in call.unnamed()) else filter(None, [default]):
        inner = [_of_call(c, value[c.start : c.end]) for c in _outermost(value)] if "{{" in value else []
        tag = None if inner else tag_of(title(value))
        parts += inner or ([_of_tag(tag, title(value))] if tag else [])
        if not inner and tag is None:
            ignored.append(value)
    if not parts:
        return Part(NOASSERTION, ("no-known-tag",), (f"No parameter of {words} is a licence that is known.",))
    choice = word == " OR "
    settled = [p for p in parts if p.license != NOASSERTION] if choice else parts
    license_ = _expression([p.license for p in settled], word) if settled else NOASSERTION
    joined = Part(license_, _all(parts, 1), _all(parts, 2), (*ignored, *_all(parts, 3)))
    return _cautioned(_migrated(joined, call), call)


def _all(parts: Iterable[Part], field: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(x for p in parts for x in p[field]))


def _expression(licenses: Iterable[str], word: str) -> str:
    """Join expressions, each once; one unsettled part of an AND unsettles the whole."""
    distinct = list(dict.fromkeys(licenses))
    if NOASSERTION in distinct:
        return NOASSERTION
    other = " OR " if word == " AND " else " AND "
    return word.join(f"({x})" if other in x and len(distinct) > 1 else x for x in distinct)


def _migrated(part: Part, call: Call) -> Part:
    """Add what `migration=relicense` gives: the Foundation's use of GFDL-1.3 section 11."""
    relicensed = templates()["migration"].get((call.get("migration") or "").lower())
    if not relicensed or "GFDL" not in part.license:
        return part
    note = f"relicensed: {templates()['migration_words']}"
    alternatives = [*part.license.split(" OR "), relicensed]
    return part._replace(license=_expression(alternatives, " OR "), notes=(*part.notes, note))


def _cautioned(part: Part, call: Call) -> Part:
    """Unsettle a tag whose own parameters hold words that may take it back (a credit line is not one)."""
    words = next((v for _, v in call.params if CAUTION.search(v)), None)
    if words is None or part.license == NOASSERTION:
        return part
    note = f"The tag gives {part.license}, and its words may take it back: {words}"
    return part._replace(license=NOASSERTION, notes=(*part.notes, note))


def _beside(text: str, outer: list[Call]) -> str:
    """Return what of the text is in no licence call."""
    kept, at = [], 0
    seen = visible(text)
    for call in outer:
        kept.append(seen[at : call.start])
        at = call.end
    return "".join([*kept, seen[at:]]).replace(BLANK, " ")


def _held_back(rest: str, look_up: LookUp | None) -> Part | None:
    """Return a part that unsettles the whole where words beside the tags forbid something."""
    if not CAUTION.search(rest):
        return None
    forbidden = frozenset(look_up(rest).restrictions) & policy.FORBIDDING if look_up else frozenset({"?"})
    return Part(NOASSERTION, ("words-beside",), (f"Words beside the tags may restrict: {rest}",)) if forbidden else None


def _reading(parts: list[Part], text: str, rest: str, vocabulary: str | None) -> Reading:
    if not parts:
        return Reading(NOASSERTION, "unknown", (), "unread:wikitext", None, text, "No licence template that is known.")
    license_ = _expression([p.license for p in parts], " AND ")
    if vocabulary != "commons":
        license_ = license_.replace("-no-invariants", "")
    terms = [policy.terms(p.license).restrictions for p in parts if p.license not in (NOASSERTION, "NONE")]
    union = frozenset[str]().union(*terms) if license_ == NOASSERTION else policy.terms(license_).restrictions
    category = policy.category(license_)
    if license_ == NOASSERTION and union & policy.FORBIDDING:
        category = policy.category_of(union)
    ignored = "; ".join(x for x in (*_all(parts, 3), rest) if x)
    note = " ".join(_all(parts, 2)) or None
    rule = "wikitext:" + ("+".join(_all(parts, 1)) or "nothing")
    return Reading(license_, category, tuple(sorted(union)), rule, text, ignored or None, note)
