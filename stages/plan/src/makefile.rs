//! The plan as rules of make.

use std::fmt::Write;

use crate::{
    shell,
    work::{File, Shards, Training, Work},
};

/// The rules of all files.
pub(crate) fn rules(work: &Work, config: &str, folder: &str, bin: &str) -> String {
    let mut text = format!(
        "# {} surfaces of {config}, written by plan: change that file and run plan again, not this \
         one.\n\
         #\n\
         #   make -f {folder}/plan.mk -j8         everything\n\
         #   make -f {folder}/plan.mk prepare     models, data sets, directions, trajectories\n\
         #   make -f {folder}/plan.mk surfaces    all but the pictures\n\
         #   make -f {folder}/plan.mk timed       one point of each kind, for plan --dry-run \
         --estimate\n\
         #\n\
         # A stage writes its file whole or not at all: make must not delete it when it is stopped \
         (.PRECIOUS).\n\
         # Every file is made again when what it is made from is newer, or when its command \
         (commands/) changes.\n\n\
         BIN ?= {bin}\n\
         JOBS ?= {}\n\n",
        work.surfaces.len(),
        work.jobs.unwrap_or(1),
    );
    text += ".PHONY: all pictures surfaces prepare timed\nall: pictures surfaces\n";
    goal(&mut text, "pictures", work.pictures().map(|it| &it.path));
    let measured = work.measured();
    goal(&mut text, "surfaces", measured.iter().map(|it| &it.surface));
    let mut prepared: Vec<&String> = work.imports.iter().map(|it| &it.path).collect();
    prepared.extend(work.trainings.iter().map(|it| &it.last.path));
    prepared.extend(work.planes.iter().map(|it| &it.path));
    goal(&mut text, "prepare", prepared.into_iter());
    goal(&mut text, "timed", work.timed.iter().map(|it| &it.path));
    for training in &work.trainings {
        train(&mut text, training);
    }
    for surface in measured {
        shards(&mut text, surface);
    }
    for file in work.files() {
        rule(&mut text, file);
    }
    text
}

/// A goal that stands for files.
fn goal<'a>(text: &mut String, goal: &str, files: impl Iterator<Item = &'a String>) {
    let _ = write!(text, "{goal}:");
    for file in files {
        let _ = write!(text, " \\\n    {}", name(file));
    }
    text.push('\n');
}

fn rule(text: &mut String, file: &File) {
    let path = name(&file.path);
    let _ = write!(
        text,
        "\n{path}: {}\n\
         \t@mkdir -p $(@D)\n\
         \t{} --output $@ --force\n\
         .PRECIOUS: {path}\n",
        prerequisites(&file.needs, &file.stamp),
        recipe(&file.command)
    );
}

/// The rule of a training: the last checkpoint stands for all. One that was interrupted goes on.
fn train(text: &mut String, training: &Training) {
    let Training { folder, last, .. } = training;
    let path = name(&last.path);
    let _ = write!(
        text,
        "\n{path}: {}\n\
         \t@mkdir -p $(@D)\n\
         \t@{}\n\
         \tOMP_NUM_THREADS={} {} --output-dir {folder} --quiet\n\
         .PRECIOUS: {path}\n",
        prerequisites(&last.needs, &last.stamp),
        shell::begin_anew(training).replace('$', "$$"),
        training.threads,
        recipe(&last.command)
    );
}

fn shards(text: &mut String, surface: &Shards) {
    let Shards {
        name: of,
        folder,
        count,
        points,
        surface: merged,
        ..
    } = surface;
    let _ = write!(
        text,
        "\n# {of}: {points} points\n\
         shards-{of} := $(foreach i,$(shell seq {count}),{folder}/$i-of-{count}.h5)\n\
         $(shards-{of}): {folder}/%-of-{count}.h5: {}\n\
         \t@mkdir -p $(@D)\n\
         \t{} --shard $*/{count} --jobs $(JOBS) --output $@ --force --quiet\n\
         {merged}: $(shards-{of})\n\
         \t@mkdir -p $(@D)\n\
         \t$(BIN)/merge {folder}/*-of-{count}.h5 --output $@ --force\n\
         .PRECIOUS: $(shards-{of}) {merged}\n",
        prerequisites(&surface.needs, &surface.stamp),
        recipe(&surface.command),
    );
}

/// What something is made from, and the file that holds its command.
fn prerequisites(needs: &[String], stamp: &str) -> String {
    let mut names = String::new();
    for need in needs {
        names += &name(need);
        names.push(' ');
    }
    names + &name(stamp)
}

/// A command as a recipe runs it.
fn recipe(command: &[String]) -> String {
    format!("$(BIN)/{}", shell::line(command).replace('$', "$$"))
}

/// A path as a target or prerequisite.
fn name(path: &str) -> String {
    let mut name = String::new();
    for c in path.chars() {
        match c {
            '$' => name += "$$",
            ' ' | '#' | ':' => name.extend(['\\', c]),
            c => name.push(c),
        }
    }
    name
}
