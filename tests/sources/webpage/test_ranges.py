"""Long remote files are read over ranges as the same files are on the disk, or not at all."""

import io
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auditor.fetch import Get
from auditor.schema import Page
from auditor.sources import _media_said, media, webpage
from auditor.sources._media_parts import HEAD
from auditor.sources._media_ranges import BLOCK, MOST, REQUESTS, Sparse, _units
from tests.replica.server import SITE, Asked, Replica, Reply
from tests.sources.following import license_of, parsed
from tests.sources.webpage.remote import LONG, avif, box, enlarged, heif, host, mp4, pdf, tiff

BY, NC = "https://creativecommons.org/licenses/by/4.0/", "https://creativecommons.org/licenses/by-nc/4.0/"
STATED, OTHER = f'<cc:license rdf:resource="{BY}"/>', f'<cc:license rdf:resource="{NC}"/>'
SAME = ("license_text", "license_url", "copyright_text", "title", "creator", "signals")

Followed = tuple[Page, list[dict[str, Any]], list[Asked]]


def remote(answer: Callable[[Asked], Any], folder: Path, name: str = "a.pdf") -> Followed:
    """Follow one file twice; the second time all is there, offline too."""
    with Replica() as replica:
        place = replica.host(answer)
        key = f"web:{place.url}/{name}"
        with Get(folder, allow=["127.0.0.1"]) as get:
            (page,) = webpage.items([key], get)
        asked = place.items()
        with Get(folder, offline=True) as get:
            (again,) = webpage.items([key], get)
        assert place.items() == asked
    assert (again.body, again.sha256) == (page.body, page.sha256)
    return page, parsed(webpage, [page]), asked


def local(file: bytes, folder: Path, name: str) -> list[dict[str, Any]]:
    (folder / name).write_bytes(file)
    return list(media.of_path(folder / name, name, 0))


def facts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{n: row[n] for n in SAME if row.get(n)} for row in rows]


@pytest.mark.parametrize(
    ("name", "file", "expected"),
    [
        ("a.pdf", pdf(STATED, {"/Title": "A"}, front=1), ["CC-BY-4.0"]),
        ("a.pdf", pdf(STATED, {"/Title": "A"}, behind=1), ["CC-BY-4.0"]),
        ("a.pdf", pdf(STATED, {"/Title": "A"}, front=4, behind=4), ["CC-BY-4.0"]),
        ("a.pdf", pdf(STATED, front=20), ["CC-BY-4.0"]),  # of no more objects than are needed
        ("a.pdf", pdf(info={"/License": "CC BY-NC 4.0", "/Author": "Ann"}, front=2), ["CC-BY-NC-4.0"]),
        ("a.pdf", pdf(OTHER, picture=STATED, behind=1), ["CC-BY-NC-4.0"]),
        ("a.pdf", pdf(picture=STATED, behind=1), []),  # a picture's is not the document's
        ("a.pdf", pdf(picture=STATED, front=1), []),
        ("a.tif", tiff("Licensed under CC BY 4.0", place="front"), ["CC-BY-4.0"]),
        ("a.tif", tiff("Ann", STATED, place="front"), ["CC-BY-4.0"]),
        ("a.tif", tiff("Ann", OTHER, place="middle"), ["CC-BY-NC-4.0"]),
        ("a.tif", tiff("All rights reserved", STATED), ["CC-BY-4.0", "LicenseRef-All-Rights-Reserved"]),
        ("a.mp4", mp4({b"cprt": "CC BY 4.0", b"\xa9nam": "A"}), ["CC-BY-4.0"]),
        ("a.mp4", mp4({b"cprt": "CC BY 4.0"}, OTHER, front=3, behind=3), ["CC-BY-NC-4.0", "CC-BY-4.0"]),
        ("a.mp4", mp4({}, STATED, front=0, behind=1), ["CC-BY-4.0"]),
        ("a.mp4", mp4({b"\xa9nam": "A"}), []),
        ("a.m4a", mp4({b"cprt": "CC BY 4.0"}, brand=b"M4A "), ["CC-BY-4.0"]),
        ("a.heic", heif(STATED), ["CC-BY-4.0"]),
        ("a.heic", heif(STATED, front=True), ["CC-BY-4.0"]),
        ("a.heic", heif(STATED, of=1), ["CC-BY-4.0"]),
        ("a.heic", heif(STATED, of=3), []),  # of a picture beside the one that is shown
        ("a.avif", avif(STATED, notice="Ann"), ["CC-BY-4.0"]),
    ],
)
def test_a_long_file_says_there_what_it_says_here(name: str, file: bytes, expected: list[str], tmp_path: Path) -> None:
    assert len(file) > HEAD
    page, rows, asked = remote(host(file), tmp_path / "asked", name)
    here = local(file, tmp_path, name)
    assert facts(rows) == facts(here)
    assert sorted(license_of(r) for r in rows if r.get("license_text") or r.get("license_url")) == sorted(expected)
    assert not any("error" in r for r in rows)
    assert len(asked) <= 1 + REQUESTS
    assert page.body is not None
    assert len(asked) == 1 or len(page.body) < min(MOST, len(file)) // 2
    with Replica() as replica, Get(tmp_path / "typed", allow=["127.0.0.1"]) as get:
        target: Any = type(
            "T", (), {"url": 1, "path": None, "name": f"{replica.host(host(file)).url}/{name}", "filename": name}
        )
        (typed,) = media.fetch(target, get)
        assert facts([r for batch in media.parse(typed) for r in batch.to_pylist()]) == facts(here)


@pytest.mark.parametrize("how", ["comment", "anew"])
@pytest.mark.parametrize("name", ["exiftool/PDF.pdf", "liblicense/data_empty.pdf"])
def test_real_documents_made_longer(name: str, how: str, real_data: Path, tmp_path: Path) -> None:
    file = enlarged((real_data / "embedded_media" / name).read_bytes())[how]
    _, rows, _ = remote(host(file), tmp_path / "asked")
    assert facts(rows) == facts(local(file, tmp_path, "a.pdf"))
    assert not any("error" in r for r in rows)


GOOD = pdf(STATED, front=1)


def _lying(change: Callable[[Asked, Reply], Reply | int | None]) -> Callable[[Asked], Any]:
    def answer(asked: Asked) -> Any:
        reply = host(GOOD)(asked)
        return reply if reply is None or asked.headers["range"].startswith("bytes=0-") else change(asked, reply)

    return answer


def _said(**headers: str) -> Callable[[Asked, Reply], Reply]:
    return lambda _, reply: Reply(
        206, reply.body, {**reply.headers, **{k.replace("_", "-"): v for k, v in headers.items()}}
    )


HOSTILE = {
    "range-ignored": lambda a: None if a.path in SITE else Reply(200, GOOD),
    "range-ignored-later": _lying(lambda *_: Reply(200, GOOD)),
    "range-other": _lying(_said(Content_Range=f"bytes 5-70000/{len(GOOD)}")),
    "range-other-size": _lying(_said(Content_Range=f"bytes {len(GOOD) - BLOCK}-{len(GOOD) - 1}/{10 * len(GOOD)}")),
    "range-other-state": _lying(_said(ETag='"2"')),
    "range-unsaid": _lying(lambda _, reply: Reply(206, reply.body)),
    "range-empty": _lying(lambda _, reply: Reply(206, b"", reply.headers)),
    "range-gone": _lying(lambda *_: 404),
    "size-huge": lambda a: (
        None if a.path in SITE else Reply(206, GOOD[:HEAD], {"Content-Range": f"bytes 0-{HEAD - 1}/{10**18 - 1}"})
    ),
    "pdf-xref-loop": host(
        b"%PDF-1.4\n"
        + LONG
        + b"\nxref\n0 1\n0000000000 65535 f \ntrailer <</Prev 400010 /Size 1>>\nstartxref\n400010\n%%EOF\n"
    ),
    "pdf-xref-nowhere": host(b"%PDF-1.4\n" + LONG + b"\nstartxref\n99999999999\n%%EOF\n"),
    "pdf-no-end": host(b"%PDF-1.4\n" + LONG * 4),
    "pdf-scattered": host(b"%PDF-1.4\n" + (LONG + b"\n1 0 obj <</Type /Catalog>> endobj\n") * 9),
    "tiff-nowhere": host(b"II*\0\xff\xff\xff\xff" + LONG),
    "tiff-huge": host(b"II*\0\x08\0\0\0\x01\0\x98\x82\x02\0\xff\xff\xff\x7f\x20\0\0\0" + LONG),
    "mp4-box-huge": host(box(b"ftyp", b"isom", bytes(4)) + b"\0\0\0\x01mdat" + b"\xff" * 8 + LONG),
    "mp4-box-small": host(box(b"ftyp", b"isom", bytes(4)) + b"\0\0\0\x03mdat" + LONG),
    "mp4-boxes-many": host(box(b"ftyp", b"isom", bytes(4)) + box(b"free") * 200_000),
    "mp4-boxes-far": host(box(b"ftyp", b"isom", bytes(4)) + box(b"mdat", LONG) * 20 + mp4({b"cprt": "CC BY 4.0"})),
    "heif-packed": host(heif(STATED, coding=b"deflate")),
    "heif-huge": host(box(b"ftyp", b"heic", bytes(4)) + b"\x7f\0\0\0meta" + LONG),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_can_not_be_read_over_ranges_is_not_reached(case: str, tmp_path: Path) -> None:
    began = time.monotonic()
    _, rows, asked = remote(HOSTILE[case], tmp_path, f"a.{case.split('-')[0].replace('range', 'pdf')}")
    assert [r["error"].split(":")[0] for r in rows] == ["not reached"]
    assert not any(r.get("license_text") or r.get("license_url") for r in rows)
    assert len(asked) <= 1 + REQUESTS
    assert time.monotonic() - began < 10


def test_what_a_header_grants_does_not_stand_for_metadata_that_were_not_read(tmp_path: Path) -> None:
    def at(name: str, file: bytes) -> list[str]:
        def answer(asked: Asked) -> Reply | None:
            reply = host(file)(asked)
            return reply and Reply(206, reply.body, {**reply.headers, "Link": f'<{BY}>; rel="license"'})

        return [license_of(r) if "error" not in r else "not reached" for r in remote(answer, tmp_path / name)[1]]

    assert at("whole", pdf(OTHER, front=1)) == ["CC-BY-4.0", "CC-BY-NC-4.0"]
    assert at("cut", b"%PDF-1.4\n" + LONG * 4) == ["not reached"]


def test_a_host_that_fails_on_the_way_is_asked_again_by_a_later_run(tmp_path: Path) -> None:
    with Replica() as replica:
        place = replica.host(
            _lying(lambda asked, reply: Reply(429, headers={"Retry-After": "9999"}) if asked.again == 1 else reply)
        )
        key = f"web:{place.url}/a.pdf"
        with Get(tmp_path, allow=["127.0.0.1"]) as get:
            (page,) = webpage.items([key], get)
        assert page.status == 0
        assert parsed(webpage, [page])[0]["error"].startswith("not reached: ")
        with Get(tmp_path, allow=["127.0.0.1"]) as get:
            (page,) = webpage.items([key], get)
    assert [license_of(r) for r in parsed(webpage, [page])] == ["CC-BY-4.0"]


@pytest.mark.parametrize(
    "file",
    [
        pdf(OTHER, {"/License": "CC BY 4.0", "/Title": "A"}, picture=STATED, front=1, behind=1),
        tiff("Licensed under CC BY 4.0", OTHER, "middle"),
        mp4({b"cprt": "CC BY 4.0", b"\xa9nam": "A"}, OTHER),
        heif(OTHER, of=1),
    ],
    ids=["pdf", "tiff", "mp4", "heif"],
)
def test_with_any_part_left_out_a_file_says_the_same_or_nothing(file: bytes) -> None:
    whole = _media_said.of_stream(io.BytesIO(file))
    needed = Sparse(_units(0, file), len(file))
    assert _media_said.of_stream(needed) == whole  # type: ignore[arg-type]
    assert len(needed.seen) < 40 and needed.missing is None
    chance, missed = random.Random(7), 0
    for _ in range(60):
        left_out = {*chance.sample(sorted(needed.seen), chance.choice([0, 1, 2]))}
        sparse = Sparse({n: data for n, data in _units(0, file).items() if n not in left_out}, len(file))
        said = _media_said.of_stream(sparse)  # type: ignore[arg-type]
        missed += sparse.missing is not None
        assert sparse.missing is not None or said == whole
        assert bool(left_out) == (sparse.missing is not None)
    assert missed


def test_a_long_document_without_a_documents_name(tmp_path: Path) -> None:
    file = pdf(STATED, front=4)
    whole = Reply(200, file, {"Content-Type": "application/pdf"})

    def answer(asked: Asked) -> Any:
        return None if asked.path in SITE else host(file)(asked) if "range" in asked.headers else whole

    with Replica() as replica:
        place = replica.host(answer)
        with Get(tmp_path, allow=["127.0.0.1"]) as get:
            rows = parsed(webpage, webpage.items([f"web:{place.url}/pdf/2601.00001"], get))
        assert len(place.items()) <= 2 + REQUESTS
    assert [license_of(r) for r in rows] == ["CC-BY-4.0"]


def test_many_files_at_once_each_keep_their_own(tmp_path: Path) -> None:
    files = {f"/{n}.pdf": pdf(STATED if n % 2 else OTHER, {"/Title": str(n)}, front=1) for n in range(70)}

    def answer(asked: Asked) -> Reply | None:
        return host(files.get(asked.path, b""))(asked)

    with Replica() as replica:
        base = replica.host(answer).url
        with Get(tmp_path, allow=["127.0.0.1"]) as get:
            rows = parsed(webpage, webpage.items([f"web:{base}{name}" for name in files], get))
    said = {r["item_id"].rpartition("/")[2]: (r["title"], license_of(r)) for r in rows}
    assert said == {f"{n}.pdf": (str(n), "CC-BY-4.0" if n % 2 else "CC-BY-NC-4.0") for n in range(70)}


@pytest.mark.parametrize("most", [100_000, 40_000, 500, 20])
def test_a_host_that_gives_less_than_was_asked_for(most: int, tmp_path: Path) -> None:
    """Its first range ends early; what lies behind is asked for, and is never taken for nothing."""

    def answer(asked: Asked) -> Reply | None:
        if (reply := host(GOOD)(asked)) is None:
            return None
        start = asked.headers["range"].removeprefix("bytes=").split("-")[0]
        part = reply.body[:most]
        return Reply(206, part, {"Content-Range": f"bytes {start}-{int(start) + len(part) - 1}/{len(GOOD)}"})

    _, rows, _ = remote(answer, tmp_path)
    assert [license_of(r) if "error" not in r else "" for r in rows] == (["CC-BY-4.0"] if most > BLOCK else [""])
