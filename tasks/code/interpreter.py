"""Evaluates the programs of this family as Python would, or as a reader would who gets one thing wrong.

`Machine(program, misreading).run("orvel.skanta.kelmo", 47)` gives a `Trace`: the value, the functions that ran, in the
order in which they started, and the value of each call into another file. It knows just what the programs use, runs a
bounded number of steps, and never hands text to Python: `ast.parse` is all of Python that it needs.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from .misreadings import OPERATOR, RIGHT, WRONG_HOP, Misreading
from .program import Program
from .values import Bound, Builtin, Class, Function, Instance, Scope, Space, Value

MAX_STEPS = 20_000
MAX_DEPTH = 60
LARGEST = 10**12
_NOTHING = object()
_BUILTINS = {"range": Builtin("range")}
Site = tuple[str, int, int]


class EvaluationError(Exception):
    """The program does what no program of this family does, or runs for too long."""


@dataclass(slots=True)
class Trace:
    """What happened in a call.

    Attributes:
        value: what it returned.
        calls: dotted names of the functions and methods that ran, in the order in which they started; those defined
            inside another function are left out.
        hops: what each call into another file returned, in the order in which they started.
        operators: the places where + or - was evaluated, in order.
    """

    value: int = 0
    calls: list[str] = field(default_factory=list)
    hops: list[Value] = field(default_factory=list)
    operators: list[Site] = field(default_factory=list)


class Machine:
    """Runs one program.

    Args:
        program: its files.
        misreading: what to get wrong.
        flipped: the place of the operator to get wrong, where that is the misreading.
    """

    def __init__(self, program: Program, misreading: Misreading = RIGHT, flipped: Site | None = None) -> None:
        self.program = program
        self.wrong = misreading
        self.flipped = flipped if misreading.name == OPERATOR else None
        self.spaces: dict[str, Space] = {}
        self.occasions = 0
        self.taken_for: dict[str, str] = {}
        self.last_made: dict[ast.FunctionDef, Scope] = {}
        self.trace = Trace()
        self.running = False
        self.steps = 0
        self.depth = 0

    def run(self, entry: str, *arguments: int) -> Trace:
        """Call a function by its dotted name.

        Raises:
            EvaluationError: it cannot be evaluated, or returns no integer.
        """
        module, _, name = entry.rpartition(".")
        function = self._member(module, name)
        self.trace, self.running = Trace(), True
        value = self._apply(function, list(arguments))
        self.running = False
        if not isinstance(value, int):
            raise EvaluationError(f"{entry} returns no integer")
        self.trace.value = value
        return self.trace

    def _misreads(self, name: str, variant: int | None = None) -> bool:
        """Tell whether to go wrong here, where it makes a difference; counts the occasions."""
        if self.wrong.name != name or variant not in (None, self.wrong.variant):
            return False
        self.occasions += 1
        return self.wrong.place in (-1, self.occasions - 1)

    def _load(self, module: str) -> Space:
        """Return a module, run when it is first needed."""
        if module not in self.taken_for:
            copy = f"legacy.{module.rpartition('.')[2]}"
            stale = copy in self.program and copy != module and self._misreads("stale_definition", 1)
            self.taken_for[module] = copy if stale else module
        module = self.taken_for[module]
        if module not in self.spaces:
            if module not in self.program:
                raise EvaluationError(f"no module {module}")
            space = self.spaces[module] = Space(module)
            self._block(self.program.tree(module).body, Scope(space.names, space))
        return self.spaces[module]

    def _member(self, module: str, name: str) -> Value:
        """Return what a module offers under a name; a package offers its modules too."""
        if module in self.program:
            space = self._load(module)
            if name in space.names:
                return space.names[name]
        return self._load(f"{module}.{name}")

    def _block(self, body: list[ast.stmt], scope: Scope) -> Value:
        """Run statements; return what `return` gives, or _NOTHING."""
        for statement in body:
            self.steps += 1
            if self.steps > MAX_STEPS:
                raise EvaluationError("too many steps")
            value = self._statement(statement, scope)
            if value is not _NOTHING:
                return value
        return _NOTHING

    def _statement(self, node: ast.stmt, scope: Scope) -> Value:
        match node:
            case ast.Return(value=ast.expr() as value):
                return self._value(value, scope)
            case ast.Assign(targets=[target]):
                self._assign(target, self._value(node.value, scope), scope)
            case ast.AugAssign(target=ast.Name(id=name)):
                before = self._lookup(name, scope)
                scope.names[name] = self._operate(
                    node.op, before, self._value(node.value, scope), self._site(node, scope)
                )
            case ast.For(target=ast.Name(id=name)):
                return self._loop(node, name, scope)
            case ast.FunctionDef():
                self._define(node, scope)
            case ast.ClassDef():
                self._define_class(node, scope)
            case ast.ImportFrom() | ast.Import():
                self._import(node, scope)
            case ast.Expr(value=ast.Constant()):
                pass
            case _:
                raise EvaluationError(f"no statement of these programs: {type(node).__name__}")
        return _NOTHING

    def _assign(self, target: ast.expr, value: Value, scope: Scope) -> None:
        match target:
            case ast.Name(id=name):
                scope.names[name] = value
            case ast.Attribute(value=owner, attr=name):
                instance = self._value(owner, scope)
                if not isinstance(instance, Instance):
                    raise EvaluationError("only attributes of objects are set")
                instance.names[name] = value
            case _:
                raise EvaluationError("no target of these programs")

    def _loop(self, node: ast.For, name: str, scope: Scope) -> Value:
        turns = self._value(node.iter, scope)
        if not isinstance(turns, range):
            raise EvaluationError("only ranges are looped over")
        for turn in turns:
            scope.names[name] = turn
            value = self._block(node.body, scope)
            if value is not _NOTHING:
                return value
        return _NOTHING

    def _define(self, node: ast.FunctionDef, scope: Scope) -> None:
        top = scope.function is None
        again = top and isinstance(scope.names.get(node.name), Function)
        if again and self._misreads("stale_definition", 0):
            return
        defaults = [self._value(default, scope) for default in node.args.defaults]
        value: Value = Function(node, scope.space, defaults, None if top else scope)
        if not top:
            self.last_made[node] = scope
        for decorator in reversed(node.decorator_list):
            if not self._misreads("decorator_ignored"):
                value = self._apply(self._value(decorator, scope), [value])
        scope.names[node.name] = value

    def _define_class(self, node: ast.ClassDef, scope: Scope) -> None:
        bases = [self._value(base, scope) for base in node.bases]
        cls = Class(node.name, bases[0] if bases else None)
        self._block(node.body, Scope(cls.names, scope.space))
        for value in cls.names.values():
            if isinstance(value, Function):
                value.owner = cls
        scope.names[node.name] = cls

    def _import(self, node: ast.ImportFrom | ast.Import, scope: Scope) -> None:
        for alias in node.names:
            if isinstance(node, ast.Import):
                if not alias.asname:
                    raise EvaluationError("a module is imported under another name or from its package")
                package, _, name = alias.name.rpartition(".")
                twin = f"{package}.{alias.asname}"
                confused = twin in self.program and self._misreads("alias_confusion")
                scope.names[alias.asname] = self._load(twin if confused else alias.name)
            else:
                module, name = self._source(node.module or "", alias.name, alias.asname)
                scope.names[alias.asname or alias.name] = self._member(module, name)

    def _source(self, module: str, name: str, asname: str | None) -> tuple[str, str]:
        """Return the module and the name that an import is taken for."""
        if asname and asname in self.program.names(module) and self._misreads("alias_confusion"):
            return module, asname
        if self.wrong.name in ("decoy_constant", "wrong_qualifier"):
            kind = "decoy_constant" if name.isupper() else "wrong_qualifier"
            other = self._elsewhere(module, name)
            if other != module and self._misreads(kind):
                return other, name
        return module, name

    def _elsewhere(self, module: str, name: str) -> str:
        """Return another module that defines the same name, or the right one where there is none."""
        home = self.program.home(module, name)
        others = (
            other
            for other, names in self.program.defined.items()
            if name in names and other != home and not other.startswith("legacy.")
        )
        return next(others, module)

    def _value(self, node: ast.expr, scope: Scope) -> Value:
        match node:
            case ast.Constant(value=int() | str() as constant):
                value: Value = constant
            case ast.Name(id=name):
                value = self._lookup(name, scope)
            case ast.BinOp():
                left, right = self._value(node.left, scope), self._value(node.right, scope)
                value = self._operate(node.op, left, right, self._site(node, scope))
            case ast.Call():
                value = self._call(node, scope)
            case ast.Attribute():
                value = self._attribute(self._value(node.value, scope), node.attr)
            case ast.Subscript():
                value = self._entry(self._value(node.value, scope), self._value(node.slice, scope))
            case ast.Dict():
                keys = [self._value(key, scope) for key in node.keys if key]
                value = dict(zip(keys, (self._value(value, scope) for value in node.values), strict=True))
            case _:
                raise EvaluationError(f"no expression of these programs: {type(node).__name__}")
        return value

    def _lookup(self, name: str, scope: Scope) -> Value:
        everywhere = scope.space.names
        at: Scope | None = scope
        while at is not None:
            if name in at.names:
                shadows = at.names is not everywhere and isinstance(everywhere.get(name), int)
                return everywhere[name] if shadows and self._misreads("shadow_ignored") else at.names[name]
            at = at.outer
        if name in everywhere:
            return everywhere[name]
        if name in _BUILTINS:
            return _BUILTINS[name]
        raise EvaluationError(f"{name} is not defined")

    def _entry(self, table: Value, key: Value) -> Value:
        if not isinstance(table, dict) or key not in table:
            raise EvaluationError("no such entry")
        if self._misreads("dispatch_wrong_key"):
            keys = list(table)
            key = keys[(keys.index(key) + 1 + self.wrong.variant) % len(keys)]
        return table[key]

    def _attribute(self, owner: Value, name: str) -> Value:
        if isinstance(owner, Space):
            return self._member(owner.name, name)
        if not isinstance(owner, Instance):
            raise EvaluationError(f"no attribute {name}")
        line = owner.cls.line
        holders = sum(name in cls.names for cls in line)
        if name in owner.names and not (holders and self._misreads("instance_attr_ignored")):
            return owner.names[name]
        if holders > 1 and self._misreads("override_ignored"):
            line = line[::-1]
        return self._from_line(line, name, owner)

    def _from_line(self, line: list[Class], name: str, instance: Instance) -> Value:
        value = next((cls.names[name] for cls in line if name in cls.names), None)
        if value is None:
            raise EvaluationError(f"no attribute {name}")
        return Bound(value, instance) if isinstance(value, Function) else value

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        if node.keywords:
            raise EvaluationError("arguments are given by position")
        match node.func:
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=name):
                return self._call_super(name, [self._value(each, scope) for each in node.args], scope)
        callee = self._value(node.func, scope)
        arguments = [self._value(each, scope) for each in node.args]
        if self.running and isinstance(callee, Function) and self._is_hop(node.func, callee, scope):
            return self._hop(callee, arguments)
        return self._apply(callee, arguments)

    def _is_hop(self, node: ast.expr, callee: Function, scope: Scope) -> bool:
        """Tell whether a call goes to another file by a name of its module: not to what a closure or a class holds."""
        while isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        at: Scope | None = scope
        while at is not None and isinstance(node, ast.Name):
            if node.id in at.names:
                return False
            at = at.outer
        return isinstance(node, ast.Name) and callee.space is not scope.space

    def _hop(self, callee: Function, arguments: list[Value]) -> Value:
        place = len(self.trace.hops)
        self.trace.hops.append(None)
        skipped = self.wrong.name == WRONG_HOP and self.wrong.place == place
        value = arguments[0] if skipped else self._apply(callee, arguments)
        self.trace.hops[place] = value
        return value

    def _call_super(self, name: str, arguments: list[Value], scope: Scope) -> Value:
        function = scope.function
        if function is None or function.owner is None or function.owner.base is None:
            raise EvaluationError("super() in a method of a class with a base only")
        if self._misreads("super_ignored"):
            return arguments[0]
        instance = scope.names[function.node.args.args[0].arg]
        return self._apply(self._from_line(function.owner.base.line, name, instance), arguments)

    def _apply(self, callee: Value, arguments: list[Value]) -> Value:
        match callee:
            case Class():
                return Instance(callee)
            case Bound():
                return self._enter(callee.function, [callee.instance, *arguments])
            case Function():
                return self._enter(callee, arguments)
            case Builtin(name="range"):
                return self._range(arguments)
            case _:
                raise EvaluationError("what is called is no function")

    def _range(self, arguments: list[Value]) -> range:
        if not arguments or len(arguments) > 2 or not all(isinstance(each, int) for each in arguments):
            raise EvaluationError("range() takes one integer or two")
        start, stop = (0, *arguments)[-2:]
        change = (-1, 1)[self.wrong.variant] if self._misreads("off_by_one") else 0
        return range(start, stop + change)

    def _enter(self, function: Function, arguments: list[Value]) -> Value:
        if self.depth >= MAX_DEPTH:
            raise EvaluationError("calls are nested too deeply")
        names = [each.arg for each in function.node.args.args]
        missing = len(names) - len(arguments)
        if missing < 0 or missing > len(function.defaults):
            raise EvaluationError(f"{function.name} takes other arguments")
        defaults = function.defaults
        if missing and self._misreads("default_arg"):
            own = Scope(function.space.names, function.space)
            defaults = [self._value(default, own) for default in function.node.args.defaults]
        values = [*arguments, *defaults[len(defaults) - missing :]]
        outer = function.outer
        if outer and self.last_made[function.node] is not outer and self._misreads("closure_ignored"):
            outer = self.last_made[function.node]
        if self.running and function.outer is None:
            self.trace.calls.append(function.name)
        self.depth += 1
        value = self._block(
            function.node.body, Scope(dict(zip(names, values, strict=True)), function.space, outer, function)
        )
        self.depth -= 1
        if value is _NOTHING:
            raise EvaluationError(f"{function.name} returns nothing")
        return value

    def _site(self, node: ast.stmt | ast.expr, scope: Scope) -> Site:
        return scope.space.name, node.lineno, node.col_offset

    def _operate(self, operator: ast.operator, left: Value, right: Value, site: Site) -> int:
        if not isinstance(left, int) or not isinstance(right, int):
            raise EvaluationError("only integers are added")
        if not isinstance(operator, ast.Add | ast.Sub):
            raise EvaluationError(f"no operator of these programs: {type(operator).__name__}")
        if self.running and site not in self.trace.operators:
            self.trace.operators.append(site)
        adds = isinstance(operator, ast.Add) != (site == self.flipped)
        value = left + right if adds else left - right
        if abs(value) > LARGEST:
            raise EvaluationError("too large a number")
        return value
