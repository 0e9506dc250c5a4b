"""Laws are tested without a clock: a slow machine is not a fault of the code."""

from hypothesis import settings

settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")
