//! Shapes of what a network returns and of targets.

/// Whether two shapes of an example hold the same values in the same order: equal but for axes of
/// one, or one of them flat.
pub(super) fn same_values(one: &[i64], other: &[i64]) -> bool {
    let plain = |shape: &[i64]| {
        shape
            .iter()
            .copied()
            .filter(|size| *size != 1)
            .collect::<Vec<_>>()
    };
    let (one, other) = (plain(one), plain(other));
    let flat = one.len() == 1 || other.len() == 1;
    one == other || (flat && one.iter().product::<i64>() == other.iter().product::<i64>())
}

/// A shape in an error; its first size is that of the batch or of the data.
pub(super) fn shown(shape: &[i64]) -> String {
    let sizes = shape.iter().skip(1).map(|size| format!(", {size}"));
    if shape.is_empty() {
        "one number".into()
    } else {
        format!("[N{}]", sizes.collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_must_stand_in_the_same_order() {
        for (one, other, same) in [
            (&[3, 2][..], &[3, 2][..], true),
            (&[3, 2], &[2, 3], false),
            (&[6], &[2, 3], true),
            (&[3, 1], &[3], true),
            (&[], &[1], true),
            (&[4], &[3], false),
        ] {
            assert_eq!(same_values(one, other), same, "{one:?} {other:?}");
        }
    }
}
