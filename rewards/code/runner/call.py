"""Calls functions of a submission. Runs in the submission's box; nothing it says is trusted.

The job comes on standard input. With a call in it, the call is made once and its value leaves by
descriptor 3. Without, calls come on descriptor 4, one after the other, and so do their values.
"""

import builtins


def load(entry, prelude, setup):
    """The names that the submission defines."""
    module = type(sys)("solution")
    sys.modules["solution"] = module
    names = module.__dict__
    for text in (prelude, setup):
        try:
            exec(compile(text, "/prog/given.py", "exec"), names)
        except Exception:
            pass  # part of it may need names that only the submission defines
    names.pop(entry, None)
    with open("/prog/main.py", "rb") as source:
        code = compile(source.read(), "/prog/main.py", "exec")
    exec(code, names)
    if entry not in names and "Solution" in names:
        names[entry] = getattr(names["Solution"](), entry)
    if setup:
        exec(compile(setup, "/prog/given.py", "exec"), names)
    return names


def describe(error):
    """A failure as the text of an answer. Reading a hostile exception may itself fail."""
    name = type(error).__name__
    try:
        text = str(error)[:300]
    except BaseException:
        text = ""
    return '{"error":%s,"text":%s}' % (quote(name), quote(text))


def answer_of(make):
    try:
        text = make()
        if len(text) > MOST_BYTES:
            raise NotPlain("a value that is too large")
        return text
    except BaseException as error:
        return describe(error)


def serve(names, entry):
    """Answers calls until the other end closes."""
    while True:
        head = read_exactly(4, 4)
        if head is None:
            return
        in_place, args, named = sections(read_exactly(4, int.from_bytes(head, "big")))

        def make():
            values, keywords = eval(args, {}), eval(named, {})
            value = names[entry](*values, **keywords)
            return '{"value":%s}' % pack(list(values) if in_place == "1" else value)

        reply = answer_of(make).encode()
        write_all(4, len(reply).to_bytes(4, "big") + reply)


def main():
    token, entry, prelude, setup, call = sections(read_all(0))
    # A Python started without `site` lacks these two.
    builtins.exit = builtins.quit = sys.exit
    names, failure = None, None
    try:
        names = load(entry, prelude, setup)
    except BaseException as error:
        failure = describe(error)
    if call:
        if failure is None:
            code = compile(call, "/prog/call.py", "eval")
            failure = answer_of(lambda: '{"value":%s}' % pack(eval(code, names)))
        send_result(token, failure)
    elif failure is None:
        serve(names, entry)
    else:
        sys.stderr.write(failure + "\n")
        sys.stderr.flush()
        posix._exit(1)
    posix._exit(0)


main()
