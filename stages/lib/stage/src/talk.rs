//! What stages say: data on stdout, talk on stderr. A reader that went away (`| head`) never makes
//! a stage panic.

use std::{
    fmt::Display,
    io::{self, Write},
};

/// Characters of a line of talk.
const LONGEST: usize = 4000;
/// What a second line of talk begins with.
const GOES_ON: &str = "  ";

/// Writes a line of data to stdout.
///
/// # Errors
/// Stdout cannot be written to. Where its reader went away, [`run`](crate::run) ends the stage
/// quietly.
pub fn print(line: impl Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{line}")
        .map_err(|why| io::Error::new(why.kind(), format!("stdout cannot be written to: {why}")))
}

/// Writes a line of talk to stderr. A stage goes on where nobody can hear it: its files matter
/// more.
pub fn tell(line: impl Display) {
    let line = harmless(&line.to_string());
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// A text without control characters, and not too long; lines that go on are kept, which begin with
/// [`GOES_ON`].
pub(crate) fn harmless(text: &str) -> String {
    let mut harmless = String::new();
    for (place, character) in text.char_indices().take(LONGEST) {
        let goes_on = character == '\n' && text[place + 1..].starts_with(GOES_ON);
        if character.is_control() && !goes_on {
            harmless.extend(character.escape_default());
        } else {
            harmless.push(character);
        }
    }
    if text.chars().nth(LONGEST).is_some() {
        harmless.push('…');
    }
    harmless
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
