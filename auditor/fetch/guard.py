"""Who may be asked: addresses come from strangers, so each is checked where it is connected to, not where it is written."""

import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, quote, urlsplit

import msgspec

LONGEST = 8192  # characters of a URL
ADDRESSES = 4  # of a name that are tried
HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", re.ASCII)
UNSAFE = re.compile(r"[\x00-\x1f\x7f]")
STRAY = re.compile(r"%(?![0-9A-Fa-f]{2})")
SAFE = "!#$%&'()*+,/:;=?@[]~"
# What is asked as it stands: no character in it would be quoted, and nothing of it dropped
PLAIN = re.compile(r"(https?)://([a-z0-9.:-]+)(/[\w\-.~!$&'()*+,/:;=@]*(?:\?[\w\-.~!$&'()*+,/:;=@?]+)?)", re.ASCII)
# Ports above 1023 of services that browsers never speak HTTP to: https://fetch.spec.whatwg.org/#port-blocking
BLOCKED = frozenset({2049, 3659, 4045, 6000, *range(6665, 6670), 6697})
PORTS = {"http": 80, "https": 443}
NAT64 = IPv6Network("64:ff9b::/96")
COMPATIBLE = IPv6Network("::/96")
GLOBAL = IPv6Network("2000::/3")
# Azure's, public by its range: https://learn.microsoft.com/en-us/azure/virtual-network/what-is-ip-address-168-63-129-16
METADATA = frozenset({IPv4Address("168.63.129.16")})


class Refused(Exception):
    """One sentence that says why an address is not asked."""


class Place(msgspec.Struct, frozen=True, gc=False):
    """A URL taken apart as it will be asked: host in its ASCII form, path and query quoted."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def name(self) -> str:
        """Host, and port where it is not the scheme's own."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return shown if self.port == PORTS[self.scheme] else f"{shown}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme and name."""
        return f"{self.scheme}://{self.name}"

    @property
    def url(self) -> str:
        """The URL in this form."""
        return self.origin + self.target


@dataclass(frozen=True, slots=True)
class Guard:
    """Refuses what is not a public web address; `allowed` has HOST or HOST:PORT that the user vouches for."""

    allowed: frozenset[str] = frozenset()

    def allows(self, place: Place) -> bool:
        """Say whether the user vouches for a host, at any port or at this one."""
        shown = f"[{place.host}]" if ":" in place.host else place.host
        return bool(self.allowed & {place.host, shown, f"{shown}:{place.port}"})

    def place(self, url: str) -> Place:
        """Take a URL apart; Refused where it is not one that can be asked."""
        place = parsed(url)
        if not self.allows(place) and (
            (place.port < 1024 and place.port not in PORTS.values()) or place.port in BLOCKED
        ):
            raise Refused(f"port {place.port} is not one that the web is served at")
        return place

    def connect(self, place: Place, seconds: float) -> socket.socket:
        """Connect to an address that the name has, each checked first; what was checked is what is connected to."""
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        if not self.allows(place):
            for *_, address in found:
                why = forbidden(str(address[0]))
                if why:
                    raise Refused(
                        f"{place.host} has the address {address[0]}, which is {why} "
                        f"(--allow-host {place.host} if it is meant)"
                    )
        end, last = time.monotonic() + seconds, OSError("no address")
        for left, (family, kind, protocol, _, address) in zip(range(ADDRESSES, 0, -1), found, strict=False):
            made = socket.socket(family, kind, protocol)
            try:
                made.settimeout(max(0.1, (end - time.monotonic()) / min(left, len(found))))
                made.connect(address)
                made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return made
            except OSError as error:
                made.close()
                last = error
            except BaseException:
                made.close()
                raise
        raise last


@lru_cache(maxsize=4096)
def parsed(url: str) -> Place:
    """Take a URL apart; Refused where it is not a web address in a form that means one thing only."""
    if len(url) > LONGEST:
        raise Refused(f"the address has {len(url)} characters, more than {LONGEST}")
    try:
        plain = PLAIN.fullmatch(url)
        return Place(plain[1], *_authority(plain[1], plain[2]), plain[3]) if plain else _apart(url)
    except ValueError as error:
        raise Refused(f"the address can't be read ({error})") from None


def _apart(url: str) -> Place:
    """Take any URL apart."""
    if UNSAFE.search(url):
        raise Refused("the address has control characters in it")
    scheme, netloc, _, _, _ = parts = urlsplit(url.strip(" "))
    host, port = _authority(scheme, netloc)
    try:
        path = STRAY.sub("%25", quote(parts.path or "/", safe=SAFE, errors="surrogateescape"))
        query = STRAY.sub("%25", quote(parts.query, safe=SAFE, errors="surrogateescape"))
    except UnicodeEncodeError:
        raise Refused("the address has characters that are no text") from None
    return Place(scheme, host, port, path + (f"?{query}" if query else ""))


@lru_cache(maxsize=4096)
def _authority(scheme: str, netloc: str) -> tuple[str, int]:
    """Return host and port; ValueError where the port is no number. Cached by itself, since a host has many addresses."""
    parts = SplitResult(scheme, netloc, "", "", "")
    port = parts.port
    if scheme not in PORTS:
        raise Refused(f"only http and https are asked, not {scheme or 'an address without a scheme'}")
    if "@" in netloc:
        raise Refused("the address carries a user's name or password")
    if "\\" in netloc:
        raise Refused("the address has a backslash in its host")
    if port == 0:
        raise Refused("port 0 is not one that the web is served at")
    return _host(parts.hostname or ""), port or PORTS[scheme]


def _host(said: str) -> str:
    """Return a host as it is asked: a name's ASCII form (of a look-alike: its own `xn--` form), an address's digits."""
    if not said:
        raise Refused("the address has no host")
    if ":" in said:
        try:
            return str(IPv6Address(said))
        except ValueError:
            raise Refused(f"{said} is no host") from None
    if not said.isascii():
        import idna

        try:
            said = idna.encode(said, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            raise Refused("the host's name is not a valid international one") from None
    said = said.lower().rstrip(".")
    if len(said) > 253 or not HOST.fullmatch(said):
        raise Refused("the host's name has characters that no host has")
    return said


def forbidden(address: str) -> str | None:
    """Say in a word or two what kind of address that is not to be asked this is, or None for a public one."""
    ip = ip_address(address.partition("%")[0])
    return next((why for one in _meant(ip) if (why := _kind(one))), None)


def _meant(ip: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    """Yield the addresses that an address leads to: IPv4 inside IPv6 in all its forms."""
    if isinstance(ip, IPv4Address):
        yield ip
    elif ip.ipv4_mapped:
        yield ip.ipv4_mapped
    elif ip in NAT64 or (ip in COMPATIBLE and int(ip) > 1):
        yield IPv4Address(int(ip) & 0xFFFFFFFF)
    else:
        if ip.sixtofour:  # first: some versions of Python take all of 2002::/16 for private, which says less
            yield ip.sixtofour
        yield ip
        if ip.teredo:
            yield from ip.teredo


def _kind(ip: IPv4Address | IPv6Address) -> str | None:
    if ip.is_unspecified:
        return "this machine's"
    for word in ("loopback", "link_local", "multicast"):
        if getattr(ip, f"is_{word}"):
            return word.replace("_", "-")
    if ip in METADATA:
        return "a cloud's metadata service"
    if not ip.is_global or (isinstance(ip, IPv6Address) and ip not in GLOBAL):
        return "private or reserved"
    return None
