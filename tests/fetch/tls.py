"""A server with a certificate of its own making."""

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread


def certificate_for(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """Return a certificate for a name, and the context of a server that has it."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    command += [
        "-keyout",
        str(key),
        "-out",
        str(certificate),
        "-subj",
        f"/CN={name}",
        "-addext",
        f"subjectAltName=DNS:{name}",
    ]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context


@contextmanager
def serving(folder: Path, name: str, onward: str = "") -> Iterator[tuple[int, Path]]:
    """Serve https for a name, or redirect `onward`; yield the port and the certificate."""
    certificate, context = certificate_for(folder, name)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"secure"
            self.send_response(404 if self.path == "/robots.txt" else 302 if onward else 200)
            if onward:
                self.send_header("Location", onward)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_port, certificate
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
