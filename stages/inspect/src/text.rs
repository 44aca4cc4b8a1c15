//! Text for a terminal: aligned, wrapped, and without characters that do something to it.

use std::{fmt::Write, path::Path};

/// Columns of a terminal that lines fit into.
const COLUMNS: usize = 100;
/// Lines of one value; more are counted.
const MOST_LINES: usize = 6;

/// A label and what is said under it.
pub(crate) type Row = (String, String);

/// A row.
pub(crate) fn row(label: impl Into<String>, value: impl Into<String>) -> Row {
    (label.into(), value.into())
}

/// A text with its control characters, and those that turn writing around, as escapes.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            plain.extend(c.escape_default());
        } else {
            plain.push(c);
        }
    }
    plain
}

/// JSON on one line, in which such characters are escapes too: they occur in its strings only.
pub(crate) fn json(value: &impl serde::Serialize) -> serde_json::Result<String> {
    let mut escaped = String::new();
    for c in serde_json::to_string(value)?.chars() {
        if is_hidden(c) {
            // none of them is beyond the 16 bits of such an escape
            let _ = write!(escaped, "\\u{:04x}", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    Ok(escaped)
}

/// Whether a character changes how others look, or cannot be seen.
pub(crate) fn is_hidden(c: char) -> bool {
    let is_format = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    c.is_control() || is_format || matches!(c, '\u{2028}'..='\u{202e}')
}

/// Several lines as one.
pub(crate) fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    plain(&lines.collect::<Vec<_>>().join("; "))
}

/// A message with the file that it is about, which most name themselves.
pub(crate) fn about(path: &Path, message: &str) -> String {
    let file = plain(&path.to_string_lossy());
    if message.contains(&file) {
        message.into()
    } else {
        format!("{file}: {message}")
    }
}

/// Rows with their values in one column.
pub(crate) fn table(rows: &[Row]) -> String {
    let width = rows.iter().map(|(label, _)| plain(label).chars().count());
    let width = width.max().unwrap_or(0).min(COLUMNS / 3);
    let mut text = String::new();
    for (label, value) in rows {
        let mut label = plain(label);
        for line in wrapped(&plain(value), COLUMNS - width - 4) {
            let _ = writeln!(text, "  {}", format!("{label:<width$}  {line}").trim_end());
            label.clear();
        }
    }
    text
}

/// A text in lines of at most this many characters, where its words are not longer; of many lines
/// the first ones and the last.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let taken = lines.last().map_or(0, |line| line.chars().count());
        if taken > 0 && taken + 1 + word.chars().count() > columns {
            lines.push(" ".into());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            // a word without spaces may be as long as a file
            line.extend(word.chars().take(10 * columns));
        }
    }
    if lines.len() > MOST_LINES {
        let (last, hidden) = (lines.len() - 1, lines.len() - MOST_LINES + 1);
        let told = format!("  … {hidden} lines more (--json has all) …");
        lines.splice(MOST_LINES - 2..last, [told]);
    }
    lines
}

/// The first characters of an id, which tell files apart.
pub(crate) fn short(id: &str) -> String {
    id.chars().take(12).collect()
}

/// A number with a comma after every thousand.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (k, digit) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A real number with as many digits as a person reads.
pub(crate) fn real(number: f64) -> String {
    let size = number.abs();
    if number == 0.0 || !number.is_finite() || (1e-3..1e6).contains(&size) {
        let text = format!("{number:.6}");
        let trimmed = text.trim_end_matches('0').trim_end_matches('.');
        return if text.contains('.') {
            trimmed.into()
        } else {
            text
        };
    }
    format!("{number:.4e}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(
            plain("a\x1b[2J\r\nb\u{202e}c é"),
            "a\\u{1b}[2J\\r\\nb\\u{202e}c é"
        );
        assert_eq!(one_line("one\n  two\n\n"), "one; two");
    }

    #[test]
    fn nor_does_json_which_says_the_same() {
        let text = "\u{9b}2J \u{7f} \u{202e} \u{1f600} é \n";
        let escaped = json(&text).unwrap();
        assert!(!escaped.chars().any(is_hidden), "{escaped}");
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
    }

    #[test]
    fn long_values_are_wrapped_and_counted() {
        let words = vec!["word"; 500].join(" ");
        let text = table(&[row("label", words), row("l", "x")]);
        assert!(
            text.lines().all(|line| line.chars().count() <= COLUMNS),
            "{text}"
        );
        assert!(text.contains("lines more"), "{text}");
        assert_eq!(text.lines().last(), Some("  l      x"));
    }

    #[test]
    fn numbers_are_readable() {
        assert_eq!(grouped(1234567), "1,234,567");
        assert_eq!(grouped(100), "100");
        let texts = [0.0, 1.5, -0.0123, 1e-9, 2e7, 100.0, f64::INFINITY].map(real);
        assert_eq!(
            texts,
            ["0", "1.5", "-0.0123", "1.0000e-9", "2.0000e7", "100", "inf"]
        );
    }
}
