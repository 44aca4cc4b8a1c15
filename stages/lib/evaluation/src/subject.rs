use std::{path::PathBuf, sync::Arc};

use anyhow::Context;
use files::{Contents, DatasetFile, DirType, Header, Model, Split, Stored};
use program::Program;
use torch::{Criterion, Device, Kind};

use crate::{checks, real};

/// What is to be measured: a network on some examples.
#[derive(Debug, Clone)]
pub struct Question {
    /// The file of the model.
    pub model: PathBuf,
    /// The file of the data.
    pub data: PathBuf,
    /// The splits; `None` means all that the data has.
    pub splits: Option<Vec<Split>>,
    /// Only the first examples of each split are used.
    pub limit: Option<usize>,
    /// How outputs are measured.
    pub criterion: Criterion,
    /// Where it is computed.
    pub device: Device,
}

/// A network with its data, checked to belong together. Of the data only what is asked for later is
/// read.
pub struct Subject {
    /// The model.
    pub model: Arc<Stored<Model>>,
    /// The program as it was exported.
    pub exported: Program,
    /// The program in full precision.
    pub program: Program,
    /// The data.
    pub data: Arc<DatasetFile>,
    /// The splits.
    pub parts: Vec<Part>,
    /// How outputs are measured.
    pub criterion: Criterion,
    /// Where it is computed.
    pub device: Device,
}

/// The examples of a split that are used: the first `count`.
#[derive(Debug, Clone)]
pub struct Part {
    /// The split.
    pub split: Split,
    /// How many.
    pub count: usize,
}

impl Subject {
    /// Reads the files.
    ///
    /// # Errors
    /// Files that cannot be read, or do not belong together; a loss that does not suit them.
    pub fn read(question: &Question) -> anyhow::Result<Self> {
        let model = Model::read(&question.model)?;
        let exported = Program::from_json(&model.program)
            .with_context(|| question.model.display().to_string())?;
        checks::check_outputs(question, &exported)?;
        let data = DatasetFile::open(&question.data)?;
        let parts = parts(question, &data)?;
        let mut real = Vec::new();
        for entry in &model.state {
            if entry.tensor.is_float() {
                real.push(entry.name.as_str());
            }
        }
        Ok(Self {
            program: exported.widened(&real.into_iter().collect()),
            exported,
            data: Arc::new(data),
            parts,
            criterion: question.criterion,
            device: question.device,
            model: Arc::new(model),
        })
    }

    /// The same with another checkpoint of the network.
    ///
    /// # Errors
    /// A model of another architecture.
    pub fn with_model(&self, model: Stored<Model>) -> anyhow::Result<Self> {
        weights::check_models(&self.model, &model, DirType::States)?;
        Ok(Self {
            model: Arc::new(model),
            exported: self.exported.clone(),
            program: self.program.clone(),
            data: Arc::clone(&self.data),
            parts: self.parts.clone(),
            criterion: self.criterion,
            device: self.device,
        })
    }

    /// Whether the data has targets.
    pub(crate) fn has_targets(&self) -> bool {
        let mut parts = self.parts.iter();
        parts.any(|part| !matches!(self.data.target_dtype(&part.split), Ok(None)))
    }

    /// The element type in which the program computes.
    pub fn real(&self) -> Kind {
        real(&self.program)
    }

    /// The files that were read.
    pub fn headers(&self) -> Vec<&Header> {
        vec![&self.model.header, &self.data.header]
    }

    /// The model in an error.
    pub fn model_file(&self) -> String {
        self.model.header.path.display().to_string()
    }

    /// The context of an error in which the data and the model do not fit.
    pub fn both_files(&self) -> String {
        let data = self.data.header.path.display();
        format!("{data} does not fit {}", self.model_file())
    }
}

/// The splits that are measured, with the number of examples that are used.
fn parts(question: &Question, data: &DatasetFile) -> anyhow::Result<Vec<Part>> {
    let splits = checks::splits(question, data)?;
    checks::check_targets(data, &splits)?;
    checks::check_classes(question.criterion.loss, data, &splits)?;
    let mut parts = Vec::new();
    for split in splits {
        let all = data.count(&split)?;
        parts.push(Part {
            count: question.limit.map_or(all, |limit| limit.min(all)),
            split,
        });
    }
    Ok(parts)
}
