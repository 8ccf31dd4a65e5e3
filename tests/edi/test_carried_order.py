"""What no field names is written back in the order of the guide: in a provider with a specialty as everywhere else."""

import msgspec
import pytest

from edi.claims import Carried, Party, Reference
from edi.claims.carrying import SEGMENT_ORDER
from edi.punctuation import compose
from edi.spec import LoopSpec, SegmentSpec
from edi.transactions import t837p
from tests.support.professional import RECEIVER, SUBMITTER, claim_of, written

NAMED_LOOPS = [one for one in t837p.SPEC.loops() if isinstance(one.items[0], SegmentSpec) and one.items[0].tag == "NM1"]
RENDERING = Party(
    role="82", is_person=True, last_name="TESTDOCTOR", id_qualifier="XX", id="1999999992", taxonomy="207Q00000X",
    references=(Reference(qualifier="G2", value="INVENTED1", related=(("2U", "99999"),)),),
)  # fmt: skip
CARRYING = msgspec.structs.replace(
    RENDERING, references=(), carried=Carried(segments=(("REF", "G2", "INVENTED1", "", compose("2U", "99999")),))
)


@pytest.mark.parametrize("spec", NAMED_LOOPS, ids=lambda spec: spec.id)
def test_parties_are_written_in_the_order_of_every_loop_that_opens_with_a_name(spec: LoopSpec) -> None:
    in_spec = list(dict.fromkeys(item.tag for item in spec.items if isinstance(item, SegmentSpec)))
    assert [tag for tag in SEGMENT_ORDER["party"] if tag in in_spec] == in_spec


def test_a_rendering_provider_of_a_line_with_a_specialty_and_a_payers_number_keeps_to_the_guide() -> None:
    line = msgspec.structs.replace(claim_of().lines[0], providers=(RENDERING,))
    assert t837p.check(claim_of(lines=(line,)), SUBMITTER, RECEIVER) == []


def test_what_an_older_document_carries_is_written_as_if_a_field_named_it() -> None:
    assert written(claim_of(providers=(CARRYING,))) == written(claim_of(providers=(RENDERING,)))
