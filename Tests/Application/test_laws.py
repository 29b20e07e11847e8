"""The laws of the API, over generated input and on both databases. A failure prints the blob that repeats it."""

import asyncio

import jwt
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from support import databases
from support.application import Application, Refusal
from support.server import KEY, SECRET, running

LAWFUL = settings(max_examples=40, deadline=None, print_blob=True, derandomize=False)

letters = st.characters(exclude_categories=("Cs", "Cc"))
titles = st.text(letters, min_size=1, max_size=200).filter(str.strip)
descriptions = st.text(letters | st.sampled_from("\n\r\t"), max_size=500)
bad_titles = st.sampled_from([None, "", " \u3000 ", "x" * 201, "a\nb", "a\x00b", 7, ["a"], {}])
chat_settings = st.fixed_dictionaries(
    {},
    optional={
        "isChatEnabled": st.booleans(), "isChatDelayed": st.booleans(), "isChatFollowersOnly": st.booleans(),
        "isChatOpenToGuests": st.booleans(), "slowModeSeconds": st.integers(0, 300),
    },
)
DEFAULTS = {
    "isChatEnabled": True, "isChatDelayed": False, "isChatFollowersOnly": False, "isChatOpenToGuests": True,
    "slowModeSeconds": 0,
}


class House:
    """A server with a host who is live, one who is not, a viewer, and a loop to ask it on."""

    def __init__(self, loop, server):
        self.loop = loop
        self.server = server
        self.application, self.live, self.offline, self.viewer = self.wait(self.people())

    def wait(self, coroutine):
        return self.loop.run_until_complete(asyncio.wait_for(coroutine, 30))

    async def people(self):
        application = Application(self.server)
        live, offline = await application.creator(), await application.creator()
        await live.go_live()
        return application, live, offline, await application.register()

    def host(self, is_live):
        return self.live if is_live else self.offline


# One for each database.
@pytest.fixture(scope="module", params=databases.KINDS)
def server(request):
    with running(extra=[
        "--streams-grace", "600", "--http-rate-limits=false", *databases.options(request.param)
    ]) as server:
        yield server


@pytest.fixture(scope="module")
def house(loop, server):
    house = House(loop, server)
    yield house
    house.wait(house.application.close())


class StreamLaws(RuleBasedStateMachine):
    """What a creator may do to a stream, in any order, beside what should become of it."""

    house: House

    @initialize()
    def somebody_new(self):
        async def approved():
            person = await self.house.application.register()
            await person.apply()
            return person

        self.creator = self.house.wait(approved())
        self.record = None
        self.id = None
        self.is_live = False

    def changed(self, changes):
        stripped = {name: value.strip() for name, value in changes.items() if isinstance(value, str)}
        self.record = {**(self.record or {"description": "", **DEFAULTS}), **changes, **stripped}

    def check(self, stream):
        """An answer shows this record and no other."""
        self.id = self.id or stream["id"]
        assert stream["id"] == self.id
        assert {name: stream[name] for name in self.record} == self.record
        assert stream["isLive"] == self.is_live

    # Law 8: a valid setup creates or updates exactly that record.
    @rule(title=titles, chat=chat_settings, description=st.none() | descriptions)
    def set_up(self, title, chat, description):
        changes = {"title": title, **chat, **({} if description is None else {"description": description})}
        stream = self.house.wait(self.creator.setup(**changes))
        self.changed(changes)
        self.check(stream)

    @rule(title=bad_titles, chat=chat_settings)
    def set_up_what_cannot_be(self, title, chat):
        with pytest.raises(Refusal) as refusal:
            self.house.wait(self.creator.setup(title, **chat))
        assert (refusal.value.status, refusal.value.code) == (400, "invalid_title")

    # Law 3: a title update never changes isLive.
    @precondition(lambda self: self.record)
    @rule(title=titles)
    def retitle(self, title):
        stream = self.house.wait(self.creator.change_info(title=title))
        self.changed({"title": title})
        self.check(stream)

    # Law 4: every chat setting round-trips.
    @precondition(lambda self: self.record)
    @rule(chat=chat_settings)
    def change_chat(self, chat):
        answer = self.house.wait(self.creator.change_chat(**chat))
        self.changed(chat)
        assert answer == {name: self.record[name] for name in DEFAULTS}

    # Law 1: a successful go-live leaves isLive true.
    @rule()
    def go_live(self):
        if self.record is None:
            with pytest.raises(Refusal) as refusal:
                self.house.wait(self.creator.go_live())
            assert refusal.value.code == "stream_not_found"
            return
        try:
            live = self.house.wait(self.creator.go_live())
        except Refusal as refusal:
            # A token's time counts seconds: only so many can take each other's place in one.
            assert refusal.code == "too_many_requests"
            return
        self.is_live = True
        self.check(live["stream"])
        assert live["roomId"] == self.creator.id
        claims = claims_of(live["token"])
        assert (claims["sub"], claims["video"]["room"], claims["video"]["canPublish"]) == (
            self.creator.id, self.creator.id, True,
        )

    # Law 2: end-stream leaves it false.
    @precondition(lambda self: self.record)
    @rule()
    def end_stream(self):
        self.house.wait(self.creator.end_stream())
        self.is_live = False

    @invariant()
    def everyone_sees_the_same(self):
        status = self.house.wait(self.creator.status())
        assert status["isLive"] == self.is_live
        assert status["phase"] == ("starting" if self.is_live else "offline")
        if self.record is None:
            return
        self.check(self.house.wait(self.creator.info()))
        self.check(self.house.wait(self.house.viewer.watch_page(self.creator))["stream"])


def test_a_stream_keeps_its_laws_whatever_its_creator_does(house):
    class Machine(StreamLaws):
        pass

    Machine.house = house
    run_state_machine_as_test(Machine, settings=settings(LAWFUL, max_examples=12, stateful_step_count=15))


def claims_of(token):
    # A token that takes another's place within a second bears a time to come.
    return jwt.decode(token, SECRET, algorithms=["HS256"], issuer=KEY, leeway=30)


def cannot_publish(given, host):
    """Law 5: no viewer or guest token can publish."""
    grants = claims_of(given["token"])["video"]
    assert grants["room"] == host.id and grants["roomJoin"] is True
    assert not grants.get("canPublish", False)
    assert not grants.get("canPublishSources")
    assert not any(grants.get(name) for name in ("roomAdmin", "roomCreate", "roomList", "roomRecord", "hidden"))


@LAWFUL
@given(
    name=st.none() | st.text(letters, min_size=1, max_size=40).filter(str.strip), chat=chat_settings,
    is_live=st.booleans(), by_name=st.booleans(),
)
def test_a_guest_is_called_a_guest_and_never_publishes(house, name, chat, is_live, by_name):
    host = house.host(is_live)

    async def ask():
        await host.change_chat(**chat)
        body = {"hostId": host.name if by_name else host.id}
        body |= {} if name is None else {"guestName": name}
        return await house.application.ask("POST", "/api/viewer/token", body)

    given = house.wait(ask())
    cannot_publish(given, host)
    # Law 7: a guest's identity begins `guest-`.
    assert given["identity"].startswith("guest-")
    claims = claims_of(given["token"])
    assert (claims["sub"], claims["name"]) == (given["identity"], given["name"])
    assert given["name"] == ("Guest" if name is None else name.strip())


@LAWFUL
@given(
    chat=chat_settings, is_live=st.booleans(), follows=st.booleans(),
    guest_name=st.none() | st.text(letters, min_size=1, max_size=40).filter(str.strip),
)
def test_a_signed_in_viewer_is_who_they_are_and_never_publishes(house, chat, is_live, follows, guest_name):
    host = house.host(is_live)

    async def ask():
        await host.change_chat(**chat)
        await (house.viewer.follow(host) if follows else house.viewer.unfollow(host))
        body = {"hostId": host.id, **({} if guest_name is None else {"guestName": guest_name})}
        return await house.viewer.ask("POST", "/api/viewer/token", body)

    given = house.wait(ask())
    cannot_publish(given, host)
    # Law 6: a signed-in viewer's identity is their user id.
    assert given["identity"] == house.viewer.id == claims_of(given["token"])["sub"]


@LAWFUL
@given(is_live=st.booleans())
def test_a_host_who_watches_does_not_publish(house, is_live):
    host = house.host(is_live)

    async def ask():
        return await host.ask("POST", "/api/stream/creator-token"), await host.watch_pass(host)

    for given in house.wait(ask()):
        cannot_publish(given, host)
        assert given["identity"] == f"Host-{host.id}"


@LAWFUL
@given(path=st.sampled_from(["/api/stream/setup", "/api/stream/info", "/api/viewer/token", "/api/auth/login"]),
       body=st.recursive(
           st.none() | st.booleans() | st.integers() | st.text(max_size=50),
           lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(max_size=10), values, max_size=4),
           max_leaves=12,
       ) | st.dictionaries(st.sampled_from(["title", "hostId", "guestName", "username", "password", "thumbnail"]),
                           st.none() | st.integers() | st.text(max_size=20)))
def test_whatever_is_sent_is_answered_in_words(house, path, body):
    method = "PUT" if path == "/api/stream/info" else "POST"
    try:
        house.wait(house.live.ask(method, path, body))
    except Refusal as refusal:
        assert 400 <= refusal.status < 500, refusal
