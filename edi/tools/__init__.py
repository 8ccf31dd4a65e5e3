"""What can be done with a whole file: told, checked, turned into other forms, cut, masked. Behind `claimwire edi`."""
