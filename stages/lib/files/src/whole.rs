use sha2::{Digest, Sha256};

use crate::{
    DatasetFile, Error, Note, Result, Split, Tensor, dataset::ATTRIBUTES, digest, examples::inputs,
};

/// Bytes that are read at once.
const CHUNK: usize = 64 << 20;

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
    /// [`Error::Altered`], or what cannot be read.
    pub fn verify(&self) -> Result<()> {
        for split in self.splits() {
            for object in self.objects(split)? {
                let (found, recorded) =
                    (self.digest(split, &object)?, self.reader().sealed(&object)?);
                if found != recorded {
                    return Err(Error::Altered {
                        path: self.header.path.clone(),
                        found,
                        recorded,
                    });
                }
            }
        }
        Ok(())
    }

    fn digest(&self, split: &Split, object: &str) -> Result<String> {
        let (dtype, shape) = self.reader().form(object)?;
        if dtype == "bool" {
            return Ok(digest::sha256(&(&self.reader().tensor(object)?).into()));
        }
        let count = shape.first().copied().unwrap_or(0);
        let step = (CHUNK / self.example_bytes(split)?.max(1)).max(1);
        let mut sha256 = Sha256::new();
        for start in (0..count).step_by(step) {
            update(
                &mut sha256,
                &self.reader().range(object, start..start + step)?,
            );
        }
        Ok(digest::in_hex(&sha256.finalize()))
    }
}

fn update(sha256: &mut Sha256, part: &Tensor) {
    let bytes: &[u8] = match part {
        Tensor::F32(array) => array.as_slice().map_or(&[], bytemuck::cast_slice),
        Tensor::F64(array) => array.as_slice().map_or(&[], bytemuck::cast_slice),
        Tensor::I64(array) => array.as_slice().map_or(&[], bytemuck::cast_slice),
        Tensor::U8(array) => array.as_slice().unwrap_or(&[]),
    };
    sha256.update(bytes);
}
