"""By which profiles a claim was judged, in few characters: where they are other ones today, its verdict is of yesterday."""

from hashlib import sha256

from payers.profile import Partner, Payer


def digest_profiles(payer: Payer, partner: Partner) -> str:
    """The same for the same profiles, in every process: of the payer's, and of the versions that its partner takes.

    What else a partner's profile says is no claim's fault: batching tells of it where it cannot be sent.
    """
    told = (payer, partner.versions)
    return sha256("\n".join(each.model_dump_json() for each in told).encode()).hexdigest()[:16]
