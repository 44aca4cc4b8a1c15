# shellcheck shell=bash
# Sourced by the other scripts: waiting without a clock. A test waits until something happens, or
# until the processes that must make it happen have ended; how long that takes decides nothing.

# wait_until "PROCESS…" COMMAND…: until the command succeeds; fails when a process has ended and
# the command still does not succeed
wait_until() {
    local processes=$1 process
    shift
    until "$@"; do
        for process in $processes; do
            if ! kill -0 "$process" 2>/dev/null; then
                "$@" && return
                return 1
            fi
        done
        sleep 0.05
    done
}

# written FOLDER…: a line per file that changes when the file is written again, also within one
# tick of the clock, since a new file takes its place
written() {
    find "$@" -type f -printf '%p %i %T@\n' | sort
}
