//! Lines of a history: a command as a shell reads it, then perhaps a comment with what the command
//! does not tell (README, "The history").

/// The folder in which a command ran.
pub const FOLDER: &str = "folder";
/// A file of another tool that a command read: `SHA-256:PATH`.
pub const SHA256: &str = "sha256";
/// Examples per batch, which eval-grid chose.
pub const BATCH: &str = "batch";
/// Where it was computed: `cpu` or `cuda`.
pub const DEVICE: &str = "device";
/// The parts that merge put together, in the order of its files: `1-16/16`.
pub const SHARDS: &str = "shards";

/// A line of a history.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryLine<'a> {
    /// The command, quoted for a shell.
    pub command: &'a str,
    facts: Vec<(String, String)>,
}

impl<'a> HistoryLine<'a> {
    /// Takes a line apart. What cannot be read in its comment is left out.
    pub fn parse(line: &'a str) -> Self {
        let end = comment(line).unwrap_or(line.len());
        let (command, comment) = line.split_at(end);
        let words = shlex::split(comment.trim_start_matches('#')).unwrap_or_default();
        let mut facts = Vec::new();
        for word in words {
            if let Some((key, value)) = word.split_once('=') {
                facts.push((key.to_string(), value.to_string()));
            }
        }
        Self {
            command: command.trim_end(),
            facts,
        }
    }

    /// What the comment says under a key, in its order.
    pub fn facts(&self, key: &str) -> impl Iterator<Item = &str> {
        let named = self.facts.iter().filter(move |(name, _)| name == key);
        named.map(|(_, value)| value.as_str())
    }

    /// The line again, without the folder: for pictures, which are published.
    fn without_folder(&self) -> String {
        let mut line = self.command.to_string();
        for (key, value) in self.facts.iter().filter(|(key, _)| key != FOLDER) {
            append(&mut line, key, value);
        }
        line
    }
}

/// Lines of a history without the folders in which commands ran.
pub fn without_folders(history: &[String]) -> Vec<String> {
    let lines = history.iter().map(|line| HistoryLine::parse(line));
    lines.map(|line| line.without_folder()).collect()
}

/// Says something more about the command of a line. What a comment cannot hold is left out.
pub(crate) fn append(line: &mut String, key: &str, value: &str) {
    let Ok(quoted) = shlex::try_quote(value) else {
        return;
    };
    // the end of a line would end the comment
    if value.contains(char::is_control) {
        return;
    }
    if comment(line).is_none() {
        *line += " #";
    }
    *line += &format!(" {key}={quoted}");
}

/// Where the comment of a line begins.
fn comment(line: &str) -> Option<usize> {
    let (mut quote, mut escaped, mut previous) = (None, false, ' ');
    for (at, c) in line.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (None | Some('"'), '\\') => escaped = true,
            (None, '#') if previous == ' ' => return Some(at),
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
        previous = c;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_appended_is_read_again() {
        let command = r##"render --title 'a # b' "x # \" y" z#1 --output f.png"##;
        let mut line = command.to_string();
        append(&mut line, FOLDER, "/home/it's #1");
        append(&mut line, SHA256, "00:a b=c.pt");
        append(&mut line, SHA256, "11:d.pt");
        append(&mut line, "odd", "two\nlines");
        let read = HistoryLine::parse(&line);
        assert_eq!(read.command, command);
        assert_eq!(read.facts(FOLDER).collect::<Vec<_>>(), ["/home/it's #1"]);
        let sums: Vec<_> = read.facts(SHA256).collect();
        assert_eq!(sums, ["00:a b=c.pt", "11:d.pt"]);
        assert_eq!(read.facts("odd").count(), 0);
        let published = without_folders(&[line]);
        assert_eq!(HistoryLine::parse(&published[0]).facts(FOLDER).count(), 0);
        assert_eq!(HistoryLine::parse(&published[0]).facts(SHA256).count(), 2);
    }

    #[test]
    fn lines_without_a_comment_are_commands() {
        for line in [
            "",
            "train a",
            "render '# no' --title a#b",
            "broken 'quote # x",
        ] {
            let read = HistoryLine::parse(line);
            assert_eq!((read.command, read.facts.len()), (line, 0));
        }
    }
}
