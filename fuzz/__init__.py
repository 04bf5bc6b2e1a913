"""Harnesses that throw bytes at every parser: `make fuzz`, or `make fuzz ROOM=envelope SECONDS=60`."""
