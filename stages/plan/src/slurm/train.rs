//! The jobs that train.

use super::{AGAIN, GRACE, Job, STOPPED, Script, needs};
use crate::{settings::settings, shell, work::Training};

/// The exit statuses of a training that a signal ended, USR1 or TERM.
const ENDED: &str = "138 | 143";

impl Script<'_> {
    /// A training. At its time limit it is ended and queues again, and goes on from its last epoch;
    /// a run that ended no epoch would only repeat itself.
    pub(super) fn train(&self, training: &Training) -> String {
        let Training {
            name, folder, last, ..
        } = training;
        let jobs = &self.slurm.train;
        // what is not said of trainings holds of them as of arrays
        let mut resources = settings(self.slurm);
        resources.insert("cpus_per_task".into(), training.threads.to_string());
        resources.extend(settings(jobs));
        let grace = self.slurm.grace.map_or(GRACE, usize::from);
        let mut options = jobs.options.as_ref().unwrap_or(&self.slurm.options).clone();
        options.push("--requeue".into());
        options.push(format!("--signal=USR1@{grace}"));
        let kept = shell::quoted(&training.kept());
        let body = format!(
            "{AGAIN}\
             fresh {} {} && exit\n\
             trap : TERM USR1\n\
             mkdir -p {folder}\n\
             {}\n\
             kept() {{ [ ! -e {kept} ] || \"$BIN\"/inspect --json {kept} | \
                 grep -o '\"id\":\"[0-9a-f]*\"' | head -n 1; }}\n\
             before=$(kept)\n\
             cores=${{SLURM_CPUS_PER_TASK:+--cpus-per-task=$SLURM_CPUS_PER_TASK}}\n\
             export OMP_NUM_THREADS={}\n\
             status=0\n\
             srun --ntasks=1 $cores \"$BIN\"/{} \\\n    \
                 --output-dir {folder} || status=$?\n\
             case $status in\n\
             {STOPPED} | {ENDED})\n    \
                 if [ \"$(kept)\" = \"$before\" ]; then\n        \
                     echo \"no epoch ended in time: raise time of slurm: train\" >&2\n        \
                     exit 1\n    \
                 fi\n    \
                 again \"$SLURM_JOB_ID\" ;;\n\
             esac\n\
             exit $status\n",
            shell::quoted(&last.path),
            needs(&last.needs, &last.stamp),
            shell::begin_anew(training),
            training.threads,
            shell::line(&last.command),
        );
        let job = Job {
            name: format!("train-{name}"),
            log: "%x-%j",
            resources,
            options,
        };
        self.job(&job, &body)
    }
}
