"""The evidence as WARC 1.1: what every request was answered with, for the readers and archives that know it.

A redirect is a response of its own, so that a chain can be replayed. Headers are those that the audit keeps (licence, opt-out, type,
date), bodies are unpacked: `warcinfo` says so. What was not had is a metadata record with its reason.
"""

import io
import json
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow.parquet as pq

from auditor import __version__
from auditor.errors import BadInput, BadOption

if TYPE_CHECKING:
    from auditor.auditing import Audit

COLUMNS = ["locator", "level", "path", "context", "retrieved", "status", "media_type", "body"]
SAID = "headers are those the audit keeps, bodies are unpacked; a media file is its metadata segments"


def write(audit: "Audit", out: Path) -> int:
    """Write the audit's answers into `out` (gzip, a member a record); return how many. BadOption without warcio."""
    try:
        from warcio.warcwriter import WARCWriter
    except ImportError:
        raise BadOption("--format warc needs warcio: install auditor[warc].") from None
    partial, count = out.with_name(out.name + ".tmp"), 0
    info = {"software": f"auditor/{__version__}", "format": "WARC File Format 1.1", "description": SAID}
    with partial.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True, warc_version="1.1")
        writer.write_record(writer.create_warcinfo_record(out.name, info))
        for row in _rows(audit.folder):
            for record in _records(writer, row, audit.folder):
                writer.write_record(record)
            count += 1
    partial.replace(out)
    return count


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    files = sorted((folder / "pages").glob("*.parquet"))
    if not files:
        raise BadInput(f"{folder} has no pages: audit the dataset first.")
    for file in files:
        for batch in pq.ParquetFile(file).iter_batches(256, columns=COLUMNS):
            yield from (r for r in batch.to_pylist() if (r["locator"] or "").startswith(("http://", "https://")))


def _records(writer: Any, row: dict[str, Any], folder: Path) -> Iterator[Any]:
    context = json.loads(row["context"] or "{}")
    when = {"WARC-Date": row["retrieved"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    url = row["locator"]
    for status, onward in context.get("hops") or []:
        yield _response(writer, url, status, {"Location": onward}, io.BytesIO(), when)
        url = onward
    if context.get("failure"):
        said = json.dumps({"failure": context["failure"], "kind": context["failure_kind"]}, ensure_ascii=False).encode()
        more = {"warc_headers_dict": when, "warc_content_type": "application/json"}
        yield writer.create_warc_record(url, "metadata", payload=io.BytesIO(said), length=len(said), **more)
    elif row["body"] is not None:
        yield _response(writer, url, row["status"], context.get("headers") or {}, io.BytesIO(row["body"]), when)
    elif row["path"] and (folder / row["path"]).is_file():
        with (folder / row["path"]).open("rb") as body:
            yield _response(
                writer,
                url,
                row["status"],
                {"Content-Type": row["media_type"] or "application/octet-stream"},
                body,
                when,
            )


def _response(writer: Any, url: str, status: int, headers: dict[str, str], body: BinaryIO, when: dict[str, str]) -> Any:
    from warcio.statusandheaders import StatusAndHeaders

    size = body.seek(0, io.SEEK_END)
    body.seek(0)
    sent = [(k, v.encode("latin-1", "replace").decode("latin-1")) for k, v in headers.items()]
    said = StatusAndHeaders(str(status), [*sent, ("Content-Length", str(size))], protocol="HTTP/1.1")
    return writer.create_warc_record(
        url, "response", payload=body, length=size, http_headers=said, warc_headers_dict=when
    )
