"""Shapes and types are checked by jaxtyping and beartype in a function's first calls of every test, and not in all.

A training calls the same functions thousands of times, and the checks would take two thirds of its time. The checks
themselves are made when a function is first called: making those of all functions takes longer than most tests.
"""

import functools
from collections import Counter
from collections.abc import Callable
from dataclasses import is_dataclass
from types import CodeType, FunctionType

import jaxtyping
from jaxtyping._storage import pop_shape_memo, push_shape_memo

CALLS = 8
"""Calls of a function that are checked in each test."""
_test = 0
_inner: Counter[CodeType] = Counter()


def begin_test() -> None:
    """Check the next calls of every function again."""
    global _test
    _test += 1
    _inner.clear()


def install() -> None:
    """Make what jaxtyping's import hook puts around functions sparing; before any module of the package is imported."""
    jaxtyping.jaxtyped = _sparing(jaxtyping.jaxtyped)


def _sparing(jaxtyped: Callable) -> Callable:
    def jaxtyped_sparingly(*, typechecker: Callable) -> Callable:
        decorate = jaxtyped(typechecker=typechecker)

        def decorate_sparingly(one: object) -> object:
            if isinstance(one, FunctionType):
                return _spared(decorate, one)
            if is_dataclass(one) and isinstance(made := vars(one).get("__init__"), FunctionType):
                one.__init__ = _spared(decorate, made)
                return one
            return decorate(one)

        return decorate_sparingly

    return jaxtyped_sparingly


def _spared(decorate: Callable, one: FunctionType) -> Callable:
    if "<locals>" in one.__qualname__:  # made anew in every call of the function around it
        _inner[one.__code__] += 1
        return decorate(one) if _inner[one.__code__] <= CALLS else one
    checked, test, left = None, -1, 0

    @functools.wraps(one)
    def call(*args: object, **named: object) -> object:
        nonlocal checked, test, left
        if test != _test:
            test, left = _test, CALLS
        if left:
            left -= 1
            checked = checked or decorate(one)
            return checked(*args, **named)
        push_shape_memo({})  # what `isinstance` binds in there is no business of the caller's shapes
        try:
            return one(*args, **named)
        finally:
            pop_shape_memo()

    return call
