"""Every file and folder that a user names as an output is written by this package.

Regular files and folders appear whole or not at all. Symbolic links are followed and stay. Devices, pipes and sockets
are written through: never renamed over, truncated or removed.
"""

from .atomic import atomic_mkdir, atomic_write, scratch_folder
from .special import is_special, open_special, refusing_to_wait, would_replace, write_all
from .targets import final_target, make_folder

__all__ = [
    "atomic_mkdir",
    "atomic_write",
    "final_target",
    "is_special",
    "make_folder",
    "open_special",
    "refusing_to_wait",
    "scratch_folder",
    "would_replace",
    "write_all",
]
