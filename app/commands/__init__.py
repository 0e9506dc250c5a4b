"""The commands of `rxhooks`, by subject: each module adds its own to the parser.

A command gives 0 if all is well and 1 if it found problems; what keeps it from beginning is raised.
"""
