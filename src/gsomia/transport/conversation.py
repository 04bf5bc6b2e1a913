"""A link-up over a line: the flow asks, the line carries, until the flow has no more to ask."""

from collections.abc import Awaitable, Callable
from functools import partial

from gsomia.flows.linkup import Conversation, Question
from gsomia.transport.https import Link

Step = Callable[[], Question | None]


async def converse(link: Link, talk: Conversation, *, run: Callable[[Step], Awaitable[Question | None]]) -> None:
    """Carry a conversation to its end; `run` runs what the flow does between two questions.

    Raises:
        UnreachableError: the partner was not reached, or is not ready.
        PartnerError: it said something that proves nothing.
    """
    answer: bytes | None = None
    while (question := await run(partial(_go_on, talk, answer))) is not None:
        answer = await link.question(question.path, question.body)


def _go_on(talk: Conversation, answer: bytes | None) -> Question | None:
    """The next question of a conversation, or None at its end."""
    try:
        return next(talk) if answer is None else talk.send(answer)
    except StopIteration:
        return None
