"""What people and partners do: one synchronous module per act. `ports` says what flows need of the world.

This room's modules are its doors: `from gsomia.flows.release import release_item`.
"""
