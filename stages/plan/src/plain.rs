//! What reaches a makefile or a job script is text that both take as it is. Commands are quoted;
//! what no quoting helps against is refused here, wherever in the config it came from.

use anyhow::ensure;

use crate::{
    config::Slurm,
    settings::settings,
    work::{File, Work},
};

/// Characters beside letters and digits that a file in a rule of make may have: those that make
/// takes as they are, and those that `makefile` escapes.
const IN_RULES: &str = "/._-+,@'!^{}~ $#:";

/// Checks all texts of a plan.
///
/// # Errors
/// The first one with a line break or another control character, or a file in a rule with a
/// character that make reads as something else.
pub(crate) fn check(work: &Work, slurm: &Slurm, config: &str) -> anyhow::Result<()> {
    one_line(config, config)?;
    let mut files: Vec<&File> = work.files().collect();
    files.extend(work.trainings.iter().map(|training| &training.last));
    let measured = work.measured();
    let mut texts: Vec<&String> = Vec::new();
    texts.extend(files.iter().flat_map(|file| &file.command));
    texts.extend(measured.iter().flat_map(|it| &it.command));
    let of_jobs = [
        settings(slurm),
        settings(&slurm.small),
        settings(&slurm.train),
    ];
    texts.extend(of_jobs.iter().flat_map(|it| it.values()));
    texts.extend(slurm.train.options.iter().flatten());
    texts.extend(&slurm.modules);
    texts.extend(&slurm.options);
    texts.extend(&slurm.small.options);
    for text in texts {
        one_line(config, text)?;
    }

    let mut paths: Vec<&String> = Vec::new();
    paths.extend(files.iter().flat_map(|file| &file.needs));
    paths.extend(measured.iter().flat_map(|it| &it.needs));
    for path in paths {
        in_rules(config, path)?;
    }
    Ok(())
}

/// Refuses a line break, which would begin another line of the makefile or of the script.
fn one_line(config: &str, text: &str) -> anyhow::Result<()> {
    ensure!(
        !text.contains(char::is_control),
        "{}: {text:?} holds a line break or another control character: leave it out",
        config.escape_debug()
    );
    Ok(())
}

/// Refuses a file with characters that mean something to make: a `;` would begin a command, a `=` a
/// variable, a `*` stands for other files.
fn in_rules(config: &str, path: &str) -> anyhow::Result<()> {
    one_line(config, path)?;
    let mut odd = path
        .chars()
        .find(|c| !c.is_alphanumeric() && !IN_RULES.contains(*c));
    // a folder of a user, where a path begins with it
    if odd.is_none() && path.starts_with('~') {
        odd = Some('~');
    }
    if let Some(odd) = odd {
        anyhow::bail!(
            "{config}: make does not take \"{odd}\" in the name of a file, here {path:?}: rename \
             it, or use a link"
        );
    }
    Ok(())
}
