"""`make bench`: the real service measured with wrk beside others, as ratios in one run.

Never part of pytest: what a clock says depends on the machine. Nothing here needs the network, but
for the first run, which installs HealthChain into `.bench/`.
"""
