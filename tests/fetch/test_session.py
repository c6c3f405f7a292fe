"""What goes over the wire, byte by byte, and what requests would do by itself and may not."""

import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from auditor.fetch import wire as wires
from auditor.fetch.errand import AHEAD, Failed, Stream
from auditor.fetch.guard import Guard, parsed
from auditor.fetch.session import Session, download
from tests.fetch.tls import certificate_for

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nin"


@contextmanager
def wire(
    *answers: list[bytes], family: int = socket.AF_INET, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> Iterator[tuple[int, list[bytes]]]:
    """Answer each connection with its list, one entry a request, then close it; yield the port and what was asked."""
    asked: list[bytes] = []

    def serve() -> None:
        for said in answers:
            made, _ = server.accept()
            with tls.wrap_socket(made, server_side=True) if tls else made as made:
                for answer in said:
                    held = b""
                    while b"\r\n\r\n" not in held and (block := made.recv(65536)):
                        held += block
                    asked.append(held)
                    made.sendall(answer)

    with socket.socket(family) as server:
        server.bind((host, 0))
        server.listen()
        server.settimeout(5)
        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], asked
        thread.join(5)


@pytest.fixture
def session() -> Iterator[Session]:
    one = Session(Guard(frozenset({"127.0.0.1", "[::1]", "a.example"})), "auditor/test")
    yield one
    one.close()


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ("/a/../b/./c//d", "/a/../b/./c//d"),
        ("/%e9%2f%7E~'()*!$&+,;=:@[x]", "/%e9%2f%7E~'()*!$&+,;=:@[x]"),
        ("/é ü?q=ß d&e=%zz", "/%C3%A9%20%C3%BC?q=%C3%9F%20d&e=%25zz"),
        ("/w/api.php?titles=File:A.jpg|File:B.jpg&x[]=1", "/w/api.php?titles=File:A.jpg%7CFile:B.jpg&x[]=1"),
        ('/"<>^`{}|?"<>^`{}|', "/%22%3C%3E%5E%60%7B%7D%7C?%22%3C%3E%5E%60%7B%7D%7C"),
        ("//evil.example/x", "//evil.example/x"),
        ("?q", "/?q"),
    ],
)
def test_a_target_reaches_the_wire_as_the_guard_quoted_it(said: str, sent: str, session: Session) -> None:
    with wire([OK]) as (port, asked):
        place = parsed(f"http://127.0.0.1:{port}{said}#fragment")
        assert session.exchange(place, {"X-Two": "2", "x-one": "1"}, 100).content == b"in"
    assert place.target == sent
    assert asked[0].decode().split("\r\n") == [
        f"GET {sent} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "User-Agent: auditor/test",
        "Accept: */*",
        "Accept-Encoding: gzip, deflate",
        "X-Two: 2",
        "x-one: 1",
        "",
        "",
    ]


def test_the_host_of_an_ipv6_address(session: Session) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError as error:
        pytest.skip(f"this machine has no IPv6: {error}")
    with wire([OK], family=socket.AF_INET6, host="::1") as (port, asked):
        session.exchange(parsed(f"http://[::1]:{port}/"), {}, 100)
    assert f"\r\nHost: [::1]:{port}\r\n".encode() in asked[0]


def test_the_host_of_a_name(session: Session, names: Callable[..., list[str]]) -> None:
    looked = names({"a.example": ["127.0.0.1"]})
    with wire([OK]) as (port, asked):
        session.exchange(parsed(f"http://A.example.:{port}/"), {}, 100)
    assert f"\r\nHost: a.example:{port}\r\n".encode() in asked[0] and looked == ["a.example"]


def test_the_next_address_of_a_name_is_tried(session: Session, names: Callable[..., list[str]]) -> None:
    looked = names({"a.example": ["127.0.0.9", "127.0.0.1"]})
    with wire([OK]) as (port, _):
        assert session.exchange(parsed(f"http://a.example:{port}/"), {}, 100).content == b"in"
    assert looked == ["a.example"]


def test_headers_come_as_they_were_sent(session: Session) -> None:
    many = b"HTTP/1.1 200 Fine\r\nLink: <a>; rel=license\r\nX-Y: \xe9\r\nlink: <b>; rel=x\r\nContent-Length: 0\r\n\r\n"
    with wire([many]) as (port, _):
        reply = session.exchange(parsed(f"http://127.0.0.1:{port}/"), {}, 100)
    assert reply.headers["link"] == "<a>; rel=license, <b>; rel=x"
    assert (reply.status_code, reply.reason, reply.headers["x-y"], reply.content) == (200, "Fine", "é", b"")


def test_a_header_that_is_said_twice_says_one_thing(session: Session) -> None:
    twice = b'HTTP/1.1 200 OK\r\nETag: "a"\r\netag: "a"\r\nLocation: /x\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n'
    with wire([twice]) as (port, _):
        reply = session.exchange(parsed(f"http://127.0.0.1:{port}/"), {}, 100)
    assert (reply.headers["etag"], reply.headers["location"]) == ('"a"', "/x")


def test_a_connection_is_kept_and_one_that_was_closed_meanwhile_is_made_anew_once(session: Session) -> None:
    with wire([OK, OK, b""], [OK]) as (port, asked):
        place = parsed(f"http://127.0.0.1:{port}/x")
        assert [session.exchange(place, {}, 100).content for _ in range(3)] == [b"in"] * 3
    assert (
        len(asked) == 4
    )  # the third was asked on the kept connection, which closed without an answer, and again on a new one
    with wire([b""], [OK]) as (port, asked):
        place = parsed(f"http://127.0.0.1:{port}/x")
        with pytest.raises(Failed, match="as a web server does"):  # a new one is not tried again
            session.exchange(place, {}, 100)
        assert session.exchange(place, {}, 100).content == b"in" and len(asked) == 2


def test_no_more_connections_are_kept_than_may_be_open(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wires, "KEPT_OPEN", 2)
    with wire([OK, b""]) as (a, _), wire([OK, b""]) as (b, _), wire([OK, OK, b""]) as (c, asked):
        for port in (a, b, c, c):
            assert session.exchange(parsed(f"http://127.0.0.1:{port}/"), {}, 100).content == b"in"
        assert len(session.engine.open) == 2 and len(asked) == 2
        session.close()
        assert not session.engine.open


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Encoding: gzip\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://[/\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset\r\n",
        b"HTTP/1.1 200 OK\r\nSet-Cookie: id=1; expires=never\r\n",
        b"HTTP/1.1 503 Busy\r\nRetry-After: 3600\r\n",
        b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\n",
    ],
)
def test_nothing_is_done_about_an_answer_but_to_hand_it_over(head: bytes, session: Session, tmp_path: Path) -> None:
    with wire([head + b"\r\n" + b"x" * 500], [head + b"\r\n"]) as (port, asked):
        place = parsed(f"http://127.0.0.1:{port}/")
        stream = session.stream(place, {})
        assert next(stream).status_code == int(head.split()[1]) and next(stream)[:1] == b"x"
        stream.close()
        reply = session.exchange(place, {}, 100, plain=True)
    assert reply.status_code == int(head.split()[1]) and len(asked) == 2 and b"ookie" not in asked[1]


def test_neither_proxies_nor_netrc_of_the_environment_are_used(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password s3cret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    with wire([OK]) as (port, asked):
        assert session.exchange(parsed(f"http://127.0.0.1:{port}/"), {}, 100).status_code == 200
    assert b"uthorization" not in asked[0]


def test_a_key_in_a_target_is_neither_logged_nor_in_an_error(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.DEBUG),
        wire([b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n"], [b"nonsense\r\n"]) as (port, asked),
    ):
        place = parsed(f"http://127.0.0.1:{port}/?api_key=s3cret")
        session.exchange(place, {}, 100)
        with pytest.raises(Failed) as failed:
            session.exchange(place, {}, 100)
    assert b"s3cret" in asked[0] and caplog.records
    assert "s3cret" not in caplog.text + failed.value.why


def test_a_file_is_streamed_as_sent_and_an_incomplete_one_fails(session: Session, tmp_path: Path) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n"
    short = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"
    with wire([chunked + b"0\r\n\r\n"], [chunked], [short]) as (port, _):
        place = parsed(f"http://127.0.0.1:{port}/")
        download(session, place, tmp_path / "whole", {})
        for _ in range(2):
            with pytest.raises(Failed, match="broke off"):
                download(session, place, tmp_path / "part", {})
    assert (tmp_path / "whole").read_bytes() == b"abcdef"


def test_a_reader_that_is_slow_is_waited_for(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has come and is not read yet is bounded, and who reads slowly is not taken for a host that says nothing."""
    monkeypatch.setattr(wires, "READ", 0.3)
    body = b"0123456789abcdef" * (2 << 20)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    with wire([head + body]) as (port, _):
        stream = session.stream(parsed(f"http://127.0.0.1:{port}/"), {})
        next(stream)
        time.sleep(1)
        (errand,) = session.engine.live
        assert isinstance(errand, Stream) and errand.waiting <= AHEAD + wires.BLOCK
        assert b"".join(stream) == body


def test_the_same_over_tls(
    session: Session, names: Callable[..., list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kept connections, an end without TLS's own, a body that breaks off, a reader that is slow."""
    names({"a.example": ["127.0.0.1"]})
    certificate, tls = certificate_for(tmp_path, "a.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    wires._context.cache_clear()
    body = b"0123456789abcdef" * (1 << 19)
    long = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    short = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfew"
    with wire([OK, OK, b"HTTP/1.1 200 OK\r\n\r\nragged"], [short], [long], tls=tls) as (port, asked):
        place = parsed(f"https://a.example:{port}/")
        assert [session.exchange(place, {}, 100).content for _ in range(3)] == [b"in", b"in", b"ragged"]
        with pytest.raises(Failed, match="broke off"):
            session.exchange(place, {}, 100)
        stream = session.stream(place, {})
        next(stream)
        time.sleep(0.3)
        assert b"".join(stream) == body
    assert len(asked) == 5
    wires._context.cache_clear()


def test_a_stopped_session_asks_nothing_and_says_so(session: Session) -> None:
    session.close()
    with pytest.raises(Failed, match="stopped"):
        session.exchange(parsed("http://127.0.0.1:1/"), {}, 100)
    session.close()


def test_requests_can_not_be_made_to_ask_what_the_guard_has_not_seen(session: Session) -> None:
    with pytest.raises(TypeError, match="guard"):
        session.web.get("http://127.0.0.1:1/")


def test_a_header_with_a_line_break_is_not_sent(session: Session) -> None:
    with pytest.raises(ValueError, match="line break"):
        session.exchange(parsed("http://127.0.0.1:1/"), {"X": "a\r\nY: b"}, 100)
