"""Drops the clicks that Streamlit's frontend sends twice."""

from __future__ import annotations

from google.protobuf.message import DecodeError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

# The values of widgets that act once: buttons, menus and chat inputs.
_TRIGGERS = {
    "trigger_value",
    "string_trigger_value",
    "json_trigger_value",
    "chat_input_value",
}


class DuplicateClicks:
    """Removes clicks from the requests that a fragment's timer (`run_every`) sends.

    The frontend notes a click at once and sends it a moment later. A timer that fires in between
    sends the click too. On a busy server both requests run: Pause is followed by Resume, and one
    click on Step trains two epochs. The click's own request always follows, so the click in the
    timer's request can be dropped.

    Args:
        app: The ASGI application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return

        async def receive_without_duplicates() -> Message:
            message = await receive()
            data = message.get("bytes")
            return {**message, "bytes": without_duplicate_clicks(data)} if data else message

        await self._app(scope, receive_without_duplicates, send)


def without_duplicate_clicks(data: bytes) -> bytes:
    """Return a message from the browser without the clicks that it must not carry.

    Args:
        data: A `BackMsg` of Streamlit's protocol; anything else is returned as it is.
    """
    message = BackMsg()
    try:
        message.ParseFromString(data)
    except DecodeError:
        return data
    if not message.rerun_script.is_auto_rerun:
        return data
    widgets = message.rerun_script.widget_states.widgets
    kept = [widget for widget in widgets if widget.WhichOneof("value") not in _TRIGGERS]
    if len(kept) == len(widgets):
        return data
    del widgets[:]
    widgets.extend(kept)
    return message.SerializeToString()
