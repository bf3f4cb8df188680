"""Asks of others that are awaited, from code that is not: a night may run in a loop already."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor


def in_own_loop[Result](ask: Callable[[], Awaitable[Result]], seconds: float) -> Result:
    """Wait for an answer in a loop and a thread of their own, but not longer than so many seconds.

    Raises
    ------
    TimeoutError
        It took longer.
    """

    async def bounded() -> Result:
        async with asyncio.timeout(seconds):
            return await ask()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, bounded()).result()
