"""Errors a user can cause. The command line prints one as a single line and exits with status 2."""


class XiangqiError(ValueError):
    """Base of every error this package raises for bad input; its text is one complete line."""


class FenError(XiangqiError):
    """A FEN that cannot be read or that describes a position the rules do not allow."""


class MoveError(XiangqiError):
    """A move, or the text of a move, that cannot be played."""


class MoveTextError(MoveError):
    """Text that is not a move in any notation we read."""


class AmbiguousMoveError(MoveError):
    """Move text that more than one piece on the board could mean."""


class IllegalMoveError(MoveError):
    """A readable move that the rules forbid in this position; the text says why."""
