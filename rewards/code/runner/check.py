"""Runs a test that is code. The submission is in another box; calls of it go there and back.

The job comes on standard input, calls and their values pass over descriptor 4, and the verdict
leaves by descriptor 3. What comes from the other box is hostile: only plain values are read.
"""

import ast
import builtins
import json


class Lost(BaseException):
    """The other box does not answer, or not in the form agreed on. No `except Exception` of a
    test may swallow it."""


class Candidate:
    """Stands for the function under test."""

    def __init__(self):
        self.calls = 0
        self.lost = ""
        self.unreadable = ""

    def __call__(self, *args, **kwargs):
        return self.ask("0", args, kwargs)

    def in_place(self, *args, **kwargs):
        """A call whose value the test throws away: it is about what the call does to its
        arguments. Only then are changed arguments taken back, so that no submission can make
        an expected value wrong by changing what it was given."""
        for old, new in zip(args, self.ask("1", args, kwargs)):
            if type(old) is list and type(new) is list or type(old) is bytearray:
                old[:] = new
            elif type(old) in (dict, set) and type(new) is type(old):
                old.clear()
                old.update(new)

    def ask(self, in_place, args, kwargs):
        try:
            pack(args), pack(kwargs)
        except NotPlain as error:
            # Later arguments may hold what the submission returned: no fault of the data.
            setattr(self, "lost" if self.calls else "unreadable", f"an argument is {error}")
            raise Lost from None
        data = b"".join(b"%d\n%s" % (len(part), part) for part in (
            text.encode("utf-8", "surrogatepass")
            for text in (in_place, repr(plain(args)), repr(plain(kwargs)))))
        self.calls += 1
        try:
            write_all(4, len(data).to_bytes(4, "big") + data)
            return read_reply()
        except Lost as error:
            self.lost = str(error) or "no answer"
            raise
        except OSError:
            self.lost = "the program ended"
            raise Lost from None


def plain(value):
    """`value` in built-in types only, so that its repr can be read back."""
    if isinstance(value, (list, tuple, set, frozenset)):
        kind = next(k for k in (list, tuple, set, frozenset) if isinstance(value, k))
        return kind(plain(item) for item in value)
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    return value


def read_reply():
    head = read_exactly(4, 4)
    size = -1 if head is None else int.from_bytes(head, "big")
    if size > MOST_BYTES + 1024:
        raise Lost("an answer that is too large")
    data = None if size < 0 else read_exactly(4, size)
    if data is None:
        raise Lost("the program ended")
    try:
        reply = json.loads(data.decode(), parse_constant=refuse,
                           parse_float=finite)
        if "error" in reply:
            failure = make_error(str(reply["error"]), str(reply.get("text", "")))
        else:
            return unpack(reply["value"], 0)
    except BaseException:
        raise Lost("an answer that cannot be read") from None
    raise failure


def refuse(text):
    raise ValueError(text)


def finite(text):
    value = float(text)
    if value - value != 0.0:
        raise ValueError(text)
    return value


def make_error(name, text):
    """The built-in exception of that name, so that a test may expect it."""
    kind = getattr(builtins, name, None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        kind, text = RuntimeError, f"{name}: {text}"
    try:
        return kind(text)
    except TypeError:
        return RuntimeError(f"{name}: {text}")


def unpack(value, depth):
    if depth > MOST_DEPTH:
        raise ValueError("depth")
    if isinstance(value, list):
        return [unpack(item, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    (kind, inner), = value.items()
    if kind in ("int", "bytes"):
        return int(inner) if kind == "int" else bytes.fromhex(inner)
    if kind == "complex":
        return complex(*map(float, inner))
    if kind == "dict":
        return {unpack(k, depth + 1): unpack(v, depth + 1) for k, v in inner}
    return {"tuple": tuple, "set": set}[kind](unpack(item, depth + 1) for item in inner)


class ThrownAway(ast.NodeTransformer):
    """Marks the calls of the function under test whose value is not used."""

    def __init__(self, callees):
        self.callees = callees

    def visit_Expr(self, node):
        call = node.value
        if (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and
                call.func.id in self.callees):
            call.func = ast.copy_location(ast.Attribute(call.func, "in_place", ast.Load()),
                                          call.func)
        return self.generic_visit(node)


def names_of(prelude, setup, entry, candidate, tree):
    names = {"__name__": "tests"}
    for text in (prelude, setup):
        try:
            exec(compile(text, "given", "exec"), names)
        except Exception:
            pass  # part of it may need names that only a submission defines
    names[entry] = candidate
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in sys.stdlib_module_names:
            if node.id not in names and not hasattr(builtins, node.id):
                try:
                    names[node.id] = __import__(node.id)
                except ImportError:
                    pass
    return names


def run(entry, prelude, setup, code, candidate):
    tree = ast.parse(code)
    callees = {entry}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "check" and node.args.args:
            callees.add(node.args.args[0].arg)
    tree = ast.fix_missing_locations(ThrownAway(callees).visit(tree))
    names = names_of(prelude, setup, entry, candidate, tree)
    exec(compile(tree, "tests", "exec"), names)
    if "check" in names and candidate.calls == 0:
        names["check"](candidate)


def verdict(candidate, failure):
    """(verdict, why) of a run that ended with the exception `failure`, or with none."""
    if candidate.unreadable:
        return "unreadable", candidate.unreadable
    if candidate.lost:
        return "lost", candidate.lost
    if candidate.calls == 0:
        return "unreadable", f"the test calls nothing; it ends with {failure!r:.300}"
    if failure is not None:
        return "failed", f"{type(failure).__name__}: {failure!s:.300}"
    return "passed", ""


def main():
    token, entry, prelude, setup, code = sections(read_all(0))
    candidate, failure = Candidate(), None
    try:
        run(entry, prelude, setup, code, candidate)
    except BaseException as error:
        failure = error
    kind, why = verdict(candidate, failure)
    why = why.encode("utf-8", "replace").decode()  # a text of the submission may be none
    send_result(token, '{"verdict":%s,"why":%s,"calls":%d}' %
                (quote(kind), quote(why), candidate.calls))
    posix._exit(0)


main()
