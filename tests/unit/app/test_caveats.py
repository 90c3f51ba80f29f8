"""A caveat is one click away from each number of the page."""

import re

import pytest


@pytest.fixture(scope="module")
def job(page):
    """The example, answered."""
    assert page.post("/example", follow_redirects=False).status_code == 303
    asked = page.site.desk.jobs()[0]
    assert asked.over.wait(60)
    return asked


def links(text):
    """Parts of the help page that a page points at."""
    return re.findall(r'href="[^"]*/help#([a-z]+)"', text)


def test_every_number_of_a_page_links_to_what_it_means(page, job):
    explained = set(re.findall(r'<dt id="([a-z]+)">', page.get("/help").text))
    answer, pair = page.get(f"/answers/{job.id}").text, page.get(f"/answers/{job.id}/pair?sample=0&compound=0").text
    heads = links(re.search(r"<thead>.*?</thead>", answer, re.DOTALL)[0])
    assert heads == ["prediction", "interval", "percentile", "record", "measured", "tested", "domain"]
    facts = re.search(r"<dl>.*?</dl>", pair, re.DOTALL)[0]
    unexplained = [name for name in re.findall(r"<dt>(.*?)</dt>", facts) if "help#" not in name]
    assert unexplained == ["SMILES"]
    assert set(links(answer) + links(pair)) <= explained
    assert "why" in links(pair)


def test_the_nearest_samples_stand_with_the_sign_of_micro(page, job):
    pair = page.get(f"/answers/{job.id}/pair?sample=0&compound=0").text
    nearest = re.findall(r"<li>(.*?)</li>", pair)
    assert len(nearest) == 3
    assert all(re.search(r" [\d.,e+-]+ µM$", text) for text in nearest), nearest
