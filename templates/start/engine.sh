#!/usr/bin/env bash
# Starts one engine pod of a serving group: engine.sh COMMAND FLAG...
#
#   LWS_LEADER_ADDRESS           DNS name of the group's first pod (set by LeaderWorkerSet)
#   LWS_WORKER_INDEX             0 on the leader (set by LeaderWorkerSet); default 0
#   DSDEPLOY_RANKS_PER_POD       data-parallel ranks of one pod; only for arguments that hold
#                                $(DSDEPLOY_START_RANK)
#   DSDEPLOY_LEADER_WAIT_SECONDS how long a worker waits for the leader's name; default 600
#   DSDEPLOY_SOURCE              shell files to source first, with colons; those absent are skipped
#   DSDEPLOY_SHM_DIR             default /dev/shm
set -euo pipefail

readonly shm_dir=${DSDEPLOY_SHM_DIR:-/dev/shm}
readonly worker_index=${LWS_WORKER_INDEX:-0}
readonly wait_seconds=${DSDEPLOY_LEADER_WAIT_SECONDS:-600}
# Kubernetes leaves a reference to a variable it does not know as it is. The rank differs from pod to
# pod while all workers share one template, so it is worked out here.
# shellcheck disable=SC2016 # the text itself, not its value
readonly start_rank_token='$(DSDEPLOY_START_RANK)'

log() {
  printf 'dsdeploy-start: %s\n' "$*" >&2
}

fail() {
  log "$1"
  exit "$2"
}

# A crashed engine leaves its segments behind; a few restarts would fill the volume (llm-d#352).
clear_shared_memory() {
  [[ -d $shm_dir ]] || return 0
  find "$shm_dir" -mindepth 1 -delete || log "could not empty $shm_dir; going on"
}

# The name resolves as soon as the leader has an address, long before it serves.
wait_for_leader() {
  local address=${LWS_LEADER_ADDRESS:-}
  local deadline=$((SECONDS + wait_seconds))
  [[ -n $address ]] || fail 'LWS_LEADER_ADDRESS is not set; is this pod part of a LeaderWorkerSet?' 64
  log "waiting for leader $address"
  until getent ahosts "$address" >/dev/null; do
    if ((SECONDS >= deadline)); then
      fail "leader $address did not resolve in $wait_seconds s; is the leader scheduled, and may this pod reach DNS?" 1
    fi
    sleep 2
  done
}

start_rank() {
  local ranks=${DSDEPLOY_RANKS_PER_POD:-}
  [[ $ranks =~ ^[1-9][0-9]*$ ]] || fail "DSDEPLOY_RANKS_PER_POD is not a positive number: '$ranks'" 64
  [[ $worker_index =~ ^[0-9]+$ ]] || fail "LWS_WORKER_INDEX is not a number: '$worker_index'" 64
  printf '%d' $((worker_index * ranks))
}

# Images of Ascend set their paths in files that only a login shell reads. Those files test variables
# that need not be set.
source_files() {
  local file files
  IFS=: read -r -a files <<<"${DSDEPLOY_SOURCE:-}"
  for file in "${files[@]}"; do
    if [[ -f $file ]]; then
      log "sourcing $file"
      set +u
      # shellcheck disable=SC1090 # known only when it runs
      source "$file" || log "$file ended with $?; going on"
      set -u
    fi
  done
}

main() {
  (($# > 0)) || fail 'no command given' 64
  clear_shared_memory
  source_files
  # HOME is a path on an empty cache volume, and libraries expect it to exist.
  if [[ -n ${HOME:-} ]]; then mkdir -p "$HOME"; fi
  if [[ $worker_index != 0 ]]; then wait_for_leader; fi

  local arguments=() argument rank
  for argument in "$@"; do
    if [[ $argument == *"$start_rank_token"* ]]; then
      rank=$(start_rank)
      argument=${argument//"$start_rank_token"/$rank}
    fi
    arguments+=("$argument")
  done
  # Only the program: arguments that a user added may hold a secret.
  log "pod $worker_index starts ${arguments[0]}"
  exec "${arguments[@]}"
}

main "$@"
