import hashlib
import http.server
import os
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from drugripple.errors import DigestError, OutputError, SourceError
from drugripple.sources.public import pip_download
from drugripple.sources.public.pip_download import Wheel, download_wheel

NAME = "drugripple_probe-1.0-py3-none-any.whl"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip serves wheels from, without a network."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def published(index: Path) -> Wheel:
    with zipfile.ZipFile(index / NAME, "w") as archive:
        info = "drugripple_probe-1.0.dist-info"
        archive.writestr(
            f"{info}/METADATA",
            "Metadata-Version: 2.1\nName: drugripple-probe\nVersion: 1.0\nRequires-Dist: no-such-thing\n",
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    content = (index / NAME).read_bytes()
    return Wheel("drugripple-probe==1.0", NAME, hashlib.sha256(content).hexdigest(), len(content))


def test_wheel_comes_by_pip_without_its_dependencies(published: Wheel, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    wheel = download_wheel(published, tmp_path / "new" / "cache", progress=lambda *step: seen.append(step))
    assert hashlib.sha256(wheel.read_bytes()).hexdigest() == published.sha256
    assert [path.name for path in (tmp_path / "new" / "cache").iterdir()] == [NAME]
    assert seen[-1] == ("download", published.size, published.size)


def test_second_call_does_not_ask_pip(published: Wheel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = download_wheel(published, tmp_path)
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("pip was asked"))
    assert download_wheel(published, tmp_path) == first


def test_damaged_cache_is_fetched_again(published: Wheel, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"half of it")
    wheel = download_wheel(published, tmp_path)
    assert len(wheel.read_bytes()) == published.size


def test_tampered_wheel_is_refused_and_deleted(published: Wheel, index: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(index / NAME, "a") as archive:
        archive.writestr("extra.py", "import os")
    with pytest.raises(
        DigestError, match=rf"{NAME} .* SHA-256 [0-9a-f]{{64}}, expected {published.sha256}; it was deleted"
    ):
        download_wheel(published, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_failure_quotes_pip_and_leaves_nothing(index: Path, tmp_path: Path) -> None:
    with pytest.raises(
        SourceError, match=r"ERROR: No matching distribution found for drugripple-probe==1\.0; check the network"
    ):
        download_wheel(Wheel("drugripple-probe==1.0", NAME, "0" * 64, 1), tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_python_without_pip_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pip_download, "find_spec", lambda _: None)
    with pytest.raises(SourceError, match=rf"{sys.executable} has no pip .* put {NAME} into .* yourself"):
        download_wheel(Wheel("drugripple-probe==1.0", NAME, "0" * 64, 1), tmp_path)


def test_cache_that_cannot_be_written_is_one_clear_error(published: Wheel, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OutputError, match=f"cannot write .*file/{NAME}: .*file is a file, or lies in one"):
        download_wheel(published, tmp_path / "file")


def test_interrupt_stops_pip_and_leaves_nothing(published: Wheel, tmp_path: Path) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download_wheel(published, tmp_path / "cache", progress=interrupt)
    assert list((tmp_path / "cache").iterdir()) == []


def test_what_a_killed_download_left_goes_even_where_the_cache_answers(published: Wheel, tmp_path: Path) -> None:
    """As an orphaned pip may leave it, which writes on for a while after its parent was killed and the wheel came."""
    cached = download_wheel(published, tmp_path / "cache")
    left = cached.with_name(f".{NAME}.gone.part")
    left.mkdir()
    (left / NAME).write_bytes(b"half of it")
    assert download_wheel(published, tmp_path / "cache") == cached
    assert list((tmp_path / "cache").iterdir()) == [cached]


class _Broken(http.server.BaseHTTPRequestHandler):
    """An index whose wheel breaks off in the middle."""

    content = b""

    def do_GET(self) -> None:
        page = f'<a href="/{NAME}">{NAME}</a>'.encode()
        wheel = self.path.endswith(".whl")
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream" if wheel else "text/html")
        self.send_header("Content-Length", str(len(self.content) if wheel else len(page)))
        self.end_headers()
        self.wfile.write(self.content[: len(self.content) // 2] if wheel else page)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def test_broken_connection_is_one_clear_error_and_leaves_nothing(
    published: Wheel, index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Broken, "content", (index / NAME).read_bytes())
    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Broken)
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{web.server_address[1]}/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    try:
        with pytest.raises(SourceError, match=r"drugripple.probe"):
            download_wheel(published, tmp_path / "cache")
    finally:
        web.shutdown()
        thread.join()
        web.server_close()
    assert list((tmp_path / "cache").iterdir()) == []
