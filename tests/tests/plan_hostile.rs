//! plan with configs that mean harm: what reaches make and Slurm is quoted or refused, and nothing grows beyond bounds.

use std::{fmt::Write, fs, os::unix::fs::PermissionsExt, process::Command};

use tests::Workdir;

const RIGHT: &str = "models: { m: { file: m.h5 } }
data: { d: { file: d.h5 } }
grid: { x: \"-1:1:3\", y: \"-1:1:3\" }
";

/// What plan says to a config.
fn refused(config: &str) -> String {
    let workdir = Workdir::new();
    fs::write(workdir.path("c.yaml"), config).unwrap();
    let said = workdir.fails("plan c.yaml --output-dir out --slurm");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

#[test]
fn what_no_quoting_helps_against_is_refused() {
    for (part, harm, said) in [
        ("m.h5", "\"m.h5; touch pwned\"", "make does not take \";\""),
        (
            "m.h5",
            "\"m=$(shell touch pwned)\"",
            "make does not take \"=\"",
        ),
        (
            "m.h5",
            "\"$(shell touch pwned)\"",
            "make does not take \"(\"",
        ),
        ("m.h5", "\"m\\nall: ; touch pwned\"", "holds a line break"),
        ("m.h5", "\"*.h5\"", "make does not take \"*\""),
        ("m.h5", "\"~/m.h5\"", "make does not take \"~\""),
        ("m:", "\"m; touch pwned\":", "invalid name"),
    ] {
        let found = refused(&RIGHT.replace(part, harm));
        assert!(found.contains(said), "{harm}: {found}");
    }
    for more in [
        "overview: { plot: contour, title: \"a\\nall:\\n\\ttouch pwned\" }",
        "overview: { plot: contour, title: \"a\\0b\" }",
        "slurm: { account: \"x\\ntouch pwned\" }",
        "slurm: { options: [\"--x\\ntouch pwned\"] }",
        "slurm: { small: { mem: \"4G\\ntouch pwned\" } }",
        "slurm: { modules: [\"x\\ntouch pwned\"] }",
    ] {
        let found = refused(&format!("{RIGHT}{more}\n"));
        assert!(
            found.contains("holds a line break or another control character"),
            "{more}: {found}"
        );
    }
}

#[test]
fn sizes_are_counted_before_anything_is_expanded() {
    let mut numbers = String::new();
    for number in 1..=1000 {
        write!(numbers, "{number}, ").unwrap();
    }
    let sweep =
        format!("{RIGHT}sweep: {{ seed: [{numbers}], batch: [{numbers}], limit: [{numbers}] }}\n");
    assert!(refused(&sweep).contains("the sweep has 1000000000 combinations"));
    let picture = "  - { plot: heat }\n".repeat(101);
    let pictures = format!("{RIGHT}sweep: {{ seed: [{numbers}] }}\npictures:\n{picture}");
    assert!(refused(&pictures).contains("more than 100000 files"));
    let shards = format!("{RIGHT}evaluate: {{ shards: 1000000000000 }}\n");
    assert!(refused(&shards).contains("shards of a surface are more than"));
    let axis = RIGHT.replace("-1:1:3", "-1:1:1000000000");
    assert!(refused(&axis).contains("not a number of points"));
}

#[test]
fn texts_that_grow_or_nest_are_refused() {
    let mut laughs =
        format!("{RIGHT}pictures:\n  - {{ plot: heat, levels: &a [1, 2, 3, 4, 5, 6, 7, 8, 9] }}\n");
    for _ in 0..100_000 {
        laughs += "  - { plot: heat, levels: *a }\n";
    }
    refused(&laughs);
    refused(&format!(
        "{RIGHT}pictures: {}{}\n",
        "[".repeat(5000),
        "]".repeat(5000)
    ));
    refused(&"[".repeat(100_000));
    let title = "x".repeat(5 << 20);
    let large = refused(&format!(
        "{RIGHT}overview: {{ plot: heat, title: {title} }}\n"
    ));
    assert!(large.contains("a config has 4194304 at most"), "{large}");
}

/// A stage that notes its arguments and makes its output.
const STUB: &str = "#!/bin/sh
for word; do printf '%s\\n' \"$word\" >>log; done
while [ $# -gt 0 ]; do [ \"$1\" = --output ] && touch \"$2\"; shift; done
";

#[test]
fn make_and_the_shell_pass_texts_on_as_they_are() {
    let workdir = Workdir::new();
    let title = "'; touch pwned; ' $(touch pwned) `touch pwned` $$(shell touch pwned) # \\ %";
    let yaml = title.replace('\\', "\\\\");
    let config = format!(
        "{RIGHT}overview: {{ plot: contour, title: \"{yaml}\" }}
slurm: {{ modules: [\"a; touch pwned\", \"$(touch pwned)\"], account: \"x;touch pwned\" }}\n"
    );
    let config = config.replace("m.h5", "\"it's $HOME #1: m.h5\"");
    fs::write(workdir.path("c.yaml"), config).unwrap();
    fs::write(workdir.path("it's $HOME #1: m.h5"), "").unwrap();
    fs::write(workdir.path("d.h5"), "").unwrap();
    fs::create_dir(workdir.path("bin")).unwrap();
    for stage in ["make-dirs", "eval-grid", "merge", "render"] {
        let path = workdir.path("bin").join(stage);
        fs::write(&path, STUB).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    workdir.ok("plan c.yaml --output-dir out --slurm");
    let mut make = Command::new("make");
    make.args(["-f", "out/plan.mk", "BIN=bin"])
        .current_dir(workdir.path(""));
    let made = make.output().unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let log = fs::read_to_string(workdir.path("log")).unwrap();
    assert!(log.contains(&format!("--title={title}\n")), "{log}");
    assert!(log.contains("--model=it's $HOME #1: m.h5\n"), "{log}");

    let script = "module() { printf '%s\\n' \"$@\" >>log; }; export -f module; BIN=bin bash out/slurm/prepare.sbatch
        rm -r out/overview.png log; BIN=bin bash out/slurm/overview.sbatch";
    let mut bash = Command::new("bash");
    let ran = bash
        .args(["-c", script])
        .current_dir(workdir.path(""))
        .output()
        .unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    let log = fs::read_to_string(workdir.path("log")).unwrap();
    assert!(log.contains(&format!("--title={title}\n")), "{log}");
    assert!(!workdir.names().iter().any(|name| name == "pwned"));
}

/// A model may have any name, also that of a variable of make.
#[test]
fn names_are_no_variables_of_make() {
    let workdir = Workdir::new();
    let config = RIGHT.replace(
        "m: { file: m.h5 }",
        "SHELL: { file: m.h5 }, BIN: { file: n.h5 }",
    );
    fs::write(
        workdir.path("c.yaml"),
        config + "sweep: { model: [SHELL, BIN] }\n",
    )
    .unwrap();
    workdir.ok("plan c.yaml --output-dir out");
    let rules = fs::read_to_string(workdir.path("out/plan.mk")).unwrap();
    assert!(
        rules.contains("shards-SHELL := ") && !rules.contains("\nSHELL :="),
        "{rules}"
    );
}
