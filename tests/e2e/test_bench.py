"""The bench as a command, with a server of its own and its real models."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.e2e.real import ROOT


def test_a_quick_bench_starts_a_server_calls_it_and_reports_what_the_caller_heard(tmp_path: Path) -> None:
    report = tmp_path / "bench.html"
    command = [sys.executable, "-m", "voice_agent", "bench", "--json", "--seed", "2", "--report", str(report)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=240, cwd=ROOT)

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["calls_at_once"] == 1
    assert told["turn_gap_ms"]["n"] >= 1
    assert 100 < told["turn_gap_ms"]["p50"] <= told["turn_gap_ms"]["p95"] < 10_000
    assert told["replies_missing"] == 0
    assert set(told["barge_in_stop_ms"]) == {"p50", "p95", "max", "n"}
    assert {"cut_off_rate", "false_interruption_rate", "stages_ms"} <= set(told)
    assert "Turn gap" in done.stderr
    assert "<svg" in report.read_text("utf-8")


def test_a_bench_whose_server_does_not_start_says_what_the_server_said(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "voice_agent", "bench", "--config", str(ROOT / "config"), "--kb", str(tmp_path / "nothing")]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120, cwd=ROOT)

    assert done.returncode != 0
    assert "did not start" in done.stderr
    assert "nothing" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_bench_that_is_told_to_stop_takes_its_server_with_it() -> None:
    command = [sys.executable, "-m", "voice_agent", "bench"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        server = first_child(process)
        process.terminate()

        assert process.wait(60) == 128 + signal.SIGTERM
        assert not Path(f"/proc/{server}").exists()


def first_child(process: "subprocess.Popen[bytes]") -> int:
    """Its number, once there is one."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if found := children.read_text().split():
            return int(found[0])
    raise AssertionError("the bench has started no server")
