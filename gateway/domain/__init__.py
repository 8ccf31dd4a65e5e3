"""Pure rules over values: no clock, disk, log or database."""
