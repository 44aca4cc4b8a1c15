use files::{Measurement, Origin};
use provenance::Record;

use super::Difference;
use crate::report::{Made, measured::Settings};

/// Compares what two pictures show, and the commands that made them.
pub(super) fn pictures(a: &Record, b: &Record, found: &mut Vec<Difference>) {
    let shown = |record: &Record| {
        let shows = record.shows.iter();
        let texts: Vec<String> = shows.map(|it| format!("{} {}", it.kind, it.id)).collect();
        texts.join(", ")
    };
    texts("shows", shown(a), shown(b), found);
    let made = |record: &Record| record.history.last().cloned().unwrap_or_default();
    texts("command", made(a), made(b), found);
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
    let unknown = || Made {
        id: "unknown".into(),
        command: String::new(),
    };
    let [a, b] = [a, b].map(|origin| origin.map_or_else(unknown, Made::from));
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
            let said = |is_known| if is_known { "known" } else { "unknown" };
            let known = a.is_some();
            found.push(Difference::setting(
                "measurement",
                said(known),
                said(!known),
            ));
        }
    }
}
