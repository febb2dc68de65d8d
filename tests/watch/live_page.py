"""The live page as the tests see it: its server, and what a person does with it."""

import subprocess

import browser
from browser import wait_until


class Watch:
    """`reckon watch` of a folder."""

    def __init__(self, program, folder, port=0):
        self.process = subprocess.Popen(
            [program, "watch", str(folder), "--port", str(port or browser.free_port())],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = self.process.stdout.readline().strip()
        assert self.address.startswith("http://"), f"expected an address, got {self.address!r}"
        self.port = int(self.address.rstrip("/").rsplit(":", 1)[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class Page:
    """The open page: what a person does with it, and what it then shows."""

    def __init__(self, window, address):
        self.window = window
        window.open(address)

    def text(self, selector):
        return self.window.run(
            "const node = document.querySelector(arguments[0]); return node ? node.innerText : ''",
            selector)

    def count(self, selector):
        return self.window.run("return document.querySelectorAll(arguments[0]).length", selector)

    def click(self, selector, at=0):
        wait_until(lambda: self.count(selector) > at, f"an element {selector}")
        self.window.run("document.querySelectorAll(arguments[0])[arguments[1]].click()", selector, at)

    def open_view(self, name):
        self.click(f"#tab-{name}")
        self.window.run("document.getElementById('tabs').scrollIntoView()")

    def choose(self, run):
        wait_until(lambda: run in self.text("#runs"), f"the run {run} in the list")
        self.window.run("[...document.querySelectorAll('#runs li button')].find(node => "
                        "node.innerText.includes(arguments[0])).click()", run)
        wait_until(lambda: self.text("#status h1") == run, f"{run} to be chosen")

    def plot(self, title):
        return f'figure[data-plot="{title}"]'

    def plot_step(self, title):
        """The step whose values the plot shows; 0 where it shows none yet."""
        digits = "".join(c for c in self.text(self.plot(title) + " .step") if c.isdigit())
        return int(digits or 0)

    def wait_for_plot(self, title):
        def is_drawn():
            # Plots are drawn when they come into view.
            self.window.run("const node = document.querySelector(arguments[0]); if (node) "
                            "node.scrollIntoView({block: 'center'})", self.plot(title))
            return self.count(self.plot(title) + " canvas") > 0
        wait_until(is_drawn, f"a drawn plot {title}")

    def place(self, selector):
        """[left, top, width, height] on the screen."""
        return self.window.run("const box = document.querySelector(arguments[0])"
                               ".getBoundingClientRect(); "
                               "return [box.x, box.y, box.width, box.height]", selector)

    def fits(self):
        """What is wider than the window; empty where nothing is."""
        return self.window.run(
            "const root = document.documentElement; return root.scrollWidth <= innerWidth ? '' : "
            "root.scrollWidth + ' of ' + innerWidth + ': ' + [...document.querySelectorAll('body *')]"
            ".filter(node => node.getBoundingClientRect().right > innerWidth + 1).slice(0, 5)"
            ".map(node => node.tagName + '.' + node.className).join(', ')")
