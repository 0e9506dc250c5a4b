"""Server-rendered pages; nothing is loaded from outside."""
