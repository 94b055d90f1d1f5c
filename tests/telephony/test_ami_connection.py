"""The connection against a small manager on a real socket: each trap of panoramisk, sprung."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time

import pytest

from queue_engine.telephony import ami_connection, ami_session
from queue_engine.telephony.ami_connection import (
    AmiConnection,
    Connected,
    Disconnected,
    Mark,
    StreamItem,
)
from queue_engine.telephony.ami_message import AmiMessage
from queue_engine.telephony.errors import (
    ActionInvalid,
    ConnectFailed,
    LoginRefused,
    NotConnected,
    OutcomeUnknown,
)
from tests.telephony.fake_ami import QUICK, SUCCESS, FakeAmi, connected, error, event, until


class Listener:
    """Reads a connection's stream into a list."""

    def __init__(self, connection: AmiConnection) -> None:
        self.items: list[StreamItem] = []
        self._task = asyncio.create_task(self._read(connection))

    async def _read(self, connection: AmiConnection) -> None:
        async for item in connection.messages():
            self.items.append(item)

    @property
    def events(self) -> list[str]:
        return [item.event for item in self.items if isinstance(item, AmiMessage)]

    @property
    def ends(self) -> list[str]:
        return [item.reason for item in self.items if isinstance(item, Disconnected)]

    @property
    def beginnings(self) -> int:
        return sum(isinstance(item, Connected) for item in self.items)

    async def finished(self) -> None:
        async with asyncio.timeout(2):
            await self._task


def pending(connection: AmiConnection) -> int:
    session = connection._session
    assert session is not None
    return len(session.protocol.responses)


# --- actions --------------------------------------------------------------------------------


async def test_an_action_is_answered_and_a_list_is_whole() -> None:
    async with FakeAmi(channels=[{"Channel": "A"}, {"Channel": "B"}]) as ami, connected(ami) as c:
        response = await c.action({"Action": "Status"})
        assert response.is_success
        assert [row.get("channel") for row in response.events("Status")] == ["A", "B"]
        assert pending(c) == 0


async def test_injection_is_refused_and_nothing_is_sent() -> None:  # trap 11
    async with FakeAmi() as ami, connected(ami) as c:
        with pytest.raises(ActionInvalid):
            await c.action({"Action": "Setvar", "Value": "x\r\n\r\nAction: Originate"})
        await c.action({"Action": "CoreStatus"})
        assert [action["action"] for action in ami.actions] == [["CoreStatus"]]
        assert b"Originate" not in ami.raw


async def test_each_action_has_its_deadline_and_leaves_nothing_behind() -> None:  # trap 15
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


async def test_an_error_answers_a_list_action() -> None:  # trap 16
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


async def test_utf_8_survives_being_cut_between_two_reads() -> None:  # trap 18
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


async def test_values_reach_the_wire_as_utf_8_and_unencodable_ones_are_refused() -> None:  # 19
    async with FakeAmi() as ami, connected(ami) as c:
        await c.action({"Action": "Setvar", "Value": "Öberg 🙂"})
        assert ami.actions[-1]["value"] == ["Öberg 🙂"]
        with pytest.raises(ActionInvalid, match="UTF-8"):
            await c.action({"Action": "Setvar", "Value": "\udcff"})


async def test_an_action_before_and_after_the_connection_says_so() -> None:  # trap 20
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


# --- losing and making connections ----------------------------------------------------------


async def test_nothing_is_sent_again_after_a_reconnect() -> None:  # traps 13, 14
    async with FakeAmi() as ami, connected(ami) as c:
        for name in ("redirect", "setvar", "originate", "command"):
            ami.answers[name] = lambda _: None
        names = ("Redirect", "Setvar", "Originate", "Command")
        tasks = [asyncio.create_task(c.action({"Action": name}, timeout_s=5)) for name in names]
        await until(lambda: len(ami.actions) == 4)
        ami.cut()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(result, OutcomeUnknown) for result in results)
        await until(lambda: ami.logins == 2 and c.is_connected)
        ami.answers.clear()
        await c.action({"Action": "CoreStatus"})
        assert len(ami.actions) == 5


async def test_a_silent_asterisk_is_noticed_and_left() -> None:  # trap 22
    async with FakeAmi() as ami, connected(ami) as c:
        listener = Listener(c)
        ami.is_silent = True
        began = time.monotonic()
        await until(lambda: listener.ends)
        assert time.monotonic() - began < 1.0
        assert "silent: no answer to a ping within 0.2 s" in listener.ends[0]
        await until(lambda: ami.connections >= 2)
        ami.is_silent = False
        await until(lambda: listener.beginnings == 2)


async def test_pings_that_are_answered_keep_the_connection() -> None:
    async with FakeAmi() as ami, connected(ami):
        await until(lambda: ami.pings >= 3)
        assert ami.connections == 1


async def test_a_connection_lost_is_told_and_made_again() -> None:
    async with FakeAmi() as ami, connected(ami) as c:
        listener = Listener(c)
        ami.cut()
        await until(lambda: listener.beginnings == 2)
        order = [type(item).__name__ for item in listener.items]
        assert order == ["Connected", "AmiMessage", "Disconnected", "Connected", "AmiMessage"]
        assert "closed from the other side" in listener.ends[0]
        assert f"127.0.0.1:{ami.port}" in listener.ends[0]


async def test_close_ends_all_at_once_even_while_waiting_to_reconnect() -> None:  # trap 23
    times = dataclasses.replace(QUICK, pause_s_min=30.0, pause_s_max=30.0)
    async with FakeAmi() as ami:
        connection = AmiConnection("127.0.0.1", ami.port, "samko", "hemlig", times=times)
        await connection.connect()
        listener = Listener(connection)
        ami.cut()
        await until(lambda: listener.ends)
        began = time.monotonic()
        await connection.close()
        await listener.finished()
        assert time.monotonic() - began < 1.0
        assert ami.connections == 1
        assert not connection.is_connected
        others = asyncio.all_tasks() - {asyncio.current_task()}
        assert not [task for task in others if "keep" in task.get_name()]


async def test_close_gives_up_what_waits_for_an_answer() -> None:
    async with FakeAmi() as ami, connected(ami) as c:
        ami.answers["status"] = lambda _: None
        task = asyncio.create_task(c.action({"Action": "Status"}, timeout_s=30))
        await until(lambda: ami.named("Status"))
        await c.close()
        with pytest.raises(OutcomeUnknown, match="closed by us"):
            await task


async def test_shutdown_is_delivered_and_ends_the_connection() -> None:  # trap 23
    async with FakeAmi() as ami, connected(ami) as c:
        listener = Listener(c)
        ami.say(event("Shutdown", Shutdown="Cleanly", Restart="False"))
        await until(lambda: listener.beginnings == 2)
        assert "Shutdown" in listener.events
        assert "Asterisk is shutting down" in listener.ends[0]


async def test_nobody_listening_is_a_clear_error_and_tried_again() -> None:
    ami = FakeAmi()
    await ami.listen()
    await ami.stop()
    connection = AmiConnection("127.0.0.1", ami.port, "samko", "hemlig", times=QUICK)
    try:
        with pytest.raises(ConnectFailed, match=rf"127\.0\.0\.1:{ami.port}: no connection"):
            await connection.connect()
        async with ami:
            await until(lambda: connection.is_connected)
    finally:
        await connection.close()


async def test_a_server_that_hangs_up_at_once_is_not_hammered() -> None:
    async with FakeAmi(refuses_connections=True) as ami:
        connection = AmiConnection("127.0.0.1", ami.port, "samko", "hemlig", times=QUICK)
        try:
            with pytest.raises(ConnectFailed):
                await connection.connect()
            await until(lambda: ami.connections >= 3)
            assert connection.attempts < 60
        finally:
            await connection.close()


# --- login ----------------------------------------------------------------------------------


async def test_a_wrong_secret_is_a_clear_error_and_not_tried_in_a_loop(
    caplog: pytest.LogCaptureFixture,
) -> None:  # trap 21
    caplog.set_level(logging.DEBUG)
    async with FakeAmi() as ami:
        connection = AmiConnection("127.0.0.1", ami.port, "samko", "fel-ord", times=QUICK)
        began = time.monotonic()
        try:
            with pytest.raises(LoginRefused, match=rf"127\.0\.0\.1:{ami.port} refused the login"):
                await connection.connect()
            listener = Listener(connection)
            await until(lambda: ami.logins == 2)
            assert time.monotonic() - began >= QUICK.refused_pause_s
            assert [item for item in listener.items if isinstance(item, Disconnected)] == [
                Disconnected(listener.ends[0], is_refused=True)
            ]
        finally:
            await connection.close()
    assert "fel-ord" not in caplog.text
    assert "'samko'" in caplog.text


async def test_a_refused_secret_that_is_mended_is_accepted() -> None:
    times = dataclasses.replace(QUICK, refused_pause_s=0.05)
    async with FakeAmi(secret="annat") as ami:
        connection = AmiConnection("127.0.0.1", ami.port, "samko", "hemlig", times=times)
        try:
            with pytest.raises(LoginRefused):
                await connection.connect()
            ami.secret = "hemlig"
            await until(lambda: connection.is_connected)
        finally:
            await connection.close()


async def test_a_login_without_answer_has_a_deadline() -> None:
    async with FakeAmi(is_silent=True) as ami:
        connection = AmiConnection("127.0.0.1", ami.port, "samko", "hemlig", times=QUICK)
        try:
            with pytest.raises(ConnectFailed, match=r"Login: no answer within 0\.3 s"):
                await connection.connect()
        finally:
            await connection.close()


async def test_a_dying_asterisk_is_asked_again_soon() -> None:
    async with FakeAmi() as ami:
        ami.answers["login"] = lambda _: error("Asterisk is shutting down")
        connection = AmiConnection("127.0.0.1", ami.port, "samko", "hemlig", times=QUICK)
        try:
            with pytest.raises(ConnectFailed, match="login failed: 'Asterisk is shutting down'"):
                await connection.connect()
            ami.answers.clear()
            await until(lambda: connection.is_connected, QUICK.refused_pause_s)
        finally:
            await connection.close()


async def test_connected_means_booted() -> None:
    async with FakeAmi(is_booted=False) as ami:
        connection = AmiConnection("127.0.0.1", ami.port, "samko", "hemlig", times=QUICK)
        try:
            first = asyncio.create_task(connection.connect())
            await until(lambda: ami.logins == 1)
            assert not connection.is_connected
            ami.say(event("FullyBooted"))
            await first
            assert connection.is_connected
        finally:
            await connection.close()


async def test_no_fully_booted_names_the_right_that_is_missing() -> None:
    async with FakeAmi(is_booted=False) as ami:
        connection = AmiConnection("127.0.0.1", ami.port, "samko", "hemlig", times=QUICK)
        try:
            with pytest.raises(ConnectFailed, match="expected read=system for 'samko'"):
                await connection.connect()
        finally:
            await connection.close()


# --- the stream -----------------------------------------------------------------------------


async def test_events_come_in_order() -> None:  # trap 26
    async with FakeAmi() as ami, connected(ami) as c:
        listener = Listener(c)
        names = [f"E{number}" for number in range(500)]
        ami.say(*(event(name) for name in names))
        await until(lambda: len(listener.events) == 501)
        assert listener.events[1:] == names


async def test_a_reader_that_fails_does_not_close_the_connection() -> None:  # trap 12
    async with FakeAmi() as ami, connected(ami) as c:

        async def read_badly() -> None:
            async for item in c.messages():
                if isinstance(item, AmiMessage) and item.event == "Bad":
                    raise ZeroDivisionError

        bad = asyncio.create_task(read_badly())
        ami.say(event("Bad"), event("Good"))
        with pytest.raises(ZeroDivisionError):
            await bad
        listener = Listener(c)
        await until(lambda: listener.events == ["Good"])
        assert (await c.action({"Action": "CoreStatus"})).is_success
        assert ami.connections == 1


async def test_a_reader_that_falls_behind_loses_the_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ami_connection, "STREAM_MAX", 50)
    async with FakeAmi() as ami, connected(ami) as c:
        ami.say(*(event(f"E{number}") for number in range(60)))
        await until(lambda: ami.connections == 2 and c.is_connected)
        listener = Listener(c)
        await until(lambda: listener.beginnings == 1)
        assert "the reader fell behind" in listener.ends[0]
        assert listener.events == ["FullyBooted"], "what was unread is void"


async def test_a_mark_stands_behind_all_that_was_received() -> None:
    async with FakeAmi() as ami, connected(ami) as c:
        ami.say(event("Before"))
        await c.action({"Action": "CoreStatus"})
        c.mark(7)
        ami.say(event("After"))
        listener = Listener(c)
        await until(lambda: "After" in listener.events)
        kinds = [item.event if isinstance(item, AmiMessage) else item for item in listener.items]
        assert kinds[2:] == ["Before", Mark(7), "After"]


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
        session = c._session
        assert session is not None
        assert session.odd_messages == 3


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
