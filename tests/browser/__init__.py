"""Tests of the pages in a real browser, against the real service and the real sandbox server."""
