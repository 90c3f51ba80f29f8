"""Shapes and types are checked by jaxtyping and beartype in a function's first calls of every test, and not in all.

A training calls the same functions thousands of times, and the checks would take two thirds of its time.
"""

import functools
from collections import Counter
from collections.abc import Callable
from types import CodeType, FunctionType

import jaxtyping
from jaxtyping._storage import pop_shape_memo, push_shape_memo

CALLS = 20
"""Calls of a function that are checked in each test."""
_checked: Counter[CodeType] = Counter()


def begin_test() -> None:
    """Check the next calls of every function again."""
    _checked.clear()


def install() -> None:
    """Make what jaxtyping's import hook puts around functions sparing; before any module of the package is imported."""
    jaxtyping.jaxtyped = _sparing(jaxtyping.jaxtyped)


def _sparing(jaxtyped: Callable) -> Callable:
    def jaxtyped_sparingly(*, typechecker: Callable) -> Callable:
        decorate = jaxtyped(typechecker=typechecker)

        def decorate_sparingly(one: object) -> object:
            if not isinstance(one, FunctionType):
                return decorate(one)
            code = one.__code__
            if "<locals>" in one.__qualname__:  # made anew in every call of the function around it
                _checked[code] += 1
                return decorate(one) if _checked[code] <= CALLS else one
            checked = decorate(one)

            @functools.wraps(one)
            def call(*args: object, **named: object) -> object:
                if _checked[code] >= CALLS:
                    push_shape_memo({})  # what `isinstance` binds in there is no business of the caller's shapes
                    try:
                        return one(*args, **named)
                    finally:
                        pop_shape_memo()
                _checked[code] += 1
                return checked(*args, **named)

            return call

        return decorate_sparingly

    return jaxtyped_sparingly
