"""Templates and static files."""

import re
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.fakes.house import Stage
from tests.server.conftest import visiting
from voice_agent.server.pages import STATIC, Pages

VENDORED = sorted(path for path in (STATIC / "vendor").iterdir())


@pytest.mark.parametrize("path", ["/phone", "/desk"])
async def test_a_page_takes_everything_from_here_under_a_path_that_never_goes_stale(http: httpx.AsyncClient, path: str) -> None:
    page = (await http.get(path)).text
    assets = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(assets) >= 4

    for asset in assets:
        answer = await http.get(asset)
        assert answer.status_code == 200, asset
        assert "immutable" in answer.headers["cache-control"]
    assert "//" not in re.sub(r'xmlns="[^"]+"', "", page).replace("<!--", ""), "nothing is loaded from another host"


async def test_a_page_has_no_script_or_style_that_its_policy_would_block(http: httpx.AsyncClient) -> None:
    for path in ("/phone", "/desk"):
        page = (await http.get(path)).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", page)
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|hx-on", page)


async def test_the_front_page_leads_to_the_phone(http: httpx.AsyncClient) -> None:
    answer = await http.get("/")

    assert answer.headers["location"] == "/phone"


async def test_the_companys_name_is_shown_and_escaped(stage: Stage) -> None:
    async with visiting(replace(stage, company="Bits <& Pieces>")) as http:
        page = (await http.get("/phone")).text

    assert "Bits &lt;&amp; Pieces&gt;" in page
    assert "Bits <&" not in page


def test_text_is_escaped_and_what_was_taken_out_shows_as_a_label() -> None:
    shown = Pages("x")._templates.from_string("{{ text | redacted }}").render(text='<b>my</b> <CARD> and <DATE_OF_BIRTH_2> "x"')

    assert shown.startswith("&lt;b&gt;my&lt;/b&gt; <span")
    assert ">card</span> and <span" in shown
    assert ">date of birth</span> &#34;x&#34;" in shown


def test_the_version_changes_with_any_file() -> None:
    assert re.fullmatch(r"/static/[0-9a-f]{12}", Pages("x").static_path)


@pytest.mark.parametrize("folder", VENDORED, ids=lambda path: path.name)
def test_what_others_wrote_lies_here_with_its_licence_and_version(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}

    assert {"LICENSE", "VERSION"} < names
    version = (folder / "VERSION").read_text()
    assert re.search(r"\d+\.\d+\.\d+ \(npm\)", version)
