"""Asks of others that are awaited, from code that is not: a night may run in a loop already.

The settings of every command import this, so it loads what a loop needs only for those that ask.
"""

from collections.abc import Awaitable, Callable


def in_own_loop[Result](ask: Callable[[], Awaitable[Result]], seconds: float) -> Result:
    """Wait for an answer in a loop and a thread of their own, but not longer than so many seconds.

    Raises
    ------
    TimeoutError
        It took longer.
    """
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    async def bounded() -> Result:
        async with asyncio.timeout(seconds):
            return await ask()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, bounded()).result()
