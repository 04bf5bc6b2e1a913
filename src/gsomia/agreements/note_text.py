"""The words of a note verbale, in English, Korean and Japanese; English decides, the other two are for their readers.

Drafting is no act: a note counts when it was given by the diplomatic channel and received. Terms of art stand as the
word list has them.

Source: F-25, A-11, A-38, decisions 8.1.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, assert_never, get_args

from msgspec import UNSET, Meta, UnsetType

from gsomia.agreements.agreement import NoteNumber
from gsomia.agreements.errors import DraftError
from gsomia.agreements.notes import NoteSubject
from gsomia.labels import check_text

_FINALS = 28
"""Hangul syllables come in blocks of this many, the first of each without a closing consonant."""
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


DraftSubject = Literal[
    NoteSubject.AUTHORITY_NAMED,
    NoteSubject.COMPLETION,
    NoteSubject.TERMINATION,
    NoteSubject.SUSPENSION,
    NoteSubject.WITHDRAWAL,
]
"""The subjects that the drafter has words for."""
DRAFTED: tuple[DraftSubject, ...] = get_args(DraftSubject)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wordings:
    """The same in three languages."""

    en: Annotated[str, Meta(min_length=1)]
    ko: Annotated[str, Meta(min_length=1)]
    ja: Annotated[str, Meta(min_length=1)]

    def __post_init__(self) -> None:
        """Refuse text with a second spelling or with characters nobody sees.

        Raises:
            ValueError: it has.
        """
        for text in (self.en, self.ko, self.ja):
            check_text(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierNote:
    """A note that was given before and still has an effect; known by its number, or by its day alone."""

    subject: DraftSubject
    day: date
    number: NoteNumber | None

    def is_called(self, name: str) -> bool:
        """Whether `name` is its number or its day."""
        return name in {self.number, self.day.isoformat()}

    @property
    def name(self) -> str:
        """How it is quoted."""
        return f"{self.subject} of {self.day}" + (f" ({self.number})" if self.number else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Everything that a note says. `article` is where the instrument speaks of notices, if that is known."""

    subject: DraftSubject
    by: Wordings
    to: Wordings
    ministry: Wordings
    """The foreign ministry whose note it is, by its full name."""
    number: NoteNumber
    day: date
    title: Wordings
    signed: date | None
    article: Annotated[str, Meta(pattern="^[0-9]{1,2}(\\([0-9]\\))?\\Z")] | UnsetType = UNSET
    names: tuple[EarlierNote, ...] = ()
    authority: Wordings | None = None
    condition: Wordings | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteText:
    """A drafted note."""

    en: str
    ko: str
    ja: str


def draft_note(draft: Draft) -> NoteText:
    """The note in its three languages.

    Raises:
        DraftError: the note lacks what its subject needs.

    Source: F-25, A-38, G2-5, G21-1, G21-4.
    """
    if (draft.subject is NoteSubject.AUTHORITY_NAMED) is not (draft.authority is not None):
        raise DraftError(
            "agreements/authority-needed",
            "a note names an authority exactly when its subject is `ca-named`",
            remedy="pass its name in three languages: `--authority`, `--authority-ko`, `--authority-ja`",
            clauses=("G2-5",),
        )
    return NoteText(en=_english(draft), ko=_korean(draft), ja=_japanese(draft))


def in_english(day: date) -> str:
    """A day as English notes write it."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def in_korean(day: date) -> str:
    """A day as Korean notes write it."""
    return f"{day.year}년 {day.month}월 {day.day}일"


def in_japanese(day: date) -> str:
    """A day as Japanese notes write it."""
    return f"{day.year}年{day.month}月{day.day}日"


def _english(draft: Draft) -> str:
    by, to, article = _the(draft.by.en), _the(draft.to.en), draft.article
    under = f"Article {article} of the Agreement" if article else "the provisions of the Agreement"
    signed = f", signed on {in_english(draft.signed)}" if draft.signed else ""
    named = " and ".join(f"its Note{_numbered(note)} dated {in_english(note.day)}" for note in draft.names)
    match draft.subject:
        case NoteSubject.TERMINATION:
            until = f" at the end of {in_english(draft.last_day)}" if draft.last_day else ""
            body = (
                f"to notify the Government of {to}, in writing through the diplomatic channel and in accordance with "
                f"{under}, of the intention of the Government of {by} to terminate the Agreement{until}. All "
                f"classified military information provided under the Agreement continues to be protected in accordance "
                f"with its provisions."
            )
        case NoteSubject.SUSPENSION:
            on = f" The suspension is made on this condition: {draft.condition.en}." if draft.condition else ""
            body = f"to inform the Government of {to} that the effect of {named} is suspended.{on}"
        case NoteSubject.WITHDRAWAL:
            body = f"to inform the Government of {to} that the Government of {by} withdraws {named}."
        case NoteSubject.COMPLETION:
            body = (
                f"to notify the Government of {to}, in accordance with {under}, that the legal requirements of {by} "
                f"necessary for the entry into force of the Agreement have been fulfilled."
            )
        case NoteSubject.AUTHORITY_NAMED:
            body = (
                f"to notify the Government of {to} that the competent authority of {by} for the purposes of the "
                f"Agreement is {draft.authority.en if draft.authority else ''}."
            )
        case _:
            assert_never(draft.subject)
    return (
        f"Note No. {draft.number}\n\n"
        f"The {draft.ministry.en} presents its compliments to the Embassy of {to} and has the honour "
        f"to refer to the {draft.title.en}{signed} (hereinafter “the Agreement”), and {body}\n\n"
        f"The {draft.ministry.en} avails itself of this opportunity to renew to the Embassy of {to} "
        f"the assurances of its highest consideration.\n\n{in_english(draft.day)}\n"
    )


def _korean(draft: Draft) -> str:
    by, to = draft.by.ko, draft.to.ko
    under = f"협정 제{_article(draft, '조', '항')}에 따라" if draft.article else "협정의 규정에 따라"
    signed = f"{in_korean(draft.signed)} 서명된 " if draft.signed else ""
    named = " 및 ".join(f"{in_korean(note.day)}자 구상서{_numbered(note)}" for note in draft.names)
    match draft.subject:
        case NoteSubject.TERMINATION:
            until = f"{in_korean(draft.last_day)} 종료 시 " if draft.last_day else ""
            body = (
                f"{under} 외교경로를 통하여 서면으로, {until}협정을 종료하고자 하는 {by} 정부의 의사를 {to} 정부에 "
                f"통보하는 바입니다. 협정에 따라 제공된 모든 군사비밀정보는 협정의 규정에 따라 계속 보호됩니다."
            )
        case NoteSubject.SUSPENSION:
            on = f" 이 정지의 조건은 다음과 같습니다: {draft.condition.ko}." if draft.condition else ""
            body = f"{named}의 효력을 정지함을 {to} 정부에 통보하는 바입니다.{on}"
        case NoteSubject.WITHDRAWAL:
            body = f"{by} 정부가 {named}를 철회함을 {to} 정부에 통보하는 바입니다."
        case NoteSubject.COMPLETION:
            body = f"{under} 협정의 발효에 필요한 {by}의 국내 법적 요건이 충족되었음을 {to} 정부에 통보하는 바입니다."
        case NoteSubject.AUTHORITY_NAMED:
            body = (
                f"협정의 목적상 {by}의 권한 있는 당국은 {draft.authority.ko if draft.authority else ''}임을 "
                f"{to} 정부에 통보하는 바입니다."
            )
        case _:
            assert_never(draft.subject)
    return (
        f"구상서 제{draft.number}호\n\n"
        f"{_topic(draft.ministry.ko)} {to} 대사관에 경의를 표하며, "
        f"{signed}「{draft.title.ko}」(이하 “협정”이라 한다)에 관하여 {body}\n\n"
        f"{_topic(draft.ministry.ko)} 이 기회에 {to} 대사관에 거듭 경의를 표하는 바입니다.\n\n{in_korean(draft.day)}\n"
    )


def _japanese(draft: Draft) -> str:
    by, to = draft.by.ja, draft.to.ja
    under = f"協定第{_article(draft, '条', '項')}に従い" if draft.article else "協定の規定に従い"
    signed = f"{in_japanese(draft.signed)}に署名された" if draft.signed else ""
    named = "及び".join(f"{in_japanese(note.day)}付け口上書{_numbered(note)}" for note in draft.names)
    match draft.subject:
        case NoteSubject.TERMINATION:
            until = f"{in_japanese(draft.last_day)}の終了の時に" if draft.last_day else ""
            body = (
                f"{under}、外交上の経路を通じて書面により、{until}協定を終了させる{by}政府の意思を{to}政府に通告する"
                f"光栄を有する。協定に基づいて提供された全ての秘密軍事情報は、協定の規定に従って引き続き保護される。"
            )
        case NoteSubject.SUSPENSION:
            on = f"この停止の条件は次のとおりである。{draft.condition.ja}。" if draft.condition else ""
            body = f"{named}の効力を停止する旨を{to}政府に通報する光栄を有する。{on}"
        case NoteSubject.WITHDRAWAL:
            body = f"{by}政府が{named}を撤回する旨を{to}政府に通報する光栄を有する。"
        case NoteSubject.COMPLETION:
            body = (
                f"{under}、協定の効力発生のために必要な{by}の国内法上の要件が満たされた旨を{to}政府に通告する"
                f"光栄を有する。"
            )
        case NoteSubject.AUTHORITY_NAMED:
            body = (
                f"協定の適用上、{by}の権限のある当局は{draft.authority.ja if draft.authority else ''}である旨を"
                f"{to}政府に通告する光栄を有する。"
            )
        case _:
            assert_never(draft.subject)
    return (
        f"口上書第{draft.number}号\n\n"
        f"{draft.ministry.ja}は、{to}大使館に敬意を表するとともに、{signed}「{draft.title.ja}」（以下「協定」という。）に"  # noqa: RUF001  the brackets of Japanese text
        f"言及し、{body}\n\n"
        f"{draft.ministry.ja}は、この機会に、{to}大使館に対し重ねて敬意を表する。\n\n{in_japanese(draft.day)}\n"
    )


def _the(name: str) -> str:
    """Republics, unions and kingdoms have an article in English."""
    return f"the {name}" if name.startswith(("Republic", "United")) else name


def _topic(word: str) -> str:
    """A Korean word as the topic: 은 after a closing consonant, 는 after a vowel."""
    return word + ("은" if (ord(word[-1]) - ord("가")) % _FINALS else "는")


def _numbered(note: EarlierNote) -> str:
    return f" No. {note.number}" if note.number else ""


def _article(draft: Draft, article: str, paragraph: str) -> str:
    number, _, rest = str(draft.article).partition("(")
    return f"{number}{article}" + (f"{rest.removesuffix(')')}{paragraph}" if rest else "")
