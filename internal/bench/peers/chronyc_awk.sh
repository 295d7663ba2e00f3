#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The shell check that people write: chronyc, parsed. chronyc_awk.sh ADDRESS PORT
chronyc -n -c -h "$1" -p "$2" tracking | awk -F, '
	{ offset = $5 < 0 ? -$5 : $5; leap = $14 }
	END {
		if (NR != 1 || leap == "Not synchronised" || offset > 0.1) { print "CRITICAL: " offset " s"; exit 2 }
		if (offset > 0.05) { print "WARNING: " offset " s"; exit 1 }
		print "OK: " offset " s"
	}'
