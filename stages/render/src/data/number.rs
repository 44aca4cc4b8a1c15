//! Numbers as they stand in pictures and messages.

/// A number with three significant digits: 0.0316, 316, 3.16×10^4, 10^5.
pub(crate) fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return minus(&value.to_string());
    }
    // rounding first: 9.996 has the exponent of 10
    let rounded: f64 = format!("{value:.2e}").parse().unwrap_or(value);
    let exponent = rounded.abs().log10().floor() as i32;
    if !(-3..4).contains(&exponent) {
        let mantissa = trimmed(&format!("{:.2}", rounded / 10f64.powi(exponent)));
        let factor = if mantissa == "1" {
            String::new()
        } else {
            format!("{mantissa}×")
        };
        return minus(&format!("{factor}10^{exponent}"));
    }
    minus(&trimmed(&format!(
        "{rounded:.*}",
        (2 - exponent).max(0) as usize
    )))
}

/// A power of ten: 10^3.
pub(crate) fn power(value: f64) -> String {
    minus(&format!("10^{}", value.log10().round()))
}

fn trimmed(digits: &str) -> String {
    if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.').into()
    } else {
        digits.into()
    }
}

/// A real minus sign.
pub(crate) fn minus(text: &str) -> String {
    text.replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        let numbers = [0.0, 0.031_62, 9.996, 316.2, 12_345.0, 123_456.0, 1e-5, -2.5].map(number);
        assert_eq!(
            numbers,
            [
                "0",
                "0.0316",
                "10",
                "316",
                "1.23×10^4",
                "1.23×10^5",
                "10^−5",
                "−2.5"
            ]
        );
    }
}
