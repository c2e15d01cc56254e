from __future__ import annotations

import asyncio

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from nfm.server.duplicate_clicks import DuplicateClicks, without_duplicate_clicks


def request(*, timer: bool) -> BackMsg:
    """A request of a page with a slider, two buttons and a chat input."""
    message = BackMsg()
    rerun = message.rerun_script
    rerun.fragment_id = "panel"
    rerun.is_auto_rerun = timer
    rerun.query_string = "step=2"
    widgets = rerun.widget_states.widgets
    widgets.add(id="slider", int_value=3)
    widgets.add(id="step", trigger_value=True)
    widgets.add(id="menu", string_trigger_value={"data": "CSV"})
    widgets.add(id="component", json_trigger_value="[1]")
    widgets.add(id="chat", chat_input_value={"data": "hello"})
    widgets.add(id="box", bool_value=True)
    return message


def test_the_request_of_a_timer_carries_no_click():
    message = request(timer=True)
    kept = BackMsg.FromString(without_duplicate_clicks(message.SerializeToString()))
    assert [widget.id for widget in kept.rerun_script.widget_states.widgets] == ["slider", "box"]
    expected = request(timer=True)
    del expected.rerun_script.widget_states.widgets[1:5]
    assert kept == expected


def test_the_request_of_a_click_is_left_as_it_is():
    data = request(timer=False).SerializeToString()
    assert without_duplicate_clicks(data) == data


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xff\xff", BackMsg(stop_script=True).SerializeToString(), b"hello"],
)
def test_other_messages_are_left_as_they_are(data: bytes):
    assert without_duplicate_clicks(data) == data


def test_messages_of_a_websocket_pass_through_it():
    timer, text = request(timer=True).SerializeToString(), {"type": "websocket.receive"}
    messages = [
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "bytes": timer},
        {**text, "text": "ping"},
    ]
    seen = []

    async def application(scope, receive, send):
        for _ in range(3):
            seen.append(await receive())

    async def receive():
        return messages[len(seen)]

    asyncio.run(DuplicateClicks(application)({"type": "websocket"}, receive, None))
    assert seen[0] == messages[0]
    assert seen[1]["bytes"] == without_duplicate_clicks(timer) != timer
    assert seen[2] == messages[2]


def test_other_requests_are_answered_as_before():
    seen = []

    async def application(scope, receive, send):
        seen.append((scope, receive, send))

    asyncio.run(DuplicateClicks(application)({"type": "http"}, "receive", "send"))
    assert seen == [({"type": "http"}, "receive", "send")]
