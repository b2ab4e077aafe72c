"""A headless Chromium, asked over the pipe of its DevTools protocol, which needs no library and opens no port."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any, Self

from contract.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_SECONDS = 30
PAUSE_SECONDS = 0.05
WITHOUT = f"no browser on the PATH ({', '.join(NAMES)}): install chromium to run this"

FAINT = """(() => {
  const light = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map(Number).map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    return colour === "rgba(0, 0, 0, 0)" && element.parentElement ? ground(element.parentElement) : colour;
  };
  const shown = [...document.querySelectorAll("main *")].filter((element) => element.checkVisibility()
    && !element.closest(":disabled")
    && [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim()));
  return shown.map((element) => {
    const [low, high] = [getComputedStyle(element).color, ground(element)].map(light).sort((one, other) => one - other);
    return [element.textContent.slice(0, 40), (high + 0.05) / (low + 0.05)];
  }).filter(([, ratio]) => ratio < 4.5);
})()"""
"""Texts whose contrast is below 4.5 to 1 (WCAG 2.2, success criterion 1.4.3), with the ratio."""


def chromium() -> str | None:
    """Return the browser that is on the PATH, None without one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One page of a headless Chromium; closed with the context."""

    def __init__(self, program: str, profile: Path) -> None:
        """Take the program, and a folder for what it writes."""
        self._program, self._profile = program, profile
        self._number = 0
        self._session = ""
        self._rest = b""
        self.console: list[str] = []
        """What the page's script complained of."""

    def __enter__(self) -> Self:
        """Start it and open a page."""
        from_us, self._to = os.pipe()
        self._from, to_us = os.pipe()
        # Chromium reads the protocol from descriptor 3 and writes it to 4; dash could not name a descriptor above 9
        command = [
            *("bash", "-c", f'exec "$@" 3<&{from_us} 4>&{to_us}', "bash", self._program),
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
            *("--remote-debugging-pipe", f"--user-data-dir={self._profile}", "--hide-scrollbars", "about:blank"),
        ]
        self._process = subprocess.Popen(
            command,
            pass_fds=(from_us, to_us),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(self._profile)},
        )
        os.close(from_us)
        os.close(to_us)
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        os.close(self._to)
        self._process.terminate()
        self._process.wait(PATIENCE_SECONDS)
        os.close(self._from)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the DevTools protocol and return its result."""
        self._number += 1
        request: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            request["sessionId"] = self._session
        os.write(self._to, json.dumps(request).encode() + b"\0")
        while True:
            answer = self._read()
            self._note(answer)
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result

    def open(self, url: str, *, width: int = 1400, height: int = 1000, scheme: str = "light") -> None:
        """Show a page in a window of this size and colour scheme."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **metrics)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Page.navigate", url=url)
        self.until("document.readyState === 'complete'")

    def run(self, script: str) -> Any:
        """Return what an expression of the page is."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def until(self, condition: str, *, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until an expression of the page is true."""

        def pause(pause_seconds: float) -> None:
            self.run(f"new Promise((after) => setTimeout(after, {1000 * pause_seconds}))")

        is_so = wait_until(lambda: self.run(condition), seconds=seconds, pause=PAUSE_SECONDS, sleep=pause)
        assert is_so, f"after {seconds} s still not so: {condition}"

    def press(self, key: str, code: int, text: str = "") -> None:
        """Press a key and let it go."""
        named: dict[str, Any] = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **named)
        self.call("Input.dispatchKeyEvent", type="keyUp", **named)

    def _note(self, answer: dict[str, Any]) -> None:
        if answer.get("method") == "Runtime.exceptionThrown":
            self.console.append(str(answer["params"]["exceptionDetails"]))
        elif answer.get("method") == "Log.entryAdded":
            self.console.append(str(answer["params"]["entry"]["text"]))

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            chunk = os.read(self._from, 1 << 16)
            assert chunk, "the browser has ended"
            self._rest += chunk
        message, _, self._rest = self._rest.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer
