"""The evidence as WARC, read by warcio."""

import json
from collections.abc import Callable
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from auditor.fetch import Ask, Get
from tests.conftest import Run
from tests.replica.server import Replica, Reply


def test_every_answer_is_a_record_that_others_can_read(tmp_path: Path, auditor: Callable[..., Run]) -> None:
    with Replica() as replica:
        host = replica.host(
            {
                "/set.csv": Reply(200, b"id,license\n1,MIT\n", {"Content-Type": "text/csv"}),
                "/old": Reply(301, headers={"Location": "/new"}),
                "/new": Reply(200, "<html>é".encode(), {"Content-Type": "text/html", "X-Robots-Tag": "noai"}),
                "/bad": Reply(302, headers={"Location": "file:///etc/passwd"}),
            }
        )
        assert auditor("audit", f"{host.url}/set.csv", "-o", tmp_path / "a").code == 0
        with Get(tmp_path / "x", allow=["127.0.0.1"], asked=tmp_path / "a" / "pages") as get:
            list(get.each(Ask(host.url + p, "webpage") for p in ("/old", "/gone", "/bad")))
        out = tmp_path / "a.warc.gz"
        assert auditor("export", tmp_path / "a", "--format", "warc", "-o", out).code == 0
        url = host.url
    found = {}
    with out.open("rb") as stream:
        for record in ArchiveIterator(stream):
            name = (record.rec_headers.get_header("WARC-Target-URI") or "").removeprefix(url)
            status = record.http_headers.get_statuscode() if record.http_headers else record.rec_type
            found[name, status] = (record.http_headers, record.content_stream().read())
    assert found["/set.csv", "200"][1] == b"id,license\n1,MIT\n"
    assert found["/old", "301"][0].get_header("Location") == f"{url}/new"
    assert (
        found["/new", "200"][1] == "<html>é".encode() and found["/new", "200"][0].get_header("X-Robots-Tag") == "noai"
    )
    assert ("/gone", "404") in found and ("/robots.txt", "404") in found
    assert json.loads(found["file:///etc/passwd", "metadata"][1])["kind"] == "guard"

    class Options:
        verbose, inputs = False, [str(out)]

    checker = Checker(Options)
    checker.process_all()
    assert checker.exit_value == 0
    assert auditor("export", tmp_path / "a", "--format", "warc").code == 2
