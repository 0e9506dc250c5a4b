"""A FHIR R4 server with made-up patients, to try the service with.

It is a tool beside the service, which never imports it. `python -m sandbox` starts it; of the
service itself only `rxhooks try` knows, which shows a card without anything being started.
"""
