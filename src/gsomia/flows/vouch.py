"""What a security officer vouches for: a facility's accreditation, and an originator's document about a person.

Neither is proven to the node: the document lies in the registry under its number, and the officer's name stands for it.

Source: G10-1, A-09, A-11.
"""

from gsomia.audit import Event
from gsomia.errors import LocalError
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.flows.people import (
    item_or_purpose,
    known_facility,
    known_person,
    period,
    reference,
    refuse_own,
    require_office,
)
from gsomia.flows.ports import Tx
from gsomia.ids import FacilityId, ItemId, PartyCode, PersonId
from gsomia.instants import Instant
from gsomia.parties import Office
from gsomia.registry import FacilityAccreditation, NationalityConsent


def accredit_facility(
    desk: Desk, actor: Actor, *, facility: FacilityId, number: str, level: str, review_at: Instant
) -> FacilityAccreditation:
    """Accredit a facility up to a level of our own, until its next review; before that nothing is handled there.

    Source: G10-1.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G10-1")
    now = desk.clock()
    if review_at <= now:
        raise LocalError(
            "flows/review-in-the-past", "the next review of an accreditation lies ahead", remedy="give a later day"
        )
    accreditation = FacilityAccreditation(
        facility=facility,
        number=reference(number, what="accreditation number"),
        level=desk.policy.classification(level).id,
        review_at=review_at,
        by=actor.person,
        at=now,
    )

    def unit(tx: Tx) -> FacilityAccreditation:
        known_facility(tx, facility)
        enter(tx, desk, accreditation, event=Event.FACILITY_ACCREDITED, subject=facility)
        return accreditation

    return desk.store.run(unit)


def agree_to_person(
    desk: Desk,
    actor: Actor,
    *,
    person: PersonId,
    originator: PartyCode,
    item: ItemId | None,
    purpose: str | None,
    number: str,
    until: Instant | None,
) -> NationalityConsent:
    """Record that an originator agreed in writing to a person of a third nationality or employer.

    The officer vouches for the document, which lies in the registry under its number; its word of mouth is none.

    Source: A-09, A-10, A-11, X-8, G6-2.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G6-2")
    refuse_own(actor, person, clause="G6-2")
    item_or_purpose(item, purpose)
    now = desk.clock()
    consent = NationalityConsent(
        person=person,
        originator=originator,
        item=item,
        purpose=purpose,
        number=reference(number, what="number of a document"),
        valid=period(now, start=None, until=until),
        by=actor.person,
        at=now,
    )

    def unit(tx: Tx) -> NationalityConsent:
        known_person(tx, person)
        enter(tx, desk, consent, event=Event.PERSON_AGREED_TO, subject=person, originator=originator)
        return consent

    return desk.store.run(unit)
