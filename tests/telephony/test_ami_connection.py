"""A connection that is kept, against a small manager on a real socket."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time

import pytest

from queue_engine.telephony import ami_connection
from queue_engine.telephony.ami_connection import (
    AmiConnection,
    Disconnected,
    Mark,
)
from queue_engine.telephony.ami_message import AmiMessage
from queue_engine.telephony.errors import (
    ConnectFailed,
    LoginRefused,
    OutcomeUnknown,
)
from tests.telephony.fake_ami import QUICK, FakeAmi, connected, error, event, until
from tests.telephony.listener import Listener

# --- losing and making connections ----------------------------------------------------------


async def test_nothing_is_sent_again_after_a_reconnect() -> None:
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


async def test_a_silent_asterisk_is_noticed_and_left() -> None:
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


async def test_close_ends_all_at_once_even_while_waiting_to_reconnect() -> None:
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


async def test_shutdown_is_delivered_and_ends_the_connection() -> None:
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
) -> None:
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


async def test_events_come_in_order() -> None:
    async with FakeAmi() as ami, connected(ami) as c:
        listener = Listener(c)
        names = [f"E{number}" for number in range(500)]
        ami.say(*(event(name) for name in names))
        await until(lambda: len(listener.events) == 501)
        assert listener.events[1:] == names


async def test_a_reader_that_fails_does_not_close_the_connection() -> None:
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
