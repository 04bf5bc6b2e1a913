"""What a partner answers is an error of the partner's, with the code it told, or a size we can prove from."""

import pytest

from gsomia.errors import PartnerError
from gsomia.exchange import Refusal
from gsomia.transport import PartnerRefusedError
from gsomia.transport.https import SeenOtherError


@pytest.mark.source("DESIGN-6", "STYLE-3.6")
def test_a_refusal_keeps_the_code_and_the_correlation_id_the_partner_told() -> None:
    told = Refusal(code="exchange/id-reused", correlation_id="c1", recorded=True)
    error = PartnerRefusedError(told)
    assert isinstance(error, PartnerError)
    assert (error.code, error.refusal) == ("exchange/id-reused", told)


@pytest.mark.source("C2SP tlog-witness")
@pytest.mark.parametrize(("answer", "size"), [(b"0\n", 0), (b"7\n", 7), (b"9007199254740991\n", 9007199254740991)])
def test_another_size_is_read_as_the_witness_wrote_it(answer: bytes, size: int) -> None:
    error = SeenOtherError(answer)
    assert (error.code, error.size) == ("transport/seen-other-size", size)


@pytest.mark.source("C2SP tlog-witness")
@pytest.mark.parametrize(
    "answer", [b"", b"7", b"07\n", b"-1\n", b"7\n\n", b" 7\n", b"1" * 17 + b"\n", "\uff17\n".encode()]
)
def test_an_answer_that_is_no_size_is_malformed(answer: bytes) -> None:
    with pytest.raises(PartnerError) as caught:
        SeenOtherError(answer)
    assert caught.value.code == "transport/answer-malformed"
