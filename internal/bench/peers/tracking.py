# SPDX-License-Identifier: MIT
#
# The Python check that people write: libchrony through pychrony.
# tracking.py SOCKET-OR-ADDRESS
import sys

import pychrony

with pychrony.ChronyConnection(sys.argv[1]) as connection:
    tracking = connection.get_tracking()
offset = abs(tracking.offset)
for code, word, limit in (2, "CRITICAL", 0.1), (1, "WARNING", 0.05), (0, "OK", -1):
    if offset > limit:
        print(f"{word}: {offset:.9f} s")
        sys.exit(code)
