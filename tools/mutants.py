"""Small wrong versions of a module, each by one change of one expression or statement."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

_SWAPPED: Final[dict[type[ast.AST], tuple[Any, ...]]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.FloorDiv,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}
_NAMES_SWAPPED: Final = {"min": "max", "max": "min", "any": "all", "all": "any"}
_DELETED: Final = (ast.Expr, ast.Delete, ast.Raise, ast.AugAssign)


class Mutant(NamedTuple):
    """One wrong version."""

    what: str
    """The change, as `old -> new`."""
    lines: range
    """Those of the statement that is changed; of a compound one, of its head."""
    tree: ast.Module


def mutants(source: str) -> Iterator[Mutant]:
    """All wrong versions of what stands in functions, from top to bottom."""
    places = list(_places(ast.parse(source)))
    for number, (node, statement) in enumerate(places):
        for variant in range(len(_variants(node))):
            tree = ast.parse(source)
            changed = list(_places(tree))[number][0]
            new = _variants(changed)[variant]
            what = f"{_said(changed)} -> {_said(new)}"
            _replace(tree, changed, new)
            yield Mutant(what, _lines(statement), ast.fix_missing_locations(tree))


def _places(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.stmt]]:
    """Every node within a function's body, with its statement; no docstrings, no annotations."""

    def below(node: ast.AST, statement: ast.stmt | None) -> Iterator[tuple[ast.AST, ast.stmt]]:
        if isinstance(node, ast.stmt):
            statement = node
        if statement is not None:
            yield node, statement
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "args") and not isinstance(
                node, ast.Call
            ):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from below(child, statement)

    for function in _functions(tree):
        for statement in function.body:
            yield from below(statement, None)


def _functions(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Those that stand in no other."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
        else:
            yield from _functions(child)


def _variants(node: Any) -> Sequence[ast.AST]:
    """What may stand in the place of this node."""
    match node:
        case ast.Compare(left, ops, comparators):
            return [
                ast.Compare(left, [*ops[:at], other(), *ops[at + 1 :]], comparators)
                for at, op in enumerate(ops)
                for other in _SWAPPED.get(type(op), ())
            ]
        case ast.BoolOp(op, values):
            other = _SWAPPED[type(op)][0]()
            return [
                ast.BoolOp(other, values),
                *(
                    ast.BoolOp(op, left) if len(left) > 1 else left[0]
                    for at in range(len(values))
                    for left in [values[:at] + values[at + 1 :]]
                ),
            ]
        case ast.BinOp(left, op, right):
            return [ast.BinOp(left, other(), right) for other in _SWAPPED.get(type(op), ())]
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            return [operand]
        case ast.IfExp(_, body, orelse):
            return [body, orelse]
        case ast.If(_, body, orelse) | ast.While(_, body, orelse):
            made = [type(node)(ast.Constant(truth), body, orelse) for truth in (True, False)]
            return made if isinstance(node, ast.If) else made[1:]
        case ast.comprehension(target, iterated, ifs, is_async):
            return [
                ast.comprehension(target, iterated, ifs[:at] + ifs[at + 1 :], is_async)
                for at in range(len(ifs))
            ]
        case ast.Constant(bool(value)):
            return [ast.Constant(not value)]
        case ast.Constant(int(value)):
            return [ast.Constant(value + 1), ast.Constant(value - 1)]
        case ast.Name(name, ctx) if name in _NAMES_SWAPPED:
            return [ast.Name(_NAMES_SWAPPED[name], ctx)]
        case ast.Break():
            return [ast.Continue()]
        case ast.Continue():
            return [ast.Break()]
        case ast.Return(value) if value is not None and not _is_nothing(value):
            return [ast.Return(ast.Constant(None))]
        case ast.Expr(ast.Constant()):
            return []
        case ast.Assign([ast.Attribute() | ast.Subscript()]):
            return [ast.Pass()]
        case _:
            return [ast.Pass()] if isinstance(node, _DELETED) else []


def _is_nothing(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value in (None, False)


def _replace(tree: ast.Module, old: ast.AST, new: ast.AST) -> None:
    ast.copy_location(new, old)
    for node in ast.walk(tree):
        for name, value in ast.iter_fields(node):
            if value is old:
                setattr(node, name, new)
            elif isinstance(value, list):
                value[:] = [new if one is old else one for one in value]


def _lines(statement: ast.stmt) -> range:
    body = getattr(statement, "body", None)
    end = body[0].lineno if body else (statement.end_lineno or statement.lineno) + 1
    return range(statement.lineno, max(end, statement.lineno + 1))


def _said(node: ast.AST) -> str:
    if isinstance(node, ast.If | ast.While):
        return f"if {ast.unparse(node.test)}"
    return " ".join(ast.unparse(node).split())
