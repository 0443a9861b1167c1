"""A real, small language model behind a real server that speaks OpenAI's protocol: SmolLM2 in llama.cpp, in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"


def serve(file: str) -> None:
    """Write the address, then answer until nobody holds the other end of standard input."""
    import xllamacpp  # type: ignore[import-untyped] # noqa: PLC0415 - in the child alone

    settings = xllamacpp.CommonParams()
    settings.model.path = file
    settings.hostnames = ["127.0.0.1"]
    settings.port = 0
    settings.n_ctx = 2048
    settings.n_parallel = 1
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = 2
    settings.n_gpu_layers = 0
    settings.sampling.seed = 1
    settings.warmup = settings.ui = False
    settings.verbosity = 0
    server = xllamacpp.Server(settings)
    print(server.listening_address, flush=True)  # noqa: T201 - for the parent
    sys.stdin.read()


@contextmanager
def small_model(folder: Path) -> Iterator[str]:
    """Where it is served, as an `api_base`."""
    command = [sys.executable, "-m", "tests.fakes.small_model", str(folder / FILE)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2], stderr=subprocess.DEVNULL
    ) as child:
        assert child.stdout
        address = child.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), "the server of the small model did not start"
        try:
            yield f"{address}/v1"
        finally:
            child.kill()


if __name__ == "__main__":
    serve(sys.argv[1])
