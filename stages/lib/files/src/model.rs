use std::collections::HashSet;

use crate::{
    Kind, Note, Result, Tensor,
    contents::{Contents, Item, Value},
    reader::Reader,
};

const PROGRAM: &str = "/program";
const STATE: &str = "/state";
const INDEX: &str = "index";
const ROLE: &str = "role";
const ARCHITECTURE: &str = "architecture";

/// A network: its program and its state.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// The program as JSON; see the crate `program`.
    pub program: String,
    /// Parameters and buffers in `state_dict` order, then constants.
    pub state: Vec<StateTensor>,
    /// The name of the architecture, for people.
    pub architecture: String,
    /// Where it came from: `source`, `source_sha256`, `epoch`, …
    pub notes: Vec<(String, Note)>,
}

/// One entry of the `state_dict`.
#[derive(Debug, Clone, PartialEq)]
pub struct StateTensor {
    /// Its key, such as `layer1.0.conv1.weight`.
    pub name: String,
    /// What it is.
    pub role: Role,
    /// Its value.
    pub tensor: Tensor,
}

/// What an entry of the state is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Trained: what `weights` directions move.
    Parameter,
    /// Not trained: running statistics, counters.
    Buffer,
    /// A part of the program that no `state_dict` holds: masks, tables. It never moves.
    Constant,
}

impl Model {
    /// The trained tensors, in `parameters()` order.
    pub fn parameters(&self) -> impl Iterator<Item = &StateTensor> {
        self.state
            .iter()
            .filter(|entry| entry.role == Role::Parameter)
    }
}

impl Role {
    const ALL: [(&'static str, Self); 3] = [
        ("parameter", Self::Parameter),
        ("buffer", Self::Buffer),
        ("constant", Self::Constant),
    ];

    fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, role)| *role == self)
            .map_or("", |(name, _)| name)
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(other, _)| *other == name)
            .map(|(_, role)| *role)
    }
}

impl Contents for Model {
    const KIND: Kind = Kind::Model;

    fn items(&self) -> Vec<Item<'_>> {
        let mut items = vec![Item::dataset(PROGRAM, self.program.as_str())];
        for (index, entry) in self.state.iter().enumerate() {
            let object = format!("{STATE}/{}", entry.name);
            items.push(Item::dataset(&object, &entry.tensor));
            items.push(Item::attribute(
                &object,
                INDEX,
                Value::Integer(index as i64),
            ));
            items.push(Item::attribute(&object, ROLE, entry.role.name()));
        }
        items.push(Item::note("", ARCHITECTURE, self.architecture.as_str()));
        items.extend(Item::notes(&self.notes));
        items
    }

    fn load(reader: &Reader) -> Result<Self> {
        let mut state = Vec::new();
        for name in reader.members(STATE) {
            let object = format!("{STATE}/{name}");
            let index = reader.integer_if_any(&object, INDEX)?;
            let index = index.ok_or_else(|| reader.lacks(&format!("{object}@{INDEX}")))?;
            let role = reader.text(&object, ROLE)?;
            let role = Role::from_name(&role).ok_or_else(|| {
                reader.invalid(format!(
                    "\"{object}\" has the role \"{role}\"; there are parameter, buffer and constant"
                ))
            })?;
            state.push((
                index,
                StateTensor {
                    name,
                    role,
                    tensor: reader.tensor(&object)?,
                },
            ));
        }
        state.sort_by_key(|(index, _)| *index);
        let indices: HashSet<i64> = state.iter().map(|(index, _)| *index).collect();
        if indices.len() != state.len() {
            return Err(reader.invalid(format!(
                "two entries of \"{STATE}\" have the same \"{INDEX}\""
            )));
        }
        Ok(Self {
            program: reader.text_dataset(PROGRAM)?,
            state: state.into_iter().map(|(_, entry)| entry).collect(),
            architecture: reader.text_if_any("", ARCHITECTURE)?.unwrap_or_default(),
            notes: reader.notes(&[ARCHITECTURE])?,
        })
    }
}
