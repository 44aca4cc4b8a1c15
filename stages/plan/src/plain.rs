//! What reaches a makefile or a job script is text that both take as it is: commands are quoted, and what
//! no quoting helps against is refused here, wherever in the config it came from.

use anyhow::ensure;

use crate::{
    config::Slurm,
    sweep::settings,
    work::{File, Work},
};

/// Characters beside letters and digits that a file in a rule of make may have: those that make takes as
/// they are, and those that `makefile` escapes.
const IN_RULES: &str = "/._-+,@'!^{}~ $#:";

/// Checks all texts of a plan.
///
/// # Errors
/// The first one with a line break, another control character, or, where it names a file in a rule, a
/// character that make reads as something else.
pub(crate) fn check(work: &Work, slurm: &Slurm, config: &str) -> anyhow::Result<()> {
    one_line(config, config)?;
    let pictures = work.surfaces.iter().flat_map(|surface| &surface.pictures);
    let files: Vec<&File> = (work.shared.iter())
        .chain(pictures)
        .chain(&work.timed)
        .chain(&work.overview)
        .collect();
    let commands = files.iter().map(|file| &file.command);
    for command in commands.chain(work.surfaces.iter().map(|surface| &surface.command)) {
        for word in command {
            one_line(config, word)?;
        }
    }
    let needs = files.iter().map(|file| &file.needs);
    for needs in needs.chain(work.surfaces.iter().map(|surface| &surface.needs)) {
        for path in needs {
            in_rules(config, path)?;
        }
    }
    let small = &slurm.small;
    for value in settings(slurm).values().chain(settings(small).values()) {
        one_line(config, value)?;
    }
    let words = slurm.modules.iter().chain(&slurm.options);
    for word in words.chain(&small.options) {
        one_line(config, word)?;
    }
    Ok(())
}

/// A line break would begin another line of the makefile or of the script.
fn one_line(config: &str, text: &str) -> anyhow::Result<()> {
    ensure!(
        !text.contains(char::is_control),
        "{}: {text:?} holds a line break or another control character: leave it out",
        config.escape_debug()
    );
    Ok(())
}

/// A `;` would begin a command, a `=` a variable, a `*` stands for other files.
fn in_rules(config: &str, path: &str) -> anyhow::Result<()> {
    one_line(config, path)?;
    let odd = path
        .chars()
        .find(|c| !c.is_alphanumeric() && !IN_RULES.contains(*c));
    let odd = odd.or(path.chars().next().filter(|first| *first == '~'));
    ensure!(
        odd.is_none(),
        "{config}: make does not take \"{}\" in the name of a file, here {path:?}: rename it, or use a link",
        odd.unwrap_or_default()
    );
    Ok(())
}
