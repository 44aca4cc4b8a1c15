use files::Sharpness;

use super::{
    Difference,
    settings::{origins, texts},
    spectra::{numbers, told},
};

/// Compares two tables of sharpness.
pub(super) fn compare(a: &Sharpness, b: &Sharpness, found: &mut Vec<Difference>) {
    for role in ["model", "data"] {
        let [one, other] = [a, b].map(|it| it.origins.iter().find(|(name, _)| name == role));
        let (one, other) = (one.map(|(_, it)| it), other.map(|(_, it)| it));
        origins(role, one, other, found);
    }
    texts(
        "models",
        a.model_ids.join(" "),
        b.model_ids.join(" "),
        found,
    );
    texts("settings", told(&a.settings), told(&b.settings), found);
    texts("columns", names(a), names(b), found);
    for column in &a.columns {
        if let Some(other) = b.column(&column.name) {
            numbers(
                &column.name,
                column.values.iter(),
                other.values.iter(),
                found,
            );
            let (one, other) = (
                column.stderr.iter().flatten(),
                other.stderr.iter().flatten(),
            );
            numbers(&column.stderr_name(), one, other, found);
        }
    }
}

fn names(table: &Sharpness) -> String {
    let names: Vec<&str> = table.columns.iter().map(|it| it.name.as_str()).collect();
    names.join(" ")
}
