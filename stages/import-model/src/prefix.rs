//! Names of a checkpoint against those of a program: where one of the two was saved from inside a
//! wrapper, all its names begin with the wrapper's name (`model.` in a checkpoint of Lightning, or
//! in a program that computes its loss).

use std::collections::HashSet;

use anyhow::{bail, ensure};
use checkpoint::State;

use crate::matching::Wanted;

/// Parts of a wrapper's name, and names of one tensor, that are tried.
const DEEPEST: usize = 16;

/// What stands before the names that the two have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Prefixes<'a> {
    program: &'a str,
    checkpoint: &'a str,
}

/// The state under the names that are wanted, and how they were matched, where that was not to the
/// letter. `prefix`, where it is given, is that of the checkpoint; entries without it are left out.
///
/// # Errors
/// A prefix that no entry has; several that fit; entries beside those with the prefix that fits.
pub(crate) fn align<'a>(
    wanted: &[Wanted],
    state: State<'a>,
    prefix: Option<&str>,
) -> anyhow::Result<(State<'a>, Option<String>)> {
    let state = match prefix {
        None => state,
        Some(prefix) => behind(state, prefix)?,
    };
    let same = Prefixes {
        program: "",
        checkpoint: "",
    };
    if same.found(wanted, &state).is_some() {
        return Ok((state, None));
    }
    let names: Vec<String> = state.entries().map(|(name, _)| name.to_string()).collect();
    let fitting = fitting(wanted, &names, &state, prefix.is_some());
    match &fitting[..] {
        // the comparison of all names says what is missing
        [] => Ok((state, None)),
        [found] => {
            let others: Vec<&String> = names
                .iter()
                .filter(|name| !name.starts_with(found.checkpoint))
                .collect();
            ensure!(
                others.is_empty(),
                "it holds {} entries beside those that the program wants, the first is {}: \
                 --prefix {} leaves them out",
                others.len(),
                others[0].escape_debug(),
                found.checkpoint
            );
            let said = found.describe();
            Ok((state.renamed(|name| Some(found.renamed(name))), Some(said)))
        }
        several => {
            let prefixes: Vec<&str> = several.iter().map(|prefixes| prefixes.checkpoint).collect();
            bail!(
                "its names fit the program's behind several prefixes: --prefix chooses one of {}",
                prefixes.join(", ")
            )
        }
    }
}

/// The entries whose names begin with a prefix, without it.
fn behind<'a>(state: State<'a>, prefix: &str) -> anyhow::Result<State<'a>> {
    let first = state
        .entries()
        .next()
        .map_or("missing", |(name, _)| name)
        .escape_debug()
        .to_string();
    let state = state.renamed(|name| name.strip_prefix(prefix).map(String::from));
    ensure!(
        state.entries().next().is_some(),
        "none of its names begins with --prefix {prefix}; the first is {first}"
    );
    ensure!(
        state.entries().any(|(name, _)| !name.starts_with('.')),
        "--prefix {prefix} leaves a dot before all names: give it with the dot, --prefix {prefix}."
    );
    Ok(state)
}

/// Prefixes under which all tensors are found, the shortest of those that lead to the same entries.
fn fitting<'a>(
    wanted: &'a [Wanted],
    names: &'a [String],
    state: &State,
    exact: bool,
) -> Vec<Prefixes<'a>> {
    let mut candidates = candidates(wanted, names, exact);
    candidates.sort_by_key(|prefixes| prefixes.program.len() + prefixes.checkpoint.len());
    let (mut fitting, mut seen) = (Vec::new(), HashSet::new());
    for candidate in candidates {
        if let Some(found) = candidate.found(wanted, state)
            && seen.insert(found)
        {
            fitting.push(candidate);
        }
    }
    fitting
}

/// Prefixes under which the first tensor that must be there is found.
fn candidates<'a>(wanted: &'a [Wanted], names: &'a [String], exact: bool) -> Vec<Prefixes<'a>> {
    let mut found = Vec::new();
    let first = wanted.iter().find(|wanted| wanted.default.is_none());
    for first in first.into_iter().flat_map(Wanted::names).take(DEEPEST) {
        for program in common_prefixes(wanted, first) {
            let rest = &first[program.len()..];
            for name in names {
                let Some(checkpoint) = name.strip_suffix(rest) else {
                    continue;
                };
                let whole = checkpoint.is_empty() || (checkpoint.ends_with('.') && !exact);
                if whole && checkpoint != program {
                    found.push(Prefixes {
                        program,
                        checkpoint,
                    });
                }
            }
        }
    }
    found
}

/// What all names begin with, up to a dot: "", "model.", "model.net.", …
fn common_prefixes<'a>(wanted: &[Wanted], first: &'a str) -> Vec<&'a str> {
    let ends = first
        .match_indices('.')
        .map(|(dot, _)| dot + 1)
        .take(DEEPEST);
    let mut prefixes = vec![""];
    for end in ends {
        let prefix = &first[..end];
        if wanted.iter().all(|wanted| wanted.name.starts_with(prefix)) {
            prefixes.push(prefix);
        }
    }
    prefixes
}

impl Prefixes<'_> {
    /// The entry of each tensor that must be there; `None` where one is not found.
    fn found(&self, wanted: &[Wanted], state: &State) -> Option<Vec<String>> {
        let mut found = Vec::new();
        for wanted in wanted.iter().filter(|wanted| wanted.default.is_none()) {
            let mut names = wanted
                .names()
                .filter_map(|name| name.strip_prefix(self.program));
            found.push(names.find_map(|rest| {
                let name = format!("{}{rest}", self.checkpoint);
                state.get(&name).map(|_| name)
            })?);
        }
        Some(found)
    }

    /// An entry's name as the program says it; one without the prefix stays, and is unexpected.
    fn renamed(&self, name: &str) -> String {
        match name.strip_prefix(self.checkpoint) {
            Some(rest) => format!("{}{rest}", self.program),
            None => name.to_string(),
        }
    }

    fn describe(&self) -> String {
        match (self.program, self.checkpoint) {
            (program, "") => {
                format!("its names are matched to those of the program behind \"{program}\"")
            }
            ("", checkpoint) => format!("its names are matched without their \"{checkpoint}\""),
            (program, checkpoint) => {
                format!(
                    "\"{checkpoint}\" of its names is matched to \"{program}\" of the program's"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// safetensors of one f32 for each name.
    fn file(names: &[&str]) -> Vec<u8> {
        let entries: Vec<String> = (names.iter().enumerate())
            .map(|(k, name)| {
                format!(
                    r#""{name}":{{"dtype":"F32","shape":[1],"data_offsets":[{},{}]}}"#,
                    4 * k,
                    4 * k + 4
                )
            })
            .collect();
        let header = format!("{{{}}}", entries.join(","));
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.extend(vec![0; 4 * names.len()]);
        bytes
    }

    fn wanted(names: &[&str]) -> Vec<Wanted> {
        names.iter().map(|name| Wanted::named(name)).collect()
    }

    fn aligned(
        program: &[&str],
        checkpoint: &[&str],
        prefix: Option<&str>,
    ) -> anyhow::Result<Vec<String>> {
        let bytes = file(checkpoint);
        let (state, _) = align(&wanted(program), checkpoint::read(&bytes, None)?, prefix)?;
        Ok(state.entries().map(|(name, _)| name.to_string()).collect())
    }

    #[test]
    fn a_prefix_on_either_side_is_found() {
        let plain = ["a.weight", "b.weight"];
        let wrapped = ["model.a.weight", "model.b.weight"];
        let other = ["net.a.weight", "net.b.weight"];
        assert_eq!(aligned(&plain, &plain, None).unwrap(), plain);
        assert_eq!(aligned(&plain, &wrapped, None).unwrap(), plain);
        assert_eq!(aligned(&wrapped, &plain, None).unwrap(), wrapped);
        assert_eq!(aligned(&wrapped, &other, None).unwrap(), wrapped);
    }

    #[test]
    fn of_several_the_user_chooses() {
        let plain = ["a.weight", "b.weight"];
        let both = [
            "ema.a.weight",
            "ema.b.weight",
            "net.a.weight",
            "net.b.weight",
        ];
        let error = aligned(&plain, &both, None).unwrap_err().to_string();
        assert!(
            error.contains("--prefix chooses one of ema., net."),
            "{error}"
        );
        assert_eq!(aligned(&plain, &both, Some("net.")).unwrap(), plain);
        let error = aligned(&plain, &both, Some("model."))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(
                "none of its names begins with --prefix model.; the first is ema.a.weight"
            ),
            "{error}"
        );
    }

    #[test]
    fn prefixes_that_lead_to_the_same_entries_are_one() {
        let program = ["net.0.weight", "net.2.weight"];
        let checkpoint = ["model.net.0.weight", "model.net.2.weight"];
        assert_eq!(aligned(&program, &checkpoint, None).unwrap(), program);
        let error = aligned(&program, &checkpoint, Some("model"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("--prefix model."), "{error}");
    }

    #[test]
    fn what_stands_beside_is_named_with_the_cure() {
        let checkpoint = ["model.a.weight", "model.b.weight", "criterion.weight"];
        let error = aligned(&["a.weight", "b.weight"], &checkpoint, None)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("the first is criterion.weight: --prefix model. leaves them out"),
            "{error}"
        );
    }

    #[test]
    fn a_name_that_only_ends_alike_has_no_prefix() {
        let checkpoint = ["data.weight", "b.weight"];
        assert_eq!(
            aligned(&["a.weight", "b.weight"], &checkpoint, None).unwrap(),
            checkpoint
        );
    }
}
