#!/usr/bin/env python3
"""Tests of the live page in real headless Chromium.

    page_test.py --program RECKON [--runner RECKON] [--screenshots FOLDER]

RECKON is served by `RECKON watch`; runs are started with `RUNNER run` (RECKON if not given). Where
there is no Chromium, every case is skipped, and the case with a real run where the build cannot run
recipes. Cases are printed as tests/case_reporter.cpp does.
"""

import argparse
import fcntl
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import traceback

import browser
import page_runs
from browser import wait_until
from live_page import Page, Watch


class Skipped(Exception):
    """A case that cannot run here, with its reason."""


class Cases:
    """Everything that is tested. Each case gets a browser and a folder of its own."""

    def __init__(self, options):
        self.options = options

    def picture(self, window, name):
        self.options.screenshots.mkdir(parents=True, exist_ok=True)
        window.screenshot(self.options.screenshots / f"{name}.png")

    def watch(self, folder, port=0):
        return Watch(self.options.program, folder, port)

    def a_running_recipe_is_followed(self, window, folder):
        if not pathlib.Path(self.options.runner).with_name("reckon-engine").exists():
            raise Skipped("this build has no reckon-engine, so it cannot run recipes")
        recipe = folder / "recipe.json"
        recipe.write_text(json.dumps(page_runs.RECIPE))
        run = subprocess.Popen([self.options.runner, "run", str(recipe), "--out",
                                str(folder / "runs" / "live")],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            metrics = folder / "runs" / "live" / "metrics.jsonl"
            wait_until(lambda: metrics.exists() or run.poll() is not None, "a run that begins", 60)
            assert run.poll() is None, "expected a run, got: " + run.stderr.read()
            with self.watch(folder / "runs") as server:
                self.follow(Page(window, server.address), window, run)
        finally:
            run.kill()
            run.wait()
            run.stderr.close()

    def follow(self, page, window, run):
        wait_until(lambda: "running" in page.text("#status"), "the run to be shown as running")
        wait_until(lambda: page.plot_step("Reward") >= 3, "a curve of rewards", 120)
        first = page.plot_step("Reward")
        wait_until(lambda: page.plot_step("Reward") > first + 2, "curves that grow")
        wait_until(lambda: "held-out" in page.text(page.plot("Accuracy")), "held-out accuracy", 60)
        for word in ("phase", "heartbeat", "2 of 2"):
            assert word in page.text("#status"), f"expected {word} in {page.text('#status')!r}"
        page.wait_for_plot("Response length")
        self.picture(window, "running")
        page.open_view("answers")
        page.click(".prompts button", 1)
        wait_until(lambda: page.count(".group-view .answer-card") == 4, "a group of four answers")
        self.picture(window, "running-answers")
        run.kill()
        run.wait()
        wait_until(lambda: "dead" in page.text("#status .trouble"), "the killed run to be told dead")
        self.picture(window, "dead")

    def pointing_at_a_plot_shows_values_everywhere(self, window, folder):
        page_runs.make_run(folder / "one")
        with self.watch(folder) as server:
            page = Page(window, server.address)
            page.wait_for_plot("Reward")
            left, top, width, height = page.place(page.plot("Reward") + " .plot")
            window.point(left + width * 0.5, top + height * 0.5)
            wait_until(lambda: 0 < page.plot_step("Reward") < 40, "an earlier step than the last")
            wait_until(lambda: "mean reward" in page.text("#reading"), "values in words")
            assert page.plot_step("Accuracy") == page.plot_step("Reward"), "plots show other steps"
            assert "countdown" in page.text(page.plot("Reward") + " .values")
            self.picture(window, "hover")
            before = page.text(page.plot("Reward") + " .dygraph-axis-label-x")
            window.drag(left + width * 0.5, top + height * 0.5, left + width * 0.7)
            labels = "return [...document.querySelectorAll(arguments[0])].map(n => n.innerText).join()"
            axis = page.plot("Reward") + " .dygraph-axis-label-x"
            zoomed = wait_until(lambda: window.run(labels, axis) != before and
                                window.run(labels, axis), "a zoomed axis")
            page.click("[aria-label='Show everything']")
            wait_until(lambda: window.run(labels, axis) != zoomed, "the whole axis again")

    def the_keyboard_is_enough(self, window, folder):
        page_runs.make_run(folder / "one")
        with self.watch(folder) as server:
            page = Page(window, server.address)
            page.wait_for_plot("Reward")
            window.run("window.scrollTo(0, 0); document.activeElement.blur()")
            window.press("Tab")
            focused = "return document.activeElement.innerText || document.activeElement.tagName"
            assert "Skip" in window.run(focused), window.run(focused)
            seen = set()
            for _ in range(25):
                window.press("Tab")
                seen.add(window.run("const node = document.activeElement; return node.id || "
                                    "node.getAttribute('aria-label') || node.className || node.tagName"))
            for name in ("theme", "tab-curves", "Smoothing of noisy curves", "Zoom in", "SUMMARY"):
                assert name in seen, f"expected {name} among what Tab reaches, got {sorted(seen)}"
            window.run("document.querySelector(arguments[0]).focus()", page.plot("Reward") + " .plot")
            window.press("ArrowLeft", "ArrowLeft")
            wait_until(lambda: page.plot_step("Reward") == 39, "the step before the last")
            assert window.run("const style = getComputedStyle(document.activeElement); "
                              "return style.outlineStyle !== 'none'"), "the focus cannot be seen"
            label = window.run("return document.activeElement.getAttribute('aria-label')")
            assert "mean reward 0.8" in label, f"expected the last value in {label!r}"
            window.run("document.getElementById('tab-curves').focus()")
            window.press("ArrowRight")
            wait_until(lambda: page.count(".answer-card") == 4, "answers, opened by an arrow key")

    def a_hostile_answer_stays_text(self, window, folder):
        page_runs.add_hostile_answers(page_runs.make_run(folder / "one"))
        with self.watch(folder) as server:
            page = Page(window, server.address)
            wait_until(lambda: page.count("#runs li") == 1, "the run")
            scripts = page.count("script")
            page.open_view("answers")
            wait_until(lambda: page.count(".group-view .answer-card") == 3, "the hostile group")
            shown = page.text(".group-view .answer-card pre.answer")
            for part in ("<script>window.broken = 1</script>", "<b id='smuggled'>", "\u2400",
                         "\u241b", "\u2421", "\u27e8U+202E\u27e9"):
                assert part in shown, f"expected {part!r} to be shown as text"
            assert page.count("pre .unlikely") == 1, "expected one shaded token"
            start = time.monotonic()
            page.click(".cut button")
            wait_until(lambda: window.run("return [...document.querySelectorAll('pre.long')].some("
                                          "node => node.textContent.endsWith('END-OF-LINE'))"),
                       "the whole line of a megabyte")
            assert time.monotonic() - start < 10, "the long line froze the page"
            self.picture(window, "hostile")
            page.click(".prompt-box button")
            wait_until(lambda: page.count(".found .answer-card") >= 1, "the answers over time")
            window.run("const box = document.querySelector('.search input'); box.value = 'smuggled'; "
                       "box.form.requestSubmit()")
            wait_until(lambda: page.count(".found .results li") >= 1, "a result of the search")
            assert window.run("return window.broken") is None, "a script of the answer ran"
            assert page.count("script") == scripts and page.count("#smuggled, main img, iframe, main a, "
                                                                  "main style") == 0
            assert not window.has_dialog()
            assert not window.errors(), "expected a quiet console"

    def every_width_and_both_themes_fit(self, window, folder):
        page_runs.add_hostile_answers(page_runs.make_run(folder / ("a-run-with-a-long-name" * 3)))
        page_runs.make_run(folder / "two")
        with self.watch(folder) as server:
            for width, height, theme in ((1400, 1000, "light"), (1400, 1000, "dark"),
                                         (360, 740, "light"), (360, 740, "dark"), (800, 1000, "light")):
                window.resize(width, height)
                window.prefer(prefers_color_scheme=theme, prefers_reduced_motion="reduce")
                page = Page(window, server.address)
                wait_until(lambda: page.count("#runs li") == 2, "both runs")
                window.run("document.querySelectorAll('#runs input').forEach(node => "
                           "node.checked || node.click())")
                ground = window.run("return getComputedStyle(document.body).backgroundColor")
                assert (sum(map(int, ground[4:-1].split(","))) < 200) == (theme == "dark"), ground
                assert window.run("return document.getAnimations().length") == 0, "something moves"
                for view in ("curves", "answers", "stages"):
                    page.open_view(view)
                    time.sleep(1.0)
                    assert view != "curves" or page.count(".values.many") > 0, "one run only"
                    assert not page.fits(), f"{view} at {width}: wider than the window, {page.fits()}"
                    self.picture(window, f"{view}-{width}-{theme}")
            assert not window.errors(), "expected a quiet console"

    def the_switch_of_the_theme_holds(self, window, folder):
        page_runs.make_run(folder / "one")
        with self.watch(folder) as server:
            window.prefer(prefers_color_scheme="light")
            ground = "return getComputedStyle(document.body).backgroundColor"
            page = Page(window, server.address)
            wait_until(lambda: page.count("#runs li") == 1, "the run")
            light = window.run(ground)
            window.run("const box = document.getElementById('theme'); box.value = 'dark'; "
                       "box.dispatchEvent(new Event('change'))")
            dark = window.run(ground)
            assert dark != light
            page = Page(window, server.address)
            wait_until(lambda: page.count("#runs li") == 1, "the run again")
            assert window.run(ground) == dark, "the choice was forgotten"

    def curves_are_found_by_name_and_axis(self, window, folder):
        page_runs.make_run(folder / "one")
        visible = ("return [...document.querySelectorAll('figure')].filter(node => "
                   "node.offsetParent).map(node => node.dataset.plot)")
        with self.watch(folder) as server:
            page = Page(window, server.address)
            page.wait_for_plot("Thinking words")
            words = page.text(page.plot("Thinking words") + " .values")
            assert "wait" in words and "hmm" in words, words
            window.run("const box = document.querySelector('#curves input[type=search]'); "
                       "box.value = 'own'; box.dispatchEvent(new Event('input'))")
            wait_until(lambda: window.run(visible) == ["own/number"], "only the curve own/number")
            page.wait_for_plot("own/number")
            window.run("const box = document.querySelectorAll('#curves select'); "
                       "box[box.length - 1].value = 'tokens'; "
                       "box[box.length - 1].dispatchEvent(new Event('change'))")
            wait_until(lambda: "2 k tokens" in page.text(page.plot("own/number") + " .step"),
                       "2000 tokens at the end of the axis")
            window.run("const box = document.querySelector('#curves input[type=search]'); "
                       "box.value = ''; box.dispatchEvent(new Event('input'))")
            window.run("document.querySelector('#curves input[type=checkbox]').click()")
            window.run("const box = document.querySelector('#curves select'); box.value = 'all'; "
                       "box.dispatchEvent(new Event('change'))")
            page.wait_for_plot("Loss")
            wait_until(lambda: "4 k tokens" in page.text(page.plot("Reward") + " .step"),
                       "both stages after one another")
            assert not window.errors(), "expected a quiet console"

    def trouble_is_said_in_words(self, window, folder):
        for name in ("gone", "stuck"):
            page_runs.make_run(folder / name)
            page_runs.put_status(folder / name, state="running", phase="rollout",
                                 heartbeat=time.time() - 7200)
        page_runs.make_run(folder / "broken")
        page_runs.put_status(folder / "broken", state="failed", message="out of <b>memory</b>")
        (folder / "gone" / ".lock").touch()
        with (folder / "stuck" / ".lock").open("w") as lock, self.watch(folder) as server:
            fcntl.flock(lock, fcntl.LOCK_EX)
            page = Page(window, server.address)
            for run, text in (("gone", "dead"), ("stuck", "stalled in rollout for 2 h"),
                              ("broken", "out of <b>memory</b>")):
                page.choose(run)
                wait_until(lambda text=text: text in page.text("#status .trouble"),
                           f"{run} to be told {text}")
            page.choose("gone")
            assert "rollout" in page.text("#status .trouble"), page.text("#status .trouble")
            page.click("#status .trouble button")
            wait_until(lambda: "State of a run" in page.text("dialog[open]"), "what to do about it")
            window.press("Escape")
            wait_until(lambda: page.count("dialog[open]") == 0, "a closed dialog")

    def a_lost_connection_is_said_and_mended(self, window, folder):
        page_runs.make_run(folder / "one", steps=10)
        with self.watch(folder) as server:
            page = Page(window, server.address)
            wait_until(lambda: "live" in page.text("#connection"), "a connection")
            port = server.port
        wait_until(lambda: "trying again" in page.text("#connection"), "the loss to be told")
        page_runs.add_step(folder / "one", 11)
        with self.watch(folder, port):
            wait_until(lambda: "live" in page.text("#connection"), "the connection again", 60)
            page.wait_for_plot("Reward")
            wait_until(lambda: page.plot_step("Reward") == 11, "what happened in between")

    def folders_that_come_and_go_do_no_harm(self, window, folder):
        with self.watch(folder) as server:
            page = Page(window, server.address)
            wait_until(lambda: "No run yet" in page.text("#status"), "the empty page")
            one = page_runs.make_run(folder / "one")
            wait_until(lambda: page.count("#runs li") == 1, "the run that came")
            page.wait_for_plot("Reward")
            with (one / "metrics.jsonl").open("a", encoding="utf-8") as out:
                out.write('{"stage": "zero", "kind": "gr')
            for file in one.iterdir():
                file.unlink()
            one.rmdir()
            wait_until(lambda: page.count("#runs li") == 0, "the run to be gone")
            page_runs.make_run(folder / "two")
            wait_until(lambda: "two" in page.text("#status h1"), "another run")


def case_names():
    return [name for name, value in vars(Cases).items()
            if name not in ("picture", "watch", "follow") and not name.startswith("_")
            and callable(value)]


def run_case(cases, name):
    """The result of one case and its reason."""
    missing = browser.why_missing()
    if missing:
        return "skipped", missing
    try:
        with tempfile.TemporaryDirectory(prefix="reckon-page-") as folder, \
                browser.Browser() as window:
            try:
                getattr(cases, name)(window, pathlib.Path(folder))
            except Exception:
                cases.picture(window, f"failed-{name}")
                raise
        return "passed", ""
    except Skipped as reason:
        return "skipped", str(reason)
    except Exception as error:
        traceback.print_exc(file=sys.stdout)
        return "failed", str(error).split("\n", maxsplit=1)[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--runner")
    parser.add_argument("--screenshots", type=pathlib.Path, default=pathlib.Path("screenshots"))
    parser.add_argument("--only", help="only cases whose name holds this")
    options = parser.parse_args()
    options.runner = options.runner or options.program
    cases = Cases(options)
    failed = 0
    print("[cases]\tbegin")
    for name in case_names():
        if options.only and options.only not in name:
            continue
        start = time.monotonic()
        result, reason = run_case(cases, name)
        failed += result == "failed"
        title = "the live page: " + name.replace("_", " ")
        print(f"[case]\t{result}\t{time.monotonic() - start:.3f}\te2e\t{title}\t{reason}", flush=True)
    print("[cases]\tend")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
