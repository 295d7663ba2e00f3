# SPDX-License-Identifier: MIT
#
# Draws what make detection has saved in folder into docs/.
set terminal svg size 900,400 font "sans-serif,12" background "white"
set style line 1 lw 2 lc rgb "#1f77b4"
set style line 2 lw 2 lc rgb "#333333"
set style line 3 lw 2 lc rgb "#1f77b4" dt (6,4)
set style line 4 lw 1.5 lc rgb "#e8a317"
set style line 5 lw 1.5 lc rgb "#c62828"
set style line 6 lw 1.5 lc rgb "#888888"
set grid ytics lc rgb "#dddddd"
set logscale y
set ytics ("10 us" 0.01, "100 us" 0.1, "1 ms" 1, "10 ms" 10, "100 ms" 100, "1 s" 1e3, "10 s" 1e4, "100 s" 1e5)
set key outside bottom center horizontal

load folder.'outage.gp'
set output docs.'outage.svg'
set title "The network is gone for three days: four servers, polled every 17 minutes"
set xlabel "hours"
set xrange [-6:78]
set xtics 12
set yrange [0.02:2000]
set arrow 1 from 0,graph 0 to 0,graph 1 nohead ls 6
set arrow 2 from warning,graph 0 to warning,graph 1 nohead ls 4
set arrow 3 from critical,graph 0 to critical,graph 1 nohead ls 5
set arrow 4 from ends,graph 0 to ends,graph 1 nohead ls 6
set label 1 "gone" at -0.5,1000 right tc rgb "#666666"
set label 2 sprintf("WARNING after %.1f h", warning) at warning+0.5,1000 tc rgb "#b07800"
set label 3 sprintf("CRITICAL after %.1f h", critical) at critical+0.5,1000 tc rgb "#c62828"
set label 4 "back" at ends+0.5,1000 tc rgb "#666666"
plot folder.'outage.dat' using 1:3 with lines ls 1 title "max error, chronyd's bound", \
     '' using 1:2 with lines ls 2 title "the clock's true error"

unset arrow
unset label
set key inside top right vertical
set output docs.'boot.svg'
set title "chronyd starts: pool of four, iburst"
set xlabel "seconds"
set xrange [0:240]
set xtics 30
set yrange [0.02:2e5]
set label 1 "OK from here on" at 6,200 tc rgb "#2e7d32"
plot folder.'boot.dat' using 1:($5 != 0 ? 2e5 : 1/0) with filledcurves y1=0.02 fc rgb "#c62828" fs transparent solid 0.35 noborder title "alarm", \
     '' using 1:4 with lines ls 3 title "chronyd's bound while its skew is a placeholder", \
     '' using 1:3 with lines ls 1 title "max error", \
     '' using 1:2 with lines ls 2 title "the clock's true error"
