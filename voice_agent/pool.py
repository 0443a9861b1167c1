"""Threads for work that keeps a core busy, so many and no more, with a waiting line of bounded length."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from queue import Empty, PriorityQueue
from typing import Any, TypeVar

from voice_agent.errors import PortError

T = TypeVar("T")


class WorkerPool:
    """Runs plain functions on its own threads for async callers; of those that wait, what is due first goes first.

    A caller who is cancelled leaves the line at once. A job that already runs cannot be stopped: it keeps its
    place until it ends, so that cancelled callers never let in more work than the threads can do.
    """

    def __init__(self, name: str, *, workers: int, waiting: int) -> None:
        """`name` is for people: it names the threads and appears in errors. `waiting` counts jobs beyond those that run."""
        self._name = name
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._places = threading.Semaphore(workers + waiting)
        self._line: PriorityQueue[tuple[float, int, Callable[[], Any], Future[Any]]] = PriorityQueue()
        self._numbers = count()
        """In the order of asking, for jobs that are due at the same moment."""

    async def run(self, job: Callable[[], T], *, due: float = 0.0) -> T:
        """The job's result. `due`: when it is needed, on the monotonic clock; at once, unless that is later.

        Raises:
            PortError: code "busy", to be tried again later, when the line is full; whatever the job raises besides.
        """
        if not self._places.acquire(blocking=False):
            raise PortError(f"{self._name}: too many requests wait already", code="busy", retry=True)
        future: Future[T] = Future()
        future.add_done_callback(self._leave)
        self._line.put((max(due, time.monotonic()), next(self._numbers), job, future))
        try:
            self._threads.submit(self._work)
        except BaseException:
            future.cancel()
            raise
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Let go of the threads; jobs that still wait are cancelled."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        while True:
            try:
                self._line.get_nowait()[3].cancel()
            except Empty:
                return

    def _work(self) -> None:
        """One of these is asked of the threads for each job in the line; which job it does is decided only now."""
        try:
            _, _, job, future = self._line.get_nowait()
        except Empty:
            return  # closed in between
        if not future.set_running_or_notify_cancel():
            return
        try:
            result = job()
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the result
            future.set_exception(error)
        else:
            future.set_result(result)

    def _leave(self, _: "Future[Any]") -> None:
        self._places.release()
