"""The doors partner nodes knock on."""

from gsomia.api.app import PartnerDoor

__all__ = ["PartnerDoor"]
