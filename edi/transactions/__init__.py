"""The transactions of the trade, one file each: SPEC as data, frozen structs, read() and write()."""
