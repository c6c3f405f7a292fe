"""Lines in, items out, whatever their bytes; what is cut out in bulk is what a look at each line gives."""

import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from auditor.sources._imagenet_lines import blocks, one, read

BEHIND = "more than an id and a URL stands on the line"
BEFORE = "more than an id stands before the URL on the line"
BLANK = b" \t\r\v\f"
wnids = st.from_regex(rb"n[0-9]{8}_[0-9]{1,5}", fullmatch=True)
urls = st.builds(
    lambda s, rest: s + rest,
    st.sampled_from([b"http://", b"https://", b"HTTP://", b"ftp://", b"//", b""]),
    st.binary(max_size=40).map(lambda b: b.replace(b"\n", b"")),
)
lists = st.lists(
    st.one_of(
        st.builds(lambda i, gap, u, end: i + gap + u + end, wnids, st.sampled_from([b"\t", b" ", b"\t\t", b""]), urls,
                  st.sampled_from([b"", b"\r", b"  ", b"\t", b" " * 40])),
        urls,
        st.binary(max_size=30).map(lambda b: b.replace(b"\n", b"")),
        st.sampled_from([b"", b"\r", b"   ", b"\0", b"\xff\xfe", b"\xc3\xa9"]),
    ),
    max_size=12,
)  # fmt: skip


@given(lists, st.booleans(), st.integers(0, 10**9))
@example([b"http://a/b c://d"], True, 0)
@example([b"ftp://x http://y"], True, 0)
@example([b"n00000001_1\thttp://x/\xe9.jpg"], False, 7)
@example([b""], False, 0)
@settings(max_examples=400, deadline=None)
def test_lines_in_are_items_out(some: list[bytes], ended: bool, first: int) -> None:
    block = b"\n".join(some) + (b"\n" if ended else b"")
    found, count = read(block, first)
    expected = [(first + n, *one(line)) for n, line in enumerate(block.split(b"\n")) if line.strip(BLANK)]
    assert (
        list(zip(found.row.tolist(), *(a.to_pylist() for a in (found.id, found.url, found.error)), strict=True))
        == expected
    )
    assert count == block.count(b"\n") + (not block.endswith(b"\n") and bool(block))


@given(lists, st.sampled_from([None, 5, 40]))
@settings(deadline=None)
def test_blocks_end_on_lines_and_lose_nothing(some: list[bytes], size: int | None) -> None:
    whole = b"\n".join(some)
    cut = list(blocks(io.BytesIO(whole), size))
    assert b"".join(cut) == whole[:size]
    assert all(b.endswith(b"\n") for b in cut[:-1])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"n00000001_1\thttp://a.example/b.jpg", ("n00000001_1", "http://a.example/b.jpg", None)),
        (
            b"n00000001_1 http://a.example/my pictures/b.jpg \r",
            ("n00000001_1", "http://a.example/my pictures/b.jpg", None),
        ),
        (b"n00000001_1\thttp://a.example/caf\xe9%20b.jpg", ("n00000001_1", "http://a.example/caf%E9%20b.jpg", None)),
        ("7\thttp://a.example/café.jpg".encode(), ("7", "http://a.example/café.jpg", None)),
        (b"http://a.example/\0\x7fb.jpg", (None, "http://a.example/%00%7Fb.jpg", None)),
        (b"n00000001/n00000001_1.JPEG 45", ("n00000001_1", None, None)),
        (b"ILSVRC2012_val_00000007 490", ("ILSVRC2012_val_00000007", None, None)),
        (b"n00000001_1", ("n00000001_1", None, None)),
    ],
)
def test_forms(line: bytes, expected: tuple[str | None, ...]) -> None:
    assert one(line) == expected


@pytest.mark.parametrize(
    ("line", "name", "url", "said"),
    [
        (b"n00000001_1\twww.a.example", "n00000001_1", None, "the line holds no URL: n00000001_1\\x09www.a.example"),
        (b"just words", None, None, "the line holds no URL: just words"),
        (b"\0\0", None, None, "the line holds no URL: \\x00\\x00"),
        (b"1\thttp://a.example/b\tCC BY-NC 2.0", "1", "http://a.example/b", f"{BEHIND}: CC BY-NC 2.0"),
        (b"\xff1\thttp://a.example/b", "\\xff1", "http://a.example/b", "the id on the line is not text: \\xff1"),
        (b"a red house http://a.example/b", None, "http://a.example/b", f"{BEFORE}: a red house"),
    ],
)  # fmt: skip
def test_odd_lines_keep_their_words(line: bytes, name: str | None, url: str | None, said: str) -> None:
    assert one(line) == (name, url, said)
