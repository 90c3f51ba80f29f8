"""Flags of a verb that reads a run file: made from the run's settings, so that flags and keys cannot differ."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import typer
from pydantic.fields import FieldInfo

from drugripple.config import Record, make_run, read_toml, set_dotted
from drugripple.errors import ConfigError
from drugripple.runtime.nesting import DEEPEST, read_toml_text

RunT = TypeVar("RunT", bound=Record)
RunFile = Annotated[
    Path | None, typer.Argument(metavar="RUN.toml", help="The run file; flags win over it, and can do without it.")
]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Any key of the run file, with dots: --set split.folds=5; repeat for several.",
    ),
]
SCALARS = (str, int, float, bool, Path)


def run_verb(kind: type[RunT]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a verb the arguments RUN.toml, a flag for each plain key of its run, and `--set` for every key.

    The verb's first parameter is the run that they make; the others are flags of its own.
    """

    def decorate(verb: Callable[..., None]) -> Callable[..., None]:
        own = list(inspect.signature(verb, eval_str=True).parameters.values())[1:]
        flags = list(flags_of(kind))

        def command(**given: Any) -> None:
            file, changes = given.pop("run_file"), given.pop("changes")
            keys = {flag.name: given.pop(flag.name) for flag in flags}
            verb(assemble(kind, file, keys, changes or ()), **given)

        keyword = inspect.Parameter.KEYWORD_ONLY
        command.__name__, command.__doc__ = verb.__name__, verb.__doc__
        command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [
                inspect.Parameter("run_file", keyword, default=None, annotation=RunFile),
                *flags,
                inspect.Parameter("changes", keyword, default=None, annotation=Changes),
                *(parameter.replace(kind=keyword) for parameter in own),
            ]
        )
        return command

    return decorate


def assemble(kind: type[RunT], file: Path | None, flags: dict[str, object], changes: Sequence[str]) -> RunT:
    """A run from its file, flags that win over it, and changes that win over both.

    Raises:
        ConfigError: if the file cannot be read, or a key or a value is not one of the run.
    """
    given = {key: value for key, value in flags.items() if value not in (None, [], ())}
    given |= dict(map(parse_change, changes))
    origin = " and ".join(filter(None, (str(file or ""), "the command line" if given or file is None else "")))
    return make_run(kind, set_dotted(read_toml(file) if file else {}, given), origin)


def parse_change(text: str) -> tuple[str, object]:
    """Key and value of `key=value`; the value is one of TOML, and anything else is text.

    >>> parse_change("network.training.batch=64"), parse_change("network.prior=none")
    (('network.training.batch', 64), ('network.prior', 'none'))

    Raises:
        ConfigError: if there is no key or no value, or an opened bracket or quote is not closed.
    """
    key, equals, value = (part.strip() for part in text.partition("="))
    if not (key and equals and value):
        message = f"--set {text!r} is not KEY=VALUE, such as split.folds=5"
        raise ConfigError(message)
    if key.count(".") >= DEEPEST:
        message = f"--set {text[:60]}…: the key nests more than {DEEPEST} deep; name a key of the run file"
        raise ConfigError(message)
    try:
        return key, read_toml_text(f"value = {value}")["value"]
    except ValueError as error:
        if value[0] in "[{\"'":
            message = f"--set {text}: {value} is not a value of TOML ({error})"
            raise ConfigError(message) from error
        return key, value


def flags_of(kind: type[Record]) -> Iterator[inspect.Parameter]:
    """One optional flag for each key that takes a plain value, or several of them."""
    told = key_texts(kind)
    for key, field in kind.model_fields.items():
        taken = _taken(field.annotation)
        if taken is not None:
            option = typer.Option(help=_help(told.get(key, ""), field), show_default=False)
            yield inspect.Parameter(
                key, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[taken | None, option]
            )


def key_texts(kind: type[Record]) -> dict[str, str]:
    """What stands below each field of a record, its own or inherited, in one line.

    >>> from drugripple import TuneRun
    >>> key_texts(TuneRun)["warmup_epochs"]
    'Epochs before a trial may be pruned.'
    """
    classes = [base for base in reversed(kind.__mro__) if issubclass(base, Record) and base is not Record]
    bodies = [ast.parse(textwrap.dedent(inspect.getsource(one))).body[0] for one in classes]
    return {
        field.target.id: " ".join(text.value.value.split())
        for body in bodies
        for field, text in pairwise(body.body if isinstance(body, ast.ClassDef) else ())
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
    }


def _taken(annotation: object) -> Any:
    """What a flag takes: a type, or a list of it where the key takes several; None where a key is no plain value."""
    if get_origin(annotation) in (Union, UnionType):
        types = [part for part in get_args(annotation) if part is not NoneType]
        return _taken(types[0]) if len(types) == 1 else None
    if get_origin(annotation) is tuple:
        inner = get_args(annotation)
        one = _taken(inner[0]) if inner[1:] == (...,) else None
        return list[one] if one is not None and get_origin(one) is None else None  # type: ignore[valid-type]
    plain = isinstance(annotation, type) and (annotation in SCALARS or issubclass(annotation, StrEnum))
    return annotation if plain else None


def _help(text: str, field: FieldInfo) -> str:
    """What a key means, and its default."""
    default = field.default
    if field.is_required() or field.default_factory is not None or default is False or default in (None, "", ()):
        return text
    several = default if isinstance(default, tuple) else (default,)
    return f"{text} [default: {', '.join(map(str, several))}]".strip()
