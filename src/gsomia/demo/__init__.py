"""The story that `gsomia demo` tells, driven through the installed program only."""

from gsomia.demo.run import run_demo

__all__ = ["run_demo"]
