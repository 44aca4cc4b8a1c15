//! plan --slurm: what the scripts ask Slurm for, and what their jobs run. `tests/slurm.sh` runs
//! them under a real Slurm.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::{Command, Output},
};

use tests::Workdir;

/// A study of one surface in two shards; what Slurm is told comes after it.
const STUDY: &str = "models: { one: { file: model.h5 } }
data: { squares: { file: data.h5 } }
grid: { x: \"-1:1:3\", y: \"-1:1:2\" }
pictures: [{ plot: heat }]
overview: { plot: heat }
";

/// What a cluster with GPUs is told.
const GPUS: &str = "evaluate: { shards: 2 }
slurm:
  account: physics
  partition: gpu
  qos: gpu-long
  time: \"04:00:00\"
  gres: gpu:a100:1
  constraint: nvlink
  cpus_per_task: 8
  mem: 32G
  modules: [cuda, hdf5]
  setup: export HERE=there
  options: [--nice=100]
";

/// The folder of a study that was planned with these settings.
fn planned(settings: &str) -> Workdir {
    let workdir = Workdir::new();
    fs::write(workdir.path("study.yaml"), format!("{STUDY}{settings}")).unwrap();
    workdir.ok("plan study.yaml --output-dir build --slurm");
    workdir
}

fn script(workdir: &Workdir, name: &str) -> String {
    fs::read_to_string(workdir.path(&format!("build/slurm/{name}"))).unwrap()
}

/// What a script asks of Slurm, without the job's name, in the order of the alphabet.
fn asked(workdir: &Workdir, name: &str) -> Vec<String> {
    let mut asked = Vec::new();
    for line in script(workdir, name).lines() {
        match line.strip_prefix("#SBATCH --") {
            Some(option) if !option.starts_with("job-name") => asked.push(option.to_string()),
            _ => {}
        }
    }
    asked.sort();
    asked
}

/// Runs a script with commands of Slurm that only write down what they are told, in `told`, and say
/// what `answers` has for them.
fn run(workdir: &Workdir, name: &str, answers: [(&str, &str); 4]) -> Output {
    fs::create_dir_all(workdir.path("bin")).unwrap();
    for (command, answer) in answers {
        let path = workdir.path("bin").join(command);
        let stand_in = format!("#!/bin/sh\necho {command} \"$@\" >>told\n{answer}\n");
        fs::write(&path, stand_in).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = std::env::var("PATH").unwrap();
    Command::new("bash")
        .arg(format!("build/slurm/{name}"))
        .env("PATH", format!("{}:{path}", workdir.path("bin").display()))
        .env("SLURM_JOB_ID", "9")
        .env("SLURM_ARRAY_JOB_ID", "7")
        .env("SLURM_ARRAY_TASK_ID", "1")
        .env("SLURM_CPUS_PER_TASK", "8")
        .env("BIN", "stages")
        .current_dir(workdir.path(""))
        .output()
        .unwrap()
}

/// A cluster on which everything works.
const WELL: [(&str, &str); 4] = [
    ("sbatch", "echo 7"),
    ("srun", ""),
    ("scontrol", ""),
    ("sleep", ""),
];

/// What the shards of a study with these settings run.
fn measures(settings: &str) -> String {
    let workdir = planned(settings);
    let ran = run(&workdir, "shards-surface.sbatch", WELL);
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    fs::read_to_string(workdir.path("told")).unwrap()
}

#[test]
fn each_kind_of_job_asks_for_what_it_needs() {
    let workdir = planned(GPUS);
    assert_eq!(
        asked(&workdir, "shards-surface.sbatch"),
        [
            "account=physics",
            "array=1-2",
            "constraint=nvlink",
            "cpus-per-task=8",
            "gres=gpu:a100:1",
            "mem=32G",
            "nice=100",
            "open-mode=append",
            "output=build/slurm/log/%x-%A-%a.log",
            "partition=gpu",
            "qos=gpu-long",
            "requeue",
            "signal=USR1@60",
            "time=04:00:00",
        ]
    );
    let log = "output=build/slurm/log/%x-%j.log";
    let small = [
        "account=physics",
        "cpus-per-task=1",
        "open-mode=append",
        log,
        "time=00:30:00",
    ];
    for name in ["prepare", "merge-surface", "overview"] {
        assert_eq!(asked(&workdir, &format!("{name}.sbatch")), small, "{name}");
        let text = script(&workdir, &format!("{name}.sbatch"));
        assert!(
            text.contains("module load cuda hdf5\nexport HERE=there\n"),
            "{text}"
        );
    }
}

#[test]
fn small_jobs_have_settings_of_their_own() {
    let own = "  small:
    partition: short
    time: \"0:10:00\"
    mem: 4G
    cpus_per_task: 2
    options: [--nice=5]
";
    let workdir = planned(&format!("{GPUS}{own}"));
    assert_eq!(
        asked(&workdir, "merge-surface.sbatch"),
        [
            "account=physics",
            "cpus-per-task=2",
            "mem=4G",
            "nice=5",
            "open-mode=append",
            "output=build/slurm/log/%x-%j.log",
            "partition=short",
            "time=0:10:00",
        ]
    );
    // without GPUs the partition of the arrays takes them, too
    let workdir = planned("slurm: { partition: cpu, qos: low, cpus_per_task: 8 }\n");
    let asked = asked(&workdir, "prepare.sbatch");
    for option in [
        "partition=cpu",
        "qos=low",
        "time=00:30:00",
        "cpus-per-task=1",
    ] {
        assert!(
            asked.iter().any(|it| it == option),
            "{option} is not in {asked:?}"
        );
    }
}

#[test]
fn the_example_of_the_documentation_is_a_config() {
    let text = fs::read_to_string(tests::golden("../../docs/slurm.md")).unwrap();
    let example = text
        .split("```yaml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let workdir = planned(example);
    let text = script(&workdir, "shards-surface.sbatch");
    assert!(
        text.contains("module load cuda/13.0 hdf5\nsource $HOME/env.sh\n"),
        "{text}"
    );
    let asked = asked(&workdir, "merge-surface.sbatch");
    for option in [
        "account=my-project",
        "partition=short",
        "time=00:10:00",
        "mem=4G",
    ] {
        assert!(
            asked.iter().any(|it| it == option),
            "{option} is not in {asked:?}"
        );
    }
}

#[test]
fn on_gpus_eval_grid_decides_how_many_points_it_measures_at_once() {
    for gpus in [
        "slurm: { gres: \"gpu:1\", cpus_per_task: 8 }",
        "slurm: { gpus: 1, cpus_per_task: 8 }",
        "slurm: { options: [--gpus-per-task=1], cpus_per_task: 8 }",
        "slurm: { options: [-G1], cpus_per_task: 8 }",
        "slurm: { cpus_per_task: 8 }\nevaluate: { device: cuda }",
    ] {
        let ran = measures(gpus);
        assert!(
            ran.contains("srun --ntasks=1 --cpus-per-task=8 stages/eval-grid "),
            "{ran}"
        );
        assert!(!ran.contains("--jobs"), "{gpus}: {ran}");
    }
    for cores in [
        "slurm: { cpus_per_task: 8 }",
        "slurm: { gres: \"scratch:10G\", cpus_per_task: 8 }",
        "slurm: { gres: \"gpu:1\", cpus_per_task: 8 }\nevaluate: { device: cpu }",
    ] {
        let ran = measures(cores);
        assert!(ran.contains(" --jobs 8 "), "{cores}: {ran}");
    }
    let ran = measures("slurm: { gres: \"gpu:1\", cpus_per_task: 8 }\nevaluate: { jobs: 3 }");
    assert!(ran.contains(" --jobs 3 "), "{ran}");
}

#[test]
fn a_task_that_was_stopped_queues_again_unless_it_was_cancelled() {
    let requeued = "scontrol requeue 9";
    for (state, again) in [
        ("RUNNING", true),
        ("COMPLETING", false),
        ("CANCELLED", false),
    ] {
        let workdir = planned("slurm: { cpus_per_task: 8 }");
        let show = format!("echo JobId=9 JobState={state}");
        let mut answers = WELL;
        answers[1].1 = "exit 75";
        answers[2].1 = &show;
        let ran = run(&workdir, "shards-surface.sbatch", answers);
        assert_eq!(ran.status.code(), Some(75));
        let told = fs::read_to_string(workdir.path("told")).unwrap();
        assert!(told.contains("scontrol -o show job 7_1"), "{told}");
        assert_eq!(told.contains(requeued), again, "{state}: {told}");
    }
}

#[test]
fn submit_says_where_the_logs_are() {
    let workdir = planned(GPUS);
    let ran = run(&workdir, "submit.sh", WELL);
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    let said = String::from_utf8(ran.stdout).unwrap();
    assert!(said.contains("build/slurm/log has what they say"), "{said}");
    assert!(workdir.path("build/slurm/log").is_dir());
    let after = "sbatch --parsable --kill-on-invalid-dep=yes --dependency=afterok:7";
    let told = fs::read_to_string(workdir.path("told")).unwrap();
    let wanted = [
        "sbatch --parsable build/slurm/prepare.sbatch".to_string(),
        format!("{after} build/slurm/shards-surface.sbatch"),
        format!("{after} build/slurm/merge-surface.sbatch"),
        format!("{after} build/slurm/overview.sbatch"),
    ];
    assert_eq!(told.lines().collect::<Vec<_>>(), wanted);
}
