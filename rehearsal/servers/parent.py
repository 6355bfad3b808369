"""A server that ends when the process that started it is gone, however that ended."""

from __future__ import annotations

import os
import threading
import time

SECONDS = 1.0


def end_with_parent() -> None:
    """Watch in the background; on Windows, where an orphan keeps its parent's number, nothing happens."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(SECONDS)
        os._exit(0)

    threading.Thread(target=watch, daemon=True, name="end-with-parent").start()
