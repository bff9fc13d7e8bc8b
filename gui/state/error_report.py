"""What went wrong, as it travels between processes and is said in any language."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from xiangqi_gpt.rules import XiangqiError

#: Codes of what the system refuses, by error number.
_SYSTEM: Final = {
    errno.ENOENT: "os_missing",
    errno.ENOTDIR: "os_missing",
    errno.EACCES: "os_denied",
    errno.EPERM: "os_denied",
    errno.EROFS: "os_denied",
    errno.EISDIR: "os_folder",
    errno.ENOSPC: "os_full",
    errno.EDQUOT: "os_full",
    errno.ENXIO: "os_pipe",
}


@dataclass(frozen=True)
class ErrorReport:
    """An error's ``code``, the ``values`` that its sentence names, and its ``text``: one line in English."""

    code: str
    text: str = ""
    values: Mapping[str, object] = field(default_factory=dict)


def report(error: BaseException, about: str = "") -> ErrorReport:
    """Return what there is to say of an error; ``about`` is what was asked for: a file, a player.

    An error that nobody foresaw has the code ``bug``.
    """
    if isinstance(error, XiangqiError):
        return ErrorReport(error.code, str(error), {"name": about, **error.values})
    kind = type(error).__name__
    if isinstance(error, OSError):
        code = _SYSTEM.get(error.errno or 0, "os")
        return ErrorReport(code, str(error), {"name": str(error.filename or about)})
    if isinstance(error, MemoryError):
        return ErrorReport("memory", str(error) or kind)
    return ErrorReport("bug", f"{about}: {kind}: {error}" if about else f"{kind}: {error}", {"kind": kind})
