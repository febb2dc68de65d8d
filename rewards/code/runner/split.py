"""Splits tests that are code into calls and expected values.

Runs in a box of its own in which there is no submission. What it cannot split stays code.
"""

import ast
import builtins


class NoSplit(Exception):
    """The form of an assert is none of those that are known."""


def import_missing(tree, names):
    """Imports modules of the standard library that the code uses without an import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in sys.stdlib_module_names:
            if node.id not in names and not hasattr(builtins, node.id):
                try:
                    names[node.id] = __import__(node.id)
                except ImportError:
                    pass


def uses(node, name):
    return any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(node))


def is_call(node, *functions):
    return isinstance(node, ast.Call) and ast.unparse(node.func) in functions


class Splitter:
    def __init__(self, entry, callee, names):
        self.entry, self.callee, self.names = entry, callee, names

    def constant(self, node):
        """The value of an expression that does not need the submission."""
        if uses(node, self.callee) or uses(node, self.entry):
            raise NoSplit
        import_missing(node, self.names)
        try:
            return eval(compile(ast.Expression(node), "tests", "eval"), self.names)
        except Exception:
            raise NoSplit from None

    def argument(self, node):
        """The text of an argument. Values that the tests compute are computed here, where no
        submission can change what is meant."""
        if uses(node, self.callee) or uses(node, self.entry):
            raise NoSplit
        try:
            ast.literal_eval(node)
            return ast.unparse(node)
        except Exception:
            pass
        try:
            value = self.constant(node)
            pack(value)
        except (NoSplit, NotPlain):
            return ast.unparse(node)  # only the submission can make it, or nobody can write it
        try:
            text = repr(value)
            if pack(ast.literal_eval(text)) != pack(value):
                raise NoSplit
            return text
        except (ValueError, SyntaxError):
            raise NoSplit from None

    def call(self, node):
        """The text of a call of the entry point."""
        if not is_call(node, self.callee):
            raise NoSplit
        parts = []
        for value in node.args:
            star = "*" if isinstance(value, ast.Starred) else ""
            parts.append(star + self.argument(value.value if star else value))
        for word in node.keywords:
            text = self.argument(word.value)
            parts.append(f"{word.arg}={text}" if word.arg else "**" + text)
        return f"{self.entry}({', '.join(parts)})"

    def close(self, node, compare):
        """abs(f(x) - y) < eps"""
        if not (isinstance(compare.ops[0], (ast.Lt, ast.LtE)) and
                is_call(compare.left, "abs", "math.fabs") and len(compare.left.args) == 1 and
                isinstance(compare.left.args[0], ast.BinOp) and
                isinstance(compare.left.args[0].op, ast.Sub)):
            raise NoSplit
        difference = compare.left.args[0]
        bound = self.constant(compare.comparators[0])
        if type(bound) not in (int, float):
            raise NoSplit
        ours, theirs = difference.left, difference.right
        if is_call(theirs, self.callee):
            ours, theirs = theirs, ours
        return dict(call=self.call(ours), compare="near", expected=self.constant(theirs),
                    absolute=float(bound), strict=isinstance(compare.ops[0], ast.Lt))

    def isclose(self, node):
        """math.isclose(f(x), y, rel_tol=..., abs_tol=...)"""
        if len(node.args) != 2:
            raise NoSplit
        ours, theirs = node.args
        if is_call(theirs, self.callee):
            ours, theirs = theirs, ours
        options = {"rel_tol": 1e-9, "abs_tol": 0.0}
        for word in node.keywords:
            if word.arg not in options:
                raise NoSplit
            options[word.arg] = float(self.constant(word.value))
        return dict(call=self.call(ours), compare="isclose", expected=self.constant(theirs),
                    relative=options["rel_tol"], absolute=options["abs_tol"])

    def equal(self, compare):
        """f(x) == y, and both sides within set(), sorted(), tuple() or list()."""
        ours, theirs = compare.left, compare.comparators[0]
        if not uses(ours, self.callee):
            ours, theirs = theirs, ours
        if isinstance(compare.ops[0], ast.Is):
            expected = self.constant(theirs)
            if expected is not None and type(expected) is not bool:
                raise NoSplit
            return dict(call=self.call(ours), compare="identical", expected=expected)
        if not isinstance(compare.ops[0], ast.Eq):
            raise NoSplit
        kinds = {"set": "set", "sorted": "multiset", "tuple": "items", "list": "items"}
        if is_call(ours, *kinds) and len(ours.args) == 1 and not ours.keywords:
            expected = self.constant(theirs)
            wrapper = ours.func.id
            wanted = {"set": set, "sorted": list, "tuple": tuple, "list": list}[wrapper]
            if type(expected) is not wanted or (wrapper == "sorted" and
                                                expected != sorted(expected)):
                raise NoSplit
            return dict(call=self.call(ours.args[0]), compare=kinds[wrapper],
                        expected=list(expected))
        return dict(call=self.call(ours), compare="equal", expected=self.constant(theirs))

    def split(self, node):
        """The test that an assert is, or None for one that tests nothing."""
        test = node.test
        if isinstance(test, ast.Constant) and test.value:
            return None
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return dict(call=self.call(test.operand), compare="false", expected=False)
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            try:
                return self.equal(test)
            except NoSplit:
                return self.close(test, test)
        if is_call(test, "math.isclose", "isclose"):
            return self.isclose(test)
        return dict(call=self.call(test), compare="true", expected=True)

    def written(self, node):
        """`split`, as the text that leaves the box."""
        found = self.split(node)
        if found is None:
            return None
        parts = [f"{quote(key)}:{pack(value)}" for key, value in found.items()]
        return "{" + ",".join(parts) + "}"


def code_test(text):
    return '{"code":%s}' % quote(text)


def names_of(prelude, setup, entry, tests):
    names = {"__name__": "tests"}
    for text in (prelude, setup):
        try:
            exec(compile(text, "given", "exec"), names)
        except Exception:
            pass  # part of it may need names that only a submission defines
    names.pop(entry, None)
    return names


def split_line(line, entry, names):
    try:
        tree = ast.parse(line)
        if len(tree.body) != 1 or not isinstance(tree.body[0], ast.Assert):
            raise NoSplit
        found = Splitter(entry, entry, names).written(tree.body[0])
        return [] if found is None else [found]
    except (NoSplit, NotPlain):
        return [code_test(line)]


def is_check_call(node):
    return isinstance(node, ast.Expr) and is_call(node.value, "check")


def split_program(text, entry, names):
    """A program that defines check(candidate): its asserts, if it consists of nothing else."""
    tree = ast.parse(text)
    checks = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "check"]
    try:
        if len(checks) != 1 or len(checks[0].args.args) != 1:
            raise NoSplit
        rest = [n for n in tree.body if n is not checks[0] and not is_check_call(n)]
        if any(uses(n, entry) for n in rest):
            raise NoSplit
        import_missing(tree, names)
        exec(compile(ast.Module(rest, []), "tests", "exec"), names)
        splitter = Splitter(entry, checks[0].args.args[0].arg, names)
        found = []
        for node in checks[0].body:
            if isinstance(node, ast.Assert):
                found.append(splitter.written(node))
            elif not (isinstance(node, ast.Pass) or
                      isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                raise NoSplit
        return [test for test in found if test is not None]
    except (NoSplit, NotPlain, NameError):
        return [code_test(text)]


def main():
    token, kind, entry, prelude, setup, *tests = sections(read_all(0))
    found = []
    try:
        for test in tests:
            names = names_of(prelude, setup, entry, test)
            split = split_program if kind == "program" else split_line
            found += split(test, entry, names)
        text = '{"tests":[%s]}' % ",".join(found)
    except Exception as error:
        text = '{"error":%s}' % quote(f"{type(error).__name__}: {error}")
    send_result(token, text)
    posix._exit(0)


main()
