# Signs of life of a long command whose output goes to a log. To be sourced by the scripts of this folder; expects `set -e`, and no EXIT trap
# that leaves out stop_progress.
#
#   start_progress FUNCTION    calls FUNCTION SECONDS every 15 s in the background, until stop_progress or the end of the script
#   stop_progress
progress_pid=""

progress_loop() {
  local nap="" start=$SECONDS
  trap 'kill "$nap" 2>/dev/null || true; exit 0' TERM
  while :; do
    sleep 15 >/dev/null 2>&1 &
    nap=$!
    wait "$nap"
    kill -0 $$ 2>/dev/null || exit 0  # the script was killed and could not say so
    "$1" $((SECONDS - start)) || true
  done
}

start_progress() {
  progress_loop "$1" &
  progress_pid=$!
}

stop_progress() {
  [ -n "$progress_pid" ] || return 0
  kill "$progress_pid" 2>/dev/null || true
  wait "$progress_pid" 2>/dev/null || true
  progress_pid=""
}
