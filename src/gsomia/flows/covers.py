"""What comes before a package: the decision in hand, and the labels of its covers.

Source: F-14, G12-1 to G12-3.
"""

from dataclasses import dataclass

from gsomia.audit import Event
from gsomia.errors import RefusedError
from gsomia.flows.clock import require_clock
from gsomia.flows.decide import Answer, ask_release, record_decision
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import get_item
from gsomia.flows.ledger import enter
from gsomia.flows.people import require_own_key
from gsomia.flows.ports import Tx
from gsomia.flows.release import refuse_unless_permitted, sign_decision
from gsomia.flows.soundness import require_sound
from gsomia.ids import (
    ItemId,
    PartyCode,
    new_decision_id,
)
from gsomia.policy import APPROVAL_DAYS, Decision, Verdict, Way, packing_ends
from gsomia.registry import (
    SPOKEN,
    CoverApproval,
    InnerCover,
    ItemRecord,
    OuterCover,
    Package,
    RegisterError,
    inner_cover,
    outer_cover,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Covers:
    """A package that is made, and the labels of its covers."""

    package: Package
    inner: InnerCover
    outer: OuterCover


def approve_covers(
    desk: Desk, actor: Actor, item: ItemId, *, to: PartyCode, authority: str | None = None
) -> CoverApproval:
    """Decide that an item of ours goes to a partner in covers; nothing moves yet.

    Raises:
        RefusedError: a rule says no; the denial is recorded.
        RegisterError: the item is not one that is carried.

    Source: F-14, G1-2, G2-3.
    """
    require_own_key(desk, actor)
    decision_id = new_decision_id(desk.entropy)

    def ask(tx: Tx) -> Answer:
        require_sound(tx, desk, to=to)
        require_clock(tx, desk)
        check_carried(get_item(tx, item))
        return ask_release(tx, desk, item, to=to, decider=actor.person, authority=authority, way=Way.COVERS)

    def first(tx: Tx) -> Answer:
        answer = ask(tx)
        if answer.decision.verdict is Verdict.DENY:
            record_decision(tx, desk, answer, decision_id=decision_id, question="release", item=item, by=actor.person)
        return answer

    answer = desk.store.run(first)
    refuse_unless_permitted(answer.decision, decision_id=decision_id)
    approval = CoverApproval(
        item=item,
        to=to,
        decision=sign_decision(answer, decision_id, actor),
        id=decision_id,
        by=actor.person,
        at=desk.clock(),
    )

    def second(tx: Tx) -> Decision:
        again = ask(tx)
        record_decision(tx, desk, again, decision_id=decision_id, question="release", item=item, by=actor.person)
        if again.decision.verdict is Verdict.PERMIT:
            enter(tx, desk, approval, event=Event.PACKAGE_APPROVED, subject=item, to=to)
        return again.decision

    refuse_unless_permitted(desk.store.run(second), decision_id=decision_id)
    return approval


def covers_of(desk: Desk, package: Package, level_words: frozenset[str]) -> Covers:
    """The labels of a package of ours.

    Raises:
        RegisterError: an address betrays a level or the content.

    Source: G12-2, G12-3.
    """
    listed = package.list
    levels = [desk.policy.classification(one.label.classification) for one in listed.packed]
    words = {word for one in listed.packed for word in (*one.topic.split("-"), *one.purpose.split("-"))}
    return Covers(
        package=package,
        inner=inner_cover(
            mark=max(levels, key=lambda level: level.rank).mark,
            addressee=listed.addressee,
            content_words=sorted(words),
            level_words=level_words,
        ),
        outer=outer_cover(
            addressee=listed.addressee, sender=listed.sender, number=package.number, level_words=level_words
        ),
    )


def check_carried(record: ItemRecord) -> None:
    """Hold that an item is one that is carried.

    Raises:
        RegisterError: it is sealed content, or the spoken word.

    Source: G2-3.
    """
    if record.matter is None or record.form in SPOKEN:
        raise RegisterError(
            "registry/not-carried",
            f"`{record.id}` is of form `{record.form}` and does not go in covers",
            remedy="sealed content goes by `item release`, the spoken word by `item disclose`",
            clauses=("G2-3",),
        )


def approved(tx: Tx, desk: Desk, item: ItemId, *, to: PartyCode) -> CoverApproval:
    """The decision in hand, asked once more on today's facts.

    Raises:
        RefusedError: there is none, or it would be another today.

    Source: F-14.
    """
    approval = tx.latest(CoverApproval, item=item, to=to)
    if approval is None or desk.clock() >= packing_ends(approval.at):
        raise RefusedError(
            "flows/no-decision-in-hand",
            f"nobody decided in the last {APPROVAL_DAYS} days that `{item}` goes to `{to}`",
            remedy="a releasing authority decides first: `item release`",
            clauses=("F-14", "G1-2"),
        )
    authority = approval.decision.body.authority
    again = ask_release(tx, desk, item, to=to, decider=approval.by, authority=authority, way=Way.COVERS)
    refuse_unless_permitted(again.decision, decision_id=approval.id)
    return approval
