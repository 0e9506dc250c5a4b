"""The tests start from no setting at all, whatever the shell has exported."""

import os

for name in [name for name in os.environ if name.startswith("RXHOOKS_")]:
    del os.environ[name]
