"""Threads for work that keeps a core busy, so many and no more, with a waiting line of bounded length."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from voice_agent.errors import PortError

T = TypeVar("T")


class WorkerPool:
    """Runs plain functions on its own threads for async callers.

    A caller who is cancelled leaves the line at once. A job that already runs cannot be stopped: it keeps its
    place until it ends, so that cancelled callers never let in more work than the threads can do.
    """

    def __init__(self, name: str, *, workers: int, waiting: int) -> None:
        """`name` is for people: it names the threads and appears in errors. `waiting` counts jobs beyond those that run."""
        self._name = name
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._places = threading.Semaphore(workers + waiting)

    async def run(self, job: Callable[[], T]) -> T:
        """The job's result.

        Raises:
            PortError: code "busy", to be tried again later, when the line is full; whatever the job raises besides.
        """
        if not self._places.acquire(blocking=False):
            raise PortError(f"{self._name}: too many requests wait already", code="busy", retry=True)
        try:
            future = self._threads.submit(job)
        except BaseException:
            self._places.release()
            raise
        future.add_done_callback(self._leave)
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Let go of the threads; jobs that still wait are cancelled."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _leave(self, _: "Future[T]") -> None:
        self._places.release()
