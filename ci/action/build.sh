#!/usr/bin/env bash
# Step `build` of action.yml: the flake-audit that the action was checked out with. It is built below
# the runner's folder for temporary files: the workspace may be what is audited.
set -euo pipefail

if [ ! -x "$AUDIT_ROOT/bin/flake-audit" ] && [ ! -x "$AUDIT_ROOT/bin/flake-audit.exe" ]; then
  cargo install --locked --quiet --path "$GITHUB_ACTION_PATH" --root "$AUDIT_ROOT"
fi
# For the steps that come after.
echo "$AUDIT_ROOT/bin" >>"$GITHUB_PATH"
