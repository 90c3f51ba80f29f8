"""Screen: a compound library of any length against some samples, in bounded memory."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.recipes.screen.estimate import Estimate as Estimate
    from drugripple.recipes.screen.estimate import estimate as estimate
    from drugripple.recipes.screen.run import Screened as Screened
    from drugripple.recipes.screen.run import screen as screen
    from drugripple.recipes.screen.settings import ScreenMode as ScreenMode
    from drugripple.recipes.screen.settings import ScreenRequest as ScreenRequest
else:
    __all__ = lazy_exports(__name__)
