"""A node that a government runs to exchange classified military information under a signed agreement.

Two nodes share nothing but an agreement, each other's keys and the protocol. The rooms of this package are named
by the business; `ARCHITECTURE.md` walks one item through them. Read first: `labels.label`, `agreements.agreement`,
`policy.decision`, `envelope.verify`, `audit.merkle`, `flows.release`, `flows.intake`, `node`.
"""

__version__ = "0.1.0"
