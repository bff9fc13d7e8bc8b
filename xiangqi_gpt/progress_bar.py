"""A bar of tqdm's that is also fit for logs: where no terminal shows it, whole lines, and few of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final

from tqdm import tqdm

#: Seconds between two lines where a bar is not shown on a terminal.
INTERVAL: Final = 30.0


class ProgressBar(tqdm):  # type: ignore[misc]
    """As ``tqdm``, on standard error; but where that is no terminal it writes a line every ``INTERVAL`` seconds.

    Such a line has no carriage return and no bar. ``ProgressBar.write`` prints a line above any bar.
    """

    disable: bool

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        file = settings.setdefault("file", sys.stderr)
        self._in_log = not _is_terminal(file)
        if self._in_log:
            settings |= {"mininterval": INTERVAL, "maxinterval": 2 * INTERVAL, "delay": INTERVAL, "ncols": 0}
            settings["dynamic_ncols"] = False
        super().__init__(*arguments, **settings)

    @staticmethod
    def status_printer(file: Any) -> Callable[[str], None]:
        """What prints a state of the bar."""
        if _is_terminal(file):
            printer: Callable[[str], None] = tqdm.status_printer(file)
            return printer

        def print_line(text: str) -> None:
            if text.strip():
                print(text.strip(), file=file, flush=True)

        return print_line

    def clear(self, nolock: bool = False) -> None:
        """Take the bar away for a moment; lines of a log stay."""
        if not self._in_log:
            super().clear(nolock)

    def refresh(self, nolock: bool = False, lock_args: Any = None) -> Any:
        """Show the bar as it is now; in a log not for the sake of a line that was written beside it."""
        return None if self._in_log and nolock else super().refresh(nolock, lock_args)

    def close(self) -> None:
        """End the bar; unless it was to go (``leave=False``), a log gets a last line."""
        if not self._in_log or self.disable:
            super().close()
            return
        self.disable = True
        self._decr_instances(self)
        if self.leave is not False and self.n:  # nothing was done before an error
            self.display()


def _is_terminal(file: Any) -> bool:
    return bool(getattr(file, "isatty", lambda: False)())


tqdm(disable=True)  # so that both classes know of each other's bars when a line is written
