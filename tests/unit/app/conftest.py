"""A page before a tiny default model."""

from contextlib import contextmanager
from typing import NamedTuple

import pytest
from tests.processes import ready, run_code

pytest.importorskip("starlette", reason="the extra app is not installed")

TOKEN = "a-token-of-the-tests"
HOST = "127.0.0.1:8765"
SECONDS = 60.0


class Page(NamedTuple):
    """A client of a running page, and what is behind it."""

    client: object
    site: object
    temporary: object

    token = TOKEN

    def get(self, path, **more):
        return self.client.get(f"/{TOKEN}{path}", **more)

    def post(self, path, **more):
        return self.client.post(f"/{TOKEN}{path}", **more)

    def put(self, *, files=None, **fields):
        """Ask, wait until it is over, and return the job."""
        answered = self.post("/ask", files=files or {"none": ("", b"")}, data=fields, follow_redirects=False)
        assert answered.status_code == 303, answered.text
        job = self.site.desk.job(answered.headers["location"].rpartition("/")[2])
        assert job.over.wait(SECONDS)
        return job

    def left(self):
        """Every file that lies in the folder of uploads."""
        return [path for path in self.temporary.rglob("*") if path.is_file()]


@pytest.fixture(scope="session", autouse=True)
def quick_workers():
    """Workers are forked from a server that has imported what they need; one test of parts starts an interpreter."""
    from drugripple.app import worker

    run_code("")  # the server has started, however long that takes
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "CONTEXT", ready())
        yield


@contextmanager
def start(model, temporary, limits=None):
    from starlette.testclient import TestClient

    from drugripple.app.guard import Guard
    from drugripple.app.limits import Limits
    from drugripple.app.site import make_site

    bounds = limits or Limits(kept=40)
    site = make_site(model, bounds, temporary)
    guarded = Guard(site, token=TOKEN, hosts=frozenset({HOST}), upload_bytes=bounds.upload_bytes)
    with TestClient(guarded, base_url=f"http://{HOST}") as client:
        yield Page(client, site.state.site, temporary)


@pytest.fixture(scope="session")
def running():
    """Starts a page before a model, for the length of a block."""
    return start


@pytest.fixture(scope="module")
def page(small_default_model, tmp_path_factory):
    """A page whose model is loaded."""
    with start(small_default_model, tmp_path_factory.mktemp("uploads")) as made:
        assert made.site.desk.wait_until_loaded(SECONDS)
        yield made
