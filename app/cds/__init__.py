"""The CDS Hooks wire protocol; camelCase only here."""
