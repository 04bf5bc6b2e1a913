"""The closed catalogue of what the record can say: one verb per fact, `room:thing:fact`.

A leaf names exactly one event. An event that is not listed here is not written and not believed. Adding one means a
member and its meaning; `docs/audit-events.md` is printed from both.

    >>> Event("item:registered").name, MEANINGS[Event.ITEM_REGISTERED]
    ('ITEM_REGISTERED', 'an item of our own was entered in the register')
"""

from collections.abc import Mapping
from enum import StrEnum


class Event(StrEnum):
    """What happened; `MEANINGS` says it in words.

    Invariant (closed catalogue): every member has a meaning, and values never change or are used again.
    """

    ITEM_REGISTERED = "item:registered"
    ITEM_BOOKED = "item:booked"
    ITEM_CARRIED_OVER = "item:carried-over"
    PAPER_IMPORTED = "paper:imported"
    MUSTER_LISTED = "muster:listed"
    MUSTER_DRAWN = "muster:drawn"
    MUSTER_BEGUN = "muster:begun"
    MUSTER_SHEET = "muster:sheet"
    MUSTER_SIGNED = "muster:signed"
    ACCESS_GRANTED = "item:access:granted"
    ACCESS_DENIED = "item:access:denied"
    ACCESS_STOPPED = "item:access:stopped"
    CUSTODY_MOVED = "item:custody:moved"
    HAND_OVER_GIVEN = "item:hand-over:given"
    HAND_OVER_TAKEN = "item:hand-over:taken"
    DISCLOSURE_ENTERED = "disclosure:entered"
    DISCLOSURE_ATTENDED = "disclosure:attended"
    PACKAGE_APPROVED = "package:approved"
    PACKAGE_MADE = "package:made"
    PACKAGE_SENT = "package:sent"
    PACKAGE_TOLD = "package:told"
    PACKAGE_MOVED = "package:moved"
    REPRESENTATIVE_NAMED = "package:representative"
    COURIER_CERTIFIED = "courier:certified"
    COURIER_DECLARED = "courier:declared"
    SHIPMENT_PLANNED = "shipment:planned"
    HANDS_CHANGED = "shipment:hands-changed"
    INVENTORY_DRAWN = "inventory:drawn"
    INVENTORY_OPENED = "inventory:opened"
    INVENTORY_EXPLAINED = "inventory:explained"
    INVENTORY_SIGNED = "inventory:signed"
    REGISTERS_COMPARED = "registry:compared"
    CONTAINER_ENTERED = "container:entered"
    CONTAINER_AWAITED = "container:awaited"
    CONTAINER_OPENED = "container:opened"
    CONTAINER_CLOSED = "container:closed"
    INCIDENT_MARKED = "incident:marked"
    INCIDENT_OPENED = "incident:opened"
    INCIDENT_ENTERED = "incident:entered"
    INCIDENT_REPORTED = "incident:reported"
    INCIDENT_REPORTED_LATE = "incident:reported-late"
    INCIDENT_ACKNOWLEDGED = "incident:acknowledged"
    INCIDENT_TOLD = "incident:told"
    INCIDENT_ASKED = "incident:asked"
    INCIDENT_ANSWERED = "incident:answered"
    RELEASE_PERMITTED = "release:decision:permitted"
    RELEASE_DENIED = "release:decision:denied"
    ONWARD_DECIDED = "onward:decision"
    DELIVERY_QUEUED = "delivery:queued"
    DELIVERY_ATTEMPT = "delivery:attempt"
    DELIVERY_RECEIVED = "delivery:received"
    DELIVERY_RECEIPTED = "delivery:receipted"
    DELIVERY_OPENED = "delivery:opened"
    DELIVERY_REFUSED = "delivery:refused"
    INTAKE_RECEIVED = "intake:received"
    INTAKE_VERIFIED = "intake:verified"
    INTAKE_REFUSED = "intake:refused"
    INTAKE_HELD = "intake:held"
    STATEMENT_ISSUED = "statement:issued"
    STATEMENT_RECEIVED = "statement:received"
    STATEMENT_REFUSED = "statement:refused"
    RECEIPT_RECEIVED = "receipt:received"
    AGREEMENT_PROPOSED = "agreement:proposed"
    AGREEMENT_SIGNED = "agreement:signed"
    AGREEMENT_NOTED = "agreement:noted"
    AGREEMENT_ACTED = "agreement:acted"
    ASSURANCE_GIVEN = "assurance:given"
    ASSURANCE_ACKNOWLEDGED = "assurance:acknowledged"
    ASSURANCE_WITHDRAWN = "assurance:withdrawn"
    ASSURANCE_PERSON_NAMED = "assurance:person-named"
    ASSURANCE_PERSON_DECLINED = "assurance:person-declined"
    ASSURANCE_PERSON_ACCEPTED = "assurance:person-accepted"
    CONSENT_GRANTED = "consent:granted"
    CONSENT_ASKED = "consent:asked"
    CONSENT_DENIED = "consent:denied"
    CONSENT_WITHDRAWN = "consent:withdrawn"
    ORIGINATOR_INTRODUCED = "originator:introduced"
    ORIGINATOR_CONFIRMED = "originator:confirmed"
    RELAY_ENVELOPE_KEPT = "relay:envelope:kept"
    RELAY_ARRIVED = "relay:arrived"
    RELAY_REPORTED = "relay:reported"
    RELAY_NOTICE = "relay:notice"
    PARTY_PINNED = "party:pinned"
    PARTY_REFUSED = "party:refused"
    PERSON_ADDED = "person:added"
    PERSON_CLEARED = "person:cleared"
    PERSON_CLEARANCE_CHANGED = "person:clearance:changed"
    PERSON_AGREED_TO = "person:agreed-to"
    PERSON_ENTRY_ENDED = "person:entry:ended"
    PERSON_LEFT = "person:left"
    PERSON_DUTY = "person:duty"
    PERSON_ROSTERED = "person:rostered"
    FACILITY_ADDED = "facility:added"
    FACILITY_CHANGE_FORCED = "facility:change-forced"
    FACILITY_APPOINTED = "facility:appointed"
    FACILITY_ACCREDITED = "facility:accredited"
    CONTRACTOR_CHANGED = "contractor:changed"
    CONTRACTOR_DECIDED = "contractor:decision"
    CONTRACTOR_RELEASED = "contractor:released"
    VISIT_REQUESTED = "visit:requested"
    VISIT_APPROVED = "visit:approved"
    VISIT_DECLINED = "visit:declined"
    VISIT_NOTICED = "visit:noticed"
    VISIT_ADVISED = "visit:advised"
    VISIT_STEP = "visit:step"
    VISIT_DISCLOSED = "visit:disclosed"
    MEETING_ENTERED = "meeting:entered"
    FOLLOW_UP = "follow-up:changed"
    REQUEST_MADE = "request:made"
    REQUEST_ANSWERED = "request:answered"
    REQUEST_DECLINED = "request:declined"
    REQUEST_WITHDRAWN = "request:withdrawn"
    LAW_ENTERED = "law:entered"
    LAW_CLOSED = "law:closed"
    LAW_ASKED = "law:asked"
    LAW_TOLD = "law:told"
    LEVELS_REVIEWED = "levels:reviewed"
    SOURCE_ADDED = "source:added"
    LEVELS_CONFIRMED = "levels:confirmed"
    FAMILY_ASKED = "family:asked"
    LOG_ANCHORED = "log:anchored"
    LOG_CONTRADICTED = "log:contradicted"
    LOG_CONVICTION_LIFTED = "log:conviction-lifted"
    LOG_EPOCH_PROPOSED = "log:epoch:proposed"
    LOG_EPOCH_OPENED = "log:epoch:opened"
    LOG_EPOCH_ACCEPTED = "log:epoch:accepted"
    ACT_RECOVERED = "act:recovered"
    ITEM_FETCHED_AGAIN = "item:fetched-again"
    ITEM_DESTRUCTION_PROPOSED = "item:destruction:proposed"
    ITEM_DESTRUCTION_ORDERED = "item:destruction:ordered"
    ITEM_DESTRUCTION_ENTERED_LATE = "item:destruction:entered-late"
    ITEM_DESTROYED = "item:destroyed"
    ACT_REFUSED = "act:refused"
    BALANCE_SIGNED = "balance:signed"
    REPORT_ISSUED = "report:issued"
    ITEM_RETURN_PROPOSED = "item:return:proposed"
    ITEM_RETURN_ORDERED = "item:return:ordered"
    ITEM_RETURN_ANSWERED = "item:return:answered"
    NODE_INITIALISED = "node:initialised"
    KEYS_ROTATED = "keys:rotated"
    KEYS_REVOKED = "keys:revoked"
    KEYS_RECOVERED = "keys:recovered"
    STATEMENT_DISOWNED = "statement:disowned"
    LINK_SWITCHED = "link:switched"
    BUNDLE_EXPORTED = "bundle:exported"
    BUNDLE_IMPORTED = "bundle:imported"
    BUNDLE_ANSWERED = "bundle:answered"
    NODE_BACKED_UP = "node:backed-up"
    ITEM_COPY_ORDERED = "item:copy:ordered"
    ITEM_COPY_APPROVED = "item:copy:approved"
    ITEM_COPIED = "item:copied"
    ITEM_DERIVED = "item:derived"
    ITEM_LEVEL_NOTED = "item:level:noted"
    ITEM_REGRADED = "item:regraded"
    ITEM_REMARKED = "item:remarked"
    LEVEL_REPORTED = "level:reported"
    PURPOSE_CHANGED = "purpose:changed"
    PURPOSE_ASKED = "purpose:asked"
    PURPOSE_ANSWERED = "purpose:answered"
    RULE_CHANGED = "node:rule:changed"
    WARNING_AUTHORISED = "warning:authorised"
    WARNING_STOPPED = "warning:stopped"
    WARNING_LANE_OPENED = "warning:lane:opened"
    WARNING_LANE_ENDED = "warning:lane:ended"
    WARNING_TALLIED = "warning:tallied"
    WARNING_RECEIPTED = "warning:receipted"
    WARNING_ENTERED_LATE = "warning:entered-late"
    WARNING_LOWERED = "warning:lowered"
    WARNING_SOURCE_REFUSED = "warning:source:refused"
    HOTLINE_DESK_NAMED = "hotline:desk:named"
    HOTLINE_WATCH_TAKEN = "hotline:watch:taken"
    HOTLINE_MESSAGE_ENTERED = "hotline:message:entered"
    HOTLINE_ACKNOWLEDGED = "hotline:message:acknowledged"
    HOTLINE_READ_BACK_RIGHT = "hotline:read-back:right"
    HOTLINE_READ_BACK_DIFFERS = "hotline:read-back:differs"
    HOTLINE_WORDS_SHOWN = "hotline:words:shown"
    HOTLINE_CALL_LOGGED = "hotline:call:logged"
    HOTLINE_TEST_PLANNED = "hotline:test:planned"
    HOTLINE_ALARMED = "hotline:alarmed"
    DISCLOSURE_OPENED = "disclosure:opened"
    DISCLOSURE_BOOKED = "disclosure:booked"


MEANINGS: Mapping[Event, str] = {
    Event.ITEM_REGISTERED: "an item of our own was entered in the register",
    Event.ITEM_BOOKED: "the registrar gave an item its own mark, category and control number",
    Event.ITEM_CARRIED_OVER: "an item of a paper register was entered; file and lines are named",
    Event.PAPER_IMPORTED: "a control officer signed for the import of a paper register",
    Event.MUSTER_LISTED: "a part of the list of what a muster expects was written down",
    Event.MUSTER_DRAWN: "the seed of a spot check was entered, before the list it draws from was taken",
    Event.MUSTER_BEGUN: "a muster of a facility began; the list of what is expected is named",
    Event.MUSTER_SHEET: "somebody signed for what they saw in a muster, or explained what they did not see",
    Event.MUSTER_SIGNED: "one of two persons signed the result of a muster",
    Event.ACCESS_GRANTED: "a named reader may read an item; written before content is shown",
    Event.ACCESS_DENIED: "a named reader was refused an item",
    Event.ACCESS_STOPPED: "an open reading was stopped, because its reader no longer may",
    Event.CUSTODY_MOVED: "an item changed hands, or changed what it is",
    Event.HAND_OVER_GIVEN: "a copy was handed over; it stays with its giver until the taker has signed",
    Event.HAND_OVER_TAKEN: "the taker signed for a copy, which is theirs now",
    Event.DISCLOSURE_ENTERED: "something was said or shown to the other side, ours or theirs",
    Event.DISCLOSURE_ATTENDED: "it is known who heard a disclosure, or how many",
    Event.PACKAGE_APPROVED: "it was decided that an item may go to a party in covers",
    Event.PACKAGE_MADE: "copies were packed in two covers, under seals and a number",
    Event.PACKAGE_SENT: "a package left, and its list was signed",
    Event.PACKAGE_TOLD: "a partner's list says that a package is on its way",
    Event.PACKAGE_MOVED: "a package took a step: made, sent, told, arrived, opened, receipted",
    Event.REPRESENTATIVE_NAMED: "a government representative was named to whom packages are handed over",
    Event.COURIER_CERTIFIED: "a courier was certified for one package and one journey",
    Event.COURIER_DECLARED: "a courier declared before or after a journey",
    Event.SHIPMENT_PLANNED: "a shipment of equipment has vehicle, seals, escorts and notice",
    Event.HANDS_CHANGED: "equipment changed hands on its way, with a receipt",
    Event.INVENTORY_DRAWN: "one side drew its roster of a joint inventory and signed the root of it",
    Event.INVENTORY_OPENED: "one side opened its roster where the two differ",
    Event.INVENTORY_EXPLAINED: "one side said why the registers differ over an item",
    Event.INVENTORY_SIGNED: "one side signed the minutes of a joint inventory, over both rosters",
    Event.REGISTERS_COMPARED: "one side said its transmittals by number and state, for comparison",
    Event.CONTAINER_ENTERED: "a container was entered, or who may open it was said anew",
    Event.CONTAINER_AWAITED: "the first of two persons signed to open a container of the top level",
    Event.CONTAINER_OPENED: "a container was opened; its seals were compared first",
    Event.CONTAINER_CLOSED: "a container was closed under new seals",
    Event.INCIDENT_MARKED: "something was seen that may be an incident",
    Event.INCIDENT_OPENED: "an incident was opened; suspicion is enough",
    Event.INCIDENT_ENTERED: "something was entered in the case of an incident; its words stand in no log",
    Event.INCIDENT_REPORTED: "a report of an incident was said, or heard",
    Event.INCIDENT_REPORTED_LATE: "a first notice went out while the log took nothing, and is entered now",
    Event.INCIDENT_ACKNOWLEDGED: "a report of an incident was acknowledged, by the partner or by us",
    Event.INCIDENT_TOLD: "a partner was told of an entry in a case: its code, and a salted commitment to its words",
    Event.INCIDENT_ASKED: "an originator asked how far items of its own reached",
    Event.INCIDENT_ANSWERED: "a holder answered from its register how far they reached",
    Event.RELEASE_PERMITTED: "an item may go to a party; the decision is named",
    Event.RELEASE_DENIED: "an item may not go to a party; the decision is named",
    Event.ONWARD_DECIDED: "it was decided whether an item may go on to a third party",
    Event.DELIVERY_QUEUED: "a sealed item waits in the outbox",
    Event.DELIVERY_ATTEMPT: "sending was tried; written before the first byte leaves",
    Event.DELIVERY_RECEIVED: "the recipient's node holds the item durably",
    Event.DELIVERY_RECEIPTED: "the recipient's registrar took custody",
    Event.DELIVERY_OPENED: "a person of the recipient opened the item",
    Event.DELIVERY_REFUSED: "the recipient refused the item, with a code",
    Event.INTAKE_RECEIVED: "a partner's sealed item arrived whole",
    Event.INTAKE_VERIFIED: "everything that can be proven of it without reading it was proven",
    Event.INTAKE_REFUSED: "something a partner sent was refused, with a code",
    Event.INTAKE_HELD: "an item dispatched after the end came; it lies sealed, on hold, until two persons destroy it",
    Event.STATEMENT_ISSUED: "we signed a statement",
    Event.STATEMENT_RECEIVED: "a partner's statement was verified and kept",
    Event.STATEMENT_REFUSED: "a partner refused a statement of ours, with a code",
    Event.RECEIPT_RECEIVED: "a partner proved that it recorded what we sent",
    Event.AGREEMENT_PROPOSED: "a version of an instrument was put forward",
    Event.AGREEMENT_SIGNED: "a party signed a version of an instrument",
    Event.AGREEMENT_NOTED: "a note about an instrument was given or heard",
    Event.AGREEMENT_ACTED: "a named body's act about an instrument was done or heard",
    Event.ASSURANCE_GIVEN: "an assurance of protection was given or heard",
    Event.ASSURANCE_ACKNOWLEDGED: "an assurance of protection was acknowledged",
    Event.ASSURANCE_WITHDRAWN: "an assurance of protection was withdrawn by who had given it",
    Event.ASSURANCE_PERSON_NAMED: "a person was put forward by name under an assurance",
    Event.ASSURANCE_PERSON_DECLINED: "an originator declined a person for its information",
    Event.ASSURANCE_PERSON_ACCEPTED: "an originator declines a person no longer",
    Event.CONSENT_GRANTED: "an originator consented to onward release",
    Event.CONSENT_ASKED: "a holder asked an originator for consent to onward release",
    Event.CONSENT_DENIED: "an originator said no to a request for consent",
    Event.CONSENT_WITHDRAWN: "an originator took a consent back: nothing more goes on under it",
    Event.ORIGINATOR_INTRODUCED: "a hub introduced an originator's verification keys; not believed yet",
    Event.ORIGINATOR_CONFIRMED: "a person confirmed the identities of an originator that a hub introduced",
    Event.RELAY_ENVELOPE_KEPT: "the hub keeps an originator's envelope as it came, to pass it on",
    Event.RELAY_ARRIVED: "an item came through a hub; originator, consent and hub were each proven",
    Event.RELAY_REPORTED: "the hub told an originator how far its item has come at the other end",
    Event.RELAY_NOTICE: "a notice about a relayed item was said, carried or heard along its chain",
    Event.PARTY_PINNED: "a person confirmed a party's identities",
    Event.PARTY_REFUSED: "a party of another world was to be pinned: an exercise and the real do not mix",
    Event.PERSON_ADDED: "a person was entered with a key and offices",
    Event.PERSON_CLEARED: "a person's clearance was entered or changed",
    Event.PERSON_CLEARANCE_CHANGED: "a person's clearance was suspended, withdrawn or restored",
    Event.PERSON_AGREED_TO: "an originator's written agreement to a person of a third nationality was entered",
    Event.PERSON_ENTRY_ENDED: "a person's duty, roster line or appointment ended before its day",
    Event.PERSON_LEFT: "a person left; their key acts no longer",
    Event.PERSON_DUTY: "a person's duty, and with it a need-to-know, was entered or changed",
    Event.PERSON_ROSTERED: "a person was put on an item's roster of readers, or taken off it",
    Event.FACILITY_ADDED: "a facility was entered",
    Event.FACILITY_CHANGE_FORCED: "a control officer came without a muster, in an emergency; a full one is due at once",
    Event.FACILITY_APPOINTED: "an official was appointed to answer for a facility",
    Event.FACILITY_ACCREDITED: "a facility's accreditation was entered or changed",
    Event.CONTRACTOR_CHANGED: "something was entered in the file of a contractor",
    Event.CONTRACTOR_DECIDED: "whether an item may be opened to a contractor was decided, with every reason",
    Event.CONTRACTOR_RELEASED: "an item was opened to a contractor's list; the decision is named",
    Event.VISIT_REQUESTED: "a visit was asked for, by us or a partner",
    Event.VISIT_APPROVED: "the host government permitted a visit, up to a level",
    Event.VISIT_DECLINED: "the host government declined to host a visit; no reason crosses",
    Event.VISIT_NOTICED: "the visitors' side took back a visitor, or the visit",
    Event.VISIT_ADVISED: "a facility of the host was advised of a visit",
    Event.VISIT_STEP: "a facility acknowledged the advice of a visit, opened the visit, or closed it",
    Event.VISIT_DISCLOSED: "an item was disclosed to visitors",
    Event.MEETING_ENTERED: "a meeting with a partner was entered with agenda and outcome",
    Event.FOLLOW_UP: "a finding or commitment was entered, or shown to be carried out",
    Event.REQUEST_MADE: "information was asked for, by us or a partner",
    Event.REQUEST_ANSWERED: "a request for information was answered with a release",
    Event.REQUEST_DECLINED: "a request for information was declined; no reason is given or kept",
    Event.REQUEST_WITHDRAWN: "a request for information was withdrawn by who had asked",
    Event.LAW_ENTERED: "a text of our law, or a change of it, was entered in the register",
    Event.LAW_CLOSED: "nothing is left to do about a change of law: every partner was sent a note",
    Event.LAW_ASKED: "one party asked another for its law in force, or was asked",
    Event.LAW_TOLD: "the law in force was told on request, or heard",
    Event.LEVELS_REVIEWED: "the review of a table of levels after a change of law was opened, or ended",
    Event.SOURCE_ADDED: "an unclassified text was kept by its digest; it moves nothing",
    Event.LEVELS_CONFIRMED: "an official vouched for another country's levels, by a source",
    Event.FAMILY_ASKED: "somebody asked to use an instrument of the family; permitted or refused",
    Event.LOG_ANCHORED: "a salted commitment to the private log's head was written",
    Event.LOG_CONTRADICTED: "a partner's log signed a head that is not shown to continue the last one; both are kept",
    Event.LOG_CONVICTION_LIFTED: "an officer answers for releasing again to whose log was convicted; two have to",
    Event.LOG_EPOCH_PROPOSED: "an officer wants a log that does not hold to go on under a new epoch; two have to",
    Event.LOG_EPOCH_OPENED: "a log of ours goes on under a new epoch, which names where the old one ended",
    Event.LOG_EPOCH_ACCEPTED: "a partner's log goes on under a new epoch that names the head we witnessed",
    Event.ACT_RECOVERED: "a statement this node had lost was given back by the partner and verified again",
    Event.ITEM_DESTRUCTION_PROPOSED: "a first person proposed to destroy an item; a second one has to confirm it",
    Event.ITEM_DESTRUCTION_ORDERED: "it was decided to destroy an item; written before its key is touched",
    Event.ITEM_DESTRUCTION_ENTERED_LATE: "an emergency destruction that the log could not take at the time is entered",
    Event.ITEM_DESTROYED: "a copy of an item is gone for good, here or at a partner; the certificate is named",
    Event.ACT_REFUSED: "a rule refused what a person of ours asked for; code and clauses are kept",
    Event.REPORT_ISSUED: "an officer signed the yearly report of the registry",
    Event.BALANCE_SIGNED: "a party signed what each side holds of the other's under an instrument",
    Event.ITEM_RETURN_PROPOSED: "a first person proposed to give an item back; a second one has to confirm it",
    Event.ITEM_RETURN_ORDERED: "an item is given back to whom it came from, by us or to us; custody has not passed yet",
    Event.ITEM_RETURN_ANSWERED: "whom an item was given back to signed for it, or declined it",
    Event.ITEM_FETCHED_AGAIN: "the content of a received item came once more, because ours was gone",
    Event.NODE_INITIALISED: "the node was made, with its first keys",
    Event.KEYS_ROTATED: "a party's keys were replaced in good order, ours or a partner's",
    Event.KEYS_REVOKED: "a party's keys were replaced because they count no longer",
    Event.KEYS_RECOVERED: "a party's working identity and keys were replaced under its recovery identity",
    Event.STATEMENT_DISOWNED: "what a revoked key signed no longer counts: no cosigned checkpoint covered it in time",
    Event.LINK_SWITCHED: "a partner called under its new certificate; its older ones are no longer taken",
    Event.BUNDLE_EXPORTED: "what waits for a partner was written to media",
    Event.BUNDLE_IMPORTED: "a partner's bundle was read from media, proven and gone through",
    Event.BUNDLE_ANSWERED: "the answer to something in a bundle waits for the next one back",
    Event.NODE_BACKED_UP: "a backup of the node is made, and kept until a named day",
    Event.ITEM_COPY_ORDERED: "copies beyond the limit were ordered, and wait for another person",
    Event.ITEM_COPY_APPROVED: "another person approved copies beyond the limit",
    Event.ITEM_COPIED: "numbered copies of an item were made; the order is named",
    Event.ITEM_DERIVED: "an item was made from others, which are linked",
    Event.ITEM_LEVEL_NOTED: "an originator's notice changes an item's level",
    Event.ITEM_REGRADED: "an item has another level here, and its copies are to be marked again",
    Event.ITEM_REMARKED: "a copy was marked again after a change of level",
    Event.LEVEL_REPORTED: "a holder said how many copies are still to be marked again",
    Event.PURPOSE_CHANGED: "a purpose was opened, renewed or closed",
    Event.PURPOSE_ASKED: "a holder asked the originator for another purpose",
    Event.PURPOSE_ANSWERED: "the originator granted or refused another purpose",
    Event.RULE_CHANGED: "a limit of this node was set",
    Event.WARNING_AUTHORISED: "it was decided beforehand what warnings may cross a lane, ours or a partner's",
    Event.WARNING_STOPPED: "a standing decision on warnings was stopped by a person, ours or a partner's",
    Event.WARNING_LANE_OPENED: "a warning lane began to run",
    Event.WARNING_LANE_ENDED: "a warning lane ended, with a code",
    Event.WARNING_TALLIED: "the sender of a lane signed what a second of it came to",
    Event.WARNING_RECEIPTED: "the recipient of a lane signed that it holds every frame of a tally",
    Event.WARNING_LOWERED: "a releasing authority lowered a warning of ours for everybody; written before the alert",
    Event.WARNING_SOURCE_REFUSED: "what a local source of warnings said was not taken; source, code and count are kept",
    Event.WARNING_ENTERED_LATE: "a warning that was shown while the record was down is entered",
    Event.HOTLINE_DESK_NAMED: "a desk of the hotline was named to the other side, ours or a partner's",
    Event.HOTLINE_WATCH_TAKEN: "a person was given, or took over, the watch at a desk of ours",
    Event.HOTLINE_MESSAGE_ENTERED: "a hotline message of ours or a partner's stands in the watch log",
    Event.HOTLINE_ACKNOWLEDGED: "a hotline message was acknowledged by the receiving desk",
    Event.HOTLINE_READ_BACK_RIGHT: "what the receiving desk repeated is the text",
    Event.HOTLINE_READ_BACK_DIFFERS: "what the receiving desk repeated is not the text",
    Event.HOTLINE_WORDS_SHOWN: "a person may see classified words of a hotline message; written before they do",
    Event.HOTLINE_CALL_LOGGED: "a voice call was logged; it was carried elsewhere",
    Event.HOTLINE_TEST_PLANNED: "test calls between two desks were planned",
    Event.HOTLINE_ALARMED: "a timer of the hotline ran out, or something on it is wrong; the code is named",
    Event.DISCLOSURE_OPENED: "classified words were said over the hotline: the form on it is due",
    Event.DISCLOSURE_BOOKED: "the form on what was said was filled in",
}
"""One line for each event, for people."""
