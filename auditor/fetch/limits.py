"""What each host asks of those who ask it: `manifests/hosts/SOURCE.toml`, each line with the words it rests on."""

import tomllib
from functools import cache
from urllib.parse import urlsplit

import msgspec

from auditor.data import folder


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was read for one field, and its words."""

    field: str
    url: str  # or the file that was read
    quote: str


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A credential: how it is called in the environment or keyring, how it is sent, where to get one."""

    name: str
    get: str
    parameter: str | None = None  # of the query
    header: str | None = None
    scheme: str = ""  # the word before it in the header: Token, Bearer
    without: str = ""  # what can be done without one; empty: nothing


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a source's hosts may be asked: at most `requests` in `seconds`, `at_once` at a time, `batch` origins a request."""

    summary: str = ""
    endpoint: str = ""
    hosts: tuple[
        str, ...
    ] = ()  # that these limits and the credential are for; `.a.example`: all below it, without the credential
    requests: float = 2.0
    seconds: float = 1.0
    at_once: int = 2
    batch: int = 1
    robots: bool = True  # robots.txt is asked first; false for an API (all below `endpoint`'s path) whose documented limits hold instead
    bulk: str = ""  # what to do instead where there is too much to ask
    key: Key | None = None
    evidence: tuple[Evidence, ...] = ()

    def exempt(self, target: str) -> bool:
        """Say whether a path with its query is asked whatever robots.txt says."""
        return not self.robots and target.startswith(urlsplit(self.endpoint).path)


POLITE = Limits()  # for hosts that document nothing
OWN = 20


@cache
def of(source: str) -> Limits:
    """Return what is known of a source's hosts, or the polite default."""
    path = folder("manifests") / "hosts" / f"{source}.toml"
    if not path.is_file():
        return POLITE
    return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Limits)


@cache
def _hosts() -> dict[str, str]:
    return {host: name for name in names() for host in of(name).hosts}


def of_host(host: str) -> Limits:
    """Return the limits of the source that a host belongs to, or the polite default."""
    known = _hosts()
    above = (host[at:] for at, letter in enumerate(host) if letter == ".")
    name = known.get(host) or next((known[one] for one in above if one in known), None)
    return of(name) if name else POLITE


def own(source: str | None) -> Limits:
    """Return the limits of a host that the user vouches for: no rate, OWN at a time, robots.txt as the source has it."""
    return msgspec.structs.replace(of(source) if source else POLITE, endpoint="", requests=float("inf"), at_once=OWN)


def names() -> tuple[str, ...]:
    """Return the sources whose hosts' limits are known."""
    return tuple(sorted(p.stem for p in (folder("manifests") / "hosts").glob("*.toml")))
