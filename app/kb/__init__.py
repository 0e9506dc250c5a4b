"""The knowledge held against CPIC's own tables."""
