//! In what two files of one kind differ.

mod arrays;
mod points;
mod settings;
mod sharpness;
mod spectra;

use std::path::Path;

use anyhow::ensure;
use serde::Serialize;

use crate::{
    file::File,
    report::Made,
    text::{self, Row, real, row},
};

/// What was found between two files.
#[derive(Serialize)]
pub(crate) struct Differences {
    a: String,
    b: String,
    kind: String,
    pub(crate) same: bool,
    differences: Vec<Difference>,
}

/// One thing in which files differ.
#[derive(Serialize)]
#[serde(untagged)]
enum Difference {
    Setting {
        what: String,
        a: String,
        b: String,
    },
    /// They were made from different files.
    Origin {
        what: String,
        a: Made,
        b: Made,
    },
    Values(Values),
}

/// How far numbers differ.
#[derive(Serialize)]
struct Values {
    what: String,
    /// Numbers that both have.
    compared: usize,
    /// Of these, those that differ.
    differing: usize,
    max_absolute: f64,
    /// Of the larger of the two numbers.
    max_relative: f64,
    /// The point where the absolute difference is largest, in a surface.
    at: Option<[f64; 2]>,
    /// Points that only one of the files has.
    only_in_a: usize,
    only_in_b: usize,
}

impl Differences {
    /// Reads and compares two files.
    pub(crate) fn between(a: &Path, b: &Path) -> anyhow::Result<Self> {
        let (one, other) = (File::read(a)?, File::read(b)?);
        let kind = one.kind();
        ensure!(
            kind == other.kind(),
            "{} is a {kind}, {} a {}: only files of one kind are compared",
            a.display(),
            b.display(),
            other.kind()
        );
        let ids = (one.id(), other.id());
        let known_same = ids.0.is_some() && ids.0 == ids.1;
        let mut found = Vec::new();
        if !known_same {
            compare(&one, &other, &mut found)?;
        }
        // pictures have no id: what made them decides
        let same = known_same || (ids.0.is_none() && found.is_empty());
        if !same && found.is_empty() {
            let (a, b) = (ids.0.unwrap_or_default(), ids.1.unwrap_or_default());
            found.push(Difference::setting("id", a, b));
        }
        Ok(Self {
            a: a.to_string_lossy().into_owned(),
            b: b.to_string_lossy().into_owned(),
            kind,
            same,
            differences: found,
        })
    }

    pub(crate) fn print(&self, json: bool) -> anyhow::Result<()> {
        if json {
            stage::print(text::json(self)?)?;
            return Ok(());
        }
        let (a, b, kind) = (text::plain(&self.a), text::plain(&self.b), &self.kind);
        if self.same {
            stage::print(format_args!(
                "a {kind}: {a}\nb {kind}: {b}\nthey are the same"
            ))?;
            return Ok(());
        }
        let mut rows = Vec::new();
        for difference in &self.differences {
            difference.rows(&mut rows);
        }
        let table = text::table(&rows);
        stage::print(format_args!(
            "a {kind}: {a}\nb {kind}: {b}\n{}",
            table.trim_end()
        ))?;
        Ok(())
    }
}

/// Compares what two files of one kind hold.
fn compare(a: &File, b: &File, found: &mut Vec<Difference>) -> anyhow::Result<()> {
    match (a, b) {
        (File::Model(_, a), File::Model(_, b)) => arrays::models(a, b, found),
        (File::Dataset(_, a), File::Dataset(_, b)) => arrays::datasets(a, b, found)?,
        (File::Directions(_, a), File::Directions(_, b)) => arrays::directions(a, b, found),
        (File::Shard(_, a), File::Shard(_, b)) => points::shards(a, b, found),
        (File::Surface(_, a), File::Surface(_, b)) => points::surfaces(a, b, found),
        (File::Trajectory(_, a), File::Trajectory(_, b)) => arrays::trajectories(a, b, found),
        (File::Spectrum(_, a), File::Spectrum(_, b)) => spectra::compare(a, b, found),
        (File::Sharpness(_, a), File::Sharpness(_, b)) => sharpness::compare(a, b, found),
        (File::Picture(a), File::Picture(b)) => settings::pictures(a, b, found),
        // files of two kinds, which were refused before
        (
            File::Model(..)
            | File::Dataset(..)
            | File::Directions(..)
            | File::Shard(..)
            | File::Surface(..)
            | File::Trajectory(..)
            | File::Spectrum(..)
            | File::Sharpness(..)
            | File::Picture(_),
            _,
        ) => {}
    }
    Ok(())
}

impl Difference {
    /// Two numbers of things: `570 bytes of text`.
    fn counts(what: &str, a: usize, b: usize, things: &str) -> Self {
        Self::setting(what, format!("{a} {things}"), format!("{b} {things}"))
    }

    fn setting(what: impl Into<String>, a: impl Into<String>, b: impl Into<String>) -> Self {
        Self::Setting {
            what: what.into(),
            a: a.into(),
            b: b.into(),
        }
    }

    fn rows(&self, rows: &mut Vec<Row>) {
        match self {
            Self::Setting { what, a, b } => {
                rows.push(row(what, format!("a  {a}")));
                rows.push(row("", format!("b  {b}")));
            }
            Self::Origin { what, a, b } => {
                rows.push(row(
                    what,
                    format!("a  {}  {}", text::short(&a.id), a.command),
                ));
                rows.push(row("", format!("b  {}  {}", text::short(&b.id), b.command)));
            }
            Self::Values(values) => values.rows(rows),
        }
    }
}

impl Values {
    /// Values under a name, of which none was compared yet.
    fn named(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            compared: 0,
            differing: 0,
            max_absolute: 0.0,
            max_relative: 0.0,
            at: None,
            only_in_a: 0,
            only_in_b: 0,
        }
    }

    /// Compares two numbers; NaN is the same as NaN.
    fn compare(&mut self, a: f64, b: f64, at: Option<[f64; 2]>) {
        self.compared += 1;
        if a == b || (a.is_nan() && b.is_nan()) {
            return;
        }
        self.differing += 1;
        let absolute = (a - b).abs();
        // where one of them is NaN, the difference counts as infinite
        let absolute = if absolute.is_nan() {
            f64::INFINITY
        } else {
            absolute
        };
        if absolute > self.max_absolute {
            (self.max_absolute, self.at) = (absolute, at);
        }
        let size = a.abs().max(b.abs());
        let relative = if absolute.is_finite() {
            absolute / size
        } else {
            f64::INFINITY
        };
        self.max_relative = self.max_relative.max(relative);
    }

    /// Adds them to the differences, where there is one.
    fn add_to(self, found: &mut Vec<Difference>) {
        if self.differing + self.only_in_a + self.only_in_b > 0 {
            found.push(Difference::Values(self));
        }
    }

    fn rows(&self, rows: &mut Vec<Row>) {
        let mut said = match (self.differing, self.compared) {
            (0, compared) => format!("the {compared} that both have are the same"),
            (differing, compared) => format!("{differing} of {compared} differ"),
        };
        if self.max_absolute > 0.0 {
            said += &format!(
                ", by {} at most (relative {})",
                real(self.max_absolute),
                real(self.max_relative)
            );
        }
        if let Some([x, y]) = self.at {
            said += &format!(", at ({}, {})", real(x), real(y));
        }
        rows.push(row(&self.what, said));
        for (count, which) in [(self.only_in_a, "a"), (self.only_in_b, "b")] {
            if count > 0 {
                rows.push(row("", format!("{count} more in {which} only")));
            }
        }
    }
}
