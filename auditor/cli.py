"""The command line: one command, one library call; decides nothing."""

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor import __version__
from auditor.errors import AuditError, BadOption

if TYPE_CHECKING:
    from auditor.auditing import Plan
    from auditor.report import Report
    from auditor.run import Outcome

app = typer.Typer(
    help="Says, item by item, whether a dataset is free, and proves it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
Out = Annotated[Path | None, typer.Option("-o", "--output", help="Write there instead of stdout.")]


def main() -> None:
    """Run a command: exit 0 clean, 1 flagged, 2 could not run."""
    try:
        code = app(standalone_mode=False)
        if code == 130:  # what typer makes of Ctrl-C, in its newer versions
            raise KeyboardInterrupt
    except AuditError as error:
        _fail(str(error))
    except typer.Exit as done:
        sys.exit(done.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        _fail("stopped; run the same command again to go on from here.", 130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        _fail(
            f"{error.filename or 'the file system'}: {error.strerror or error}: make room or check the permissions, then run it again."
        )
    except Exception as error:
        if not _usage(error):
            raise
        _fail(_usage(error))
    sys.exit(code if isinstance(code, int) else 0)


def _usage(error: Exception) -> str:
    """Return what a usage error of typer says, empty for any other; its class hangs on typer's version, its method does not."""
    shown = getattr(error, "format_message", None)
    return f"{shown()} (see `auditor --help`)" if shown else ""


def _fail(said: str, code: int = 2) -> None:
    print(f"auditor: {said}", file=sys.stderr)
    sys.exit(code)


def _pairs(given: list[str], option: str) -> dict[str, str]:
    for one in given:
        if "=" not in one:
            raise BadOption(f"{option} {one!r} is not of the form NAME=VALUE.")
    return dict(one.split("=", 1) for one in given)


def _write(text: str, out: Path | None) -> None:
    if out is None:
        sys.stdout.write(text)
        return
    from auditor.store import write_whole

    write_whole(out, text)


def _progress(outcomes: "Iterator[Outcome]", plan: "Plan") -> "Iterable[Outcome]":
    from tqdm import tqdm

    with tqdm(total=None, unit=" pages", disable=not sys.stderr.isatty(), leave=False) as bar:
        for outcome in outcomes:
            bar.total = len(plan.seen)
            bar.update(1)
            yield outcome


def _watch() -> "Callable[[int, int], None]":
    from tqdm import tqdm

    bar = tqdm(unit=" origins", disable=not sys.stderr.isatty(), leave=False, delay=1)

    def watch(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)
        if done == total:
            bar.close()

    return watch


@app.callback(invoke_without_command=True)
def _top(version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False) -> None:
    if version:
        print(f"auditor {__version__}")
        raise typer.Exit


@app.command()
def audit(
    target: Annotated[
        str, typer.Argument(help="A path, a glob, a URL, a package (pkg:pypi/NAME) or a dataset's name.")
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The audit's folder; an audit that is there goes on.")
    ] = None,
    policy: Annotated[str, typer.Option(help="The policy under which `free` is said: a name or a TOML file.")] = "dfsg",
    column: Annotated[list[str], typer.Option(help="ROLE=NAME, ROLE=NUMBER or ROLE='{a}{b}'; may be repeated.")] = [],  # noqa: B006  # typer's own way
    manifest: Annotated[
        str | None, typer.Option(help="The manifest that knows this dataset; see `auditor datasets`.")
    ] = None,
    endpoint: Annotated[list[str], typer.Option(help="SOURCE=URL: ask that address instead of the source's own.")] = [],  # noqa: B006  # typer's own way
    allow_host: Annotated[
        list[str],
        typer.Option(help="HOST or HOST:PORT that may be asked although it is on a private network; may be repeated."),
    ] = [],  # noqa: B006  # typer's own way
    contact: Annotated[
        str, typer.Option(envvar="AUDITOR_CONTACT", help="Whom a host can write to: goes out with every request.")
    ] = "",
    follow: Annotated[
        bool, typer.Option("--follow", help="Ask where the items come from for the licence they have there.")
    ] = False,
    rounds: Annotated[
        int, typer.Option(min=1, help="Rounds of --follow: the second asks for what the answers of the first name.")
    ] = 2,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Say what --follow would ask of which hosts, how long it takes, and ask none."),
    ] = False,
    refresh: Annotated[
        bool,
        typer.Option(
            "--refresh", help="A new audit beside the one in -o (DIR.2 …) that asks only for what has changed."
        ),
    ] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Never ask the network.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Pages worked on at once; all cores by default.")] = None,
    processes: Annotated[
        bool, typer.Option("--processes", help="Work in processes: faster where statements rarely repeat.")
    ] = False,
    fail_on: Annotated[str, typer.Option(help="Exit with 1 if one holds: academic-only,unknown>1%,conflict, …")] = "",
    format: Annotated[str, typer.Option(help="The report's form: text, md, html or json.")] = "text",
) -> int:
    """Audit a dataset: gather, read and conclude item by item, keep the evidence, and print the freeness report."""
    from auditor.auditing import audit as run
    from auditor.gate import check, gate

    check(fail_on)
    _known(format)
    done = run(
        target,
        output,
        policy=policy,
        columns=_pairs(column, "--column"),
        manifest=manifest,
        endpoints=_pairs(endpoint, "--endpoint"),
        allow_hosts=allow_host,
        contact=contact,
        follow=follow,
        rounds=rounds,
        dry_run=dry_run,
        refresh=refresh,
        offline=offline,
        workers=workers,
        processes=processes,
        told=lambda said: print(f"auditor: {said}", file=sys.stderr),
        progress=_progress,
        watch=_watch(),
    )
    if dry_run:
        from auditor.fetch.plan import Estimate, text

        _write(text([Estimate(**e) for e in done.info["plan"]]), None)
        return 0
    found = done.report()
    _report(found, format, None)
    return _flagged(gate(found, fail_on))


def _report(found: "Report", form: str, out: Path | None) -> None:
    """Write a report; one for a terminal is as wide as that."""
    if form == "text" and out is None and sys.stdout.isatty():
        from auditor.report.text import WIDTH, render

        _write(render(found, min(max(shutil.get_terminal_size().columns, 40), WIDTH)), None)
    else:
        _write(found.render(form), out)


def _flagged(flags: Iterable[object]) -> int:
    said = [str(f) for f in flags]
    for one in said:
        print(f"auditor: flagged: {one}", file=sys.stderr)
    return 1 if said else 0


def _known(form: str) -> None:
    from auditor.report import FORMATS

    if form not in FORMATS:
        raise BadOption(f"--format {form!r} is not known: use one of {', '.join(FORMATS)}.")


@app.command()
def report(
    audit: Annotated[Path, typer.Argument(help="An audit's folder.")],
    format: Annotated[str, typer.Option(help="text, md, html or json.")] = "text",
    output: Out = None,
) -> None:
    """Print the freeness report of an audit."""
    from auditor.auditing import Audit

    _known(format)
    _report(Audit(audit).report(), format, output)


@app.command()
def filter(
    audit: Annotated[Path, typer.Argument(help="An audit's folder.")],
    policy: Annotated[
        str | None, typer.Option(help="A policy's name or TOML file; the audit's own by default.")
    ] = None,
    route: Annotated[str, typer.Option(help="origin, or collection: by its terms of access too.")] = "origin",
    format: Annotated[str, typer.Option(help="parquet, csv, jsonl, urls or original.")] = "parquet",
    least: Annotated[int, typer.Option(min=1, help="Labels left with fewer items are named.")] = 10,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write the items that pass there; without it, only count.")
    ] = None,
) -> None:
    """Write the items that pass a policy, and print what is lost with the rest."""
    from auditor.auditing import Audit

    found = Audit(audit).filter(output, under=policy, route=route, form=format, least=least)
    _write(str(found), None)


@app.command()
def appendix(
    audit: Annotated[Path, typer.Argument(help="An audit's folder.")],
    format: Annotated[str, typer.Option(help="md, html, tex, csv, dep5 or notice.")] = "md",
    by: Annotated[str, typer.Option(help="license, then author; or item, in the dataset's order.")] = "license",
    policy: Annotated[
        str | None, typer.Option(help="A policy's name or TOML file; the audit's own by default.")
    ] = None,
    route: Annotated[str, typer.Option(help="origin, or collection: by its terms of access too.")] = "origin",
    changes: Annotated[str | None, typer.Option(help="What the release changed, as licences ask to say.")] = None,
    output: Out = None,
) -> None:
    """Write the credits and licences of the items that pass a policy, for a release to ship."""
    from auditor.appendix import written
    from auditor.auditing import Audit

    if output is not None:
        found = Audit(audit).appendix(output, form=format, by=by, under=policy, route=route, changes=changes)
        _write(found.summary(), None)
        return
    with written(Audit(audit), form=format, by=by, under=policy, route=route, changes=changes) as (_, pieces):
        sys.stdout.writelines(pieces)


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(help="An audit's folder.")],
    after: Annotated[Path, typer.Argument(help="A later audit's folder.")],
    format: Annotated[str, typer.Option(help="md or json.")] = "md",
    output: Out = None,
) -> None:
    """Say what changed between two audits of one dataset."""
    from auditor.auditing import Audit
    from auditor.diff import diff as run

    _write(run(Audit(before), Audit(after)).render(format), output)


@app.command()
def verify(
    audit: Annotated[Path, typer.Argument(help="An audit's folder.")],
    ask_again: Annotated[
        int, typer.Option(min=0, help="Ask again for so many of the origins that were followed, drawn at random.")
    ] = 0,
    seed: Annotated[int | None, typer.Option(help="Draw the same ones as with this number before.")] = None,
    endpoint: Annotated[list[str], typer.Option(help="SOURCE=URL: ask that address instead of the source's own.")] = [],  # noqa: B006  # typer's own way
    allow_host: Annotated[
        list[str], typer.Option(help="HOST or HOST:PORT that may be asked although it is on a private network.")
    ] = [],  # noqa: B006  # typer's own way
    workers: Annotated[int | None, typer.Option(min=1, help="Pages worked on at once; all cores by default.")] = None,
    output: Out = None,
) -> int:
    """Hash an audit's bytes and derive its findings again from its evidence: exit 0 if all is the same."""
    from auditor.auditing import Audit

    found = Audit(audit).verify(
        ask_again=ask_again,
        seed=seed,
        endpoints=_pairs(endpoint, "--endpoint"),
        allow_hosts=allow_host,
        workers=workers,
    )
    _write(found.render(), output)
    return int(not found.holds)


@app.command()
def gate(
    audit: Annotated[Path, typer.Argument(help="An audit's folder.")],
    fail_on: Annotated[str, typer.Option(help="academic-only,unknown>1%,conflict, …")],
    format: Annotated[str, typer.Option(help="text, sarif or junit.")] = "text",
    output: Out = None,
) -> int:
    """Exit with 1 if a condition holds for an audit."""
    from auditor.auditing import Audit
    from auditor.gate import check, render
    from auditor.gate import gate as run

    check(fail_on)
    report = Audit(audit).report()
    flags = run(report, fail_on)
    _write(render(report, fail_on, flags, format), output)
    return _flagged(flags if format != "text" or output else []) or int(bool(flags))


@app.command()
def explain(
    text: Annotated[list[str] | None, typer.Argument(help="One statement, as words.")] = None,
    url: Annotated[str | None, typer.Option(help="The URL that comes with it.")] = None,
    vocabulary: Annotated[
        str | None, typer.Option(help="What gives the spelling its meaning: flickr, kaggle, debian …")
    ] = None,
    json: Annotated[
        str | None, typer.Option("--json", help="JSON lines from this file, or - for standard input.")
    ] = None,
    audit: Annotated[
        Path | None, typer.Option(help="An audit's folder: explain the item named instead of a statement.")
    ] = None,
) -> None:
    """Read a statement, or an audit's item, and say by which rule."""
    from auditor import explain as explaining

    if audit is not None:
        from auditor.trail import trail

        _write(trail(audit, " ".join(text or [])), None)
    elif json is not None:
        stream = sys.stdin.buffer if json == "-" else Path(json).open("rb")  # noqa: SIM115  # closed by the process's end
        explaining.explain_lines(stream, sys.stdout.buffer)
    elif text or url:
        _write(explaining.explain_text(" ".join(text or []) or None, url=url, vocabulary=vocabulary), None)
    else:
        raise BadOption("explain needs a statement, --url, --json - or --audit: see `auditor explain --help`.")


@app.command()
def export(
    audit: Annotated[Path, typer.Argument(help="An audit's folder.")],
    format: Annotated[
        str, typer.Option(help="spdx-json, spdx-tv, spdx3, croissant, rocrate; or warc: the evidence.")
    ] = "spdx-json",
    output: Out = None,
) -> None:
    """Write an audit as SPDX 2.3 or 3.0.1, Croissant or RO-Crate, or its evidence as WARC."""
    from auditor.auditing import Audit

    if format == "warc":
        from auditor.export import warc

        if output is None:
            raise BadOption("--format warc needs a file: give -o NAME.warc.gz.")
        warc.write(Audit(audit), output)
        return
    _write(Audit(audit).export(format, output), output)


@app.command()
def lineage(
    target: Annotated[str, typer.Argument(help="A dataset's name, alias or URL, an audit's folder, or any target.")],
    format: Annotated[str, typer.Option(help="text, mermaid, dot or prov-json.")] = "text",
    offline: Annotated[bool, typer.Option("--offline", help="Never ask the network.")] = False,
    output: Out = None,
) -> None:
    """Say what a dataset was derived from, and the restriction each step brings."""
    from auditor.lineage import lineage as run

    if format not in ("text", "mermaid", "dot", "prov-json"):
        raise BadOption(f"--format {format!r} is not known: use text, mermaid, dot or prov-json.")
    _write(run(target, offline=offline).render(format), output)


@app.command()
def sources() -> None:
    """List the sources, one a line."""
    from auditor import sources as known

    for name in known.names():
        print(f"{name:18} {known.source(name).SUMMARY}")


@app.command()
def datasets(words: Annotated[list[str] | None, typer.Argument(help="Words to look for.")] = None) -> None:
    """List the datasets that a manifest knows, one a line."""
    from auditor import manifests

    for line in manifests.listed(" ".join(words or [])):
        print(line)


@app.command()
def licenses(
    words: Annotated[list[str] | None, typer.Argument(help="Words to look for.")] = None,
    policy: Annotated[str, typer.Option(help="The policy of the verdict.")] = "dfsg",
) -> None:
    """List the licences that are known, one a line: id, category, verdict, name."""
    from auditor.policy import listed

    for line in listed(" ".join(words or []), policy):
        print(line)
