"""An answer is the same however its bytes are cut, and what is no answer is said to be none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.fetch.answers import HEAD, Answer, Nonsense

OK = b"HTTP/1.1 200 OK\r\n"
WHOLE = {
    "length": (OK + b"A: b\r\nContent-Length: 3\r\n\r\nabc", b"abc", True),
    "chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nT: z\r\n\r\n", b"abc0123456789", True),
    "until-end": (OK + b"\r\nx\r\n\r\ny\n\nz", b"x\r\n\r\ny\n\nz", False),
    "http-10": (b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", b"abc", False),
    "http-10-kept": (b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 3\r\n\r\nabc", b"abc", True),
    "close": (OK + b"Connection: close\r\nContent-Length: 3\r\n\r\nabc", b"abc", False),
    "bare-newlines": (b"HTTP/1.1 200 OK\nContent-Length: 3\n\nabc", b"abc", True),
    "no-reason": (b"HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", b"", True),
    "no-body": (b"HTTP/1.1 204 No\r\nContent-Length: 9\r\n\r\n", b"", True),
    "not-modified": (b"HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\n\r\n", b"", True),
    "interim": (b"HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 103 Hints\r\nLink: <x>\r\n\r\n" + OK + b"Content-Length: 1\r\n\r\na", b"a", True),
    "negative": (OK + b"Content-Length: -5\r\n\r\nfew", b"few", False),
    "same-twice": (OK + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", b"abc", True),
    "odd-headers": (OK + b"no colon\r\nA B : c\r\n: empty\r\nFolded: a\r\n\tb\r\nContent-Length : 3\r\n\r\nabc", b"abc", True),
}  # fmt: skip


def fed(raw: bytes, cuts: list[int]) -> tuple[Answer, bytes]:
    answer, body, at = Answer(), b"", 0
    for cut in [*sorted(cuts), len(raw)]:
        if cut > at:
            body += answer.feed(raw[at:cut])
            at = cut
    return answer, body


@pytest.mark.parametrize("case", WHOLE)
@given(cuts=st.lists(st.integers(0, 150), max_size=150))
def test_an_answer_is_the_same_however_it_is_cut(case: str, cuts: list[int]) -> None:
    raw, body, keep = WHOLE[case]
    answer, came = fed(raw, cuts)
    assert (came, answer.keep, answer.rest) == (body, keep, b"")
    assert answer.done or answer.end()
    assert answer.headers == fed(raw, [])[0].headers


def test_headers_come_in_their_order_and_form() -> None:
    answer, _ = fed(WHOLE["odd-headers"][0], [])
    assert answer.headers == [("A B", "c"), ("", "empty"), ("Folded", "a b"), ("Content-Length", "3")]
    assert fed(WHOLE["interim"][0], [])[0].headers == [("Content-Length", "1")]


@pytest.mark.parametrize("case", WHOLE)
def test_what_follows_an_answer_is_not_of_it(case: str) -> None:
    raw, body, _ = WHOLE[case]
    answer, came = fed(raw + b"HTTP/1.1 200 forged", [])
    assert answer.rest == b"HTTP/1.1 200 forged" if answer.done else came == body + b"HTTP/1.1 200 forged"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"<html>CC0</html>", "no status line"),
        (b"HTTP/2 200 OK\r\n\r\n", "no status line"),
        (b"HTTP/1.1 abc\r\n\r\n", "no status line"),
        (b"HTTP/1.1 099 Odd\r\n\r\n", "status 099"),
        (b"HTTP/1.1 101 Switching\r\n\r\n", "status 101"),
        (b"HTTP/1.1 100 Go on\r\n\r\n" * 20, "status 100"),
        (OK + b"X: " + b"y" * HEAD, "more than"),
        (OK + b"X: y\r\n" * 300 + b"\r\n", "more than"),
        (OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "several lengths"),
        (OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n", "Transfer-Encoding"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", "without a size"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1" * 30 + b"\r\n", "without a size"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1" * 9000, "without a size"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", "longer than its size"),
    ],
)
def test_what_is_no_answer(raw: bytes, why: str) -> None:
    for cuts in ([], list(range(0, len(raw), 7))):
        with pytest.raises(Nonsense, match=why):
            fed(raw, cuts)


@pytest.mark.parametrize("case", ["length", "chunks"])
def test_an_answer_that_breaks_off_is_not_whole(case: str) -> None:
    raw = WHOLE[case][0]
    for at in range(len(raw)):
        answer, _ = fed(raw[:at], [])
        assert not answer.done and not answer.end()


@given(st.binary(max_size=300), st.sampled_from([b"", OK, OK + b"Transfer-Encoding: chunked\r\n\r\n"]))
def test_no_bytes_raise_anything_else(said: bytes, before: bytes) -> None:
    try:
        fed(before + said, [len(before) + len(said) // 2])
    except Nonsense as error:
        assert len(str(error)) < 200
