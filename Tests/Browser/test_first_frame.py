"""Viewers who join in the middle of things, from a creator whose encoder makes keyframes only when it is asked."""

from support.joining import compare_starts, settled


async def test_a_late_viewer_begins_with_a_cached_keyframe_and_is_as_live_as_one_who_had_one_made(
    server, chromium, room
):
    cached, asked = await compare_starts(chromium, chromium, server, room)
    live = min(settled(samples) for samples in asked)
    assert min(settled(samples) for samples in cached) < live + 100, (cached, asked)
