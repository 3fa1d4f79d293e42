#!/usr/bin/env bash
# Runs every libFuzzer target of a build folder for a number of seconds, two at a time: fuzz.sh BUILD SECONDS.
# A target tests/fuzz/x_fuzz starts from tests/fuzz/corpus/x and keeps new inputs in BUILD/corpus/x; an input that
# crashes it is left in BUILD/crashes. Ends with "N passed, N failed" over the targets; ./dev fuzz calls it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly build=$1 seconds=$2 at_once=2

fuzz_one() {
  local target=$1 name
  name=$(basename "$target" _fuzz)
  local corpus=$build/corpus/$name seeds=tests/fuzz/corpus/$name log=$build/$name.log
  mkdir -p "$corpus" "$build/crashes"
  local inputs=("$corpus")
  [[ ! -d $seeds ]] || inputs+=("$seeds")
  if "$target" -max_total_time="$seconds" -timeout=30 -timeout_exitcode=0 -rss_limit_mb=4096 -print_final_stats=1 \
    -artifact_prefix="$build/crashes/$name-" "${inputs[@]}" >"$log" 2>&1 </dev/null; then
    printf '  %-20s ok: %s\n' "$name" "$(sed -n 's/^stat::number_of_executed_units: *\(.*\)/\1 inputs/p' "$log")"
    # An input may ask for more work than anybody waits for; that is a finding to look at, and no wrong result.
    ! grep -q 'ALARM: working on the last Unit' "$log" ||
      printf '  %-20s stopped at a slow input: %s\n' "$name" "$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)"
  else
    tail -n 60 "$log"
    printf '  %-20s FAILED; repeat with: %s %s\n' "$name" "$target" \
      "$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)"
    return 1
  fi
}

shopt -s nullglob
targets=("$build"/tests/fuzz/*_fuzz)
((${#targets[@]} > 0)) || {
  echo "fuzz: no target in $build/tests/fuzz; is the option fuzz enabled?" >&2
  exit 1
}

failed=0 running=()
finish_oldest() {
  wait "${running[0]}" || failed=$((failed + 1))
  running=("${running[@]:1}")
}

echo "==> fuzz: ${#targets[@]} targets, $seconds seconds each"
for target in "${targets[@]}"; do
  ((${#running[@]} < at_once)) || finish_oldest
  fuzz_one "$target" &
  running+=($!)
done
while ((${#running[@]} > 0)); do finish_oldest; done
echo "$((${#targets[@]} - failed)) passed, $failed failed"
((failed == 0))
