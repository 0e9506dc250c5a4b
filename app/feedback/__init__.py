"""Which cards were shown, and what became of them; no patient data."""
