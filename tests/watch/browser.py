"""Headless Chromium, driven over the WebDriver protocol. Standard library and chromedriver only."""

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request

KEYS = {"Tab": "\ue004", "Enter": "\ue007", "ArrowLeft": "\ue012", "ArrowRight": "\ue014",
        "Escape": "\ue00c"}


def why_missing():
    """Why no browser can be driven here; empty where one can."""
    for names in (["chromium", "chromium-browser"], ["chromedriver"]):
        if not any(shutil.which(name) for name in names):
            return f"{names[0]} is not installed (Debian packages chromium and chromium-driver)"
    return ""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_until(condition, what, seconds=30.0):
    """The first true value of `condition()`; AssertionError with `what` if there is none in time."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"expected {what} within {seconds:.0f} s, got {value!r}")
        time.sleep(0.1)


class Browser:
    """One browser window. A context manager; leaves no process behind."""

    def __init__(self, width=1400, height=1000):
        self.port = free_port()
        self.driver = subprocess.Popen(
            ["chromedriver", f"--port={self.port}", "--log-level=SEVERE"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(self._is_up, "chromedriver to answer")
            self.session = self._start(width, height)
        except BaseException:
            self.driver.kill()
            self.driver.wait()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self._send("DELETE", "")
        except (OSError, RuntimeError):
            pass  # the driver is ended below in any case
        self.driver.terminate()
        self.driver.wait()

    def _is_up(self):
        try:
            return self._request("GET", "/status")["ready"]
        except OSError:
            return False

    def _start(self, width, height):
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--hide-scrollbars", f"--window-size={width},{height}"]
        binary = shutil.which("chromium") or shutil.which("chromium-browser")
        wanted = {"browserName": "chrome", "goog:loggingPrefs": {"browser": "ALL"},
                  "goog:chromeOptions": {"args": arguments, "binary": binary}}
        reply = self._request("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        return reply["sessionId"]

    def _request(self, method, path, body=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=120) as reply:
                return json.load(reply)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read().decode(errors="replace")[:500]) from None

    def _send(self, method, path, body=None):
        return self._request(method, f"/session/{self.session}{path}", body)

    def open(self, address):
        self._send("POST", "/url", {"url": address})

    def run(self, script, *arguments):
        """What the script returns; `arguments[0]` is the first argument."""
        return self._send("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def tell(self, command, **parameters):
        """A command of the DevTools protocol."""
        return self._send("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def resize(self, width, height):
        self.tell("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)

    def prefer(self, **features):
        """Media features such as prefers_color_scheme="dark"."""
        self.tell("Emulation.setEmulatedMedia", features=[
            {"name": name.replace("_", "-"), "value": value} for name, value in features.items()])

    def press(self, *names):
        keys = [KEYS.get(name, name) for name in names]
        steps = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._send("POST", "/actions", {"actions": [{"type": "key", "id": "keys",
                                                     "actions": steps}]})

    def point(self, x, y):
        self.tell("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def drag(self, x, y, to_x):
        """Draws the mouse along a line, its button held."""
        self.point(x, y)
        self.tell("Input.dispatchMouseEvent", type="mousePressed", x=x, y=y, button="left",
                  clickCount=1)
        for share in (0.3, 0.6, 1.0):
            self.tell("Input.dispatchMouseEvent", type="mouseMoved", x=x + (to_x - x) * share, y=y,
                      button="left", buttons=1)
        self.tell("Input.dispatchMouseEvent", type="mouseReleased", x=to_x, y=y, button="left",
                  clickCount=1)

    def screenshot(self, file):
        file.write_bytes(base64.b64decode(self._send("GET", "/screenshot")))

    def errors(self):
        """What the page wrote to its console as errors since the last call."""
        lines = self._send("POST", "/se/log", {"type": "browser"})
        return sorted({line["message"] for line in lines if line["level"] == "SEVERE"})

    def has_dialog(self):
        try:
            self._send("GET", "/alert/text")
            return True
        except RuntimeError:
            return False
