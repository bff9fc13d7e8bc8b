"""The model as an engine that other programs can load: UCI, UCCI and Cyclone's dialect."""

from .backends import BackendLoader
from .engine import Engine, converse
from .options import EngineSettings, ProtocolError, with_option

__all__ = ["BackendLoader", "Engine", "EngineSettings", "ProtocolError", "converse", "with_option"]
