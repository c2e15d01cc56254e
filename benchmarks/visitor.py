"""A visitor of the app without a browser: a client that speaks Streamlit's WebSocket protocol."""

from __future__ import annotations

import asyncio
from time import perf_counter
from urllib.request import Request, urlopen

from google.protobuf.message import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs, UploadedFileInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

PATIENCE = 180.0
_FINISHED = {
    ForwardMsg.FINISHED_SUCCESSFULLY,
    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
    ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
}


class Visitor:
    """One tab of a browser: a workspace, a session, and the widgets that the last runs drew.

    Args:
        url: Address of the server.
        cookie: The workspace's cookie from an earlier visit; None for a new workspace.

    Attributes:
        cookie: The cookie, once the visitor is connected.
        widgets: Id of every widget by the key that the app gave it.
        labels: Key of every widget by its label.
        answered: When the last run had drawn its first metric, by the performance counter; None if
            it drew none.
    """

    def __init__(self, url: str, cookie: str | None = None) -> None:
        self.cookie = cookie
        self.widgets: dict[str, str] = {}
        self.labels: dict[str, str] = {}
        self.answered: float | None = None
        self._url = url
        self._socket: ClientConnection | None = None
        self._values: dict[str, WidgetState] = {}
        # A widget within a fragment has only the fragment drawn again.
        self._fragments: dict[str, str] = {}
        self._page = ""
        self._session = ""

    @property
    def workspace(self) -> str:
        """Token of the workspace."""
        return (self.cookie or "").partition("=")[2]

    async def __aenter__(self) -> Visitor:
        """Connect to the server."""
        if self.cookie is None:
            request = Request(self._url, headers={"Accept": "text/html"})
            with await asyncio.to_thread(urlopen, request, timeout=PATIENCE) as page:
                self.cookie = page.headers["Set-Cookie"].split(";")[0]
        self._socket = await connect(
            self._url.replace("http", "ws", 1) + "/_stcore/stream",
            additional_headers={"Cookie": self.cookie},
            origin=Origin(self._url),
            subprotocols=[Subprotocol("streamlit")],
            max_size=None,
            open_timeout=PATIENCE,
            ping_interval=None,
            close_timeout=1,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the tab."""
        if self._socket is not None:
            await self._socket.close()

    async def open(self, page: str) -> None:
        """Open a page, and wait until it is drawn."""
        self._page, self._values, self.widgets, self.labels = page, {}, {}, {}
        await self._rerun()

    async def refresh(self) -> None:
        """Have the page drawn again, as its timer does while a run trains."""
        await self._rerun()

    async def click(self, key: str) -> None:
        """Click a button, and wait until the page is drawn again."""
        state = WidgetState(id=self.widgets[key], trigger_value=True)
        await self._rerun(state, fragment=self._fragments[state.id])

    async def enter(self, key: str, **value: object) -> None:
        """Enter a value into a widget, and wait until the page is drawn again.

        Args:
            key: Key of the widget.
            value: The value, by the name of the field of `WidgetState` that holds it.
        """
        state = WidgetState(id=self.widgets[key], **value)  # type: ignore[arg-type]
        self._values[state.id] = state
        await self._rerun(fragment=self._fragments[state.id])

    async def upload(self, key: str, name: str, content: bytes) -> None:
        """Upload a file, and wait until the page is drawn again.

        Args:
            key: Key of the upload.
            name: Name of the file.
            content: Its bytes.
        """
        place, token = await self._place_of_file(name), await self._upload_token()
        request = Request(
            self._url + place.upload_url,
            data=_form_data(name, content),
            headers={
                "Cookie": f"{self.cookie}; {token}",
                "X-Xsrftoken": token.partition("=")[2],
                "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
            },
            method="PUT",
        )
        (await asyncio.to_thread(urlopen, request, timeout=PATIENCE)).close()
        file = UploadedFileInfo(name=name, size=len(content), file_id=place.file_id)
        file.file_urls.CopyFrom(place)
        state = WidgetState(id=self.widgets[key])
        state.file_uploader_state_value.uploaded_file_info.append(file)
        await self._rerun(state)

    async def _place_of_file(self, name: str) -> FileURLs:
        """Ask where a file is to be uploaded."""
        message = BackMsg()
        wanted = message.file_urls_request
        wanted.request_id, wanted.session_id = "upload", self._session
        wanted.file_names.append(name)
        await self._send(message)
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = await self._receive()
                if answer.WhichOneof("type") == "file_urls_response":
                    return answer.file_urls_response.file_urls[0]

    async def _upload_token(self) -> str:
        """Return the cookie that shows that an upload comes from a page of the app."""
        address = f"{self._url}/_stcore/health"
        with await asyncio.to_thread(urlopen, address, timeout=PATIENCE) as answer:
            return answer.headers["Set-Cookie"].split(";")[0]

    async def _rerun(self, *triggers: WidgetState, fragment: str = "") -> None:
        """Send a click and wait until the script's run, or a fragment's, has ended."""
        message = BackMsg()
        state = message.rerun_script
        state.page_name, state.fragment_id = self._page, fragment
        state.widget_states.widgets.extend([*self._values.values(), *triggers])
        state.context_info.url = f"{self._url}/{self._page}"
        self.answered = None
        await self._send(message)
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = await self._receive()
                kind = answer.WhichOneof("type")
                if kind == "new_session":
                    self._session = answer.new_session.initialize.session_id
                elif kind == "delta":
                    self._note_widgets(answer.delta, answer.delta.fragment_id)
                    if answer.delta.new_element.HasField("metric"):
                        self.answered = self.answered or perf_counter()
                elif kind == "script_finished" and answer.script_finished in _FINISHED:
                    return

    async def _send(self, message: BackMsg) -> None:
        assert self._socket is not None
        await self._socket.send(message.SerializeToString())

    async def _receive(self) -> ForwardMsg:
        assert self._socket is not None
        return ForwardMsg.FromString(await self._socket.recv())

    def _note_widgets(self, message: Message, fragment: str) -> None:
        for field, value in message.ListFields():
            if field.message_type is not None:
                values = value if field.is_repeated else [value]
                if field.message_type.GetOptions().map_entry:
                    continue
                for one in values:
                    self._note_widgets(one, fragment)
            elif field.name == "id" and isinstance(value, str) and value.startswith("$$ID-"):
                key = value.split("-", 2)[2]
                self.widgets[key], self._fragments[value] = value, fragment
                self.labels[str(getattr(message, "label", ""))] = key


_BOUNDARY = "file-of-a-visitor"


def _form_data(name: str, content: bytes) -> bytes:
    """Return the body of a request that uploads a file, as a browser sends it."""
    head = (
        f"--{_BOUNDARY}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    return head.encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode()
