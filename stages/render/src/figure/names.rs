//! Labels of axes: what was asked for, or what the file says of its directions.

use files::{AxisName, Meaning, Note};

use crate::{data::number, options::Options};

/// The labels of the x and the y axis of a file with these remarks.
pub(crate) fn axis_names(options: &Options, notes: &[(String, Note)]) -> [String; 2] {
    let asked = [&options.xlabel, &options.ylabel];
    let mut names = [String::new(), String::new()];
    for (k, axis) in AxisName::ALL.into_iter().enumerate() {
        names[k] = match asked[k] {
            Some(label) => label.clone(),
            None => name(k + 1, Meaning::of(notes, axis)),
        };
    }
    if asked[1].is_none()
        && let Some(degrees) = oblique(notes)
    {
        names[1] += &format!(", at {degrees:.0}° to x");
    }
    names
}

/// The angle between the axes in degrees, where pictures that draw a right angle mislead.
pub(crate) fn oblique(notes: &[(String, Note)]) -> Option<f64> {
    let cosine = files::cosine_of(notes)?;
    files::is_oblique(cosine).then(|| cosine.clamp(-1.0, 1.0).acos().to_degrees())
}

/// The label of axis `number`, from 1.
fn name(number: usize, meaning: Option<Meaning>) -> String {
    match meaning {
        None | Some(Meaning::Random) => format!("direction {number}"),
        Some(Meaning::Target(target)) => format!("towards {target} (at 1)"),
        Some(Meaning::Distance(target)) => format!("distance towards {target}"),
        Some(Meaning::Eigenvector { number, value }) => eigenvector(number, value),
        Some(Meaning::Component { number, ratio }) => {
            format!("PC {number} ({} %)", number::number(100.0 * ratio))
        }
    }
}

/// The label of an axis along an eigenvector.
fn eigenvector(number: i64, value: f64) -> String {
    let which = match number {
        1 => "largest".into(),
        -1 => "smallest".into(),
        _ if number > 0 => format!("{number}th largest"),
        _ => format!("{}th smallest", -number),
    };
    format!(
        "eigenvector of the {which} eigenvalue ({})",
        number::number(value)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_named_by_what_they_mean() {
        let target = Some(Meaning::Target("b".into()));
        let component = Some(Meaning::Component {
            number: 2,
            ratio: 0.0713,
        });
        assert_eq!(name(1, None), "direction 1");
        assert_eq!(name(2, Some(Meaning::Random)), "direction 2");
        assert_eq!(name(1, target), "towards b (at 1)");
        assert_eq!(name(2, component), "PC 2 (7.13 %)");
        let eigenvector = Some(Meaning::Eigenvector {
            number: 1,
            value: 32.31,
        });
        assert_eq!(
            name(1, eigenvector),
            "eigenvector of the largest eigenvalue (32.3)"
        );
    }
}
