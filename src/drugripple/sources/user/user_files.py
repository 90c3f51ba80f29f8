"""A user's own files: expression and compounds in, checked tables or one clear error out."""

from drugripple.sources.user.compounds import UserCompounds, read_compounds
from drugripple.sources.user.expression import UserExpression, read_expression

__all__ = ["UserCompounds", "UserExpression", "read_compounds", "read_expression"]
