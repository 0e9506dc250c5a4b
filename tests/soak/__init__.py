"""Minutes of mixed load, with a FHIR server that is slow, failing and flapping."""
