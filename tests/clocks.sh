#!/usr/bin/env bash
# No verdict of a test depends on how fast or busy the machine is: fails on any sleep, deadline or
# clock in a test that is not in the list below. Benchmarks (tests/bench) and the time limit of
# fuzzing (tests/fuzz) measure time on purpose.
set -euo pipefail
cd "$(dirname "$0")/.."

# What is allowed, FILE:TEXT OF THE LINE, and the reason why it decides nothing.
allowed() {
    sed -e '/^#/d' -e '/^$/d' <<'LIST'
# the pause between two looks at a stage that runs; the end of the stage ends the wait
tests/src/running.rs:    thread::sleep,
tests/src/running.rs:    time::Duration,
tests/src/running.rs:const POLL: Duration = Duration::from_millis(2);
tests/src/running.rs:            sleep(POLL);
stages/lib/schedule/tests/killed.rs:    time::Duration,
stages/lib/schedule/tests/killed.rs:const POLL: Duration = Duration::from_millis(1);
stages/lib/schedule/tests/killed.rs:                thread::sleep(POLL);
stages/lib/schedule/tests/killed.rs:        thread::sleep(POLL);
# the same for scripts; the end of a process ends the wait
tests/waits.sh:        sleep 0.05
# a command that takes the place of the one in a job's script
tests/tests/slurm.rs:    ("sleep", ""),
# dates of files, which the test sets itself, and compares for being the same
tests/tests/plan.rs:    time::{Duration, SystemTime},
tests/tests/plan.rs:    modified: SystemTime,
tests/tests/plan.rs:fn date_an_hour_before(path: &Path, moment: SystemTime) {
tests/tests/plan.rs:    let an_hour = Duration::from_secs(3600);
# no deadline at all, where Playwright has one of 30 seconds
tests/tools/browser.py:        self.page.set_default_timeout(0)
tests/tools/browser.py:    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS, timeout=0)
LIST
}

words='sleep|Duration|Instant|SystemTime|elapsed|timeout|deadline|seq [0-9]|-newer|perf_counter|monotonic'
words="$words|time\.time|getmtime|st_mtime|\\\$SECONDS|date \+"

# All lines of tests, as FILE:LINE; of the stages' sources what follows #[cfg(test)].
lines() {
    find tests stages -path tests/bench -prune -o -path tests/fuzz -prune -o -path tests/clocks.sh -prune -o \
        -type f \( -name '*.rs' -o -name '*.sh' -o -name '*.py' \) -print | sort |
        while read -r file; do
            case $file in
            tests/* | */tests/*) sed "s|^|$file:|" "$file" ;;
            *.rs) sed -n "/#\[cfg(test)\]/,\$ s|^|$file:|p" "$file" ;;
            esac
        done
}

found=$(lines | grep -E -- "$words" | grep -vxFf <(allowed) || true)
if [ -n "$found" ]; then
    echo "clocks: a test must not depend on time. Wait for what happens, by tests/src/running.rs" >&2
    echo "or tests/waits.sh. Found:" >&2
    echo "$found" >&2
    exit 1
fi
