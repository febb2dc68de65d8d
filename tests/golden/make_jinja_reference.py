"""Writes jinja.json: templates of ours, variables, and what jinja2 makes of them.

The environment is set up as transformers sets it up for chat templates: blocks trimmed, loop
controls, `raise_exception`, `tojson` without ASCII escapes. `text` is null where jinja2 raises.
Read by tests/policy/template_test.cpp. Made with jinja2 3.1.6:

    python make_jinja_reference.py [--out DIR]
"""

import argparse
import json
import pathlib

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

from jinja_cases import CASES, VARIABLES


class Generation(Extension):
    """{% generation %} body {% endgeneration %}: the body, as a block of its own."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        call = self.call_method("passed")
        return nodes.CallBlock(call, [], [], body).set_lineno(line)

    def passed(self, caller):
        return caller()


def refuse(message):
    raise jinja2.exceptions.TemplateError(message)


def to_json(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators,
                      sort_keys=sort_keys)


def environment():
    made = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True,
                                         extensions=[Generation, loopcontrols])
    made.filters["tojson"] = to_json
    made.globals["raise_exception"] = refuse
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default=pathlib.Path(__file__).parent, type=pathlib.Path)
    out = parser.parse_args().out
    made = environment()
    cases = []
    for name, templates in CASES.items():
        for template in templates:
            try:
                text = made.from_string(template).render(**VARIABLES)
            except Exception:  # whatever Python raises: the template is refused
                text = None
            cases.append({"name": name, "template": template, "text": text})
    document = {"jinja2": jinja2.__version__, "variables": VARIABLES, "cases": cases}
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    (out / "jinja.json").write_text(text, encoding="utf-8")
    refused = sum(case["text"] is None for case in cases)
    print(f"{len(cases)} templates, {refused} refused")


if __name__ == "__main__":
    main()
