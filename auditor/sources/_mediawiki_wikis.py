"""The licence of a wiki's text, by the dump's siteinfo, the namespace and two dates: `licenses/wikis.toml` applied."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from fnmatch import fnmatchcase
from functools import cache, cached_property
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from auditor import data

Rule = Mapping[str, Any]
VERSION = re.compile(r"MediaWiki (\d+)\.(\d+)")
CANONICAL = {  # MediaWiki's own namespaces (mediawiki.org, Manual:Namespace), the same number on every wiki
    0: "article",
    2: "user",
    4: "project",
    6: "file",
    8: "mediawiki",
    10: "template",
    12: "help",
    14: "category",
    828: "module",
}
ENGLISH = {"file": 6, "image": 6, "media": -2, "special": -1, "mediawiki": 8} | {
    name: number for number, name in CANONICAL.items() if number not in (0, 4)
}


class Said(NamedTuple):
    """What a claim says of a text's licence."""

    text: str | None
    url: str | None = None


class Wiki:
    """One wiki as a dump's siteinfo names it."""

    def __init__(self, info: Mapping[str, Any], dumped: str | None, rights: Mapping[str, str] | None) -> None:
        self.info, self.dumped, self.rights = info, dumped, rights
        self.dbname: str = info.get("dbname") or ""
        self.known = known(info.get("base"), self.dbname)
        self.rules: list[Rule] = [r for r in (self.known or {}).get("rule", []) if self._edition(r)]
        names = {int(k): v for k, v in info.get("namespaces", {}).items()}
        self.kinds = {n: _kind(n, name) for n, name in names.items()} | CANONICAL
        self.prefixes = ENGLISH | {name.lower(): n for n, name in names.items() if name}
        self.told_files = 6 in names

    @property
    def host(self) -> str | None:
        """The host of siteinfo's base."""
        return urlsplit(self.info.get("base") or "").hostname

    @cached_property
    def commons(self) -> bool:
        """Whether it is Wikimedia Commons, whose templates are documented apart from other wikis'."""
        return self.known is not None and self.host == "commons.wikimedia.org"

    def _edition(self, rule: Rule) -> bool:
        return "dbname" not in rule or any(fnmatchcase(self.dbname, p) for p in rule["dbname"])

    def text(self, namespace: int, revised: str | None) -> Said:
        """Return the licence of a page's text by its namespace and its revision's day (ISO); nothing if unknown."""
        if self.known is None:
            rights = self.rights or {}
            return Said(rights.get("text") or None, rights.get("url") or None)
        rule = next((r for r in self.rules if fits(r, namespace, revised, self.dumped)), None)
        return Said(rule.get("license") if rule else None)

    def namespace(self, title: str) -> int | None:
        """Return the namespace a title's prefix names (exports before 0.6 do not number it); None: cannot be told."""
        prefix, colon, _ = title.partition(":")
        found: int | None = self.prefixes.get(prefix.strip().replace("_", " ").lower()) if colon else None
        if found is not None:
            return found
        return 0 if not colon or self.told_files else None

    def kind(self, namespace: int | None) -> str:
        """Return the word for a page's namespace: article, talk, file, template, or the wiki's own."""
        if namespace is None:
            return "page"
        if namespace % 2 == 1:
            return "talk"
        return self.kinds.get(namespace, f"namespace-{namespace}")

    def script(self) -> str | None:
        """Return the address that takes `?curid=` and `?oldid=`; None where siteinfo has no base."""
        base: str | None = self.info.get("base")
        if not base:
            return None
        parts = urlsplit(base)
        place = f"{parts.scheme}://{parts.netloc}"
        if self.known is not None:
            return f"{place}/w/index.php"
        return base.split("?")[0] if "title=" in base else f"{place}{parts.path.rpartition('/')[0]}/"


def _kind(number: int, name: str) -> str:
    return name.lower().replace(" ", "-") or CANONICAL.get(number, "")


@cache
def table() -> Mapping[str, Any]:
    """Return `licenses/wikis.toml`."""
    return tomllib.loads((data.folder("licenses") / "wikis.toml").read_text(encoding="utf-8"))


def known(base: str | None, dbname: str) -> Rule | None:
    """Return what is known of a wiki; None for an unknown one, or one whose host and dbname speak of different wikis.

    The site's name is not asked: anyone may call a wiki Wikipedia. A dbname alone does not do either.
    """
    host = (urlsplit(base or "").hostname or "").replace(".m.", ".", 1)
    for wiki in table()["wiki"]:
        if any(fnmatchcase(host, p) for p in wiki["base"]):
            fitting: Rule = wiki
            return fitting if not dbname or any(fnmatchcase(dbname, p) for p in wiki["dbname"]) else None
    return None


def fits(rule: Rule, namespace: int, revised: str | None, dumped: str | None) -> bool:
    """Return whether a rule speaks of a page: its namespace, the day of its revision, the day of its dump."""
    if "namespaces" in rule and namespace not in rule["namespaces"]:
        return False
    if "dumped_to" in rule and not (dumped and dumped <= rule["dumped_to"].isoformat()):
        return False
    if "from" in rule and not (revised and revised >= rule["from"].isoformat()):
        return False
    return "to" not in rule or bool(revised and revised <= rule["to"].isoformat())


def not_before(generator: str | None) -> str | None:
    """Return a day before which this version of MediaWiki cannot have written a dump; None where nothing tells."""
    stated = VERSION.search(generator or "")
    if stated is None:
        return None
    version = tuple(int(x) for x in stated.groups())
    days: list[str] = []
    for line in table()["generator"]:
        released: date = line["released"]
        if version >= tuple(int(x) for x in line["version"].split(".")):
            days.append((released - timedelta(days=line["margin_days"])).isoformat())
    return max(days, default=None)
