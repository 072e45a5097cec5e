"""A real browser for the tests: opens a page without a window and tells what the page did."""

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import websocket

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
EVENTS = ("mouseover", "mouseenter", "pointerover", "focus", "click", "toggle", "error", "load")
# What a person could set off by moving about; links stay where they are.
TOUCH = """
(() => {
  document.querySelectorAll('details').forEach(d => { d.open = true; });
  document.addEventListener('click', e => e.preventDefault(), true);
  for (const element of document.querySelectorAll('*'))
    for (const name of EVENTS) element.dispatchEvent(new Event(name, {bubbles: false}));
  return document.querySelectorAll('*').length;
})()
""".replace("EVENTS", json.dumps(EVENTS))


@dataclass
class Visit:
    """What a page did.

    Attributes:
        ran: whether a canary script ran, or a dialogue opened.
        requests: every address that it asked for, itself and its inline pictures apart.
        canaries: what reached the canary server.
        title: the title that it ended with.
        address: where the browser ended.
        elements: how many elements it has.
        refused: what the page's policy had to stop.
        overflow: by how many pixels it is wider than the window.
    """

    ran: bool
    requests: list[str]
    canaries: list[str]
    title: str
    address: str
    elements: int
    refused: list[str] = field(default_factory=list)
    overflow: int = 0

    @property
    def is_quiet(self) -> bool:
        """Whether nothing of another's ran and nothing was fetched."""
        return not (self.ran or self.requests or self.canaries or self.refused)


class Browser:
    """A running browser with one page open."""

    def __init__(self, port: int, canary: "Canary") -> None:
        self.canary = canary
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/json/new?about:blank", method="PUT"
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            address = json.load(answer)["webSocketDebuggerUrl"]
        self._socket = websocket.create_connection(address, timeout=20, suppress_origin=True)
        self._number = 0
        self._events: list[dict] = []
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: object) -> dict:
        """Ask the browser for something and wait for its answer."""
        self._number += 1
        number = self._number
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                assert "error" not in message, (method, message)
                return message["result"]
            self._note(message)

    def evaluate(self, expression: str) -> object:
        """Run our own script in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    def open(self, address: str, *, width: int = 1100, pause: float = 0.1) -> Visit:
        """Open a page, touch everything on it, and tell what happened."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=False,
        )
        self._events.clear()
        self.canary.hits.clear()
        self.call("Page.navigate", url=address)
        self._wait_for("Page.loadEventFired")
        elements = self.evaluate(TOUCH)
        time.sleep(pause)
        ran = bool(self.evaluate("!!(window.__ran)"))
        title, where = self.evaluate("document.title"), self.evaluate("location.href")
        overflow = self.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        frames = self.call("Page.getFrameTree")["frameTree"].get("childFrames", [])
        sent = [
            event["params"]["request"]["url"]
            for event in self._events
            if event["method"] == "Network.requestWillBeSent"
        ]
        return Visit(
            ran=ran or any("Dialog" in event["method"] for event in self._events),
            requests=[
                url
                for url in sent + [frame["frame"]["url"] for frame in frames]
                if url != address and not url.startswith("data:image/png;base64,")
            ],
            canaries=list(self.canary.hits),
            title=str(title),
            address=str(where),
            elements=int(str(elements or 0)),
            refused=[
                event["params"]["entry"]["text"]
                for event in self._events
                if event["method"] == "Log.entryAdded"
                and "Content Security Policy" in event["params"]["entry"]["text"]
            ],
            overflow=int(str(overflow)),
        )

    def close(self) -> None:
        """Let the page go."""
        self._socket.close()

    def _wait_for(self, method: str) -> None:
        until = time.monotonic() + 20
        while not any(event["method"] == method for event in self._events):
            assert time.monotonic() < until, f"the browser never said {method}"
            self._note(json.loads(self._socket.recv()))

    def _note(self, message: dict) -> None:
        if "method" not in message:
            return
        self._events.append(message)
        if message["method"] == "Page.javascriptDialogOpening":
            self._number += 1
            close = {"id": self._number, "method": "Page.handleJavaScriptDialog"}
            self._socket.send(json.dumps({**close, "params": {"accept": False}}))


class Canary:
    """A server that nobody should ever ask for anything."""

    def __init__(self) -> None:
        self.hits: list[str] = []
        hits = self.hits

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hits.append(self.path)
                self.send_response(200)
                self.send_header("Access-Control-Allow-Origin", "*")
                self.end_headers()

            do_POST = do_HEAD = do_GET

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/canary"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


@contextlib.contextmanager
def browsing() -> Iterator[Browser]:
    """Start a browser; without one skip the test, or fail it in CI, where one has to be."""
    program = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if program is None:
        said = "no browser here: run `make browser`, or apt-get install chromium"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(said)
    canary = Canary()
    with tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True) as folder:
        command = [program, "--headless", "--disable-gpu", "--no-first-run", "--mute-audio"]
        command += ["--remote-debugging-port=0", f"--user-data-dir={folder}"]
        command += ["--disable-background-networking", "--disable-component-update"]
        command += ["--disable-sync", "--disable-dev-shm-usage", "--disable-popup-blocking"]
        command += ["--no-sandbox"] if os.geteuid() == 0 or os.environ.get("CI") else []
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            browser = Browser(_port(Path(folder), process), canary)
            yield browser
            browser.close()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.wait()
            canary.close()


def _port(folder: Path, process: subprocess.Popen) -> int:
    file = folder / "DevToolsActivePort"
    until = time.monotonic() + 40
    while time.monotonic() < until:
        assert process.poll() is None, "the browser ended at once"
        if file.is_file() and (lines := file.read_text().splitlines()):
            return int(lines[0])
        time.sleep(0.05)
    raise AssertionError("the browser does not answer")
