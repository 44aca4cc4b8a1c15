//! Words as a shell reads them.

use crate::work::Training;

/// Characters beside letters and digits that a shell takes as they are.
const PLAIN: &[u8] = b"-_./,:=+@%";

/// Words in a line.
pub(crate) fn line(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    quoted.join(" ")
}

/// A word that stands for this text and nothing else.
pub(crate) fn quoted(word: &str) -> String {
    // shlex quotes more than it must: --seed=1 is read as it is
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.into();
    }
    // there is no zero byte in what YAML or a command line gave
    shlex::try_quote(word).map_or_else(|_| String::new(), Into::into)
}

/// Removes the checkpoints of a training whose data or settings are newer than its interrupted
/// state: train goes on from that state, and would refuse another one.
pub(crate) fn begin_anew(training: &Training) -> String {
    let kept = quoted(&training.kept());
    let mut tests = Vec::new();
    for need in training.last.needs.iter().chain([&training.last.stamp]) {
        tests.push(format!("[ {kept} -nt {} ]", quoted(need)));
    }
    let folder = &training.folder;
    format!("{} || rm -f {kept} {folder}/model-*.h5", tests.join(" && "))
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || PLAIN.contains(&byte)
}
