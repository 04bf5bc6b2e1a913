"""The only place that chooses: storage, keys, clock, entropy, transport. Makes a node, opens it, serves it."""

from gsomia.node.bench import LocalNode
from gsomia.node.copies import restore
from gsomia.node.cot_bridge import run_cot_bridge
from gsomia.node.cot_settings import read_cot_settings
from gsomia.node.create import create_node
from gsomia.node.layout import Layout, national_policies, system_clock_us, system_entropy
from gsomia.node.serve import serve_node

__all__ = [
    "Layout",
    "LocalNode",
    "create_node",
    "national_policies",
    "read_cot_settings",
    "restore",
    "run_cot_bridge",
    "serve_node",
    "system_clock_us",
    "system_entropy",
]
