"""The table of traps and scars in README.md."""

import re
from pathlib import Path

HERE = Path(__file__).parent


def test_every_test_that_the_table_of_scars_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", (HERE / "README.md").read_text("utf-8")))
    written = {name for path in HERE.parent.rglob("test_*.py") for name in re.findall(r"def (test_\w+)", path.read_text("utf-8"))}

    assert len(named) > 40
    assert named - written == set()
