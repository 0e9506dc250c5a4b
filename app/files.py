"""Files that are written whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import TextIO

READABLE = 0o644


@contextmanager
def replaced(file: Path) -> Iterator[TextIO]:
    """A text to write that takes the place of *file* in the end; if that fails, *file* stays."""
    mode = file.stat().st_mode if file.exists() else READABLE
    handle, name = mkstemp(prefix=f".{file.name}-", dir=file.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            yield out
        draft.chmod(mode)
        draft.replace(file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
