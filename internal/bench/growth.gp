# SPDX-License-Identifier: MIT
#
# Draws folder/sources.dat and folder/throughput.dat into picture.
set terminal svg size 900,360 font "sans-serif,12" background "white"
set output picture
set multiplot layout 1,2
set style line 1 lw 2 pt 7 ps 0.6 lc rgb "#1f77b4"
set style line 2 lw 2 pt 5 ps 0.6 lc rgb "#d95f02"
set grid ytics lc rgb "#dddddd"
set key top left
set yrange [0:*]

set title "One check, by the number of sources"
set xlabel "sources"
set ylabel "CPU, ms"
set xtics (4, 16, 64, 256)
set xrange [-8:270]
plot folder.'sources.dat' using 1:2:3:4 with yerrorlines ls 1 title "libchrony", \
     '' using 1:5:6:7 with yerrorlines ls 2 title "native, static"

set title "Checks per second and core, by how many run at a time"
set xlabel "at a time"
set ylabel "checks / s / core"
set logscale x 2
set xtics (1, 2, 4, 16, 64)
set xrange [0.8:80]
set key bottom right
plot folder.'throughput.dat' using 1:2:3:4 with yerrorlines ls 1 title "libchrony", \
     '' using 1:5:6:7 with yerrorlines ls 2 title "native, static"
