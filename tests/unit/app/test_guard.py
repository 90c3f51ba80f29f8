"""Nobody asks without the token, from another page, by another name, or with too much."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from drugripple.app.guard import HEADERS, Guard

HOST, TOKEN, MOST = "127.0.0.1:8765", "secret", 1000


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"{request.scope['root_path']} {len(await request.body())}")


@pytest.fixture(scope="module")
def client():
    app = Guard(
        Starlette(routes=[Route("/x", echo, methods=["GET", "POST"])]),
        token=TOKEN, hosts=frozenset({HOST}), upload_bytes=MOST,
    )  # fmt: skip
    with TestClient(app, base_url=f"http://{HOST}") as made:
        yield made


def test_the_token_is_the_first_part_of_the_path(client):
    assert client.get(f"/{TOKEN}/x").text == f"/{TOKEN} 0"
    for path in ("/", "/x", "/secre/x", "/secret2/x", "//secret/x", f"/x?{TOKEN}"):
        refused = client.get(path)
        assert (refused.status_code, TOKEN in refused.text) == (403, False), path


@pytest.mark.parametrize("host", ["example.com", "127.0.0.1", "127.0.0.1:80", "localhost.example.com:8765", ""])
def test_another_name_is_refused(client, host):
    assert client.get(f"/{TOKEN}/x", headers={"host": host}).status_code == 421


@pytest.mark.parametrize(
    "origin", ["http://example.com", f"https://{HOST}", "null", "http://127.0.0.1:1", f"http://{HOST}.de"]
)
def test_another_page_sends_nothing(client, origin):
    assert client.post(f"/{TOKEN}/x", headers={"origin": origin}).status_code == 403
    assert client.post(f"/{TOKEN}/x", headers={"origin": f"http://{HOST}"}).status_code == 200


def test_a_path_that_is_none_is_refused(client):
    """As in `OPTIONS *`."""
    guard = client.app
    scope = {"type": "http", "path": "*", "method": "OPTIONS", "headers": [(b"host", HOST.encode())]}
    assert guard.refusal(scope).status == 403


def test_what_a_browser_marks_as_coming_from_another_site_is_refused(client):
    assert client.post(f"/{TOKEN}/x", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.post(f"/{TOKEN}/x", headers={"sec-fetch-site": "same-origin"}).status_code == 200


def test_too_much_is_refused_whether_its_length_is_told_or_not(client):
    assert client.post(f"/{TOKEN}/x", content=b"x" * MOST).status_code == 200
    assert client.post(f"/{TOKEN}/x", content=b"x" * (MOST + 1)).status_code == 413
    parts = (b"x" * 600 for _ in range(2))
    assert client.post(f"/{TOKEN}/x", content=parts).status_code == 413
    assert client.post(f"/{TOKEN}/x", headers={"content-length": "-1"}).status_code == 413


def test_every_response_forbids_what_the_page_does_not_need(client):
    for path in (f"/{TOKEN}/x", "/", f"/{TOKEN}/absent"):
        found = client.get(path).headers
        assert {name: found[name] for name in HEADERS} == dict(HEADERS), path
    assert "unsafe" not in HEADERS["content-security-policy"]
