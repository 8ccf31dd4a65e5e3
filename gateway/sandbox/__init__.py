"""A trading partner to try everything against: an SFTP server and a payer that adjudicates."""
