"""Small exports in the real format, with made-up pages."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

HEAD = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-{schema}/" version="{schema}" xml:lang="en">
  <siteinfo>
    <sitename>{sitename}</sitename>
{dbname}    <base>{base}</base>
    <generator>{generator}</generator>
    <case>first-letter</case>
    <namespaces>
      <namespace key="0" case="first-letter" />
      <namespace key="1" case="first-letter">{talk}</namespace>
      <namespace key="6" case="first-letter">{file}</namespace>
      <namespace key="10" case="first-letter">{template}</namespace>
    </namespaces>
  </siteinfo>
"""


def head(
    dbname: str | None = "enwiki",
    base: str = "https://en.wikipedia.org/wiki/Main_Page",
    schema: str = "0.11",
    generator: str = "MediaWiki 1.46.0-wmf.7",
    **names: str,
) -> str:
    given = {"sitename": "Wikipedia", "talk": "Talk", "file": "File", "template": "Template"} | names
    line = f"    <dbname>{dbname}</dbname>\n" if dbname else ""
    return HEAD.format(dbname=line, base=base, schema=schema, generator=generator, **given)


def revision(number: int = 7, day: str = "2024-05-06", who: str = "Ann", text: str = "words") -> str:
    return f"""    <revision>
      <id>{number}</id>
      <parentid>1</parentid>
      <timestamp>{day}T01:02:03Z</timestamp>
      <contributor>
        <username>{escape(who)}</username>
        <id>3</id>
      </contributor>
      <minor />
      <comment>a &lt;page&gt; of note</comment>
      <model>wikitext</model>
      <format>text/x-wiki</format>
      <text bytes="5" xml:space="preserve">{escape(text)}</text>
      <sha1>abc</sha1>
    </revision>
"""


def page(
    title: str, id_: int, ns: int | None = 0, revisions: Sequence[str] = (), redirect: str = "", **rev: object
) -> str:
    inside = "".join(revisions) or revision(**rev)  # type: ignore[arg-type]  # passed on as given
    space = f"    <ns>{ns}</ns>\n" if ns is not None else ""
    to = f'    <redirect title="{escape(redirect)}" />\n' if redirect else ""
    return f"  <page>\n    <title>{escape(title)}</title>\n{space}    <id>{id_}</id>\n{to}{inside}  </page>\n"


def dump(*pages: str, **site: str) -> bytes:
    return (head(**site) + "".join(pages) + "</mediawiki>\n").encode()  # type: ignore[arg-type]  # passed on as given
