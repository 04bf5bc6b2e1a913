"""The words of a paper register: its headings in Korean, Japanese and English, and how its cells are read.

Width, case, spaces and punctuation of a heading do not count; what a cell says is read, never guessed.

    >>> column_of("문서 번호"), column_of("Control No."), column_of("保管場所")
    (<Column.DOCUMENT_NO: 'document-no'>, <Column.CONTROL_NO: 'control-no'>, <Column.PLACE: 'place'>)
    >>> read_copy("2부 중 1"), read_copy("1/2"), str(read_day("2024년 3월 5일"))
    ((1, 2), (1, 2), '2024-03-04T15:00:00Z')

Source: F-01.
"""

import re
import unicodedata
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from gsomia.instants import Instant, start_of_day
from gsomia.registry.matter import Form


class Column(StrEnum):
    """The columns of a control register.

    Source: F-01.
    """

    CONTROL_NO = "control-no"
    QUANTITY = "quantity"
    DOCUMENT_NO = "document-no"
    LEVEL = "level"
    OWN_MARK = "own-mark"
    FORM = "form"
    TITLE = "title"
    """Read by nobody: it is dropped where it is found."""
    COPY = "copy"
    DISPOSAL = "disposal"
    HOLDER = "holder"
    PLACE = "place"
    REMARKS = "remarks"
    """Dropped like the title: free words may tell one."""
    ORIGINATOR = "originator"
    INSTRUMENT = "instrument"
    PURPOSE = "purpose"
    TOPIC = "topic"
    CAVEATS = "caveats"
    PAGES = "pages"
    MEDIA = "media"
    SERIALS = "serials"
    DAY = "day"
    """Received on, for what a partner sent; made on, for our own."""


DROPPED = frozenset({Column.TITLE, Column.REMARKS})
"""Columns that are never stored."""
NEEDED = (
    Column.CONTROL_NO,
    Column.LEVEL,
    Column.FORM,
    Column.ORIGINATOR,
    Column.PURPOSE,
    Column.TOPIC,
    Column.DAY,
)
"""Columns without which no line says enough."""

_HEADINGS: dict[Column, str] = {
    Column.CONTROL_NO: "control no|control number|register no|관리번호|등록번호|관리 번호|管理番号|登録番号",
    Column.QUANTITY: "quantity|qty|수량|数量|部数",
    Column.DOCUMENT_NO: "document no|document number|reference|문서번호|文書番号|文書記号番号",
    Column.LEVEL: "level|classification|originator mark|비밀등급|등급|秘密区分|秘密等級|区分",
    Column.OWN_MARK: "own mark|own level|자국등급|자국 등급|指定区分|自国区分",
    Column.FORM: "form|형태|종류|형식|形態|種類|形式",
    Column.TITLE: "title|subject|제목|건명|件名|題名|標題",
    Column.COPY: "copy|copy no|copy number|사본번호|부수번호|사본|一連番号|写し番号|部番号",
    Column.DISPOSAL: "disposal notice|disposal|declassification|예고문|보존기간|保存期間|指定期間|解除条件",
    Column.HOLDER: "handler|holder|custodian|취급자|보관자|인수자|取扱者|保管者|取扱責任者",
    Column.PLACE: "storage place|place|container|보관장소|보관 장소|보관함|保管場所|保管容器",
    Column.REMARKS: "remarks|notes|비고|備考|摘要",
    Column.ORIGINATOR: "originator|originating party|from|제공국|생산국|발신국|提供国|発信国|作成国",
    Column.INSTRUMENT: "instrument|agreement|협정|근거협정|協定|根拠協定",
    Column.PURPOSE: "purpose|사용목적|목적|利用目的|目的",
    Column.TOPIC: "topic|topic code|주제코드|주제|主題コード|主題",
    Column.CAVEATS: "caveats|handling|취급제한|취급 제한|取扱制限|取扱条件",
    Column.PAGES: "pages|쪽수|면수|매수|頁数|ページ数|枚数",
    Column.MEDIA: "media|media no|매체번호|媒体番号",
    Column.SERIALS: "serials|serial numbers|serial no|일련번호|제조번호|製造番号|製品番号",
    Column.DAY: "received on|made on|date|received|접수일|접수일자|생산일|생산일자|受領日|受領年月日|作成日|年月日",
}
_FORMS: dict[Form, str] = {
    Form.DOCUMENTARY: "documentary|document|paper|문서|서면|文書|書面",
    Form.ELECTRONIC: "electronic|전자|전자파일|電子|電子ファイル",
    Form.MAGNETIC: "magnetic|media|disk|자기|자기매체|磁気|磁気媒体",
    Form.ORAL: "oral|spoken|구두|口頭",
    Form.VISUAL: "visual|시각|영상|視覚|映像",
    Form.EQUIPMENT: "equipment|장비|装備|装備品",
    Form.TECHNOLOGY: "technology|기술|技術",
}


def fold(text: str) -> str:
    """A word without what does not count: width, case, spaces and punctuation."""
    wide = unicodedata.normalize("NFKC", text).casefold()
    return "".join(one for one in wide if one.isalnum())


COLUMNS = MappingProxyType({fold(word): column for column, words in _HEADINGS.items() for word in words.split("|")})
"""Every heading, folded, and its column; the names of `Column` themselves are headings too."""
FORMS = MappingProxyType({fold(word): form for form, words in _FORMS.items() for word in words.split("|")})

_COPIES = (
    re.compile(r"(?P<copy>\d{1,6})\s*(?:/|of)\s*(?P<of>\d{1,6})"),
    re.compile(r"(?P<of>\d{1,6})\s*[부部]?\s*(?:중|のうち|中)\s*(?:제|第)?\s*(?P<copy>\d{1,6})\s*[부部号호]?"),
    re.compile(r"(?:제|第)?\s*(?P<copy>\d{1,6})\s*[부部号호]?"),
)
_DAYS = (
    re.compile(r"(?P<year>\d{4})\s*[-./년年]\s*(?P<month>\d{1,2})\s*[-./월月]\s*(?P<day>\d{1,2})\s*[.일日]?"),
    re.compile(
        r"(?P<era>令和|平成|R|H)\s*(?P<year>\d{1,2}|元)\s*[./年]\s*(?P<month>\d{1,2})\s*[./月]\s*(?P<day>\d{1,2})\s*日?"
    ),
)
_ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988}
FIRST_YEAR, LAST_YEAR = 1945, 9998


def column_of(heading: str) -> Column | None:
    """The column that a heading names; None if it is none of ours."""
    folded = fold(heading)
    known = COLUMNS.get(folded)
    return known or next((column for column in Column if fold(column) == folded), None)


def form_of(text: str) -> Form | None:
    """The form that a word names; None if it is none of the seven."""
    return FORMS.get(fold(text))


def read_copy(text: str) -> tuple[int, int | None] | None:
    """Copy x of y; y is None where the cell does not say it, and the whole is None if the cell says neither."""
    plain = unicodedata.normalize("NFKC", text).strip()
    for pattern in _COPIES:
        if found := pattern.fullmatch(plain):
            of = found.groupdict().get("of")
            return int(found["copy"]), int(of) if of else None
    return None


def read_day(text: str) -> Instant | None:
    """The beginning of a day, as people of both capitals write one; None if it is no day."""
    plain = unicodedata.normalize("NFKC", text).strip()
    for pattern in _DAYS:
        if found := pattern.fullmatch(plain):
            era = found.groupdict().get("era")
            year = 1 if found["year"] == "元" else int(found["year"])
            year += _ERAS[era] if era else 0
            try:
                return start_of_day(date(year, int(found["month"]), int(found["day"]))) if _near(year) else None
            except ValueError:
                return None
    return None


def _near(year: int) -> bool:
    return FIRST_YEAR <= year <= LAST_YEAR
