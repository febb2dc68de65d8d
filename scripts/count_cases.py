#!/usr/bin/env python3
"""Counts test cases in the result files that ctest writes.

    count_cases.py NAME=FILE ...     NAME is a preset, FILE its `ctest --output-junit`

One entry of ctest is one test binary; its cases are the `[case]` lines that tests/case_reporter.cpp
prints. A binary that ended early or left with an error of its own counts as one more failed case, a
missing file (the build failed) as one failed case. Exit status 0 only if nothing failed.
"""

import sys
import xml.etree.ElementTree as ElementTree


class Tally:
    """Cases of one preset. `failed` and `skipped` hold (name, reason)."""

    def __init__(self):
        self.passed = 0
        self.failed = []
        self.skipped = {}

    def add_case(self, entry, fields):
        result, _seconds, suite, title, reason = (fields + [""] * 5)[:5]
        name = ": ".join(part for part in (entry, suite, title) if part)
        if result == "passed":
            self.passed += 1
        elif result == "failed":
            self.failed.append((name, reason))
        else:
            # A binary run once for each label reports a skipped case each time.
            folder = entry.split(".")[0]
            self.skipped[(folder, suite, title)] = reason or "no reason given"

    def add_entry(self, entry, status, output):
        """One ctest entry: its name, ctest's status of it, and what it printed."""
        failed_before = len(self.failed)
        lines = [line for line in output.splitlines() if line]
        begun = any(line.startswith("[cases]\tbegin") for line in lines)
        ended = any(line.startswith("[cases]\tend") for line in lines)
        for line in lines:
            # Output of the case itself may stand before, without its own end of line.
            _before, mark, fields = line.partition("[case]\t")
            if mark:
                self.add_case(entry, fields.split("\t"))
        good = status == "run"
        if begun and not ended:
            self.failed.append((entry, "ended before its last case"))
        elif not good and len(self.failed) == failed_before:
            self.failed.append((entry, f"ctest says: {status}"))
        elif good and not begun:
            self.passed += 1  # a test that is not a doctest binary is one case


def read_results(path):
    tally = Tally()
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError):
        tally.failed.append(("build", "no tests ran"))
        return tally
    entries = list(root.iter("testcase"))
    if not entries:
        tally.failed.append(("build", "no tests found"))
    for case in entries:
        failure = case.find("failure")
        status = case.get("status", "fail")
        skip = case.find("skipped")
        if skip is not None and skip.get("message", "").startswith("SKIP_"):
            tally.skipped[(case.get("name"), "", "")] = "it said so by its exit status or output"
            continue
        if failure is not None:
            status = failure.get("message") or "failed"
        tally.add_entry(case.get("name"), status, case.findtext("system-out") or "")
    return tally


def summary(tally):
    text = f"{tally.passed} passed, {len(tally.failed)} failed"
    return text + (f", {len(tally.skipped)} skipped" if tally.skipped else "")


def main(arguments):
    total = Tally()
    for argument in arguments:
        preset, separator, path = argument.partition("=")
        if not separator:
            sys.exit(f"expected NAME=FILE, got {argument}")
        tally = read_results(path)
        for name, reason in tally.failed:
            print(f"failed ({preset}) {name}" + (f" ({reason})" if reason else ""))
        for (folder, suite, title), reason in tally.skipped.items():
            name = ": ".join(part for part in (folder, suite, title) if part)
            print(f"skipped ({preset}) {name}: {reason}")
        print(f"{preset}: {summary(tally)}")
        total.passed += tally.passed
        total.failed += tally.failed
        total.skipped.update({(preset, *key): why for key, why in tally.skipped.items()})
    print(summary(total))
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
