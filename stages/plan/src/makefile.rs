//! The plan as rules of make.

use std::fmt::Write;

use crate::{
    shell,
    work::{File, Shards, Work},
};

/// The rules of all files.
pub(crate) fn rules(work: &Work, config: &str, folder: &str, bin: &str) -> String {
    let mut text = format!(
        "# {} surfaces of {config}, written by plan: change that file and run plan again, not this one.\n\
         #\n\
         #   make -f {folder}/plan.mk -j8         everything\n\
         #   make -f {folder}/plan.mk prepare     models, data sets and directions\n\
         #   make -f {folder}/plan.mk surfaces    all but the pictures\n\
         #   make -f {folder}/plan.mk timed       one point of each kind, for plan --dry-run --estimate\n\
         #\n\
         # Every file is made again when what it is made from is newer, or when its command (commands/) changes.\n\n\
         BIN ?= {bin}\n\
         JOBS ?= {}\n\n",
        work.surfaces.len(),
        work.jobs.unwrap_or(1),
    );
    let pictures = || {
        work.surfaces
            .iter()
            .flat_map(|surface| &surface.pictures)
            .chain(&work.overview)
    };
    let goals = [
        ("pictures", paths(pictures().map(|file| &file.path))),
        (
            "surfaces",
            paths(work.surfaces.iter().map(|surface| &surface.surface)),
        ),
        ("prepare", paths(work.shared.iter().map(|file| &file.path))),
        ("timed", paths(work.timed.iter().map(|file| &file.path))),
    ];
    text +=
        ".PHONY: all pictures surfaces prepare timed\n.DELETE_ON_ERROR:\nall: pictures surfaces\n";
    for (goal, files) in &goals {
        let _ = write!(text, "{goal}:");
        for file in files {
            let _ = write!(text, " \\\n    {file}");
        }
        text += "\n";
    }
    work.shared.iter().for_each(|file| rule(&mut text, file));
    work.surfaces
        .iter()
        .for_each(|surface| shards(&mut text, surface));
    work.timed.iter().for_each(|file| rule(&mut text, file));
    work.overview.iter().for_each(|file| rule(&mut text, file));
    text
}

fn paths<'a>(paths: impl Iterator<Item = &'a String>) -> Vec<String> {
    paths.map(|path| name(path)).collect()
}

fn rule(text: &mut String, file: &File) {
    let needs: Vec<String> = file
        .needs
        .iter()
        .chain([&file.stamp])
        .map(|need| name(need))
        .collect();
    let _ = write!(
        text,
        "\n{}: {}\n\t@mkdir -p $(@D)\n",
        name(&file.path),
        needs.join(" ")
    );
    let _ = writeln!(text, "\t{} --output $@ --force", recipe(&file.command));
}

fn shards(text: &mut String, surface: &Shards) {
    let Shards {
        name: of,
        folder,
        count,
        ..
    } = surface;
    let needs: Vec<String> = surface
        .needs
        .iter()
        .chain([&surface.stamp])
        .map(|need| name(need))
        .collect();
    let _ = write!(
        text,
        "\n# {of}: {} points\n\
         shards-{of} := $(foreach i,$(shell seq {count}),{folder}/$i-of-{count}.h5)\n\
         $(shards-{of}): {folder}/%-of-{count}.h5: {}\n\
         \t@mkdir -p $(@D)\n\
         \t{} --shard $*/{count} --jobs $(JOBS) --output $@ --force --quiet\n\
         {merged}: $(shards-{of})\n\
         \t@mkdir -p $(@D)\n\
         \t$(BIN)/merge {folder}/*-of-{count}.h5 --output $@ --force\n",
        surface.points,
        needs.join(" "),
        recipe(&surface.command),
        merged = surface.surface,
    );
    surface.pictures.iter().for_each(|file| rule(text, file));
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
