"""Waiting for a condition instead of for a time."""

import asyncio
import inspect
import time


async def eventually(condition, what, deadline=10.0, interval=0.05):
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

    async def first(self, matches, what, deadline=10.0):
        """The first item that matches, waited for."""
        await eventually(lambda: any(matches(item) for item in self), f"{what}; so far {self}", deadline)
        return next(item for item in self if matches(item))
