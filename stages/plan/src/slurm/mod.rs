//! The plan as Slurm jobs: one that prepares what is shared, one for each training, an array and a
//! merge for each surface, and the overview.

mod submit;
mod train;

use std::fmt::Write;

use crate::{
    config::Slurm,
    settings::{Settings, settings},
    shell,
    work::{File, Shards, Work},
};

/// The exit status of a stage that was stopped and can go on.
const STOPPED: u8 = 75;
/// Tasks of an array where the config does not say: Slurm's own default of MaxArraySize is 1001.
const ARRAY_LIMIT: usize = 1000;
/// Seconds before the time limit.
const GRACE: usize = 60;
/// Queues a job again, unless it was cancelled: that one is completing, and stays so.
const AGAIN: &str = "again() {
    case $(scontrol -o show job \"$1\") in
    *JobState=RUNNING*) ;;
    *) return 0 ;;
    esac
    scontrol requeue \"$SLURM_JOB_ID\"
    sleep 60 # until Slurm ends this run of the job
}
";
/// Time limit of the small jobs where the config does not say.
const SMALL_TIME: &str = "00:30:00";

/// The scripts by name; `submit.sh` submits the others.
pub(crate) fn scripts(
    work: &Work,
    slurm: &Slurm,
    config: &str,
    folder: &str,
    bin: &str,
) -> Vec<(String, String)> {
    let script = Script {
        slurm,
        config,
        folder,
        bin,
    };
    let mut scripts = Vec::new();
    let mut prepared: Vec<&File> = work.imports.iter().collect();
    if work.trainings.is_empty() {
        prepared.extend(&work.planes);
    } else {
        for training in &work.trainings {
            let name = format!("train-{}.sbatch", training.name);
            scripts.push((name, script.train(training)));
        }
        let planes = work.planes.iter().collect();
        scripts.push(("planes.sbatch".into(), script.prepare("planes", planes)));
    }
    let prepare = script.prepare("prepare", prepared);
    scripts.push(("prepare.sbatch".into(), prepare));
    for surface in work.measured() {
        let name = &surface.name;
        let shards = script.shards(surface, work.jobs);
        scripts.push((format!("shards-{name}.sbatch"), shards));
        scripts.push((format!("merge-{name}.sbatch"), script.merge(surface)));
    }
    if let Some(overview) = &work.overview {
        let job = script.small_job("overview", &script.made(overview));
        scripts.push(("overview.sbatch".into(), job));
    }
    scripts.push(("submit.sh".into(), submit::script(work, config, folder)));
    scripts
}

/// What Slurm is told of a job.
struct Job<'a> {
    name: String,
    /// The name of its log, with the placeholders of sbatch.
    log: &'a str,
    resources: Settings,
    options: Vec<String>,
}

struct Script<'a> {
    slurm: &'a Slurm,
    config: &'a str,
    folder: &'a str,
    bin: &'a str,
}

impl Script<'_> {
    /// A job of minutes on one core. It takes no GPU, whatever the arrays ask for.
    fn small_job(&self, name: &str, body: &str) -> String {
        let mut small = settings(&self.slurm.small);
        // a partition of GPUs may refuse jobs that want none
        if !asks_for_gpus(self.slurm) {
            for (key, value) in [
                ("partition", &self.slurm.partition),
                ("qos", &self.slurm.qos),
            ] {
                if let Some(value) = value {
                    small.entry(key.into()).or_insert_with(|| value.clone());
                }
            }
        }
        for (key, value) in [("time", SMALL_TIME), ("cpus_per_task", "1")] {
            small.entry(key.into()).or_insert_with(|| value.into());
        }
        if let Some(account) = &self.slurm.account {
            small.insert("account".into(), account.clone());
        }
        let job = Job {
            name: name.into(),
            log: "%x-%j",
            resources: small,
            options: self.slurm.small.options.clone(),
        };
        self.job(&job, body)
    }

    /// A job: what Slurm is told, what every job does first, and its own part.
    fn job(&self, job: &Job, body: &str) -> String {
        let mut text = format!("#!/usr/bin/env bash\n# {}, written by plan\n", self.config);
        let _ = writeln!(text, "#SBATCH --job-name=relief-{}", job.name);
        let _ = writeln!(text, "#SBATCH --output={}/{}.log", self.logs(), job.log);
        text += "#SBATCH --open-mode=append\n";
        for (key, value) in &job.resources {
            let _ = writeln!(text, "#SBATCH --{}={value}", key.replace('_', "-"));
        }
        for option in &job.options {
            let _ = writeln!(text, "#SBATCH {option}");
        }
        let _ = write!(text, "set -eu\nBIN=${{BIN:-{}}}\n", shell::quoted(self.bin));
        if !self.slurm.modules.is_empty() {
            let _ = writeln!(text, "module load {}", shell::line(&self.slurm.modules));
        }
        if !self.slurm.setup.is_empty() {
            let _ = writeln!(text, "{}", self.slurm.setup.trim_end());
        }
        // what make does: a file is made again when what it is made from is newer
        text += "fresh() { local file=$1 need; shift; [ -e \"$file\" ] || return 1\n    \
                 for need; do [ ! \"$need\" -nt \"$file\" ] || return 1; done; }\n\n";
        text + body
    }

    /// The folder of all logs.
    fn logs(&self) -> String {
        format!("{}/slurm/log", self.folder)
    }

    /// A file, unless it is fresh.
    fn made(&self, file: &File) -> String {
        let path = shell::quoted(&file.path);
        format!(
            "fresh {path} {} || {{\n    \
                 mkdir -p {}\n    \
                 \"$BIN\"/{} --output {path} --force\n\
             }}\n",
            needs(&file.needs, &file.stamp),
            shell::quoted(parent(&file.path)),
            shell::line(&file.command)
        )
    }

    fn prepare(&self, name: &str, files: Vec<&File>) -> String {
        let body: String = files.into_iter().map(|file| self.made(file)).collect();
        self.small_job(name, &body)
    }

    /// The shards of a surface. A task that is told to stop (the time limit comes, others need the
    /// node) keeps its finished points and queues again.
    fn shards(&self, surface: &Shards, jobs: Option<usize>) -> String {
        let Shards {
            name,
            folder,
            count,
            ..
        } = surface;
        let tasks = self.tasks(surface);
        let grace = self.slurm.grace.map_or(GRACE, usize::from);
        let mut options = self.slurm.options.clone();
        options.push(format!("--array=1-{tasks}"));
        options.push("--requeue".into());
        options.push(format!("--signal=USR1@{grace}"));
        // the signals are for the stage, which srun starts; srun does not ask by itself what
        // sbatch was told of cores
        let body = format!(
            "{AGAIN}\
             trap : TERM USR1\n\
             mkdir -p {folder}\n\
             cores=${{SLURM_CPUS_PER_TASK:+--cpus-per-task=$SLURM_CPUS_PER_TASK}}\n\
             task=${{SLURM_ARRAY_JOB_ID}}_$SLURM_ARRAY_TASK_ID\n\
             for shard in $(seq $SLURM_ARRAY_TASK_ID {tasks} {count}); do\n    \
                 shardfile={folder}/$shard-of-{count}.h5\n    \
                 fresh \"$shardfile\" {} && continue\n    \
                 status=0\n    \
                 srun --ntasks=1 $cores \"$BIN\"/{} \\\n        \
                     --shard $shard/{count}{} --output \"$shardfile\" --force || status=$?\n    \
                 [ $status != {STOPPED} ] || again $task\n    \
                 [ $status = 0 ] || exit $status\n\
             done\n",
            needs(&surface.needs, &surface.stamp),
            shell::line(&surface.command),
            self.jobs_option(surface, jobs),
        );
        let job = Job {
            name: format!("shards-{name}"),
            log: "%x-%A-%a",
            resources: settings(self.slurm),
            options,
        };
        self.job(&job, &body)
    }

    /// How many points a task measures at once, as an option of eval-grid.
    ///
    /// On GPUs eval-grid's own default is right: one point at once per GPU, however many cores
    /// come with it.
    fn jobs_option(&self, surface: &Shards, jobs: Option<usize>) -> String {
        if let Some(jobs) = jobs {
            return format!(" --jobs {jobs}");
        }
        let on_gpus = match surface.settings.get("device").map(String::as_str) {
            Some("cpu") => false,
            Some("auto") | None => asks_for_gpus(self.slurm),
            Some(_) => true,
        };
        if on_gpus {
            String::new()
        } else {
            " --jobs ${SLURM_CPUS_PER_TASK:-1}".into()
        }
    }

    fn merge(&self, surface: &Shards) -> String {
        let Shards {
            name,
            folder,
            count,
            surface: merged,
            ..
        } = surface;
        let mut body = format!(
            "mkdir -p {}\n\
             \"$BIN\"/merge {folder}/*-of-{count}.h5 --output {merged} --force --quiet\n",
            parent(merged)
        );
        for picture in &surface.pictures {
            body += &self.made(picture);
        }
        self.small_job(&format!("merge-{name}"), &body)
    }

    /// The number of tasks of a surface's array.
    fn tasks(&self, surface: &Shards) -> usize {
        let limit = self.slurm.array_limit.map_or(ARRAY_LIMIT, usize::from);
        surface.count.min(limit)
    }
}

/// The folder of a file.
fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or(".", |(parent, _)| parent)
}

/// What something is made from, and the file that holds its command, as words.
fn needs(needs: &[String], stamp: &str) -> String {
    let mut words = needs.to_vec();
    words.push(stamp.into());
    shell::line(&words)
}

/// Whether a task of the arrays gets GPUs.
fn asks_for_gpus(slurm: &Slurm) -> bool {
    let by_gres = slurm.gres.as_ref().is_some_and(|gres| gres.contains("gpu"));
    by_gres || slurm.gpus.is_some() || slurm.options.iter().any(|it| is_for_gpus(it))
}

/// Whether an option of sbatch asks for GPUs: --gpus, --gpus-per-task, --gres=gpu:1 and their like.
fn is_for_gpus(option: &str) -> bool {
    option.starts_with("-G") || option.contains("gpu")
}
