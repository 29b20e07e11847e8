"""Waiting for a condition instead of for a time."""

import asyncio
import inspect
import time

# Seconds until what does not come is given up. It bounds how long a failure takes, and says nothing of how fast a thing is:
# a test of speed measures it.
PATIENCE = 30.0


async def eventually(condition, what, deadline=PATIENCE, interval=0.05):
    """The first true answer of `condition`, asked again and again; fails with `what` and the last answer."""
    end = time.monotonic() + deadline
    while True:
        answer = condition()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline} s: {what} (last answer: {answer!r})")
        await asyncio.sleep(interval)


class Inbox(list):
    """What callbacks brought, in order."""

    async def first(self, matches, what, deadline=PATIENCE):
        """The first item that matches, waited for."""
        await eventually(lambda: any(matches(item) for item in self), f"{what}; so far {self}", deadline)
        return next(item for item in self if matches(item))
