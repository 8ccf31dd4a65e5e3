"""835 totals beside oxedi's, to the cent: claims, charges, payments, adjustments, provider adjustments, BPR02.

python benchmarks/compare_oxedi.py [--generated 20]

Every 835 of the public corpus that both read, and generated files. Exit code 1 where a total differs without an explanation
in oxedi_explained.toml, or an explanation explains nothing.
"""

import argparse
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import oxedi

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import invented_835
from benchmarks.corpus_files import cut, list_files
from benchmarks.explanations import Difference, explain, read_explanations
from edi.catalogue import find_transaction
from edi.findings import EdiError
from edi.interchange import Reader
from edi.remittances import ClaimPayment, ProviderAdjustment, Remittance

EXPLAINED = Path(__file__).with_name("oxedi_explained.toml")
CLAIMS_A_FILE = 40
_CENT = Decimal("0.01")


class Totals(NamedTuple):
    """What one file of remittances adds up to; money in cents."""

    remittances: int
    amount_cents: int
    claims: int
    charge_cents: int
    paid_cents: int
    patient_responsibility_cents: int
    lines: int
    line_charge_cents: int
    line_paid_cents: int
    adjustments: int
    adjusted_cents: int
    provider_adjustments: int
    provider_adjusted_cents: int


def add_up_ours(data: bytes) -> Totals:
    """The totals of our documents."""
    remittances, payments, provider = _read_ours(data)
    lines = [line for payment in payments for line in payment.lines]
    adjustments = [one for payment in payments for one in payment.adjustments]
    adjustments += [one for line in lines for one in line.adjustments]
    return Totals(
        remittances=len(remittances),
        amount_cents=sum(one.amount_cents for one in remittances),
        claims=len(payments),
        charge_cents=sum(one.charge_cents for one in payments),
        paid_cents=sum(one.paid_cents for one in payments),
        patient_responsibility_cents=sum(one.patient_responsibility_cents or 0 for one in payments),
        lines=len(lines),
        line_charge_cents=sum(one.charge_cents for one in lines),
        line_paid_cents=sum(one.paid_cents for one in lines),
        adjustments=len(adjustments),
        adjusted_cents=sum(one.amount_cents for one in adjustments),
        provider_adjustments=len(provider),
        provider_adjusted_cents=sum(one.amount_cents for one in provider),
    )


def _read_ours(data: bytes) -> tuple[list[Remittance], list[ClaimPayment], list[ProviderAdjustment]]:
    remittances: list[Remittance] = []
    payments: list[ClaimPayment] = []
    provider: list[ProviderAdjustment] = []
    for tset in Reader(cut(data)):
        transaction = find_transaction(tset) if tset.code == "835" else None
        for part in transaction.read_parts(tset) if transaction else ():
            if isinstance(part.document, Remittance):
                remittances.append(part.document)
            elif isinstance(part.document, ClaimPayment):
                payments.append(part.document)
            elif isinstance(part.document, ProviderAdjustment):
                provider.append(part.document)
    return remittances, payments, provider


def add_up_theirs(data: bytes) -> Totals:
    """The totals of oxedi's tables."""
    tables = oxedi.parse(data).tables
    rows = {name: list(_read_table(tables[name].render())) for name in tables}

    def add(table: str, column: str) -> int:
        return sum(int(Decimal(row[column]) / _CENT) for row in rows[table] if row[column] != "∅")

    return Totals(
        remittances=len(rows["payments"]),
        amount_cents=add("payments", "total_payment_amount"),
        claims=len(rows["claims"]),
        charge_cents=add("claims", "charge_amount"),
        paid_cents=add("claims", "payment_amount"),
        patient_responsibility_cents=add("claims", "patient_responsibility"),
        lines=len(rows["services"]),
        line_charge_cents=add("services", "charge_amount"),
        line_paid_cents=add("services", "payment_amount"),
        adjustments=len(rows["adjustments"]),
        adjusted_cents=add("adjustments", "amount"),
        provider_adjustments=len(rows["provider_adjustments"]),
        provider_adjusted_cents=add("provider_adjustments", "amount"),
    )


def _read_table(text: str) -> Iterator[dict[str, str]]:
    """The rows of a rendered table; its Arrow form would need a library more."""
    _, header, *lines = text.strip().splitlines()
    columns = [column.partition(":")[0] for column in header.split(" | ")]
    for line in lines:
        values = line.split(" | ")
        assert len(values) == len(columns), "a value holds what stands between the columns"
        yield dict(zip(columns, values, strict=True))


def differ(ours: Totals, theirs: Totals) -> Iterator[str]:
    """Each total that differs, ours first."""
    for name, mine, other in zip(Totals._fields, ours, theirs, strict=True):
        if mine != other:
            yield f"{name} {mine} {other}"


def list_inputs(generated: int) -> Iterator[tuple[str, bytes]]:
    """Every file of the corpus that holds an 835 which we read, then invented ones."""
    for file in list_files():
        data = file.read()
        try:
            holds = any(tset.code == "835" and find_transaction(tset) for tset in Reader(cut(data)))
        except EdiError:
            holds = False
        if holds:
            yield file.path, data
    for seed in range(generated):
        yield f"generated with seed {seed}", b"".join(invented_835.generate(CLAIMS_A_FILE, seed))


def main() -> int:
    """Print both totals of each file; 1 where a difference is unexplained."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--generated", type=int, default=20)
    differences: list[Difference] = []
    print(f"{'file':<80}{'claims':>7}{'paid cents':>14}{'PLB cents':>12}  differences")
    for name, data in list_inputs(parser.parse_args().generated):
        ours, theirs = add_up_ours(data), add_up_theirs(data)
        found = list(differ(ours, theirs))
        differences += [Difference(name, what) for what in found]
        print(f"{name:<80}{ours.claims:>7}{ours.paid_cents:>14}{ours.provider_adjusted_cents:>12}  {'; '.join(found) or 'none'}")
    judgement = explain(differences, read_explanations(EXPLAINED))
    for difference, explanation in judgement.explained:
        print(f"{difference.file}: {difference.what}: {explanation.right} right: {explanation.why}")
    for line in judgement.list_failures():
        print(line)
    return 0 if judgement.is_sound else 1


if __name__ == "__main__":
    sys.exit(main())
