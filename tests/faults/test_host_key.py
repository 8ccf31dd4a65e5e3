"""A partner that shows another host key gets nothing; the other partner goes on; a person is told both fingerprints."""

import re
from pathlib import Path

from tests.support.loopback import Loopback

OTHER_KEY = "SHA256:" + "A" * 43


def test_a_wrong_host_key_stops_that_partner_alone(tmp_path: Path) -> None:
    world = Loopback(tmp_path / "world")
    world.succeed("claims", "import", str(world.invent(40, seed=3)))
    profile = world.folder / "payers" / "partners" / "meridian.toml"
    text = profile.read_text(encoding="utf-8")
    shown = re.search(r'^host_keys = \["(SHA256:[^"]+)"\]', text, re.MULTILINE)
    assert shown
    with world.partners("perfect"):
        profile.write_text(text.replace(shown[1], OTHER_KEY), encoding="utf-8")
        said = [world.fail("run") for _ in range(2)]
        assert all(shown[1] in text and OTHER_KEY in text for text in said), "who runs it is told at once"
        assert world.await_claims("lakeside") > 0, "the other partner goes on"
        assert world.read("sandbox", "summary")["meridian"]["uploads"] == 0, "not a byte for a stranger"
        told = [item["sentence"] for item in world.read("work", "list", "--kind", "transfer_failing")]
        assert any(shown[1] in sentence and OTHER_KEY in sentence for sentence in told)
    world.succeed("verify")
