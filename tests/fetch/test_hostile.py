"""What strangers' addresses and hosts may try, each with its one outcome; docs/security.md has the same list."""

import gzip
import re
import socket
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from auditor.fetch import Ask, Get, guard, manners, session, wire
from auditor.fetch.guard import forbidden
from tests.replica.server import Asked, Host, Replica, Reply

DOCS = Path(__file__).parent.parent.parent / "docs" / "security.md"

# An address as it stands in a list: why it is not asked.
ADDRESSES = {
    "url-file": ("file:///etc/passwd", "only http and https"),
    "url-ftp": ("ftp://a.example/x", "only http and https"),
    "url-gopher": ("gopher://127.0.0.1:6379/_FLUSHALL", "only http and https"),
    "url-data": ("data:text/html,<a rel=license>", "only http and https"),
    "url-javascript": ("javascript:alert(1)", "only http and https"),
    "url-no-scheme": ("//a.example/x", "without a scheme"),
    "url-no-host": ("http:///x", "no host"),
    "url-userinfo": ("http://good.example@evil.example/", "user's name or password"),
    "url-password": ("https://me:secret@a.example/", "user's name or password"),
    "url-crlf": ("http://a.example/\r\nHost: evil.example", "control characters"),
    "url-null": ("http://a.example/x\0.jpg", "control characters"),
    "url-tab-in-scheme": ("ht\ttp://a.example/", "control characters"),
    "url-backslash": ("http://a.example\\@evil.example/", "user's name or password"),
    "url-backslash-host": ("http://evil.example\\.good.example/", "backslash"),
    "url-port-smtp": ("http://a.example:25/", "port 25"),
    "url-port-zero": ("http://a.example:0/", "port 0"),
    "url-port-x11": ("http://a.example:6000/", "port 6000"),
    "url-port-huge": ("http://a.example:70000/", "can't be read"),
    "url-port-word": ("http://a.example:http/", "can't be read"),
    "url-bad-brackets": ("http://[::1/", "can't be read"),
    "url-giant": ("http://a.example/" + "x" * 9000, "more than 8192"),
    "url-percent-host": ("http://%6c%6f%63%61%6c%68%6f%73%74/", "characters that no host has"),
    "url-space-host": ("http://a b.example/", "characters that no host has"),
    "url-long-label": ("http://" + "a" * 64 + ".example/", "characters that no host has"),
    "url-bad-idn": ("http://\u200d.example/", "not a valid international one"),
    "url-nfkc-slash": ("http://a.example\uff0f.evil.example/", "can't be read"),
}

# What a name resolves to, or the digits that stand in its place: the word for it.
RESOLVED = {
    "ip-loopback": ("127.0.0.1", "loopback"),
    "ip-loopback-other": ("127.8.9.10", "loopback"),
    "ip-unspecified": ("0.0.0.0", "this machine's"),
    "ip-private-10": ("10.1.2.3", "private"),
    "ip-private-172": ("172.16.0.1", "private"),
    "ip-private-192": ("192.168.1.1", "private"),
    "ip-cgnat": ("100.64.0.1", "private"),
    "ip-link-local": ("169.254.1.1", "link-local"),
    "ip-metadata": ("169.254.169.254", "link-local"),
    "ip-metadata-alibaba": ("100.100.100.200", "private"),
    "ip-metadata-azure": ("168.63.129.16", "metadata"),
    "ip-multicast": ("224.0.0.1", "multicast"),
    "ip-broadcast": ("255.255.255.255", "private or reserved"),
    "ip-reserved": ("240.0.0.1", "private or reserved"),
    "ip-documentation": ("192.0.2.1", "private or reserved"),
    "ip6-loopback": ("::1", "loopback"),
    "ip6-unspecified": ("::", "this machine's"),
    "ip6-link-local": ("fe80::1", "link-local"),
    "ip6-unique-local": ("fd00:ec2::254", "private"),
    "ip6-site-local": ("fec0::1", "private"),
    "ip6-multicast": ("ff02::1", "multicast"),
    "ip6-mapped": ("::ffff:127.0.0.1", "loopback"),
    "ip6-mapped-metadata": ("::ffff:a9fe:a9fe", "link-local"),
    "ip6-compatible": ("::127.0.0.1", "loopback"),
    "ip6-nat64": ("64:ff9b::7f00:1", "loopback"),
    "ip6-nat64-private": ("64:ff9b::a00:1", "private"),
    "ip6-nat64-local": ("64:ff9b:1::1", "private"),
    "ip6-6to4": ("2002:7f00:1::", "loopback"),
    "ip6-teredo": ("2001:0:7f00:1::", "private"),
}

# The same address written so that a look at the text does not show it.
WRITTEN = {
    "form-decimal": "http://2130706433/",
    "form-octal": "http://0177.0.0.1/",
    "form-hex": "http://0x7f.0.0.1/",
    "form-short": "http://127.1/",
    "form-fullwidth": "http://１２７.０.０.１/",
    "form-ideographic-dots": "http://127。0。0。1/",
    "form-mapped": "http://[::ffff:127.0.0.1]/",
    "form-localhost": "http://localhost/",
    "form-trailing-dot": "http://localhost./",
}


def failure(page: Any) -> tuple[str, str]:
    assert page.status == 0 and page.body in (None, page.body), page
    return page.context["failure_kind"], page.context["failure"]


@pytest.fixture
def strict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Get:
    """A door that vouches for nobody, in a process that can't connect."""

    def no(*_: object) -> None:
        raise AssertionError("connected")

    monkeypatch.setattr(socket.socket, "connect", no)
    return Get(tmp_path / "strict")


@pytest.mark.parametrize("case", ADDRESSES)
def test_an_address_that_is_not_asked(case: str, strict: Get) -> None:
    url, why = ADDRESSES[case]
    kind, said = failure(strict.one(Ask(url, "webpage")))
    assert kind == "guard" and why in said and "\n" not in said and "\0" not in said
    strict.close()


@pytest.mark.parametrize("case", RESOLVED)
def test_a_name_with_an_address_that_is_not_public(case: str, strict: Get, names: Callable[..., list[str]]) -> None:
    address, why = RESOLVED[case]
    assert why in (forbidden(address) or "")
    names({"a.example": ["93.184.216.34", address]})
    kind, said = failure(strict.one(Ask("http://a.example/", "webpage")))
    assert kind == "guard" and address in said and "--allow-host a.example" in said
    strict.close()


@pytest.mark.parametrize("case", WRITTEN)
def test_an_address_in_disguise(case: str, strict: Get) -> None:
    kind, said = failure(strict.one(Ask(WRITTEN[case], "webpage")))
    assert kind == "guard" and "loopback" in said
    strict.close()


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "64:ff9b::808:808", "::ffff:8.8.8.8"]
)
def test_public_addresses_are_asked(address: str) -> None:
    assert forbidden(address) is None


@given(st.from_regex(guard.PLAIN, fullmatch=True))
@example("http://a.example/a?")
@example("http://a.example//b?c?d#")
@example("http://127.1:99999/")
def test_a_plain_address_is_taken_apart_as_any_other(url: str) -> None:
    def taken(how: Callable[[str], Any]) -> Any:
        try:
            return how(url)
        except (guard.Refused, ValueError):
            return "refused"

    assert taken(guard._apart) == taken(guard.parsed)


def test_a_name_is_looked_up_once_and_that_address_is_connected_to(
    replica: Replica, tmp_path: Path, names: Callable[..., list[str]]
) -> None:
    """rebinding: an answer for the check and another for the connection never happens, since there is one look-up."""
    host = replica.host({"/": "in"})
    port = host.server.server_port
    asked = names({"a.example": [["93.184.216.34"], ["127.0.0.1"]]})
    with Get(tmp_path / "s", allow=[]) as get, pytest.MonkeyPatch.context() as patch:
        connected: list[Any] = []

        def connect(_: socket.socket, address: Any) -> None:
            connected.append(address)
            raise ConnectionRefusedError(111, "Connection refused")

        patch.setattr(socket.socket, "connect", connect)
        assert failure(get.one(Ask(f"http://a.example:{port}/", "webpage")))[0] in ("connect", "guard")
    assert {a for a, _ in connected} == {"93.184.216.34"} and len(asked) == len(connected) + 1
    assert not host.asked()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
BOMB = gzip.compress(b"\0" * (64 << 20))
MINI = {"Content-Type": "text/html"}


@dataclass(frozen=True)
class Case:
    """What a host does, and what becomes of it: a kind of failure with words of its sentence, or a status."""

    answers: Any
    kind: str | int
    words: str = ""
    tries: int | None = 1  # how often the host is asked in all, apart from the files of its site


def to(where: str | bytes, status: int = 302) -> Any:
    return lambda asked: None if asked.path == "/robots.txt" else Reply(status, headers={"Location": where})  # type: ignore[dict-item]


def at(answer: Any) -> dict[str, Any]:
    return {"/x": answer}


def packed(body: bytes, encoding: str) -> Reply:
    return Reply(200, body, {**MINI, "Content-Encoding": encoding})


HOSTS = {
    "redirect-file": Case(to("file:///etc/passwd"), "guard", "only http and https"),
    "redirect-loopback": Case(to("http://127.0.0.2:8080/"), "guard", "loopback"),
    "redirect-metadata": Case(to("http://169.254.169.254/latest/meta-data/"), "guard", "link-local"),
    "redirect-userinfo": Case(to("http://me:pw@a.example/"), "guard", "user's name"),
    "redirect-control": Case(to("http://a.example/\0x"), "guard", "control characters"),
    "redirect-giant": Case(to("http://a.example/" + "x" * 20_000), "guard", "more than 8192"),
    "redirect-circle": Case(to("/x"), "server", "in a circle"),
    "redirect-without-end": Case(lambda a: None if "robots" in a.path else Reply(302, headers={"Location": f"/x{a.at}"}), "server", "more than 10 times", 11),
    "redirect-nowhere": Case(at(302), "server", "without saying where"),
    "status-304-unasked": Case(at(304), "server", "304"),
    "status-204": Case(at(204), 204),
    "status-206-unasked": Case(at(Reply(206, b"part", {"Content-Range": "bytes 0-3/9"})), 206),
    "status-403": Case(at(403), 403),
    "status-410": Case(at(410), 410),
    "status-451": Case(at(451), 451),
    "status-101": Case(at(Reply(raw=b"HTTP/1.1 101 Switching Protocols\r\n\r\n")), "server", "101", None),
    "status-999": Case(at(Reply(raw=b"HTTP/1.1 999 Denied\r\nContent-Length: 0\r\n\r\n")), "server", "999", 5),
    "status-garbage": Case(at(Reply(raw=b"HTTP/1.1 abc\r\n\r\n")), "server", "", None),
    "http-09": Case(at(Reply(raw=b"<html>CC0</html>")), "server", "as a web server does", None),
    "http-nothing": Case(at(Reply(raw=b"")), "server", "", None),
    "rate-storm": Case(at(429), "rate", "429", 5),
    "rate-huge": Case(at(Reply(429, headers={"Retry-After": "99999999999999999999"})), "rate", "left alone"),
    "rate-date": Case(at(lambda a: Reply(429, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}) if not a.again else b"ok"), 200, "", 2),
    "rate-far-date": Case(at(Reply(503, headers={"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"})), "server", "left alone"),
    "rate-nonsense": Case(at(lambda a: Reply(429, headers={"Retry-After": "-1 soon"}) if not a.again else b"ok"), 200, "", 2),
    "server-5xx": Case(at(500), "server", "500", 5),
    "bomb-gzip": Case(at(packed(BOMB, "gzip")), "size", "longer than"),
    "bomb-gzip-twice": Case(at(packed(gzip.compress(BOMB), "gzip, gzip")), "size", "longer than"),
    "gzip-members": Case(at(packed(gzip.compress(b"one ") + gzip.compress(b"two"), "gzip")), 200),
    "gzip-empty": Case(at(packed(gzip.compress(b""), "gzip")), 200),
    "bomb-deflate": Case(at(packed(zlib.compress(b"\0" * (8 << 20)), "deflate")), "size", "longer than"),
    "bomb-br": Case(at(packed(b"\xcf\xff\xff\xff\x00", "br")), "decoding", "not asked for"),
    "bomb-zstd": Case(at(packed(b"\x28\xb5\x2f\xfd\x00", "zstd")), "decoding", "not asked for"),
    "bomb-many-layers": Case(at(packed(b"x", ", ".join(["gzip"] * 50))), "decoding", "not asked for"),
    "gzip-lie": Case(at(packed(b"plain text", "gzip")), "decoding", "can't be unpacked"),
    "gzip-cut": Case(at(packed(gzip.compress(b"words " * 999)[:-9], "gzip")), "decoding", "breaks off", 5),
    "body-endless": Case(at(Reply(raw=[HEAD + b"\r\n", *[b"x" * 65536] * 64])), "size", "longer than"),
    "body-short": Case(at(Reply(raw=HEAD + b"Content-Length: 100\r\n\r\nfew")), "server", "broke off", 5),
    "body-negative": Case(at(Reply(raw=HEAD + b"Content-Length: -5\r\n\r\nfew")), 200),
    "body-chunk-cut": Case(at(Reply(raw=HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel")), "server", "broke off", 5),
    "body-chunk-nonsense": Case(at(Reply(raw=HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello")), "server", "broke off", 5),
    "headers-many": Case(at(Reply(raw=HEAD + b"X: y\r\n" * 5000 + b"\r\n")), "server", "as a web server does", 5),
    "headers-long": Case(at(Reply(raw=HEAD + b"X: " + b"y" * 200_000 + b"\r\n\r\n")), "server", "as a web server does", 5),
    "type-lie": Case(at(Reply(200, b"\xff\xd8\xff\xe0not html", {"Content-Type": "text/html"})), 200),
    "robots-forbids": Case({"/robots.txt": b"User-agent: *\nDisallow: /", "/x": b"in"}, "robots", "forbids it", 0),
    "robots-forbids-us": Case({"/robots.txt": b"User-agent: auditor\nDisallow: /x\n\nUser-agent: *\nAllow: /", "/x": b"in"}, "robots", "forbids it", 0),
    "robots-404": Case({"/x": b"in"}, 200),
    "robots-403": Case({"/robots.txt": 403, "/x": b"in"}, 200),
    "robots-500": Case({"/robots.txt": 500, "/x": b"in"}, "robots", "not known", 0),
    "robots-429": Case({"/robots.txt": 429, "/x": b"in"}, "robots", "not known", 0),
    "robots-broken": Case({"/robots.txt": Reply(raw=b"nonsense"), "/x": b"in"}, "robots", "robots.txt", 0),
    "robots-redirect-private": Case({"/robots.txt": Reply(301, headers={"Location": "http://10.0.0.1/"}), "/x": b"in"}, "robots", "not asked", 0),
    "robots-huge": Case({"/robots.txt": b"User-agent: *\nDisallow: /x\n" + b"Allow: /y\n" * 600_000, "/x": b"in"}, "robots", "forbids it", 0),
    "robots-wildcards": Case({"/robots.txt": b"User-agent: *\nDisallow: /" + b"*a" * 500 + b"b$", "/x": b"in"}, 200),
    "robots-delay-huge": Case({"/robots.txt": b"User-agent: *\nCrawl-delay: 86400", "/x": b"in"}, "robots", "86400 seconds", 0),
    "robots-binary": Case({"/robots.txt": b"\xff\xfe\0\0\x80User-agent: *", "/x": b"in"}, 200),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTS)
def test_a_host_that_means_no_good(case: str, replica: Replica, get: Get) -> None:
    said = HOSTS[case]
    host = replica.host(said.answers)
    begun = time.monotonic()
    page = get.one(Ask(f"{host.url}/x", "webpage", most=1 << 20))
    assert time.monotonic() - begun < 10
    if isinstance(said.kind, int):
        assert (page.status, page.context.get("failure")) == (said.kind, None)
    else:
        kind, why = failure(page)
        assert kind == said.kind and said.words in why, (kind, why)
        assert why.count("\n") == 0 and len(why) < 20_000 and why.endswith(".")
    assert page.body is None or len(page.body) <= 1 << 20
    if said.tries is not None:
        assert len(host.items()) == said.tries


def alone(host: Host, get: Get) -> tuple[str, str]:
    return failure(get.one(Ask(f"{host.url}/x", "webpage")))


def test_slow_answers_end_in_time(replica: Replica, get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    """slow-body, slow-headers, slow-silent: a byte now and then keeps nobody waiting beyond the whole answer's time."""
    monkeypatch.setattr(wire, "READ", 5.0)
    drip = [b"x"] * 200
    hosts = [
        replica.host({"/x": Reply(raw=[HEAD + b"\r\n", *drip], pause=0.1)}),
        replica.host({"/x": Reply(raw=[HEAD + b"X: ", *drip], pause=0.1)}),
        replica.host({"/x": Reply(delay=30)}),
    ]
    monkeypatch.setattr(session, "WHOLE", 0.6)
    begun = time.monotonic()
    pages = list(get.each(Ask(f"{h.url}/x", "webpage") for h in hosts))
    assert time.monotonic() - begun < 5
    assert {failure(p)[0] for p in pages} == {"timeout"}


def test_what_comes_after_an_answer_is_not_taken_for_the_next(replica: Replica, get: Get) -> None:
    """body-long: bytes beyond Content-Length are no answer to anything."""
    forged = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
    first = Reply(raw=HEAD + b"Content-Length: 4\r\n\r\ngood" + forged, pause=0.3)
    host = replica.host({"/x": first, "/y": b"own"})
    assert get.one(Ask(f"{host.url}/x", "webpage")).body == b"good"
    assert get.one(Ask(f"{host.url}/y", "webpage")).body == b"own"


def test_cookies_are_neither_kept_nor_sent(replica: Replica, get: Get) -> None:
    """cookies"""
    host = replica.host(lambda a: None if "robots" in a.path else Reply(200, b"in", {"Set-Cookie": "id=1"}))
    for path in ("/x", "/y"):
        assert "cookie" not in str(get.one(Ask(host.url + path, "webpage")).context).lower()
    assert all("cookie" not in a.headers for a in host.asked())


def test_a_look_alike_is_asked_under_its_own_name(
    replica: Replica, tmp_path: Path, names: Callable[..., list[str]]
) -> None:
    """idn-homograph: the Cyrillic а in flіckr is another host, has no key and none of its limits."""
    host = replica.host({"/": "in"})
    asked = names({"xn--flckr-o2e.example": ["127.0.0.1"]})
    with Get(tmp_path / "s", allow=["xn--flckr-o2e.example"]) as get:
        page = get.one(Ask(f"http://fl\u0456ckr.example:{host.server.server_port}/", "webpage"))
    assert page.status == 200 and set(asked) == {"xn--flckr-o2e.example"}


def test_the_key_goes_to_its_own_host_and_nowhere_else(
    replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """key-own-host, key-cross-host, key-echoed, key-in-redirect, key-plain-http: the credential is not stored either."""
    monkeypatch.setenv("FLICKR_API_KEY", "s3cretkey")
    other = replica.host({"/y": b"in"})
    api = replica.host(
        {
            "/x": Reply(302, headers={"Location": f"{other.url}/y"}),
            "/echo": lambda a: {"you": a.query.get("api_key"), "link": "s3cretkey"},
            "/leak": lambda a: Reply(302, headers={"Location": f"{other.url}/y?{a.path}"}),
        }
    )
    with Get(tmp_path / "s", allow=["127.0.0.1"], endpoints={"flickr": api.url}) as get:
        pages = {p: get.one(Ask(api.url + p, "flickr")) for p in ("/x", "/echo", "/leak")}
        plain = get.one(Ask(f"{other.url}/y", "flickr"))
    assert pages["/x"].status == plain.status == 200 and pages["/echo"].body == b'{"you": "***", "link": "***"}'
    assert failure(pages["/leak"])[0] == "credential"
    assert all(a.query["api_key"] == "s3cretkey" for a in api.asked())
    assert other.asked() and all("s3cret" not in a.path + str(a.headers) for a in other.asked())
    for file in (tmp_path / "s").rglob("*"):
        assert file.is_dir() or b"s3cretkey" not in file.read_bytes()


def test_a_key_is_not_sent_over_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """key-plain-http"""
    from auditor.fetch import keys
    from auditor.fetch.guard import parsed

    monkeypatch.setenv("FLICKR_API_KEY", "s3cretkey")
    assert "s3cretkey" in keys.signed("flickr", parsed("https://api.flickr.com/services/rest/"), {})[0]
    for url in ("http://api.flickr.com/", "https://api.flickr.com.evil.example/", "https://api.flickr.com:8443/"):
        assert "s3cretkey" not in str(keys.signed("flickr", parsed(url), {})), url


@pytest.mark.parametrize("right", [False, True])
def test_a_certificate_that_proves_nothing(
    right: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: Callable[..., list[str]]
) -> None:
    """tls-self-signed, tls-other-name: the name is checked although the connection is to a checked address."""
    from tests.fetch.tls import serving

    names({"good.example": ["127.0.0.1"], "other.example": ["127.0.0.1"]})
    wire._context.cache_clear()
    with serving(tmp_path, "good.example") as (port, certificate):
        if right:
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with Get(tmp_path / "s", allow=["good.example", "other.example"]) as get:
            good = get.one(Ask(f"https://good.example:{port}/x", "webpage"))
            other = get.one(Ask(f"https://other.example:{port}/x", "webpage"))
    wire._context.cache_clear()
    assert failure(other)[0] == "tls" and "could not prove who it is" in failure(other)[1]
    if right:
        assert good.body == b"secure"
    else:
        assert failure(good)[0] == "tls"


def test_https_to_http_is_followed_and_told(
    replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: Callable[..., list[str]]
) -> None:
    """redirect-downgrade, redirect-recorded: every hop is in the page's context, and the key stays behind."""
    from tests.fetch.tls import serving

    monkeypatch.setenv("FLICKR_API_KEY", "s3cretkey")
    names({"good.example": ["127.0.0.1"]})
    end = replica.host({"/end": b"in"})
    wire._context.cache_clear()
    with serving(tmp_path, "good.example", f"{end.url}/end") as (port, certificate):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        url = f"https://good.example:{port}"
        with Get(tmp_path / "s", allow=["127.0.0.1"], endpoints={"flickr": url}) as get:
            page = get.one(Ask(f"{url}/x", "flickr"))
    wire._context.cache_clear()
    assert page.locator == f"{url}/x" and page.context["hops"] == [[302, f"{end.url}/end"]] and page.body == b"in"
    assert [a.path for a in end.asked()] == ["/robots.txt", "/end"]


def test_names_that_do_not_exist_and_ports_that_are_shut(tmp_path: Path, names: Callable[..., list[str]]) -> None:
    """dns-none, connect-refused"""
    from tests.replica.server import closed_port

    names({"gone.example": []})
    with Get(tmp_path / "s", allow=["127.0.0.1", "gone.example"]) as get:
        assert failure(get.one(Ask("http://gone.example/", "webpage")))[0] == "dns"
        assert failure(get.one(Ask(f"http://127.0.0.1:{closed_port()}/", "webpage")))[0] == "connect"


def test_a_host_that_never_answers_is_left_alone(tmp_path: Path) -> None:
    """host-dead: a thousand addresses at a dead host cost a few tries, and each has its page and reason."""
    from tests.replica.server import closed_port

    port = closed_port()
    with Get(tmp_path / "s", allow=["127.0.0.1"]) as get:
        pages = list(get.each(Ask(f"http://127.0.0.1:{port}/{i}", "webpage") for i in range(1000)))
    assert len(pages) == 1000 and {failure(p)[0] for p in pages} == {"connect"}


def test_a_client_is_polite(replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pace, crawl-delay: no more at once and no faster than a host's limits, and as slowly as its robots.txt asks for."""
    from auditor.fetch import limits

    monkeypatch.setattr(limits, "OWN", 3)
    flying: list[int] = [0, 0]

    def slow(asked: Asked) -> Any:
        if asked.path == "/robots.txt":
            return None
        flying[0] += 1
        flying[1] = max(flying)
        time.sleep(0.05)
        flying[0] -= 1
        return b"in"

    host = replica.host(slow)
    calm = replica.host({"/robots.txt": b"User-agent: *\nCrawl-delay: 0.2", **{f"/{i}": b"in" for i in range(5)}})
    with Get(tmp_path / "s", allow=["127.0.0.1"]) as get:
        assert len(list(get.each(Ask(f"{host.url}/{i}", "webpage") for i in range(20)))) == 20
        list(get.each(Ask(f"{calm.url}/{i}", "webpage") for i in range(5)))
    assert flying[1] == 3
    times = [a.at for a in calm.asked()[1:]]
    assert min(b - a for a, b in pairwise(times)) > 0.15
    assert host.asked()[1].headers["user-agent"].startswith("auditor/")


def test_every_case_is_in_the_documentation() -> None:
    shown = set(re.findall(r"^\| `([a-z0-9-]+)`", DOCS.read_text("utf-8"), re.MULTILINE))
    tested = {*ADDRESSES, *RESOLVED, *WRITTEN, *HOSTS}
    source = Path(__file__).read_text("utf-8")
    named = {
        n for doc in re.findall(r'^    """([a-z0-9, -]+)(?:: |""")', source, re.MULTILINE) for n in doc.split(", ")
    }
    assert shown == tested | named
    assert len(shown) >= 60
    assert manners.TRIES == 5
