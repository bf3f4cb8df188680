"""A headless Chromium, driven by the DevTools protocol: just enough to click, press keys and look."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio"),
    *("--remote-debugging-port=0", "--remote-debugging-address=127.0.0.1", "--disable-dev-shm-usage"),
)
DEADLINE_SECONDS = 300.0


def executable() -> str | None:
    """Path of a Chromium on this machine: ``HBMCAST_CHROMIUM``, or one of `NAMES`."""
    named = os.environ.get("HBMCAST_CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


class Browser:
    """One tab of a headless Chromium; a context manager."""

    def __init__(self, width: int = 1300, height: int = 900) -> None:
        self.folder = tempfile.mkdtemp(prefix="hbmcast-chromium-")
        self.process = subprocess.Popen(
            [str(executable()), *FLAGS, f"--user-data-dir={self.folder}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.messages: list[str] = []
        self.asked: list[str] = []
        self._number = 0
        try:
            # No keep-alive: on a busy machine Chromium may answer a ping later than the library waits.
            self.socket = connect(self._address(), max_size=None, ping_interval=None)
            for domain in ("Page", "Runtime", "Log", "Network"):
                self.call(f"{domain}.enable")
            self.size(width, height)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if socket := getattr(self, "socket", None):
            socket.close()
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _address(self) -> str:
        told = Path(self.folder) / "DevToolsActivePort"
        until = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < until:
            if told.exists() and (port := told.read_text().split("\n")[0]):
                tabs = httpx.get(f"http://127.0.0.1:{port}/json/list", trust_env=False).json()
                if pages := [tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page"]:
                    return pages[0]
            time.sleep(0.05)
        raise TimeoutError("Chromium did not open its port")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and wait for its answer; what the page says meanwhile is kept."""
        self._number += 1
        self.socket.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            answer = json.loads(self.socket.recv(timeout=DEADLINE_SECONDS))
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self._heard(answer)

    def _heard(self, event: dict[str, Any]) -> None:
        params = event.get("params", {})
        match event.get("method"):
            case "Runtime.exceptionThrown":
                self.messages.append(json.dumps(params["exceptionDetails"])[:600])
            case "Runtime.consoleAPICalled" if params["type"] in ("error", "warning"):
                self.messages.append(json.dumps(params["args"])[:600])
            case "Log.entryAdded" if params["entry"]["level"] in ("error", "warning"):
                self.messages.append(params["entry"]["text"])
            case "Network.requestWillBeSent":
                self.asked.append(params["request"]["url"])

    def size(self, width: int, height: int, dark: bool = False) -> None:
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **screen)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def open(self, path: Path, hash_: str = "") -> None:
        """Open a page from the disk and wait until its script has run."""
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=f"{path.as_uri()}{hash_}")
        self.wait("document.documentElement && document.documentElement.dataset.ready === 'yes'")

    def run(self, script: str) -> Any:
        """Value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:800])
        return answer["result"].get("value")

    def wait(self, condition: str) -> None:
        until = time.monotonic() + DEADLINE_SECONDS
        while not self.run(f"Boolean({condition})"):
            if time.monotonic() > until:
                raise TimeoutError(condition)
            time.sleep(0.03)

    def key(self, name: str) -> None:
        codes = {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Enter": 13, "Escape": 27}
        for kind in ("rawKeyDown", "keyUp"):
            code = {"key": name, "code": name, "windowsVirtualKeyCode": codes[name]}
            self.call("Input.dispatchKeyEvent", type=kind, **code)

    def point(self, x: float, y: float, click: bool = False) -> None:
        """Move the pointer to a place of the window, and click there."""
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        if click:
            for kind in ("mousePressed", "mouseReleased"):
                self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def picture(self, path: Path, whole: bool = False) -> None:
        more: dict[str, Any] = {"captureBeyondViewport": True} if whole else {}
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png", **more)["data"]))
