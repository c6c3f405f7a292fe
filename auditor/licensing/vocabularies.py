"""Spellings that mean something in one publisher's list only, and those that mean the same everywhere."""

from collections.abc import Mapping
from functools import cache

from auditor.licensing import tables
from auditor.licensing.fold import key
from auditor.licensing.reading import NOASSERTION, NONE, Reading, of, undetermined


@cache
def settings() -> Mapping[str, dict[str, object]]:
    """Return vocabulary -> what `licenses/vocabularies.toml` says of it."""
    import tomllib

    from auditor import data

    path = data.folder("licenses") / "vocabularies.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


@cache
def table(name: str) -> Mapping[str, str]:
    """Return folded alias -> licence of a vocabulary."""
    return {key(r["alias"]): r["license"] for r in tables.rows(f"vocabularies/{name}.tsv")}


def read(name: str, text: str, version: str, as_of: str) -> Reading | None:
    """Read a spelling by its vocabulary's list; None where the list does not have it."""
    about = settings().get(name, {})
    if about.get("parser") == "wikitext":
        return _wikitext(text, name)
    if about.get("list") == "or" and " OR " in text:
        return _choice(name, text)
    found = table(name).get(key(f"{text} {version}")) if version else None
    found = found or table(name).get(key(text))
    if not found and about.get("prefix") and text:
        from auditor.licensing.reader import read as general_reader

        return general_reader(f"{about['prefix']} {text} {version}".strip())
    return _reading(found, f"alias:{name}:{text}", text) if found else None


def _choice(name: str, text: str) -> Reading:
    """Read spellings that are alternatives: all of them are read, or none."""
    found = {part: table(name).get(key(part), NOASSERTION) for part in text.split(" OR ")}
    strange = next((part for part, license_ in found.items() if license_ in (NOASSERTION, NONE)), None)
    if strange is not None:
        return undetermined("several:unread-part", f"“{strange}” beside the others is not read.", (), text)
    joined = " OR ".join(f"({one})" if " " in one else one for one in dict.fromkeys(found.values()))
    return of(joined, f"alias:{name}:{text}", text)


def _wikitext(text: str, name: str) -> Reading:
    from auditor.licensing.reader import read as general_reader
    from auditor.licensing.wikitext import read_wikitext

    return read_wikitext(text, general_reader, name)


@cache
def _general() -> Mapping[str, tuple[str, str]]:
    """Return the aliases of all vocabularies whose spellings mean the same without them."""
    found: dict[str, tuple[str, str]] = {}
    for name, about in settings().items():
        if about.get("general"):
            for alias, license_ in table(name).items():
                found.setdefault(alias, (license_, name))
    return found


def general(text: str) -> Reading | None:
    """Read a statement that is a line of a list whose spellings need no context."""
    found = _general().get(key(text))
    return _reading(found[0], f"alias:{found[1]}:{text}", text) if found else None


def _reading(license_: str, rule: str, text: str) -> Reading:
    if license_ == NONE:
        return Reading(NONE, "unknown", (), rule, text, None, "The vocabulary says that no licence was stated.")
    if license_ == NOASSERTION:
        return undetermined(rule, "The vocabulary names no licence by this word.", (), text)
    return of(license_, rule, text)
