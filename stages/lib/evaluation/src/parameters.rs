use files::{Header, Model, Role, Stored};
use weights::Selection;

use crate::Subject;

/// The parameters by which a loss is differentiated twice.
#[derive(Debug, Clone)]
pub struct Parameters {
    /// Which ones, by their shape.
    pub which: options::Parameters,
    /// Which ones, by their name.
    pub selection: Selection,
}

impl Parameters {
    /// Which entries of the state of a model they are, in its order.
    ///
    /// # Errors
    /// A pattern that no parameter matches.
    pub fn of(&self, model: &Stored<Model>) -> anyhow::Result<Vec<bool>> {
        let mut chosen = Vec::with_capacity(model.state.len());
        let mut names = Vec::new();
        for entry in &model.state {
            let is_parameter = entry.role == Role::Parameter && entry.tensor.is_float();
            let dimensions = entry.tensor.shape().len();
            let suits = match self.which {
                options::Parameters::Matrices => is_parameter && dimensions > 1,
                options::Parameters::All => is_parameter,
            };
            if suits {
                names.push(entry.name.as_str());
            }
            chosen.push(suits && self.selection.has(&entry.name));
        }
        check(&self.selection, &names, &model.header)?;
        Ok(chosen)
    }

    /// The keys of those that the program of a network uses, in the order of its state: what
    /// vectors have values for.
    ///
    /// # Errors
    /// As [`Parameters::of`].
    pub fn names(&self, subject: &Subject) -> anyhow::Result<Vec<String>> {
        let chosen = self.of(&subject.model)?;
        let used = subject.program.state_names();
        let mut names = Vec::new();
        for (entry, is_chosen) in subject.model.state.iter().zip(chosen) {
            if is_chosen && used.contains(&entry.name.as_str()) {
                names.push(entry.name.clone());
            }
        }
        Ok(names)
    }

    /// Them in words, as files have it.
    pub fn said(&self) -> String {
        let which = self.which.to_string();
        if self.selection.is_whole() {
            return which;
        }
        format!("{which} {}", self.selection)
    }
}

fn check(selection: &Selection, names: &[&str], header: &Header) -> anyhow::Result<()> {
    use anyhow::Context;
    let checked = selection.check(names.iter().copied());
    checked.with_context(|| header.path.display().to_string())
}
