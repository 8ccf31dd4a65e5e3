"""What the transactions that ask and answer share: levels, eligibility, claim status, and what no field of theirs names."""
