//! Words as bash reads them.

use crate::text::is_hidden;

/// A word that stands for this text and nothing else, on one line.
pub(crate) fn quoted(text: &str) -> String {
    // shlex quotes more than it must: --seed=1 is read as it is
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.into();
    }
    if text.chars().any(is_hidden) {
        return escaped(text);
    }
    // shlex refuses only the zero byte, which is hidden
    shlex::try_quote(text).map_or_else(|_| String::new(), Into::into)
}

/// Whether bash reads a byte as itself.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_./,:=+@%".contains(&byte)
}

/// `$'…'`, which bash reads byte by byte.
fn escaped(text: &str) -> String {
    let mut word = String::from("$'");
    for c in text.chars() {
        match c {
            '\'' | '\\' => word.extend(['\\', c]),
            c if is_hidden(c) => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    word += &format!("\\x{byte:02x}");
                }
            }
            c => word.push(c),
        }
    }
    word + "'"
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn bash_reads_every_word_as_it_was() {
        let words = [
            "plain",
            "--x=-1:1:5",
            "",
            "two words",
            "it's",
            "$(touch x)",
            "`id`",
            "a;b&c|d>e",
            "~",
            "*",
            "a\nb",
            "\x1b[2J\\'x'",
            "tab\there é",
            "\u{202e}turned\u{200b}0",
            "!history",
            "#no",
        ];
        for word in words {
            let text = quoted(word);
            assert!(!text.chars().any(is_hidden), "{text}");
            let printed = Command::new("bash")
                .args(["-c", &format!("printf %s {text}")])
                .output()
                .expect("bash runs");
            assert_eq!(String::from_utf8_lossy(&printed.stdout), word, "{text}");
        }
    }
}
