use std::{fmt, io};

/// The table on stdout. A training goes on where it cannot be printed, and fails at its end.
pub struct Table(io::Result<()>);

impl Table {
    /// A table with its first line, the names of the columns.
    pub fn new(columns: &str) -> Self {
        Self(stage::print(columns))
    }

    /// Prints a line.
    pub fn print(&mut self, line: fmt::Arguments) {
        let printed = stage::print(line);
        if self.0.is_ok() {
            self.0 = printed;
        }
    }

    /// # Errors
    /// A line could not be printed.
    pub fn end(self) -> anyhow::Result<()> {
        Ok(self.0?)
    }
}
