use std::{fmt, path::PathBuf, str::FromStr};

use anyhow::{Context, ensure};
use files::Target;

/// Parts of an epoch that a number may name.
const PARTS: u64 = 1_000_000;
/// The digits after its point.
const DIGITS: usize = 6;
/// The most checkpoints of a training.
const MOST: u64 = 1_000_000;

/// How often a checkpoint is kept: so many epochs, in decimal notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SaveEvery {
    /// In [`PARTS`] of an epoch.
    parts: u64,
    /// Digits after the point.
    digits: usize,
}

/// A checkpoint that is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// The epochs behind it, in [`PARTS`].
    parts: u64,
    /// What its name says: 12, or 0.25.
    pub(crate) name: String,
}

/// Where checkpoints go, and which are written.
pub(crate) struct Checkpoints {
    folder: PathBuf,
    all: Vec<Checkpoint>,
}

/// The name of the model with averaged weights.
pub(crate) const AVERAGE: &str = "average";

impl Checkpoint {
    /// The steps behind it, where an epoch has so many.
    fn step(&self, per_epoch: usize) -> usize {
        let parts = u128::from(self.parts) * per_epoch as u128;
        let half = u128::from(PARTS / 2);
        ((parts + half) / u128::from(PARTS)) as usize
    }

    /// The epochs behind it, if they are whole.
    pub(crate) fn whole_epochs(&self) -> Option<i64> {
        (self.parts.is_multiple_of(PARTS)).then_some((self.parts / PARTS) as i64)
    }

    /// The epochs behind it.
    pub(crate) fn epochs(&self) -> f64 {
        self.parts as f64 / PARTS as f64
    }
}

impl Checkpoints {
    /// Those of a training of so many epochs: the untrained network, every so often, the last one.
    ///
    /// # Errors
    /// Too many of them.
    pub(crate) fn new(folder: PathBuf, every: SaveEvery, epochs: usize) -> anyhow::Result<Self> {
        let end = epochs as u64 * PARTS;
        ensure!(
            end / every.parts <= MOST,
            "--save-every {every} keeps more than {MOST} checkpoints in {epochs} epochs"
        );
        let mut all = Vec::new();
        let mut parts = 0;
        while parts < end {
            let name = every.name(parts);
            all.push(Checkpoint { parts, name });
            parts = parts.saturating_add(every.parts);
        }
        let name = every.name(end);
        all.push(Checkpoint { parts: end, name });
        Ok(Self { folder, all })
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &PathBuf {
        &self.folder
    }

    /// The file of a checkpoint of this name.
    pub(crate) fn target(&self, name: &str) -> Target {
        Target::new(&self.folder.join(format!("model-{name}.h5")), true)
    }

    /// The checkpoint after so many steps, if one is written then.
    pub(crate) fn after(&self, step: usize, per_epoch: usize) -> Option<&Checkpoint> {
        let after = self.all.partition_point(|one| one.step(per_epoch) < step);
        self.all
            .get(after)
            .filter(|one| one.step(per_epoch) == step)
    }

    /// Makes the folder.
    pub(crate) fn make_folder(&self) -> anyhow::Result<()> {
        std::fs::create_dir_all(&self.folder)
            .with_context(|| format!("the folder {} cannot be made", self.folder.display()))
    }

    /// Checks that all files may be written, before any work.
    pub(crate) fn check(&self, averages: bool, replaces: bool) -> anyhow::Result<()> {
        let mut names: Vec<&str> = self.all.iter().map(|one| one.name.as_str()).collect();
        if averages {
            names.push(AVERAGE);
        }
        for name in names {
            let target = self.target(name);
            Target::new(target.path(), replaces).check()?;
        }
        Ok(())
    }

    /// Checks that no two checkpoints fall on one step.
    pub(crate) fn check_steps(&self, per_epoch: usize) -> anyhow::Result<()> {
        for pair in self.all.windows(2) {
            ensure!(
                pair[0].step(per_epoch) < pair[1].step(per_epoch),
                "--save-every is less than one of the {per_epoch} steps of an epoch: use {:.6} or \
                 more",
                1.0 / per_epoch as f64
            );
        }
        Ok(())
    }
}

impl SaveEvery {
    /// What names a number of epochs, given in [`PARTS`]: whole ones without a point, the others
    /// with as many digits as were typed.
    fn name(self, parts: u64) -> String {
        let (whole, rest) = (parts / PARTS, parts % PARTS);
        if rest == 0 {
            return whole.to_string();
        }
        let digits = format!("{rest:06}");
        format!("{whole}.{}", &digits[..self.digits])
    }
}

impl FromStr for SaveEvery {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
        let rest = rest.trim_end_matches('0');
        let parsed = format!("{whole}{rest:0<DIGITS$}").parse::<u64>();
        let is_plain = whole
            .bytes()
            .chain(rest.bytes())
            .all(|byte| byte.is_ascii_digit());
        match parsed {
            Ok(parts) if is_plain && rest.len() <= DIGITS && parts > 0 => Ok(Self {
                parts,
                digits: rest.len(),
            }),
            _ => Err(format!(
                "invalid number of epochs \"{text}\": use a number above zero with at most \
                 {DIGITS} digits after the point, such as 5 or 0.25"
            )),
        }
    }
}

impl fmt::Display for SaveEvery {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.name(self.parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(every: &str, epochs: usize) -> Vec<String> {
        let every = every.parse().unwrap();
        let checkpoints = Checkpoints::new(PathBuf::new(), every, epochs).unwrap();
        checkpoints.all.into_iter().map(|one| one.name).collect()
    }

    #[test]
    fn names_tell_epochs() {
        assert_eq!(names("3", 4), ["0", "3", "4"]);
        assert_eq!(names("1.0", 2), ["0", "1", "2"]);
        assert_eq!(names("0.25", 1), ["0", "0.25", "0.50", "0.75", "1"]);
        assert_eq!(names("0.4", 1), ["0", "0.4", "0.8", "1"]);
        for wrong in [
            "0",
            "",
            ".",
            "-1",
            "1e3",
            "0.0000001",
            "+1",
            "x",
            "99999999999999999999",
        ] {
            assert!(wrong.parse::<SaveEvery>().is_err(), "{wrong}");
        }
        assert_eq!(".5".parse::<SaveEvery>().unwrap().to_string(), "0.5");
    }

    #[test]
    fn steps_are_the_nearest_ones() {
        let checkpoints = Checkpoints::new(PathBuf::new(), "0.25".parse().unwrap(), 1).unwrap();
        let steps: Vec<usize> = checkpoints.all.iter().map(|one| one.step(7)).collect();
        assert_eq!(steps, [0, 2, 4, 5, 7]);
        assert!(checkpoints.check_steps(4).is_ok());
        assert!(checkpoints.check_steps(1).is_err());
    }
}
