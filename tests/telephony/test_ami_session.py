"""One connection: each action has its answer or a clear end, and garbage has a bound."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from queue_engine.telephony import ami_session
from queue_engine.telephony.ami_connection import (
    AmiConnection,
)
from queue_engine.telephony.ami_message import AmiMessage
from queue_engine.telephony.errors import (
    ActionInvalid,
    ConnectFailed,
    NotConnected,
    OutcomeUnknown,
)
from tests.telephony.fake_ami import QUICK, SUCCESS, FakeAmi, connected, error, event, until
from tests.telephony.listener import Listener, pending

# --- actions --------------------------------------------------------------------------------


async def test_an_action_is_answered_and_a_list_is_whole() -> None:
    async with FakeAmi(channels=[{"Channel": "A"}, {"Channel": "B"}]) as ami, connected(ami) as c:
        response = await c.action({"Action": "Status"})
        assert response.is_success
        assert [row.get("channel") for row in response.events("Status")] == ["A", "B"]
        assert pending(c) == 0


async def test_injection_is_refused_and_nothing_is_sent() -> None:
    async with FakeAmi() as ami, connected(ami) as c:
        with pytest.raises(ActionInvalid):
            await c.action({"Action": "Setvar", "Value": "x\r\n\r\nAction: Originate"})
        await c.action({"Action": "CoreStatus"})
        assert [action["action"] for action in ami.actions] == [["CoreStatus"]]
        assert b"Originate" not in ami.raw


async def test_each_action_has_its_deadline_and_leaves_nothing_behind() -> None:
    async with FakeAmi() as ami, connected(ami) as c:
        ami.answers["redirect"] = lambda _: None
        with pytest.raises(OutcomeUnknown, match=r"Redirect: no answer within 0\.05 s"):
            await c.action({"Action": "Redirect"}, timeout_s=0.05)
        assert pending(c) == 0
        late = ami.actions[-1]["actionid"][0]
        ami.say(f"Response: Success\r\nActionID: {late}")
        listener = Listener(c)
        ami.say(event("Status", ActionID=late), event("After"))
        await until(lambda: "After" in listener.events)
        assert "Status" not in listener.events, "rows of a late list are no events"
        session = c._session
        assert session is not None
        assert session.late_answers == 2


async def test_a_cancelled_action_leaves_nothing_behind() -> None:
    async with FakeAmi() as ami, connected(ami) as c:
        ami.answers["status"] = lambda _: None
        task = asyncio.create_task(c.action({"Action": "Status"}))
        await until(lambda: ami.named("Status"))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert pending(c) == 0


async def test_an_error_answers_a_list_action() -> None:
    async with FakeAmi() as ami, connected(ami) as c:
        ami.answers["status"] = lambda _: error("No such channel")
        response = await c.action({"Action": "Status", "Channel": "gone"})
        assert not response.is_success
        assert response.sentence == "No such channel"


async def test_an_answer_worded_like_a_list_is_no_list() -> None:
    """panoramisk waits for ever for what follows `Added interface to queue`."""
    async with FakeAmi() as ami, connected(ami) as c:
        fields = {"Interface": "PJSIP/a", "MemberName": "a", "Paused": "true"}
        response = await c.action({"Action": "QueueAdd", **fields})
        assert response.sentence == "Added interface to queue"
        ami.answers["originate"] = lambda _: "Response: Success\r\nMessage: successfully queued"
        assert (await c.action({"Action": "Originate"})).is_success


async def test_utf_8_survives_being_cut_between_two_reads() -> None:
    async with FakeAmi() as ami, connected(ami) as c:
        listener = Listener(c)
        await until(lambda: "FullyBooted" in listener.events)
        text = event("Newchannel", CallerIDName="Öberg 🙂").encode() + b"\r\n\r\n"
        for number in range(len(text)):
            ami.send(text[number : number + 1])
            await asyncio.sleep(0)
        await until(lambda: "Newchannel" in listener.events)
        (message,) = [m for m in listener.items if isinstance(m, AmiMessage)][1:]
        assert message.get("calleridname") == "Öberg 🙂"


async def test_values_reach_the_wire_as_utf_8_and_unencodable_ones_are_refused() -> None:
    async with FakeAmi() as ami, connected(ami) as c:
        await c.action({"Action": "Setvar", "Value": "Öberg 🙂"})
        assert ami.actions[-1]["value"] == ["Öberg 🙂"]
        with pytest.raises(ActionInvalid, match="UTF-8"):
            await c.action({"Action": "Setvar", "Value": "\udcff"})


async def test_an_action_before_and_after_the_connection_says_so() -> None:
    async with FakeAmi() as ami:
        connection = AmiConnection("127.0.0.1", ami.port, "samko", "hemlig", times=QUICK)
        with pytest.raises(NotConnected, match="not connected"):
            await connection.action({"Action": "Ping"})
        await connection.connect()
        await connection.close()
        with pytest.raises(NotConnected, match="not connected"):
            await connection.action({"Action": "Ping"})


async def test_too_many_unanswered_actions_are_not_piled_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ami_session, "PENDING_MAX", 5)
    times = dataclasses.replace(QUICK, ping_every_s=60.0)
    async with FakeAmi() as ami, connected(ami, times) as c:
        ami.answers["status"] = lambda _: None
        tasks = [asyncio.create_task(c.action({"Action": "Status"})) for _ in range(9)]
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(result) for result in results].count(NotConnected) == 4


# --- garbage --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("greeting", "reason"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "greets with b'SSH-2.0-OpenSSH_9.2'; expected"),
        (b"\x00\xff" * 400, "greets with"),
        (b"x" * 100_000, "greets with"),
    ],
)
async def test_a_wrong_greeting_is_named(greeting: bytes, reason: str) -> None:
    async with FakeAmi(greeting=greeting) as ami:
        connection = AmiConnection("127.0.0.1", ami.port, "samko", "hemlig", times=QUICK)
        try:
            with pytest.raises(ConnectFailed, match=reason):
                await connection.connect()
        finally:
            await connection.close()


@pytest.mark.parametrize(
    ("garbage", "reason"),
    [
        (b"y" * 200_000, "65536 bytes without the end of a message"),
        (bytes(range(256)) * 400, "65536 bytes without the end of a message"),
        (b"y" * 70_000 + b"Event: Hangup\r\n\r\n", "65536 bytes without the end of a message"),
        (b"no message\r\n\r\n" * 200, "text that is no manager message"),
        (b"\r\n\r\n" * 1000, "text that is no manager message"),
        (b"Response: Success\r\n\r\n" * 200, "text that is no manager message"),
    ],
)
async def test_garbage_ends_the_connection_and_it_is_made_again(
    garbage: bytes, reason: str
) -> None:
    async with FakeAmi() as ami, connected(ami) as c:
        listener = Listener(c)
        ami.send(garbage)
        await until(lambda: listener.beginnings == 2)
        assert reason in listener.ends[0]
        assert (await c.action({"Action": "CoreStatus"})).is_success


async def test_a_little_garbage_is_counted_and_passed_over() -> None:
    async with FakeAmi() as ami, connected(ami) as c:
        listener = Listener(c)
        ami.send(b"\xff\xfe\r\n\r\nEvent: Fine\r\n\r\nEvent\r\n\r\n: \r\n\r\nEvent: Too\r\n\r\n")
        await until(lambda: listener.events[1:] == ["Fine", "Too"])
        assert ami.connections == 1
        assert c.odd_messages == 3
        ami.cut()
        await until(lambda: ami.logins == 2 and c.is_connected)
        assert c.odd_messages == 3
        ami.send(b"Event\r\n\r\n")
        await until(lambda: c.odd_messages == 4)


async def test_an_endless_list_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ami_session, "LIST_MESSAGES_MAX", 20)
    async with FakeAmi(channels=[{"Channel": "A"}] * 50) as ami, connected(ami) as c:
        with pytest.raises(OutcomeUnknown, match="list of over 20"):
            await c.action({"Action": "Status"})


async def test_a_peer_that_reads_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ami_session, "UNSENT_BYTES_MAX", 20_000)
    stop = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/11\r\n")
        login = await reader.readuntil(b"\r\n\r\n")
        action_id = login.split(b"ActionID: ")[1].split(b"\r\n")[0]
        writer.write(b"Response: Success\r\nActionID: " + action_id + b"\r\n\r\n")
        writer.write(b"Event: FullyBooted\r\n\r\n")
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await stop.wait()
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1024)
    port = server.sockets[0].getsockname()[1]
    times = dataclasses.replace(QUICK, ping_every_s=60.0)
    connection = AmiConnection("127.0.0.1", port, "samko", "hemlig", times=times)
    try:
        await connection.connect()
        session = connection._session
        assert session is not None
        tasks = []
        big = {"Action": "Setvar", "Variable": ["x" * 900] * 100}
        while not session.is_over:
            tasks.append(asyncio.create_task(connection.action(big, timeout_s=30)))
            await asyncio.sleep(0)
            assert len(tasks) < 900, "bounded by what lies unsent, not by unanswered actions"
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert any(isinstance(result, NotConnected) for result in results)
        assert session.ended.result().startswith(("reads nothing", "closed"))
    finally:
        await connection.close()
        stop.set()
        server.close()
        await server.wait_closed()


async def test_success_needs_no_message() -> None:
    async with FakeAmi() as ami, connected(ami) as c:
        ami.answers["setvar"] = lambda _: SUCCESS
        assert (await c.action({"Action": "Setvar"})).is_success
