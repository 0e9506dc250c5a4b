"""A FHIR R4 server with made-up patients, to try the service with.

It is a tool beside the service: neither imports the other. `python -m sandbox` starts it.
"""
