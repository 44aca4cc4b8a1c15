//! The script that submits all jobs.

use std::fmt::Write;

use crate::work::{Shards, Training, Work};

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
         ready=$(submit \"$@\" {folder}/slurm/prepare.sbatch)\n"
    );
    trainings(&mut text, work, folder);
    text += "merges=\n";
    for surface in &work.surfaces {
        measured(&mut text, surface, folder);
    }
    if work.overview.is_some() {
        let overview = format!("{folder}/slurm/overview.sbatch");
        let _ = writeln!(text, "submit \"$@\" $(after $merges) {overview} >/dev/null");
    }
    text += "echo \"submitted: squeue --me shows the jobs, \\\n";
    let _ = writeln!(text, "{logs} has what they say\"");
    text
}

/// Submits the trainings, and what is made of their checkpoints.
fn trainings(text: &mut String, work: &Work, folder: &str) {
    if work.trainings.is_empty() {
        return;
    }
    *text += "trainings=\n";
    for Training { name, .. } in &work.trainings {
        let _ = write!(
            text,
            "training=$(submit \"$@\" $(after $ready) {folder}/slurm/train-{name}.sbatch)\n\
             trainings=${{trainings:+$trainings:}}$training\n"
        );
    }
    let _ = writeln!(
        text,
        "ready=$(submit \"$@\" $(after $trainings) {folder}/slurm/planes.sbatch)"
    );
}

/// Submits a surface, after the measured trajectories that its pictures show.
fn measured(text: &mut String, surface: &Shards, folder: &str) {
    let mut awaited = "$shards";
    if !surface.trajectories.is_empty() {
        *text += "before=\n";
    }
    for Shards { name, .. } in &surface.trajectories {
        let _ = write!(
            text,
            "shards=$(submit \"$@\" $(after $ready) {folder}/slurm/shards-{name}.sbatch)\n\
             merge=$(submit \"$@\" $(after $shards) {folder}/slurm/merge-{name}.sbatch)\n\
             before=$before:$merge\n"
        );
        awaited = "$shards$before";
    }
    let name = &surface.name;
    let _ = write!(
        text,
        "shards=$(submit \"$@\" $(after $ready) {folder}/slurm/shards-{name}.sbatch)\n\
         merge=$(submit \"$@\" $(after {awaited}) {folder}/slurm/merge-{name}.sbatch)\n\
         merges=${{merges:+$merges:}}$merge\n"
    );
}
