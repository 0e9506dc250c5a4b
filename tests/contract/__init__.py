"""What we do when an EHR's FHIR server, or its prefetch, does not do what we hope."""
