#!/usr/bin/env bash
# Runs `preflight check` once, and gives its exit code and counts as outputs.
#
# Takes PREFLIGHT_BIN, PREFLIGHT_ARGS (one argument a line), PREFLIGHT_INPUTS (one input a line, none
# of them an option) and GitHub's RUNNER_TEMP and GITHUB_OUTPUT. Written for bash 3.2, which is what
# macOS has.
set -euo pipefail

args=()
while IFS= read -r arg; do
  arg=${arg%$'\r'}
  if [ "$arg" = -- ]; then
    echo "::error title=preflight::expected options in args, but found --; names belong into inputs" >&2
    exit 2
  fi
  if [ -n "$arg" ]; then args+=("$arg"); fi
done <<<"$PREFLIGHT_ARGS"

# Behind `--`, nothing is an option.
inputs=(--)
while IFS= read -r input; do
  input=${input%$'\r'}
  if [ -n "$input" ]; then inputs+=("$input"); fi
done <<<"${PREFLIGHT_INPUTS:-}"

folder=$(mktemp -d "$RUNNER_TEMP/preflight.XXXXXX")
report="$folder/report.jsonl"
status=0
"$PREFLIGHT_BIN" check --output "jsonl:$report" ${args[@]+"${args[@]}"} "${inputs[@]}" || status=$?

echo "exit-code=$status" >>"$GITHUB_OUTPUT"
if [ -s "$report" ]; then
  echo "report=$report" >>"$GITHUB_OUTPUT"
  summary=$(tail -n 1 "$report")
  for count in images pass reject unknown skip; do
    if [[ $summary =~ \"$count\":([0-9]+) ]]; then
      echo "$count=${BASH_REMATCH[1]}" >>"$GITHUB_OUTPUT"
    fi
  done
fi
exit "$status"
