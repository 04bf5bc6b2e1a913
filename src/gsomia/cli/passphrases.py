"""Passphrases come from a file descriptor, a service credential's descriptor, or a terminal; never from an argument."""

import getpass
import os
import sys

from gsomia.errors import LocalError

MAX_PASSPHRASE_BYTES = 1024


def read_passphrase(descriptor: int | None, *, prompt: str) -> bytes:
    """Read one passphrase, without its line end.

    Raises:
        LocalError: nothing to read it from, or it is empty or too long.
    """
    if descriptor is not None:
        try:
            with os.fdopen(descriptor, "rb", closefd=True) as source:
                passphrase = source.readline(MAX_PASSPHRASE_BYTES + 1).rstrip(b"\r\n")
        except OSError as cause:
            raise LocalError(
                "cli/no-passphrase",
                f"descriptor `{descriptor}` cannot be read: {cause.strerror}",
                remedy="open it for reading, for example `--passphrase-fd 3 3<file`",
            ) from cause
    elif sys.stdin.isatty():
        passphrase = getpass.getpass(prompt, stream=sys.stderr).encode()
    else:
        raise LocalError(
            "cli/no-passphrase",
            "a passphrase is needed",
            remedy="pass it by descriptor, for example `--passphrase-fd 3`",
        )
    if not passphrase or len(passphrase) > MAX_PASSPHRASE_BYTES:
        raise LocalError("cli/no-passphrase", "the passphrase is empty or too long", remedy="give one line")
    return passphrase
