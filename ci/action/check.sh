#!/usr/bin/env bash
# Step `check` of action.yml: the audit, its summary, and the comment on a pull request.
set -euo pipefail

fail() {
  echo "::error title=flake-audit::$1"
  exit 2
}

case "$AUDIT_LEVEL" in
  deny | warn) ;;
  *) fail "the input level is deny or warn, not what was given" ;;
esac
for input in "$AUDIT_SUMMARY" "$AUDIT_COMMENT" "$AUDIT_ARCHIVE"; do
  case "$input" in
    true | false) ;;
    *) fail "the inputs summary, comment and archive are true or false" ;;
  esac
done

# One argument a line, so that names may hold blanks.
arguments=() paths=()
while IFS= read -r line; do
  [ -z "$line" ] || arguments+=("$line")
done <<<"$AUDIT_ARGS"
while IFS= read -r line; do
  [ -z "$line" ] || paths+=("$line")
done <<<"$AUDIT_PATH"

# Only what is new. In a pull request that is what its base does not have; a clone of one commit lacks
# that, and gets it here.
since="$AUDIT_SINCE"
if [ "$since" = auto ]; then
  since=
  if [[ "$AUDIT_BASE" =~ ^[0-9a-f]{40,64}$ ]]; then
    if git cat-file -e "$AUDIT_BASE^{commit}" 2>/dev/null ||
      git fetch --quiet --no-tags --depth=1 origin "$AUDIT_BASE"; then
      since="$AUDIT_BASE"
    else
      echo "::warning title=flake-audit::the base of this pull request cannot be fetched, so all findings count"
    fi
  fi
elif [ "$since" = none ]; then
  since=
fi
if [ -n "$since" ]; then
  arguments+=("--since=$since")
fi

# The sources of all dependencies.
if [ "$AUDIT_ARCHIVE" = true ]; then
  for path in ${paths[@]+"${paths[@]}"}; do
    folder="$path"
    [ -d "$folder" ] || folder=$(dirname -- "$path")
    if [ -f "$folder/flake.nix" ]; then
      (cd -- "$folder" && nix --extra-experimental-features 'nix-command flakes' flake archive --no-write-lock-file) ||
        echo "::warning title=flake-audit::nix flake archive failed, so sources of dependencies may be missing"
    fi
  done
fi

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

# What is wrong has been said by the run before.
if [ "$AUDIT_SUMMARY" = true ] && [ "$AUDIT_FORMAT" != markdown ]; then
  check markdown >>"$GITHUB_STEP_SUMMARY" 2>/dev/null || true
fi

# One comment on each pull request, kept up to date; none where there was never anything to say.
comment() {
  local mark='<!-- flake-audit -->' body known found=0
  local comments="repos/$GITHUB_REPOSITORY/issues/$AUDIT_PULL_REQUEST/comments"
  body="${RUNNER_TEMP:?}/flake-audit-comment.md"
  {
    echo "$mark"
    # GitHub takes 65,536 characters; lines stay whole.
    check markdown 2>/dev/null | awk '
      { size += length($0) + 1 }
      size > 60000 { print "\nThe rest is in the summary of the job."; exit }
      { print }' || true
  } >"$body"
  known=$(gh api --paginate "$comments" --jq ".[] | select(.body | startswith(\"$mark\")) | .id") || return 1
  known=${known%%$'\n'*}
  [ "$code" = 0 ] || found=1
  if [ -n "$known" ]; then
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$known" --field "body=@$body"
  elif [ "$found" = 1 ] || grep -q '^|' "$body"; then
    gh api --silent --method POST "$comments" --field "body=@$body"
  fi
}

if [ "$AUDIT_COMMENT" = true ] && [[ "$AUDIT_PULL_REQUEST" =~ ^[0-9]+$ ]]; then
  comment ||
    echo "::warning title=flake-audit::the comment cannot be written: the job needs pull-requests: write, which forks do not get"
fi

if [ "$code" = 1 ] && [ "$AUDIT_LEVEL" = warn ]; then
  code=0
fi
exit "$code"
