use files::{Estimates, Note, Quadrature, Spectrum};

use super::{
    Difference, Values,
    settings::{origins, texts},
};

/// Compares two spectra.
pub(super) fn compare(a: &Spectrum, b: &Spectrum, found: &mut Vec<Difference>) {
    for role in ["model", "data", "directions"] {
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
    for (what, one, other) in [
        ("eigenvalues", &a.eigenvalues, &b.eigenvalues),
        ("bounds", &a.bounds, &b.bounds),
    ] {
        numbers(what, one.iter(), other.iter(), found);
    }
    for (what, one, other) in [
        ("trace", &a.trace, &b.trace),
        (
            "frobenius_squared",
            &a.frobenius_squared,
            &b.frobenius_squared,
        ),
        ("diagonal_squared", &a.diagonal_squared, &b.diagonal_squared),
    ] {
        numbers(what, estimates(one), estimates(other), found);
    }
    numbers("density_nodes", nodes(&a.density), nodes(&b.density), found);
}

/// Settings on one line.
pub(super) fn told(settings: &[(String, Note)]) -> String {
    let mut words = Vec::new();
    for (name, value) in settings {
        words.push(format!("{name} {value}"));
    }
    words.join(", ")
}

fn estimates(estimates: &Option<Estimates>) -> impl Iterator<Item = &f64> {
    estimates.iter().flat_map(|it| &it.values)
}

fn nodes(density: &Option<Quadrature>) -> impl Iterator<Item = &f64> {
    density.iter().flat_map(|it| &it.nodes)
}

/// Compares numbers under a name.
pub(super) fn numbers<'a>(
    what: &str,
    a: impl Iterator<Item = &'a f64>,
    b: impl Iterator<Item = &'a f64>,
    found: &mut Vec<Difference>,
) {
    let (a, b): (Vec<&f64>, Vec<&f64>) = (a.collect(), b.collect());
    let mut values = Values::named(what);
    for (one, other) in a.iter().zip(&b) {
        values.compare(**one, **other, None);
    }
    values.only_in_a = a.len() - values.compared;
    values.only_in_b = b.len() - values.compared;
    values.add_to(found);
}
