//! What an interrupted training goes on from. It is a model file: the state of the network, and
//! behind it what a training has besides.

use std::{fs, path::Path};

use anyhow::{Context, bail, ensure};
use files::{Contents, Model, Provenance, Role, StateTensor, Target};
use ndarray::ArrayD;
use torch::{Kept, Tensor};

use crate::Network;

/// What the names of all entries start with that are no state of the network.
const OWN: &str = "resume:";
const SETTINGS: &str = "resume:settings";
const NUMBERS: &str = "resume:numbers";
const LOSS: &str = "resume:loss";
const KEPT: &str = "resume:kept.";
const BESIDES: &str = "resume:besides.";

/// How far a training is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Place {
    /// Steps that are done.
    pub(crate) step: usize,
    /// Where the generator was before the order of this epoch was drawn.
    pub(crate) order: u128,
    /// Sums over this epoch: losses, right answers, targets that count.
    pub(crate) loss: f64,
    pub(crate) correct: i64,
    pub(crate) counted: i64,
}

/// A training between two steps.
pub(crate) struct Snapshot {
    pub(crate) place: Place,
    /// Where the generator is.
    pub(crate) random: u128,
    pub(crate) kept: Kept,
    /// The state of the network.
    pub(crate) state: Vec<Tensor>,
    /// What the stage keeps besides: names and values.
    pub(crate) besides: Vec<(String, Tensor)>,
}

/// The file, and the settings of this run.
pub struct Resume {
    target: Target,
    /// Names and values of all settings on which the bits depend.
    settings: Vec<(String, String)>,
}

impl Resume {
    /// A file, and names and values of all settings on which the bits depend.
    pub fn new(file: &Path, settings: Vec<(String, String)>) -> Self {
        Self {
            target: Target::new(file, true),
            settings,
        }
    }

    /// What the file holds; `None` where there is no file.
    ///
    /// # Errors
    /// It cannot be read, or is of other settings.
    pub(crate) fn read(&self, parameters: usize) -> anyhow::Result<Option<Snapshot>> {
        if !self.target.path().exists() {
            return Ok(None);
        }
        let file = self.target.path().display().to_string();
        let stored = Model::read(self.target.path()).context("--force starts the training anew")?;
        let mut entries = stored.contents.state;
        let split = entries.iter().position(|entry| entry.name.starts_with(OWN));
        let own = Own(entries.split_off(split.unwrap_or(entries.len())));
        self.check_settings(&file, &own.text(SETTINGS).unwrap_or_default())?;
        let snapshot = own.snapshot(&entries, parameters);
        let snapshot = snapshot.with_context(|| {
            format!("{file}: it is no interrupted training: --force starts the training anew")
        })?;
        Ok(Some(snapshot))
    }

    /// Compares settings, one per line.
    fn check_settings(&self, file: &str, saved: &str) -> anyhow::Result<()> {
        let mine = self.text();
        for (line, saved) in mine.lines().zip(saved.lines()) {
            if line != saved {
                bail!(
                    "{file} holds an interrupted training with {saved}; this command has {line}: \
                     use the same command to go on, or --force to start anew"
                );
            }
        }
        ensure!(
            mine == saved,
            "{file} holds an interrupted training with other settings: use the same command to go \
             on, or --force to start anew"
        );
        Ok(())
    }

    /// Replaces the file: when it returns, the snapshot is on disk.
    pub(crate) fn write(
        &self,
        network: &Network,
        snapshot: &Snapshot,
        provenance: &Provenance,
    ) -> anyhow::Result<()> {
        let mut model = network.model(&snapshot.state, Vec::new())?;
        let state = &mut model.state;
        let place = &snapshot.place;
        let mut numbers = vec![
            place.step as i64,
            place.correct,
            place.counted,
            snapshot.kept.steps,
        ];
        for position in [place.order, snapshot.random] {
            numbers.push((position >> 32) as i64);
            numbers.push((position & u128::from(u32::MAX)) as i64);
        }
        let settings = self.text().into_bytes();
        state.push(constant(SETTINGS, files::Tensor::U8(line(settings))));
        state.push(constant(NUMBERS, files::Tensor::I64(line(numbers))));
        state.push(constant(LOSS, files::Tensor::F64(line(vec![place.loss]))));
        for (parameter, kept) in snapshot.kept.tensors.iter().enumerate() {
            for (number, tensor) in kept.iter().enumerate() {
                let name = format!("{KEPT}{parameter}.{number}");
                state.push(constant(&name, torch::array(tensor)?));
            }
        }
        for (name, tensor) in &snapshot.besides {
            let name = format!("{BESIDES}{name}");
            state.push(constant(&name, torch::array(tensor)?));
        }
        model.write(&self.target, provenance)?;
        Ok(())
    }

    /// Removes the file.
    pub(crate) fn remove(&self) -> anyhow::Result<()> {
        let path = self.target.path();
        fs::remove_file(path).with_context(|| format!("{} cannot be removed", path.display()))
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (name, value) in &self.settings {
            text += &format!("{name} {value}\n");
        }
        text
    }
}

fn constant(name: &str, tensor: files::Tensor) -> StateTensor {
    StateTensor {
        name: name.into(),
        role: Role::Constant,
        tensor,
    }
}

fn line<T>(values: Vec<T>) -> ArrayD<T> {
    ndarray::Array1::from_vec(values).into_dyn()
}

/// The entries of the file that are no state of the network.
struct Own(Vec<StateTensor>);

impl Own {
    fn get(&self, name: &str) -> Option<&files::Tensor> {
        let entry = self.0.iter().find(|entry| entry.name == name)?;
        Some(&entry.tensor)
    }

    fn text(&self, name: &str) -> Option<String> {
        match self.get(name)? {
            files::Tensor::U8(bytes) => String::from_utf8(bytes.iter().copied().collect()).ok(),
            _ => None,
        }
    }

    /// `None` where something is missing.
    fn snapshot(&self, state: &[StateTensor], parameters: usize) -> Option<Snapshot> {
        let (Some(files::Tensor::I64(numbers)), Some(files::Tensor::F64(loss))) =
            (self.get(NUMBERS), self.get(LOSS))
        else {
            return None;
        };
        let numbers: Vec<i64> = numbers.iter().copied().collect();
        let &[
            step,
            correct,
            counted,
            steps,
            order_high,
            order_low,
            random_high,
            random_low,
        ] = &numbers[..]
        else {
            return None;
        };
        let mut tensors = Vec::with_capacity(parameters);
        for parameter in 0..parameters {
            let mut kept = Vec::new();
            while let Some(array) = self.get(&format!("{KEPT}{parameter}.{}", kept.len())) {
                kept.push(torch::tensor(array));
            }
            tensors.push(kept);
        }
        let mut besides = Vec::new();
        for entry in &self.0 {
            if let Some(name) = entry.name.strip_prefix(BESIDES) {
                besides.push((name.to_string(), torch::tensor(&entry.tensor)));
            }
        }
        Some(Snapshot {
            place: Place {
                step: step as usize,
                order: position(order_high, order_low),
                loss: *loss.first()?,
                correct,
                counted,
            },
            random: position(random_high, random_low),
            kept: Kept { steps, tensors },
            state: state
                .iter()
                .map(|entry| torch::tensor(&entry.tensor))
                .collect(),
            besides,
        })
    }
}

fn position(high: i64, low: i64) -> u128 {
    (u128::from(high as u64) << 32) + u128::from(low as u64)
}
