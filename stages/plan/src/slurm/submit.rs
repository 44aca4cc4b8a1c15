//! The script that submits all jobs.

use std::fmt::Write;

use crate::work::{Shards, Work};

/// `submit.sh`: jobs that wait for those before them.
pub(super) fn script(work: &Work, config: &str, folder: &str) -> String {
    let logs = format!("{folder}/slurm/log");
    let mut text = format!(
        "#!/usr/bin/env bash\n\
         # {config}, written by plan: submits all jobs, from the folder in which plan ran.\n\
         # Arguments go to every sbatch. Called again, it computes what is missing or older\n\
         # than what it is made from.\n\
         set -euo pipefail\n\
         if [ ! -e {folder}/plan.mk ]; then\n    \
             echo \"submit.sh: call it from the folder in which plan ran\" >&2\n    \
             exit 1\n\
         fi\n\
         mkdir -p {logs}\n\
         submit() {{ sbatch --parsable \"$@\" | cut -d';' -f1; }}\n\
         after() {{ echo --kill-on-invalid-dep=yes --dependency=afterok:$1; }}\n\n\
         prepare=$(submit \"$@\" {folder}/slurm/prepare.sbatch)\n\
         merges=\n"
    );
    for Shards { name, .. } in &work.surfaces {
        let _ = write!(
            text,
            "shards=$(submit \"$@\" $(after $prepare) {folder}/slurm/shards-{name}.sbatch)\n\
             merge=$(submit \"$@\" $(after $shards) {folder}/slurm/merge-{name}.sbatch)\n\
             merges=${{merges:+$merges:}}$merge\n"
        );
    }
    if work.overview.is_some() {
        let overview = format!("{folder}/slurm/overview.sbatch");
        let _ = writeln!(text, "submit \"$@\" $(after $merges) {overview} >/dev/null");
    }
    text += "echo \"submitted: squeue --me shows the jobs, \\\n";
    let _ = writeln!(text, "{logs} has what they say\"");
    text
}
