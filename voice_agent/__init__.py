"""A support line that answers the phone, from the company's own documents, and hands over to a person."""

import os

__version__ = "0.1.0"

# Before numpy is loaded. OpenBLAS keeps its threads spinning behind every product, on a core that a call needs:
# with one thread, recognising what a caller wants took 7 ms of CPU, with two 16 ms.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
