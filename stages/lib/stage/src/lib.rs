//! What every stage shares: start-up, the options that are the same everywhere, errors and
//! progress.

mod input;
mod output;
mod progress;
mod talk;

use std::process::ExitCode;

pub use input::regular;
pub use output::Output;
pub use progress::Progress;
pub use talk::{print, tell};

/// A stage was asked to stop before its end, and the same command goes on from there.
/// (`EX_TEMPFAIL` of `sysexits.h`: scripts queue the job again.)
#[derive(Debug, thiserror::Error)]
#[error("stopped by {0}")]
pub struct Stopped(pub String);

/// The exit status of [`Stopped`].
const STOPPED: u8 = 75;

/// Runs a stage: its `run` with its arguments. An error is printed once, as a chain of causes, and
/// the exit status is 1, or 75 where it is [`Stopped`]. A stage whose stdout nobody reads any more
/// ends quietly.
///
/// (Usage errors exit with 2, from clap, before this is called.)
pub fn run<Args>(args: Args, run: impl FnOnce(Args) -> anyhow::Result<()>) -> ExitCode {
    leave_files_unlocked();
    outlive_size_limits();
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if let Some(stopped) = error.downcast_ref::<Stopped>() {
                tell(stopped);
                return ExitCode::from(STOPPED);
            }
            if talk::nobody_reads(&error) {
                return ExitCode::SUCCESS;
            }
            tell(format_args!("error: {}", message(&error)));
            ExitCode::FAILURE
        }
    }
}

/// HDF5 locks each file that it opens, which cluster file systems without locks refuse. Our files
/// never change once they have their names, so nothing needs a lock.
fn leave_files_unlocked() {
    const VARIABLE: &str = "HDF5_USE_FILE_LOCKING";
    if std::env::var_os(VARIABLE).is_none() {
        // SAFETY: it is called first of all, before there is a second thread.
        unsafe { std::env::set_var(VARIABLE, "FALSE") }
    }
}

/// A write beyond the size that files may have (`ulimit -f`) kills a process unless it ignores the
/// signal; then it is an error like that of a full disk.
fn outlive_size_limits() {
    // SAFETY: ignoring a signal runs no code of ours.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
}

/// What is said of an error, "what went wrong: why: why that"; a cause that the message before it
/// repeats is left out. It may quote a stranger's file, which can neither fill the terminal nor
/// command it.
pub fn message(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !text.contains(&cause) {
            text += if text.is_empty() { "" } else { ": " };
            text += &cause;
        }
    }
    talk::harmless(&text)
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn an_error_is_a_chain_without_repetitions() {
        let error = anyhow!("b").context("a: b").context("c");
        assert_eq!(message(&error), "c: a: b");
    }

    #[test]
    fn what_an_error_quotes_cannot_command_the_terminal() {
        let error = anyhow!("\"a\u{1b}[2J\nerror: b\r\"\n  more: 1").context("é");
        assert_eq!(
            message(&error),
            "é: \"a\\u{1b}[2J\\nerror: b\\r\"\n  more: 1"
        );
        let said = message(&anyhow!("é".repeat(1 << 20)));
        assert!(
            said.chars().count() < 5000 && said.ends_with('…'),
            "{}",
            said.len()
        );
    }
}
