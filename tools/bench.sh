#!/usr/bin/env bash
# The standard measurements: bench.sh BUILD [RLX_BENCH_OPTION...]. Each line of the list below is one run of rlx-bench,
# so that numbers from different machines and commits are of the same things. ./dev bench calls it after a build.
set -euo pipefail
readonly bench=$1/tools/rlx-bench/rlx-bench
shift

[[ -x $bench ]] || {
  echo "bench: $bench is not there; build with the option tools enabled" >&2
  exit 1
}

# Arguments of one run a line; empty lines and lines that start with # are left out.
runs=$(sed -e '/^#/d' -e '/^$/d' <<'LIST'
examples/classifier/classifier.onnx --threads 1
examples/classifier/classifier.onnx
LIST
)

while read -r -a arguments; do
  echo "==> rlx-bench ${arguments[*]} $*"
  "$bench" "${arguments[@]}" "$@" </dev/null
done <<<"$runs"
