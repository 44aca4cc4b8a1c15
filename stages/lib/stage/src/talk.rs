//! What stages say: data on stdout, talk on stderr. A reader that went away (`| head`) never makes a stage panic.

use std::{
    fmt::Display,
    io::{self, Write},
};

/// Writes a line of data to stdout.
///
/// # Errors
/// Stdout cannot be written to. Where its reader went away, [`run`](crate::run) ends the stage quietly.
pub fn print(line: impl Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{line}")
        .map_err(|why| io::Error::new(why.kind(), format!("stdout cannot be written to: {why}")))
}

/// Writes a line of talk to stderr. A stage goes on where nobody can hear it: its files matter more.
pub fn tell(line: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Whether an error says that the reader of stdout went away.
pub(crate) fn nobody_reads(error: &anyhow::Error) -> bool {
    let io_errors = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>());
    io_errors
        .into_iter()
        .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
