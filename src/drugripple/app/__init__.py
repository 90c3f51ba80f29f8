"""The local page: samples and compounds in, ranked compounds with intervals out; nothing leaves the machine."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.app.limits import Limits as Limits
    from drugripple.app.server import serve as serve
else:
    __all__ = lazy_exports(__name__)
