"""Every file and folder that a user names as an output is written by this package.

Regular files and folders appear whole or not at all. Symbolic links are followed and stay. Devices, pipes and sockets
are written through: never renamed over, truncated or removed. ``-`` is standard output.
"""

from .atomic import atomic_mkdir, atomic_write
from .json_text import parse_json
from .one_writer import one_writer
from .special import is_special, open_special, refusing_to_wait, would_replace, write_all
from .standard_output import STANDARD_OUTPUT, is_standard_output, output_path
from .targets import final_target, make_folder
from .terminal_text import terminal_text
from .work_folder import is_work_folder, scratch_folder, work_folder

__all__ = [
    "STANDARD_OUTPUT",
    "atomic_mkdir",
    "atomic_write",
    "final_target",
    "is_special",
    "is_standard_output",
    "is_work_folder",
    "make_folder",
    "one_writer",
    "open_special",
    "output_path",
    "parse_json",
    "refusing_to_wait",
    "scratch_folder",
    "terminal_text",
    "work_folder",
    "would_replace",
    "write_all",
]
