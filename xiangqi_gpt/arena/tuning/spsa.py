"""Simultaneous perturbation stochastic approximation: all parameters moved at once by two noisy measurements.

J. C. Spall, "Multivariate stochastic approximation using a simultaneous perturbation gradient approximation" (1992) and
"Implementation of the simultaneous perturbation algorithm" (1998), whose exponents are used. As in fishtest, gains are
given by what they are at the last iteration.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.option_text import OptionTextError, convert_options, read_range, split_options
from xiangqi_gpt.rules import XiangqiError

_ALPHA: Final = 0.602
_GAMMA: Final = 0.101
_STABILITY: Final = 0.1  # Spall's A, as a share of the iterations
_DEFAULT_STEP: Final = 0.1  # of the range

Values = npt.NDArray[np.float64]


class TuningError(XiangqiError):
    """Parameters that cannot be tuned; the text says why."""


@dataclass(frozen=True)
class Parameter:
    """An option that is tuned between ``low`` and ``high``; ``step`` is the change that is tried at the end."""

    name: str
    low: float
    high: float
    step: float
    is_whole: bool = False

    @classmethod
    def parse(cls, text: str) -> Parameter:
        """Read ``NAME=LOW..HIGH`` or ``NAME=LOW..HIGH,step=STEP``; bounds without a point make whole numbers.

        Raises ``TuningError``.

        >>> Parameter.parse("cpuct=0.5..3.0,step=0.2")
        Parameter(name='cpuct', low=0.5, high=3.0, step=0.2, is_whole=False)
        """
        try:
            rest, options = split_options(text.replace(" ", ""))
            found, given = read_range(rest), convert_options(options, {"step": float})
        except OptionTextError as error:
            example = "NAME=LOW..HIGH,step=STEP as in cpuct=0.5..3.0,step=0.2"
            raise TuningError(f"parameter {text!r}: {error}; {example}") from None
        usual = _DEFAULT_STEP * (found.high - found.low)
        step = given.get("step", max(usual, 1.0) if found.is_whole else usual)
        if not 0 < step <= (found.high - found.low) / 2:
            raise TuningError(f"parameter {text!r}: the step must be above 0 and at most half of the range")
        if found.is_whole and step < 0.5:
            raise TuningError(f"parameter {text!r}: a step of whole numbers is at least 0.5")
        return cls(found.name, found.low, found.high, step, found.is_whole)

    def text(self, value: float) -> str:
        """Return a value as an option has it.

        >>> Parameter("cpuct", 0, 3, 0.1).text(1.23456789)
        '1.2346'
        """
        bounded = min(max(value, self.low), self.high)
        return str(round(bounded)) if self.is_whole else f"{bounded:.4f}".rstrip("0").removesuffix(".")


@dataclass(frozen=True)
class Spsa:
    """The gains of a run of ``iterations``.

    ``rate`` is how far a difference of one point a pair moves a parameter at the end, in its steps. In iteration k
    (from 0) the change tried is c_k = step (N / (k + 1))^0.101 and the rate r_k = rate ((A + N) / (A + k + 1))^0.602
    (c_N / c_k)^2, where N is the number of iterations and A a tenth of it.
    """

    parameters: tuple[Parameter, ...]
    iterations: int
    rate: float
    seed: int

    def directions(self, iteration: int) -> Values:
        """Return (P,) the signs in which the parameters are changed: from the seed, the same each time."""
        generator = np.random.default_rng([self.seed, iteration])
        return generator.choice([-1.0, 1.0], len(self.parameters))

    def _steps(self, iteration: int) -> Values:
        steps = np.array([parameter.step for parameter in self.parameters])
        changed: Values = steps * (self.iterations / (iteration + 1)) ** _GAMMA
        return changed

    def candidates(self, values: Values, iteration: int) -> tuple[Values, Values]:
        """Return the two (P,) settings that meet: ``values`` changed in the directions, and against them."""
        change = self._steps(iteration) * self.directions(iteration)
        return self._bounded(values + change), self._bounded(values - change)

    def moved(self, values: Values, iteration: int, lead: float) -> Values:
        """Return the (P,) values after an iteration; ``lead``: points a pair of the first candidate over the second."""
        stability = _STABILITY * self.iterations
        gain = ((stability + self.iterations) / (stability + iteration + 1)) ** _ALPHA
        shrunk = (self.iterations / (iteration + 1)) ** _GAMMA
        rate = self.rate * gain / shrunk**2
        return self._bounded(values + rate * self._steps(iteration) * self.directions(iteration) * lead)

    def _bounded(self, values: Values) -> Values:
        low, high = (np.array([getattr(parameter, end) for parameter in self.parameters]) for end in ("low", "high"))
        bounded: Values = np.clip(values, low, high)
        return bounded


def start_values(parameters: Sequence[Parameter], options: dict[str, str], spec: str) -> Values:
    """Return (P,) the values that a player's spec gives its parameters. Raises ``TuningError`` for one it lacks."""
    names = [parameter.name for parameter in parameters]
    if not names:
        raise TuningError("nothing to tune: name an option and its bounds, for example cpuct=0.5..3.0")
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise TuningError(f"parameter {doubled[0]} is given twice")
    values = []
    for parameter in parameters:
        if parameter.name not in options:
            raise TuningError(f"player {spec!r} does not say where {parameter.name} starts: add {parameter.name}=VALUE")
        try:
            value = float(options[parameter.name])
        except ValueError:
            raise TuningError(f"player {spec!r}: {parameter.name} is no number") from None
        if not parameter.low <= value <= parameter.high:
            raise TuningError(
                f"player {spec!r}: {parameter.name} starts outside {parameter.low:g} to {parameter.high:g}"
            )
        values.append(value)
    return np.array(values)
