"""The process keeps the cores for the calls."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PRODUCT = "import voice_agent, os, numpy as n; a = n.ones((600, 600)); a @ a; print(len(os.listdir('/proc/self/task')))"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux lists a process's threads there")
def test_a_product_of_matrices_starts_no_threads_that_would_spin_beside_the_calls() -> None:
    unset = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}

    ran = subprocess.run([sys.executable, "-c", PRODUCT], env=unset, capture_output=True, text=True, check=True)

    assert int(ran.stdout) == 1
