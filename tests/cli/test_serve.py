"""The verb that opens the page."""

import socket

import pytest
from typer.testing import CliRunner

from drugripple.app import server
from drugripple.cli import serve as verb
from drugripple.cli.app import app
from drugripple.errors import ConfigError


def run(*arguments):
    return CliRunner().invoke(app, ["serve", *map(str, arguments)])


@pytest.fixture
def model(tmp_path):
    """A folder that looks like a default model."""
    (tmp_path / "predictor").mkdir()
    (tmp_path / "predictor" / "card.json").write_text("{}")
    return tmp_path


@pytest.fixture
def served(monkeypatch):
    """What the server is asked for, instead of a server."""
    asked = {}

    def serve(*, on_address, **given):
        asked.update(given)
        on_address("http://127.0.0.1:1/token/")

    monkeypatch.setattr("drugripple.app.server.serve", serve)
    monkeypatch.setitem(__import__("sys").modules["drugripple.app"].__dict__, "serve", serve)
    return asked


def test_the_address_is_printed_and_opened_unless_told_not_to(model, served, monkeypatch):
    opened = []
    monkeypatch.setattr(verb.webbrowser, "open", opened.append)
    done = run("--model", model, "--no-open", "--port", 0, "--seconds", 7)
    assert done.exit_code == 0, done.output
    assert "http://127.0.0.1:1/token/" in done.output
    assert opened == []
    assert (served["host"], served["port"], served["limits"].seconds) == ("127.0.0.1", 0, 7)
    run("--model", model)
    assert opened == ["http://127.0.0.1:1/token/"]


def test_another_address_than_loopback_is_warned_of(model, served):
    assert "not encrypted" in run("--model", model, "--no-open", "--host", "192.0.2.7").output


def test_without_the_extra_the_way_to_it_is_told(model, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "uvicorn" else object())
    done = run("--model", model, "--no-open")
    assert str(done.exception) == "the page needs uvicorn, which is not installed: pip install 'drugripple[app]'"


def test_without_a_model_the_way_to_one_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("DRUGRIPPLE_CACHE", str(tmp_path))
    assert "no default model was built on this machine yet" in str(run("--no-open").exception)


@pytest.mark.parametrize(
    ("host", "complaint"),
    [("0.0.0.0", "stands for every address"), ("::", "stands for every"), ("here", "no IP address")],
)
def test_an_address_that_is_not_one_is_refused(host, complaint):
    with pytest.raises(ConfigError, match=complaint):
        server.listen(host, 0)


def test_a_port_in_use_is_told():
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(ConfigError, match="choose another port"):
        server.listen("127.0.0.1", other.getsockname()[1])
