use std::path::PathBuf;

use anyhow::ensure;
use files::{Contents, Header, Model, ModelFile, Note, Origin};
use torch::IGNORED;

use crate::{Question, Subject};

/// Checkpoints of one network with their data, a row of a table for each.
pub struct Models {
    /// The network that the question names, with the data.
    pub subject: Subject,
    /// The headers of the models.
    pub headers: Vec<Header>,
}

impl Models {
    /// Reads the network and its data, and of the other models what they are.
    ///
    /// # Errors
    /// What [`Subject::read`] refuses; a file that is no model.
    pub fn read(question: &Question, files: &[PathBuf]) -> anyhow::Result<Self> {
        let subject = Subject::read(question)?;
        let mut headers = Vec::with_capacity(files.len());
        for file in files {
            headers.push(ModelFile::open(file)?.check()?);
        }
        Ok(Self { subject, headers })
    }

    /// The model of a row with the data.
    ///
    /// # Errors
    /// Another architecture; a file that was replaced since it was first read.
    pub fn checkpoint(&self, row: usize) -> anyhow::Result<Subject> {
        let header = &self.headers[row];
        let model = Model::read(&header.path)?;
        ensure!(
            model.header.id == header.id,
            "{}: it was replaced while it was measured",
            header.path.display()
        );
        self.subject.with_model(model)
    }

    /// The headers of all files that were read.
    pub fn all_headers(&self) -> Vec<&Header> {
        let mut headers: Vec<&Header> = self.headers.iter().collect();
        headers.push(&self.subject.data.header);
        headers
    }

    /// What a table of them is made from.
    pub fn origins(&self) -> Vec<(String, Origin)> {
        vec![
            ("model".into(), self.subject.model.header.origin()),
            ("data".into(), self.subject.data.header.origin()),
        ]
    }

    /// What mean losses depend on beside the files, in batches of so many examples.
    pub fn settings(&self, batch: usize) -> Vec<(String, Note)> {
        let criterion = &self.subject.criterion;
        let mut all: Vec<(&str, Note)> = vec![("loss", criterion.loss.name().into())];
        if criterion.ignored != IGNORED {
            all.push(("ignore_index", Note::Integer(criterion.ignored)));
        }
        if let Some(axis) = criterion.class_axis {
            all.push(("class_axis", Note::Text(axis.to_string())));
        }
        all.push(("precision", self.subject.program.precision().into()));
        if let Some(part) = self.subject.parts.first() {
            all.push(("split", part.split.name().into()));
            all.push(("examples", Note::Integer(part.count as i64)));
        }
        all.push(("batch", Note::Integer(batch as i64)));
        let mut named = Vec::with_capacity(all.len());
        for (name, value) in all {
            named.push((name.to_string(), value));
        }
        named
    }
}
