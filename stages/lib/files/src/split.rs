use std::{fmt, str::FromStr};

use crate::{Result, reader::Reader};

/// Which examples: those that were trained on, or those held back. In files the training set comes
/// first, then the test set, then others by their names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Split {
    /// The training set.
    Train,
    /// The test set.
    Test,
    /// Another one, such as `val`.
    Other(String),
}

impl Split {
    /// `train`, `test`, or its own name.
    pub fn name(&self) -> &str {
        match self {
            Self::Train => "train",
            Self::Test => "test",
            Self::Other(name) => name,
        }
    }

    pub(crate) fn inputs(&self) -> String {
        format!("/{}/inputs", self.name())
    }

    pub(crate) fn targets(&self) -> String {
        format!("/{}/targets", self.name())
    }

    /// The splits that a file has, in their order.
    pub(crate) fn all(reader: &Reader) -> Result<Vec<Self>> {
        let mut splits = Vec::new();
        for name in reader.members("/") {
            let Ok(split) = name.parse::<Self>() else {
                continue;
            };
            let inputs = split.inputs();
            if reader.has(&inputs) || !reader.members(&inputs).is_empty() {
                splits.push(split);
            }
        }
        splits.sort_unstable();
        Ok(splits)
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Split {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        match text {
            "train" => Ok(Self::Train),
            "test" => Ok(Self::Test),
            name if !name.is_empty() && name.chars().all(plain) => Ok(Self::Other(name.into())),
            _ => Err(format!(
                "invalid split \"{text}\": use train, test or another name of letters, digits, - \
                 and _"
            )),
        }
    }
}
