#!/usr/bin/env bash
# The step of action.yml. It takes the flake-audit that is installed; where there is none it builds
# the one that the action was checked out with.
set -euo pipefail

case "$AUDIT_LEVEL" in
  deny | warn) ;;
  *)
    echo "::error title=flake-audit::the input level is deny or warn, not what was given"
    exit 2
    ;;
esac

if ! command -v flake-audit >/dev/null; then
  # Not below the workspace, which may be what is audited.
  root="${RUNNER_TEMP:?}/flake-audit"
  cargo install --locked --quiet --path "$GITHUB_ACTION_PATH" --root "$root"
  PATH="$root/bin:$PATH"
  # For the steps that come after.
  echo "$root/bin" >>"$GITHUB_PATH"
fi

# One argument a line, so that names may hold blanks.
arguments=() paths=()
while IFS= read -r line; do
  [ -z "$line" ] || arguments+=("$line")
done <<<"$AUDIT_ARGS"
while IFS= read -r line; do
  [ -z "$line" ] || paths+=("$line")
done <<<"$AUDIT_PATH"

check() {
  flake-audit check --format "$1" ${arguments[@]+"${arguments[@]}"} -- ${paths[@]+"${paths[@]}"}
}

code=0
if [ -n "$AUDIT_OUTPUT" ]; then
  check "$AUDIT_FORMAT" >"$AUDIT_OUTPUT" || code=$?
else
  check "$AUDIT_FORMAT" || code=$?
fi
echo "exit-code=$code" >>"$GITHUB_OUTPUT"

if [ "$AUDIT_SUMMARY" = true ] && [ "$AUDIT_FORMAT" != markdown ]; then
  # What is wrong has been said by the run before.
  check markdown >>"$GITHUB_STEP_SUMMARY" 2>/dev/null || true
fi

if [ "$code" = 1 ] && [ "$AUDIT_LEVEL" = warn ]; then
  code=0
fi
exit "$code"
