//! Which tensors a direction moves among those that its type allows.

use std::fmt;

use glob::Pattern;

use crate::{Error, Result};

/// A part of a model, by patterns of the keys of its `state_dict`: `layer1.*`, `*.lora_A`. What is
/// not in it stays where it is.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    only: Vec<Pattern>,
    except: Vec<Pattern>,
}

impl Selection {
    /// What matches one of `only` (all, where there is none) and none of `except`. `*` stands for
    /// any text, dots included, `?` for a character, `[…]` for one of some characters.
    ///
    /// # Errors
    /// A pattern that is none.
    pub fn new(only: &[String], except: &[String]) -> Result<Self> {
        Ok(Self {
            only: patterns(only)?,
            except: patterns(except)?,
        })
    }

    /// Whether it is the whole model.
    pub fn is_whole(&self) -> bool {
        self.only.is_empty() && self.except.is_empty()
    }

    /// Whether a key is in it.
    pub fn has(&self, key: &str) -> bool {
        let wanted = self.only.is_empty() || matches(&self.only, key);
        wanted && !matches(&self.except, key)
    }

    /// Checks that every pattern matches something.
    ///
    /// # Errors
    /// The first that matches nothing, with some of the keys.
    pub fn check<'a>(&self, keys: impl Iterator<Item = &'a str> + Clone) -> Result<()> {
        for pattern in self.only.iter().chain(&self.except) {
            if !keys.clone().any(|key| pattern.matches(key)) {
                let some: Vec<&str> = keys.take(5).collect();
                return Err(Error::Pattern(format!(
                    "{pattern} matches no tensor that moves; they are called {}, …",
                    some.join(", ")
                )));
            }
        }
        Ok(())
    }
}

/// The options that make it: `--only layer1.* --except *.bias`.
impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut words = Vec::new();
        for (option, patterns) in [("--only", &self.only), ("--except", &self.except)] {
            for pattern in patterns {
                words.push(format!("{option} {pattern}"));
            }
        }
        f.write_str(&words.join(" "))
    }
}

fn patterns(texts: &[String]) -> Result<Vec<Pattern>> {
    let mut patterns = Vec::with_capacity(texts.len());
    for text in texts {
        let pattern = Pattern::new(text);
        patterns.push(pattern.map_err(|error| Error::Pattern(format!("{text}: {error}")))?);
    }
    Ok(patterns)
}

fn matches(patterns: &[Pattern], key: &str) -> bool {
    patterns.iter().any(|pattern| pattern.matches(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 4] = [
        "conv1.weight",
        "layer1.0.bn1.weight",
        "layer1.0.conv1.weight",
        "fc.bias",
    ];

    fn chosen(only: &[&str], except: &[&str]) -> Vec<&'static str> {
        let [only, except] = [only, except].map(|texts| {
            let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
            texts
        });
        let selection = Selection::new(&only, &except).unwrap();
        KEYS.into_iter().filter(|key| selection.has(key)).collect()
    }

    #[test]
    fn patterns_choose_keys() {
        assert_eq!(chosen(&[], &[]), KEYS);
        assert_eq!(chosen(&["layer1.*"], &[]), KEYS[1..3]);
        assert_eq!(chosen(&["layer1.*"], &["*.bn?.*"]), KEYS[2..3]);
        assert_eq!(
            chosen(&["fc.bias", "conv1.*"], &[]),
            ["conv1.weight", "fc.bias"]
        );
        assert_eq!(chosen(&[], &["layer1.*"]), ["conv1.weight", "fc.bias"]);
    }

    #[test]
    fn a_pattern_that_matches_nothing_is_an_error() {
        let selection = Selection::new(&["layer9.*".into()], &[]).unwrap();
        let error = selection.check(KEYS.into_iter()).unwrap_err().to_string();
        assert!(
            error.contains("layer9.*") && error.contains("conv1.weight"),
            "{error}"
        );
        assert!(Selection::new(&["a[".into()], &[]).is_err());
    }
}
