"""The parser of every subcommand: what is wrong with the options is said in one line."""

from __future__ import annotations

import argparse
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """An ``ArgumentParser`` that does not print its whole usage before an error."""

    def error(self, message: str) -> NoReturn:
        """Print one line and exit with status 2."""
        self.exit(2, f"{self.prog}: {' '.join(message.split())} (--help lists the options)\n")
