/// The largest number of known words that an error lists.
const LISTED: usize = 40;

/// The end of an error about an unknown word: the word that was probably meant, or all known ones,
/// or the command that lists them (`elsewhere`, empty where there is none).
pub(crate) fn hint(given: &str, known: &[&str], elsewhere: &str) -> String {
    let nearest = known.iter().min_by_key(|name| distance(given, name));
    match nearest {
        Some(name) if distance(given, name) <= 1 + given.len() / 3 => {
            format!("; did you mean \"{name}\"?")
        }
        _ if !elsewhere.is_empty() => format!("; {elsewhere} lists them"),
        _ if known.len() <= LISTED => format!("; known are {}", known.join(", ")),
        _ => String::new(),
    }
}

/// The number of typing errors between two words.
fn distance(given: &str, known: &str) -> usize {
    let given = given.to_lowercase().replace('-', "_");
    strsim::osa_distance(&given, &known.to_lowercase())
}
