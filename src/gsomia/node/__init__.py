"""The only place that chooses: storage, keys, clock, entropy, transport. Makes a node, opens it, serves it."""

from gsomia.node.bench import LocalNode
from gsomia.node.copies import restore
from gsomia.node.create import create_node
from gsomia.node.layout import Layout
from gsomia.node.serve import serve_node

__all__ = ["Layout", "LocalNode", "create_node", "restore", "serve_node"]
