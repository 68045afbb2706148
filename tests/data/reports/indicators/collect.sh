#!/bin/sh
# Which of the addresses in a list of indicators stand in a log. usage: collect.sh indicators.csv log
cut -d, -f2 "$1" | grep -Fwf - "$2"
