use crate::{DatasetFile, Note, Result, Split, dataset::ATTRIBUTES, examples::inputs};

/// The name of an input (empty for the only one), its element type and its shape.
pub type Form = (String, &'static str, Vec<usize>);

impl DatasetFile {
    /// The forms of a split's inputs, and of its targets where it has any; nothing is read.
    ///
    /// # Errors
    /// No such split.
    pub fn forms(&self, split: &Split) -> Result<(Vec<Form>, Option<Form>)> {
        let mut forms = Vec::new();
        for (name, object) in inputs(self.reader(), split)? {
            let (dtype, shape) = self.reader().form(&object)?;
            forms.push((name, dtype, shape));
        }
        let targets = split.targets();
        if !self.reader().has(&targets) {
            return Ok((forms, None));
        }
        let (dtype, shape) = self.reader().form(&targets)?;
        Ok((forms, Some((String::new(), dtype, shape))))
    }

    /// Where it came from: `source`, `split`, `seed`, …
    ///
    /// # Errors
    /// Remarks that cannot be read.
    pub fn notes(&self) -> Result<Vec<(String, Note)>> {
        self.reader().notes(&ATTRIBUTES)
    }

    /// Reads all arrays, a part at a time, and compares them with their digests, of which the id is
    /// made.
    ///
    /// # Errors
    /// [`Error::AlteredArray`](crate::Error::AlteredArray), or what cannot be read.
    pub fn verify(&self) -> Result<()> {
        for (name, seal) in self.seals() {
            seal.verify(self.reader(), name)?;
        }
        Ok(())
    }
}
