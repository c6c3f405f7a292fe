"""`auditor explain`: one statement, or a stream of them, with the rule that read it."""

from typing import BinaryIO

import msgspec

from auditor.errors import BadInput
from auditor.licensing import Reading, read


class Request(msgspec.Struct):
    """One line of the JSON stream."""

    text: str | None = None
    url: str | None = None
    version: str | None = None
    vocabulary: str | None = None
    as_of: str | None = None


CHUNK = 65_536  # bytes asked of the stream at a time
_DECODER = msgspec.json.Decoder(Request)


def explain_lines(stdin: BinaryIO, stdout: BinaryIO) -> None:
    """Answer each JSON line {"text", "url", "version", "vocabulary", "as_of"} with one line, in order, as it comes."""
    encoder, number, rest = msgspec.json.Encoder(), 0, b""
    while True:
        chunk = stdin.read1(CHUNK) if hasattr(stdin, "read1") else stdin.read(CHUNK)
        *lines, rest = (rest + chunk).split(b"\n") if chunk else [rest, b""]
        answers = bytearray()
        try:
            for line in lines:
                number += 1
                if line.strip():
                    answers += encoder.encode(_answer(line, number)) + b"\n"
        finally:  # what has come so far is answered before more is awaited, and before an error
            stdout.write(answers)
            stdout.flush()
        if not chunk:
            return


def _answer(line: bytes, number: int) -> Reading:
    try:
        asked = _DECODER.decode(line)
    except msgspec.DecodeError as error:
        said = f"Line {number} is not a JSON object with text, url, version, vocabulary or as_of: {error}."
        raise BadInput(said) from error
    return read(asked.text, asked.url, asked.version, asked.vocabulary, asked.as_of)


def explain_text(text: str | None, url: str | None = None, vocabulary: str | None = None) -> str:
    """Return one statement's reading in words that a lawyer can follow."""
    from auditor.licensing import evidence

    got = read(text, url=url, vocabulary=vocabulary)
    lines = [("Statement", text), ("URL", url), ("Vocabulary", vocabulary), ("Licence", got.license), ("Category", got.category),
             ("Restrictions", ", ".join(got.restrictions) or "none known"), ("Rule", got.rule), ("Read by", evidence.of_rule(got.rule)), ("Rests on", got.span),
             ("Not used", got.ignored), ("Why", got.note)]  # fmt: skip
    lines += [(f"Of the {scope}", expression) for scope, expression in got.parts]
    lines += [("It asks", f"{identifier}: {asked}") for identifier, asked in evidence.of_terms(got)]
    return "\n".join(f"{name + ':':14}{value}" for name, value in lines if value) + "\n"


def main() -> None:
    """Run the JSON stream on standard input and output."""
    import sys

    explain_lines(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
