"""The doors partner nodes knock on."""

from gsomia.api.app import PartnerDoor
from gsomia.api.limits import Limits

__all__ = ["Limits", "PartnerDoor"]
