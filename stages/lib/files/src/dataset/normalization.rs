use crate::{Result, Split, contents::Item, reader::Reader};

pub(super) const SCALE: &str = "scale";
pub(super) const MEAN: &str = "mean";
pub(super) const STD: &str = "std";

/// What is fed to a network: `(inputs · scale − mean) / std`, per channel (dimension 1). Named
/// inputs are fed as they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Normalization {
    /// One factor, or one a channel.
    pub scale: Vec<f64>,
    /// One value, or one a channel.
    pub mean: Vec<f64>,
    /// One value, or one a channel.
    pub std: Vec<f64>,
}

impl Normalization {
    /// Inputs as they are.
    pub fn none() -> Self {
        Self {
            scale: vec![1.0],
            mean: vec![0.0],
            std: vec![1.0],
        }
    }

    fn named(&self) -> [(&'static str, &[f64]); 3] {
        [(SCALE, &self.scale), (MEAN, &self.mean), (STD, &self.std)]
    }

    pub(super) fn items(&self) -> [Item<'_>; 3] {
        self.named()
            .map(|(name, values)| Item::attribute("", name, values))
    }

    pub(super) fn load(reader: &Reader) -> Result<Self> {
        let normalization = Self {
            scale: Self::values(reader, SCALE, 1.0)?,
            mean: Self::values(reader, MEAN, 0.0)?,
            std: Self::values(reader, STD, 1.0)?,
        };
        normalization.check(reader)?;
        Ok(normalization)
    }

    /// Checks that there is one finite number, or one for each channel.
    fn check(&self, reader: &Reader) -> Result<()> {
        for (name, values) in self.named() {
            for value in values {
                if !value.is_finite() || (name == STD && *value == 0.0) {
                    return Err(reader.invalid(format!(
                        "\"{name}\" holds {value}: inputs cannot be normalised with it"
                    )));
                }
            }
        }
        for split in Split::all(reader)? {
            let inputs = split.inputs();
            if !reader.has(&inputs) {
                continue;
            }
            let (_, shape) = reader.form(&inputs)?;
            let channels = shape.get(1).copied().unwrap_or(1);
            for (name, values) in self.named() {
                if values.len() != 1 && values.len() != channels {
                    return Err(reader.invalid(format!(
                        "\"{name}\" holds {} numbers, but \"{inputs}\" of shape {shape:?} has \
                         {channels} \
                         channels: use 1 or {channels}",
                        values.len()
                    )));
                }
            }
        }
        Ok(())
    }

    /// Numbers of an attribute, or of a dataset, as other tools may have written them.
    fn values(reader: &Reader, name: &str, default: f64) -> Result<Vec<f64>> {
        if let Some(values) = reader.numbers_if_any("", name)? {
            return Ok(values);
        }
        let values = reader.line_if_any(&format!("/{name}"))?;
        Ok(values.unwrap_or_else(|| vec![default]))
    }
}
