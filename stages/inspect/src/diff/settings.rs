use files::{Measurement, Origin};
use provenance::Record;

use super::Difference;
use crate::report::{Made, measured::Settings};

/// Compares what two pictures show, and the commands that made them.
pub(super) fn pictures(a: &Record, b: &Record, found: &mut Vec<Difference>) {
    texts("shows", shown(a), shown(b), found);
    texts("command", command(a), command(b), found);
}

fn shown(record: &Record) -> String {
    let shows = record.shows.iter();
    let texts: Vec<String> = shows.map(|it| format!("{} {}", it.kind, it.id)).collect();
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
    let [a, b] = [a, b].map(|origin| origin.map_or_else(Made::unknown, Made::from));
    if a.id != b.id {
        let what = what.into();
        found.push(Difference::Origin { what, a, b });
    }
}

/// Compares what was measured.
pub(super) fn measurements(
    a: Option<&Measurement>,
    b: Option<&Measurement>,
    found: &mut Vec<Difference>,
) {
    origins("model", a.map(|it| &it.model), b.map(|it| &it.model), found);
    origins("data", a.map(|it| &it.data), b.map(|it| &it.data), found);
    let [one, other] = [a, b].map(|it| it.map(|it| &it.directions));
    origins("directions", one, other, found);
    match (a.map(Settings::of), b.map(Settings::of)) {
        (Some(a), Some(b)) => {
            for ((name, a), (_, b)) in a.named().into_iter().zip(b.named()) {
                texts(name, a, b, found);
            }
        }
        (None, None) => {}
        (a, _) => {
            let [one, other] = if a.is_some() {
                ["known", "unknown"]
            } else {
                ["unknown", "known"]
            };
            found.push(Difference::setting("measurement", one, other));
        }
    }
}
