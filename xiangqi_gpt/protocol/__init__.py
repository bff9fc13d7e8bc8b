"""The model as an engine that other programs can load: UCI, UCCI and Cyclone's dialect."""

from .backends import Minds
from .engine import Engine, converse
from .options import ProtocolError, Settings, with_option

__all__ = ["Engine", "Minds", "ProtocolError", "Settings", "converse", "with_option"]
