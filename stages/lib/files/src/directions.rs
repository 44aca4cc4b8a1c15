use ndarray::ArrayD;

use crate::{
    AxisName, Kind, Meaning, Note, Origin, Result, Role,
    contents::{Contents, Item, Value},
    mark::remarks_of_the_plane,
    reader::Reader,
};

const DIR_TYPE: &str = "dir_type";
const NAMES: &str = "names";
const MODEL: &str = "model";
const PCA: [&str; 3] = [
    "explained_variance_ratio_",
    "explained_variance_",
    "singular_values_",
];

/// One or two directions in weight space, a tensor for each tensor that they move.
#[derive(Debug, Clone, PartialEq)]
pub struct Directions {
    /// What they move.
    pub dir_type: DirType,
    /// The `state_dict` keys that they move, in order; empty in files of the Python tool.
    pub names: Vec<String>,
    /// The direction of the first axis.
    pub x: Vec<ArrayD<f32>>,
    /// The direction of the second axis.
    pub y: Option<Vec<ArrayD<f32>>>,
    /// What the principal components explain, where the directions are such.
    pub pca: Option<Pca>,
    /// The model that they were made for; `None` in files of other tools.
    pub model: Option<Origin>,
    /// How they were made: seed, norm, ignore, target, …
    pub notes: Vec<(String, Note)>,
}

/// What directions move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirType {
    /// The trained parameters, in `parameters()` order.
    Weights,
    /// The whole `state_dict`, buffers included, in its order.
    States,
}

/// Variances along principal components, as scikit-learn's `PCA` names them.
#[derive(Debug, Clone, PartialEq)]
pub struct Pca {
    /// Share of the whole variance, of each component.
    pub explained_variance_ratio: Vec<f64>,
    /// Variance along each component.
    pub explained_variance: Vec<f64>,
    /// Singular value of each component.
    pub singular_values: Vec<f64>,
}

impl DirType {
    /// Whether directions of this type have a tensor for an entry of the state.
    pub fn moves(self, role: Role) -> bool {
        match self {
            Self::Weights => role == Role::Parameter,
            Self::States => role != Role::Constant,
        }
    }

    /// `weights` or `states`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Weights => "weights",
            Self::States => "states",
        }
    }
}

impl Directions {
    /// What an axis means: as the file says, or a principal component where it has such.
    pub fn meaning(&self, axis: AxisName) -> Option<Meaning> {
        let number = match axis {
            AxisName::X => 1,
            AxisName::Y => 2,
        };
        let said = Meaning::of(&self.notes, axis);
        if said.is_some() {
            return said;
        }
        let ratio = *self
            .pca
            .as_ref()?
            .explained_variance_ratio
            .get(number - 1)?;
        Some(Meaning::Component { number, ratio })
    }

    /// What shards and surfaces keep of the remarks: what the axes mean, the networks that are
    /// marked, the angle between the axes.
    pub fn remarks_of_the_plane(&self) -> Vec<(String, Note)> {
        let mut notes = self.notes.clone();
        for axis in AxisName::ALL {
            if Meaning::of(&notes, axis).is_none() {
                notes.extend(self.meaning(axis).map(|meaning| meaning.note(axis)));
            }
        }
        remarks_of_the_plane(&notes)
    }
}

impl Contents for Directions {
    const KIND: Kind = Kind::Directions;

    fn items(&self) -> Vec<Item<'_>> {
        let mut items = Vec::new();
        for (axis, direction) in [("x", Some(&self.x)), ("y", self.y.as_ref())] {
            for (k, tensor) in direction.into_iter().flatten().enumerate() {
                let name = format!("{}/{k}", group(axis));
                items.push(Item::dataset(name, Value::F32(tensor.view())));
            }
        }
        if let Some(pca) = &self.pca {
            let values = [
                &pca.explained_variance_ratio,
                &pca.explained_variance,
                &pca.singular_values,
            ];
            for (name, values) in PCA.iter().zip(values) {
                items.push(Item::dataset(format!("/{name}"), values.as_slice()));
            }
        }
        items.push(Item::attribute("", DIR_TYPE, self.dir_type.name()));
        items.push(Item::attribute("", NAMES, self.names.as_slice()));
        if let Some(model) = &self.model {
            items.extend(Item::origin(MODEL, model));
        }
        items.extend(Item::notes(&self.notes));
        items
    }

    fn load(reader: &Reader) -> Result<Self> {
        let x = direction(reader, "x")?.ok_or_else(|| reader.lacks(&group("x")))?;
        let y = direction(reader, "y")?;
        let names = reader.texts_if_any("", NAMES)?.unwrap_or_default();
        if let Some(y) = &y
            && y.len() != x.len()
        {
            return Err(reader.invalid(format!(
                "the x direction moves {} tensors, the y direction {}",
                x.len(),
                y.len()
            )));
        }
        if !names.is_empty() && names.len() != x.len() {
            return Err(reader.invalid(format!(
                "the directions move {} tensors, but \"{NAMES}\" names {}",
                x.len(),
                names.len()
            )));
        }
        let dir_type = match reader.text_if_any("", DIR_TYPE)?.as_deref() {
            None | Some("weights") => DirType::Weights,
            Some("states") => DirType::States,
            Some(other) => {
                return Err(
                    reader.invalid(format!("dir_type is \"{other}\"; it is weights or states"))
                );
            }
        };
        Ok(Self {
            dir_type,
            names,
            x,
            y,
            pca: Pca::load(reader)?,
            model: reader.origin_if_any(MODEL)?,
            notes: reader.notes(&[DIR_TYPE, NAMES, "model_id", "model_command"])?,
        })
    }
}

fn group(axis: &str) -> String {
    format!("/{axis}direction")
}

impl Pca {
    fn load(reader: &Reader) -> Result<Option<Self>> {
        let [ratio, variance, singular] = PCA.map(|name| reader.line_if_any(&format!("/{name}")));
        let Some(explained_variance_ratio) = ratio? else {
            return Ok(None);
        };
        Ok(Some(Self {
            explained_variance_ratio,
            explained_variance: variance?.unwrap_or_default(),
            singular_values: singular?.unwrap_or_default(),
        }))
    }
}

/// The entries 0, 1, … of a direction, where the file has it.
fn direction(reader: &Reader, axis: &str) -> Result<Option<Vec<ArrayD<f32>>>> {
    let group = group(axis);
    let count = reader.members(&group).len();
    let mut tensors = Vec::with_capacity(count);
    for k in 0..count {
        tensors.push(reader.tensor(&format!("{group}/{k}"))?.into_f32());
    }
    Ok((count > 0).then_some(tensors))
}
