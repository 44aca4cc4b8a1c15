/// What the writer may have meant: "; did you mean …?", or all that there is, or where to find it.
pub(crate) fn hint<'a>(
    given: &str,
    known: impl Iterator<Item = &'a str>,
    elsewhere: &str,
) -> String {
    let known: Vec<&str> = known.collect();
    let distance = |name: &&&str| {
        strsim::osa_distance(
            &given.to_lowercase().replace('-', "_"),
            &name.to_lowercase(),
        )
    };
    let near = known
        .iter()
        .min_by_key(distance)
        .filter(|name| distance(name) <= 1 + given.len() / 3);
    match near {
        Some(name) => format!("; did you mean \"{name}\"?"),
        None if known.len() <= 20 && elsewhere.is_empty() => {
            format!("; there is {}", known.join(", "))
        }
        None => format!("; {elsewhere} names them"),
    }
}
