"""A local server that serves one file, well or badly."""

import http.server
import threading
from dataclasses import dataclass, field

import pytest

CONTENT = bytes(range(256)) * 4099  # 1,049,344 bytes: several blocks, and no power of two


@dataclass
class Behaviour:
    """How the local server serves."""

    content: bytes = CONTENT
    etag: str = '"v1"'
    ranges: bool = True
    drop_after: list[int] = field(default_factory=list)
    """Bytes to send before hanging up, one number for each of the first requests."""
    status: int = 200
    encoding: str = ""
    """Content-Encoding that the answer states."""
    length: bool = True
    asked: list[str] = field(default_factory=list)
    """Range header of each request."""


@pytest.fixture
def behaviour():
    return Behaviour()


@pytest.fixture
def url(behaviour):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked = self.headers.get("Range", "")
            behaviour.asked.append(asked)
            if behaviour.status != 200:
                self.send_error(behaviour.status)
                return
            start = 0
            if asked and behaviour.ranges and self.headers.get("If-Range") == behaviour.etag:
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
            if start >= len(behaviour.content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(behaviour.content)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            body = behaviour.content[start:]
            self.send_response(206 if start else 200)
            if behaviour.length:
                self.send_header("Content-Length", str(len(body)))
            if behaviour.encoding:
                self.send_header("Content-Encoding", behaviour.encoding)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{start + len(body) - 1}/{len(behaviour.content)}")
            if behaviour.etag:
                self.send_header("ETag", behaviour.etag)
            self.end_headers()
            self.wfile.write(body[: behaviour.drop_after.pop(0)] if behaviour.drop_after else body)

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/data.bin"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
