"""The mock server that tests make of Twilio's description, as it is installed."""

import json
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_its_lock_holds_a_digest_of_every_package_and_no_address() -> None:
    lock = (ROOT / "tests" / "data" / "prism" / "package-lock.json").read_text("utf-8")
    packages = json.loads(lock)["packages"]
    del packages[""]

    assert len(packages) > 100
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert "://" not in lock


def test_without_npm_it_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    copy = tmp_path / "scripts" / "prism"
    copy.write_bytes((ROOT / "scripts" / "prism").read_bytes())
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("dirname", "readlink", "cmp"):
        (tools / tool).symlink_to(f"/usr/bin/{tool}")

    done = subprocess.run(["/bin/bash", str(copy)], check=False, capture_output=True, text=True, env={**os.environ, "PATH": str(tools)})

    assert done.returncode == 2
    assert "npm is missing" in done.stderr
    assert "sudo apt-get install npm" in done.stderr
