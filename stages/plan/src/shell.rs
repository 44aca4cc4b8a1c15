/// Words as a shell reads them.
pub(crate) fn line(words: &[String]) -> String {
    words
        .iter()
        .map(|word| quoted(word))
        .collect::<Vec<_>>()
        .join(" ")
}

/// A word as a shell reads it.
pub(crate) fn quoted(word: &str) -> String {
    // shlex quotes more than it must: --seed=1 is read as it is
    if !word.is_empty()
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_./,:=+@%".contains(&byte))
    {
        return word.into();
    }
    // there is no zero byte in what YAML or a command line gave
    shlex::try_quote(word).map_or_else(|_| String::new(), Into::into)
}
