"""Named places where a test may kill the process: nothing happens unless CLAIMWIRE_CRASHPOINT names one."""

import os
import signal

_armed = os.environ.get("CLAIMWIRE_CRASHPOINT", "")


def crashpoint(name: str) -> None:
    """Die here as from kill -9, if this place was named in the environment."""
    if name == _armed:
        os.kill(os.getpid(), signal.SIGKILL)
