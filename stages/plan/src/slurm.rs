//! The plan as Slurm jobs: one that prepares what is shared, an array and a merge for each surface, and the overview.

use std::fmt::Write;

use crate::{
    config::Slurm,
    shell,
    sweep::settings,
    work::{File, Shards, Work},
};

/// The exit status of a stage that was stopped and can go on.
const STOPPED: u8 = 75;
/// Tasks of an array where the config does not say: Slurm's own default of MaxArraySize is 1001.
const ARRAY_LIMIT: usize = 1000;
/// Seconds before the time limit.
const GRACE: usize = 60;

/// The scripts by name; `submit.sh` submits the others.
pub(crate) fn scripts(work: &Work, slurm: &Slurm, config: &str, folder: &str, bin: &str) -> Vec<(String, String)> {
    let script = Script { slurm, config, folder, bin };
    let mut scripts = vec![("prepare.sbatch".to_string(), script.prepare(&work.shared))];
    for surface in &work.surfaces {
        scripts.push((format!("shards-{}.sbatch", surface.name), script.shards(surface, work.jobs)));
        scripts.push((format!("merge-{}.sbatch", surface.name), script.merge(surface)));
    }
    if let Some(overview) = &work.overview {
        scripts.push(("overview.sbatch".into(), script.job("overview", "", &script.made(overview))));
    }
    scripts.push(("submit.sh".into(), script.submit(work)));
    scripts
}

struct Script<'a> {
    slurm: &'a Slurm,
    config: &'a str,
    folder: &'a str,
    bin: &'a str,
}

impl Script<'_> {
    /// A job: what Slurm is told, what every job does first, and its own part.
    fn job(&self, name: &str, more: &str, body: &str) -> String {
        let mut text =
            format!("#!/usr/bin/env bash\n# {}, written by plan\n#SBATCH --job-name=relief-{name}\n", self.config);
        let _ = writeln!(text, "#SBATCH --output={}/slurm/log/%x-%A-%a.log\n#SBATCH --open-mode=append", self.folder);
        // the time limit is that of the arrays, where the work is; the other jobs take minutes
        for (key, value) in
            settings(self.slurm).iter().filter(|(key, _)| !more.is_empty() || !["time", "gres"].contains(&key.as_str()))
        {
            let _ = writeln!(text, "#SBATCH --{}={value}", key.replace('_', "-"));
        }
        for option in &self.slurm.options {
            let _ = writeln!(text, "#SBATCH {option}");
        }
        text += more;
        let _ = write!(text, "set -eu\nBIN=${{BIN:-{}}}\n", shell::quoted(self.bin));
        if !self.slurm.modules.is_empty() {
            let _ = writeln!(text, "module load {}", shell::line(&self.slurm.modules));
        }
        if !self.slurm.setup.is_empty() {
            let _ = writeln!(text, "{}", self.slurm.setup.trim_end());
        }
        // what make does: a file is made again when what it is made from is newer
        text += "fresh() { local file=$1 need; shift; [ -e \"$file\" ] || return 1\n    \
                 for need; do [ \"$file\" -nt \"$need\" ] || return 1; done; }\n\n";
        text + body
    }

    /// A file, unless it is fresh.
    fn made(&self, file: &File) -> String {
        let path = shell::quoted(&file.path);
        let needs: Vec<String> = file.needs.iter().chain([&file.stamp]).cloned().collect();
        let parent = std::path::Path::new(&file.path).parent().map_or_else(String::new, |it| it.display().to_string());
        format!(
            "fresh {path} {} || {{\n    mkdir -p {}\n    \"$BIN\"/{} --output {path} --force\n}}\n",
            shell::line(&needs),
            shell::quoted(&parent),
            shell::line(&file.command)
        )
    }

    fn prepare(&self, shared: &[File]) -> String {
        let body: String = shared.iter().map(|file| self.made(file)).collect();
        self.job("prepare", "", &body)
    }

    /// The shards of a surface. A task that is told to stop (the time limit comes, others need the node) keeps its
    /// finished points and queues again.
    fn shards(&self, surface: &Shards, jobs: Option<usize>) -> String {
        let Shards { name, folder, count, .. } = surface;
        let tasks = self.tasks(surface);
        let grace = self.slurm.grace.map_or(GRACE, usize::from);
        let more = format!("#SBATCH --array=1-{tasks}\n#SBATCH --requeue\n#SBATCH --signal=USR1@{grace}\n");
        let jobs = jobs.map_or_else(|| "${SLURM_CPUS_PER_TASK:-1}".into(), |jobs| jobs.to_string());
        let needs: Vec<String> = surface.needs.iter().chain([&surface.stamp]).cloned().collect();
        // the signals are for the stage, which srun starts
        let body = format!(
            "trap : TERM USR1\n\
             mkdir -p {folder}\n\
             for shard in $(seq $SLURM_ARRAY_TASK_ID {tasks} {count}); do\n    \
                 shardfile={folder}/$shard-of-{count}.h5\n    \
                 fresh \"$shardfile\" {} && continue\n    \
                 status=0\n    \
                 srun --ntasks=1 \"$BIN\"/{} \\\n        \
                     --shard $shard/{count} --jobs {jobs} --output \"$shardfile\" --force || status=$?\n    \
                 if [ $status = {STOPPED} ]; then\n        \
                     scontrol requeue \"$SLURM_JOB_ID\"\n        \
                     sleep 60 # until Slurm ends this run of the task\n    \
                 fi\n    \
                 [ $status = 0 ] || exit $status\n\
             done\n",
            shell::line(&needs),
            shell::line(&surface.command),
        );
        self.job(&format!("shards-{name}"), &more, &body)
    }

    fn merge(&self, surface: &Shards) -> String {
        let Shards { name, folder, count, surface: merged, .. } = surface;
        let mut body = format!(
            "mkdir -p {0}/surfaces {0}/pictures\n\"$BIN\"/merge {folder}/*-of-{count}.h5 --output {merged} --force --quiet\n",
            self.folder
        );
        surface.pictures.iter().for_each(|file| body += &self.made(file));
        self.job(&format!("merge-{name}"), "", &body)
    }

    fn tasks(&self, surface: &Shards) -> usize {
        surface.count.min(self.slurm.array_limit.map_or(ARRAY_LIMIT, usize::from))
    }

    fn submit(&self, work: &Work) -> String {
        let folder = self.folder;
        let mut text = format!(
            "#!/usr/bin/env bash\n\
             # {}, written by plan: submits everything, from the folder in which plan ran; arguments go to every sbatch.\n\
             # Called again, it computes what is missing or older than what it is made from.\n\
             set -euo pipefail\n\
             [ -e {folder}/plan.mk ] || {{ echo \"submit.sh: call it from the folder in which plan ran\" >&2; exit 1; }}\n\
             mkdir -p {folder}/slurm/log\n\
             submit() {{ sbatch --parsable \"$@\" | cut -d';' -f1; }}\n\n\
             prepare=$(submit \"$@\" {folder}/slurm/prepare.sbatch)\n\
             merges=\n",
            self.config
        );
        for Shards { name, .. } in &work.surfaces {
            let _ = write!(
                text,
                "shards=$(submit \"$@\" --kill-on-invalid-dep=yes --dependency=afterok:$prepare {folder}/slurm/shards-{name}.sbatch)\n\
                 merges+=:$(submit \"$@\" --kill-on-invalid-dep=yes --dependency=afterok:$shards {folder}/slurm/merge-{name}.sbatch)\n"
            );
        }
        if work.overview.is_some() {
            let _ = writeln!(
                text,
                "submit \"$@\" --kill-on-invalid-dep=yes --dependency=afterok$merges {folder}/slurm/overview.sbatch >/dev/null"
            );
        }
        text += "echo \"submitted: squeue --me shows the jobs, slurm/log what they say\"\n";
        text
    }
}
