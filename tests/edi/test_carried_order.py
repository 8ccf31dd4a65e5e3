"""What no field names is written back in the order of the guide: in a provider with a specialty as everywhere else."""

import msgspec
import pytest

from edi.claim_reader import SEGMENT_ORDER
from edi.claims import Carried, Party
from edi.punctuation import compose
from edi.spec import LoopSpec, SegmentSpec
from edi.transactions import t837p
from tests.support.professional import RECEIVER, SUBMITTER, claim_of

NAMED_LOOPS = [one for one in t837p.SPEC.loops() if isinstance(one.items[0], SegmentSpec) and one.items[0].tag == "NM1"]
RENDERING = Party(
    role="82", is_person=True, last_name="TESTDOCTOR", id_qualifier="XX", id="1999999992", taxonomy="207Q00000X",
    carried=Carried(segments=(("REF", "G2", "INVENTED1", "", compose("2U", "99999")),)),
)  # fmt: skip


@pytest.mark.parametrize("spec", NAMED_LOOPS, ids=lambda spec: spec.id)
def test_parties_are_written_in_the_order_of_every_loop_that_opens_with_a_name(spec: LoopSpec) -> None:
    in_spec = list(dict.fromkeys(item.tag for item in spec.items if isinstance(item, SegmentSpec)))
    assert [tag for tag in SEGMENT_ORDER["party"] if tag in in_spec] == in_spec


def test_a_rendering_provider_with_a_specialty_and_something_carried_keeps_to_the_guide() -> None:
    assert t837p.check(claim_of(providers=(RENDERING,)), SUBMITTER, RECEIVER) == []


def test_so_does_a_rendering_provider_of_a_line() -> None:
    line = msgspec.structs.replace(claim_of().lines[0], providers=(RENDERING,))
    assert t837p.check(claim_of(lines=(line,)), SUBMITTER, RECEIVER) == []
