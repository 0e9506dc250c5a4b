"""FHIR over HTTP: every wait is bounded, and what could not be fetched has a name."""
