"""A lane: one thread with its own connection to the ledger, for callers that must not block."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from crewboard.coordination.ledger import Ledger, Transaction

Result = TypeVar("Result")


class Lane:
    def __init__(self, ledger: Ledger, name: str) -> None:
        self._ledger = ledger
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def call(self, work: Callable[[], Result]) -> Result:
        """What `work` gives, done in the lane. Cancelling the caller does not stop work that began."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def read(self, work: Callable[[Transaction], Result]) -> Result:
        """What `work` finds in one consistent view of the ledger."""

        def look() -> Result:
            with self._ledger.read() as tx:
                return work(tx)

        return await self.call(look)

    async def write(self, work: Callable[[Transaction], Result]) -> Result:
        """What `work` did, in one transaction, durable once this returns."""

        def change() -> Result:
            with self._ledger.write() as tx:
                return work(tx)

        return await self.call(change)

    def close(self) -> None:
        self._thread.submit(self._ledger.close)
        self._thread.shutdown()
