"""`auditor explain`: one statement, or a stream of them, with the rule that read it."""

from typing import BinaryIO

import msgspec

from auditor.errors import BadInput
from auditor.licensing import read


class Request(msgspec.Struct):
    """One line of the JSON stream."""

    text: str | None = None
    url: str | None = None
    version: str | None = None
    vocabulary: str | None = None
    as_of: str | None = None


def explain_lines(stdin: BinaryIO, stdout: BinaryIO) -> None:
    """Answer each JSON line {"text", "url", "version", "vocabulary", "as_of"} with one line, in order, as it comes."""
    decoder, encoder = msgspec.json.Decoder(Request), msgspec.json.Encoder()
    for number, line in enumerate(stdin, 1):
        if not line.strip():
            continue
        try:
            asked = decoder.decode(line)
        except msgspec.DecodeError as error:
            raise BadInput(
                f"Line {number} is not a JSON object with text, url, version, vocabulary or as_of: {error}."
            ) from error
        got = read(asked.text, asked.url, asked.version, asked.vocabulary, asked.as_of)
        stdout.write(encoder.encode(got) + b"\n")
        stdout.flush()


def explain_text(text: str | None, url: str | None = None, vocabulary: str | None = None) -> str:
    """Return one statement's reading in words that a lawyer can follow."""
    got = read(text, url=url, vocabulary=vocabulary)
    lines = [("Statement", text), ("URL", url), ("Vocabulary", vocabulary), ("Licence", got.license), ("Category", got.category),
             ("Restrictions", ", ".join(got.restrictions) or "none known"), ("Rule", got.rule), ("Rests on", got.span),
             ("Not used", got.ignored), ("Why", got.note)]  # fmt: skip
    lines += [(f"Of the {scope}", expression) for scope, expression in got.parts]
    return "\n".join(f"{name + ':':14}{value}" for name, value in lines if value) + "\n"


def main() -> None:
    """Run the JSON stream on standard input and output."""
    import sys

    explain_lines(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
