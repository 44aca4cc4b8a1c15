use files::{Measurement, Note, Origin};
use provenance::Record;

use super::Difference;
use crate::report::Made;

/// Compares what two pictures show, and the commands that made them.
pub(super) fn pictures(a: &Record, b: &Record, found: &mut Vec<Difference>) {
    texts("shows", shown(a), shown(b), found);
    texts("command", command(a), command(b), found);
}

fn shown(record: &Record) -> String {
    let mut texts = Vec::new();
    for shown in &record.shows {
        texts.push(format!("{} {}", shown.kind, shown.id));
    }
    texts.join(", ")
}

fn command(record: &Record) -> String {
    record.history.last().cloned().unwrap_or_default()
}

/// Compares two texts.
pub(super) fn texts(what: &str, a: String, b: String, found: &mut Vec<Difference>) {
    if a != b {
        found.push(Difference::setting(what, a, b));
    }
}

/// Compares files that two files were made from.
pub(super) fn origins(
    what: &str,
    a: Option<&Origin>,
    b: Option<&Origin>,
    found: &mut Vec<Difference>,
) {
    let (a, b) = (made(a), made(b));
    if a.id != b.id {
        let what = what.into();
        found.push(Difference::Origin { what, a, b });
    }
}

fn made(origin: Option<&Origin>) -> Made {
    match origin {
        Some(origin) => Made::from(origin),
        None => Made::unknown(),
    }
}

/// Compares what was measured.
pub(super) fn measurements(
    a: Option<&Measurement>,
    b: Option<&Measurement>,
    found: &mut Vec<Difference>,
) {
    match (a, b) {
        (Some(a), Some(b)) => {
            for ((role, a), (_, b)) in a.origins().into_iter().zip(b.origins()) {
                origins(role, Some(a), Some(b), found);
            }
            for ((name, a), (_, b)) in a.settings().zip(b.settings()) {
                texts(name, said(a), said(b), found);
            }
        }
        (Some(a), None) => {
            for (role, a) in a.origins() {
                origins(role, Some(a), None, found);
            }
            found.push(Difference::setting("measurement", "known", "unknown"));
        }
        (None, Some(b)) => {
            for (role, b) in b.origins() {
                origins(role, None, Some(b), found);
            }
            found.push(Difference::setting("measurement", "unknown", "known"));
        }
        (None, None) => {}
    }
}

fn said(setting: Option<Note>) -> String {
    match setting {
        Some(value) => value.to_string(),
        None => "none".into(),
    }
}
