#!/bin/sh
# What does tracking cost?
#
# usage: inc-bench.sh [ROUNDS [PORTS]], in the build directory after "make"
#
# Builds the benchmark of the engine with and without tracking, runs both by
# turns, and prints the least CPU time of each, their ratio, and the rest of
# what the tracking one says.

set -e
rounds=${1-5}
ports=${2-100000}
dir=`mktemp -d`
trap 'rm -rf "$dir"' 0

make -s tests/perf/inc-bench tests/perf/inc-bench-notrack
i=0
while test $i -lt $rounds; do
    tests/perf/inc-bench $ports >"$dir/track.$i"
    tests/perf/inc-bench-notrack $ports >"$dir/notrack.$i"
    i=`expr $i + 1`
done

# least KIND: the least cold-cpu of its runs.
least () {
    cat "$dir/$1".* | awk '$1 == "cold-cpu" { print $2 }' | sort -n | sed 1q
}
with=`least track`
without=`least notrack`
grep -h -v -e cold- "$dir/track.0"
echo "cold-cpu $with s"
echo "cold-cpu-without-tracking $without s"
echo "$with $without" |
    awk '{ printf "tracking-overhead %.1f %%\n", ($1 / $2 - 1) * 100 }'
