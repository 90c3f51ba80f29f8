"""Screen: a compound library of any length against some samples, in bounded memory."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.predict.screen.estimate import Estimate as Estimate
    from drugripple.predict.screen.estimate import estimate as estimate
    from drugripple.predict.screen.run import Screened as Screened
    from drugripple.predict.screen.run import screen as screen
    from drugripple.predict.screen.run import screen_with as screen_with
    from drugripple.predict.screen.settings import ScreenMode as ScreenMode
    from drugripple.predict.screen.settings import ScreenRequest as ScreenRequest
else:
    __all__ = lazy_exports(__name__)
