use std::path::Path;

use files::{DirType, Directions, Entry, Header, ModelFile, Stored, Tensor};
use ndarray::ArrayD;

use crate::{
    Result, difference,
    fit::{check_alike, check_shapes},
};

/// A model and checkpoints of it, read tensor by tensor: none of them is held whole.
pub struct Checkpoints {
    origin: ModelFile,
    others: Vec<ModelFile>,
    /// The places of what moves among the entries of each file.
    moved: Vec<usize>,
}

impl Checkpoints {
    /// Opens them and checks that they are of one architecture.
    ///
    /// # Errors
    /// Files that cannot be read, or that have other tensors than the origin.
    pub fn open(origin: &Path, others: &[&Path], dir_type: DirType) -> Result<Self> {
        let origin = ModelFile::open(origin)?;
        let mut opened = Vec::with_capacity(others.len());
        for other in others {
            let other = ModelFile::open(other)?;
            check_alike(
                (origin.path(), &named(origin.entries())),
                (other.path(), &named(other.entries())),
            )?;
            opened.push(other);
        }
        let mut moved = Vec::new();
        for (place, entry) in origin.entries().iter().enumerate() {
            if dir_type.moves(entry.role) {
                moved.push(place);
            }
        }
        Ok(Self {
            origin,
            others: opened,
            moved,
        })
    }

    /// Checks that directions fit the tensors that move.
    ///
    /// # Errors
    /// Directions whose tensors have another number or other shapes.
    pub fn check_directions(&self, directions: &Stored<Directions>) -> Result<()> {
        let mut moved = Vec::with_capacity(self.moved.len());
        for place in &self.moved {
            let entry = &self.origin.entries()[*place];
            moved.push((entry.name.as_str(), entry.shape.as_slice()));
        }
        check_shapes(directions, self.origin.path(), &moved)
    }

    /// How many checkpoints there are, without the origin.
    #[allow(clippy::len_without_is_empty, reason = "there is no use for none")]
    pub fn len(&self) -> usize {
        self.others.len()
    }

    /// The file of a checkpoint.
    pub fn path(&self, checkpoint: usize) -> &Path {
        self.others[checkpoint].path()
    }

    /// How many tensors move.
    pub fn tensors(&self) -> usize {
        self.moved.len()
    }

    /// What moved tensor number `number` is.
    pub fn entry(&self, number: usize) -> &Entry {
        &self.origin.entries()[self.moved[number]]
    }

    /// Moved tensor number `number` of the origin, θ*.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn origin(&mut self, number: usize) -> Result<Tensor> {
        Ok(self.origin.tensor(self.moved[number])?)
    }

    /// How far this tensor of a checkpoint is from its origin: θ_k - θ*.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn difference(
        &mut self,
        checkpoint: usize,
        number: usize,
        origin: &Tensor,
    ) -> Result<ArrayD<f32>> {
        let tensor = self.others[checkpoint].tensor(self.moved[number])?;
        Ok(difference(origin, &tensor))
    }

    /// Checks the ids of all files, of which what did not move is read now; returns the header of
    /// the origin and of each checkpoint.
    ///
    /// # Errors
    /// A file was changed or damaged.
    pub fn check(self) -> Result<(Header, Vec<Header>)> {
        let mut headers = Vec::with_capacity(self.others.len());
        for other in self.others {
            headers.push(other.check()?);
        }
        Ok((self.origin.check()?, headers))
    }
}

fn named(entries: &[Entry]) -> Vec<(&str, &[usize])> {
    let mut named = Vec::with_capacity(entries.len());
    for entry in entries {
        named.push((entry.name.as_str(), entry.shape.as_slice()));
    }
    named
}

#[cfg(test)]
mod tests {
    use files::{Contents, Model, Provenance, Role, StateTensor, Target};
    use ndarray::arr1;

    use super::*;

    fn write(path: &Path, values: [f32; 2]) -> String {
        let entry = |name: &str, role, values: [f32; 2]| StateTensor {
            name: name.into(),
            role,
            tensor: Tensor::F32(arr1(&values).into_dyn()),
        };
        let model = Model {
            program: "{}".into(),
            state: vec![
                entry("b", Role::Parameter, values),
                entry("a", Role::Buffer, [0.0, 1.0]),
            ],
            architecture: String::new(),
            notes: Vec::new(),
        };
        let provenance = Provenance::of_this_command(&[]);
        model.write(&Target::new(path, true), &provenance).unwrap()
    }

    #[test]
    fn checkpoints_are_read_tensor_by_tensor_and_checked_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let ids = [
            ("0.h5", [1.0, 2.0]),
            ("1.h5", [1.5, 2.0]),
            ("2.h5", [1.0, 0.0]),
        ]
        .map(|(name, values)| write(&path(name), values));
        let (origin, others) = (path("0.h5"), [path("1.h5"), path("2.h5")]);
        let others = [others[0].as_path(), others[1].as_path()];
        let mut checkpoints = Checkpoints::open(&origin, &others, DirType::Weights).unwrap();
        assert_eq!(checkpoints.tensors(), 1);
        assert_eq!(checkpoints.entry(0).name, "b");
        let start = checkpoints.origin(0).unwrap();
        let mut differences = Vec::new();
        for checkpoint in 0..2 {
            let difference = checkpoints.difference(checkpoint, 0, &start).unwrap();
            differences.push(difference.into_iter().collect::<Vec<f32>>());
        }
        assert_eq!(differences, [[0.5, 0.0], [0.0, -2.0]]);
        let (header, headers) = checkpoints.check().unwrap();
        let found = [&header.id, &headers[0].id, &headers[1].id];
        assert_eq!(found, [&ids[0], &ids[1], &ids[2]]);
    }

    #[test]
    fn a_model_that_is_read_tensor_by_tensor_has_the_id_of_the_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.h5");
        let id = write(&path, [1.0, 2.0]);
        assert_eq!(Model::read(&path).unwrap().header.id, id);
        assert_eq!(ModelFile::open(&path).unwrap().check().unwrap().id, id);
    }
}
