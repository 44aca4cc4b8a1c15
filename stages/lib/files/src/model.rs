use std::{collections::HashMap, path::Path};

use crate::{
    Header, Kind, Note, Result, Tensor,
    contents::{Contents, Item, Value},
    digest,
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
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Parameter => "parameter",
            Self::Buffer => "buffer",
            Self::Constant => "constant",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        let roles = [Self::Parameter, Self::Buffer, Self::Constant];
        roles.into_iter().find(|role| role.name() == name)
    }
}

/// An entry of the `state_dict`, without its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its key.
    pub name: String,
    /// What it is.
    pub role: Role,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its element type: `f32`, `f64`, `i64` or `u8`.
    pub dtype: &'static str,
    index: i64,
}

impl Entry {
    /// The dataset that holds its value.
    fn dataset(&self) -> String {
        format!("{STATE}/{}", self.name)
    }

    fn read(reader: &Reader, name: String) -> Result<Self> {
        let dataset = format!("{STATE}/{name}");
        let index = reader.integer_if_any(&dataset, INDEX)?;
        let role = reader.text(&dataset, ROLE)?;
        let (dtype, shape) = reader.form(&dataset)?;
        Ok(Self {
            role: Role::from_name(&role).ok_or_else(|| {
                reader.invalid(format!(
                    "\"{dataset}\" has the role \"{role}\"; it can be parameter, buffer or constant"
                ))
            })?,
            index: index.ok_or_else(|| reader.lacks(&format!("{dataset}@{INDEX}")))?,
            name,
            shape,
            dtype,
        })
    }

    /// The entries of a file, in `state_dict` order.
    fn all(reader: &Reader) -> Result<Vec<Self>> {
        let mut entries = Vec::new();
        for name in reader.members(STATE) {
            entries.push(Self::read(reader, name)?);
        }
        entries.sort_by_key(|entry| entry.index);
        if entries
            .windows(2)
            .any(|pair| pair[0].index == pair[1].index)
        {
            return Err(reader.invalid(format!(
                "two entries of \"{STATE}\" have the same \"{INDEX}\""
            )));
        }
        Ok(entries)
    }
}

/// A model whose tensors are read one by one: of hundreds of checkpoints, none is held whole.
pub struct ModelFile {
    reader: Reader,
    entries: Vec<Entry>,
    /// What the id is made of, for each entry that was read.
    lines: HashMap<String, Vec<String>>,
}

impl ModelFile {
    /// Opens a model; its tensors stay on disk.
    ///
    /// # Errors
    /// As [`Contents::read`], but for the id.
    pub fn open(path: &Path) -> Result<Self> {
        let reader = Reader::open(path, Kind::Model)?;
        let entries = Entry::all(&reader)?;
        Ok(Self {
            reader,
            entries,
            lines: HashMap::new(),
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.reader.path()
    }

    /// The entries, in `state_dict` order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The value of entry number `number`.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn tensor(&mut self, number: usize) -> Result<Tensor> {
        let entry = &self.entries[number];
        let tensor = self.reader.tensor(&entry.dataset())?;
        let mut lines = Vec::new();
        for item in state_items(number, &entry.name, entry.role, &tensor) {
            lines.push(digest::line(&item));
        }
        self.lines.insert(entry.name.clone(), lines);
        Ok(tensor)
    }

    /// Checks the id, now that the tensors that matter were read; the others are read for it.
    ///
    /// # Errors
    /// The contents are not those of the id.
    pub fn check(mut self) -> Result<Header> {
        for number in 0..self.entries.len() {
            if !self.lines.contains_key(&self.entries[number].name) {
                self.tensor(number)?;
            }
        }
        let program = self.reader.text_dataset(PROGRAM)?;
        let mut lines = vec![digest::line(&Item::dataset(PROGRAM, program.as_str()))];
        lines.extend(self.lines.into_values().flatten());
        self.reader.header(digest::id_of_lines(Kind::Model, lines))
    }
}

/// An entry as it is written: its value, then its place and its role.
fn state_items<'a>(index: usize, name: &str, role: Role, tensor: &'a Tensor) -> [Item<'a>; 3] {
    let dataset = format!("{STATE}/{name}");
    [
        Item::dataset(&dataset, tensor),
        Item::attribute(&dataset, INDEX, Value::Integer(index as i64)),
        Item::attribute(&dataset, ROLE, role.name()),
    ]
}

impl Contents for Model {
    const KIND: Kind = Kind::Model;

    fn items(&self) -> Vec<Item<'_>> {
        let mut items = vec![Item::dataset(PROGRAM, self.program.as_str())];
        for (index, entry) in self.state.iter().enumerate() {
            items.extend(state_items(index, &entry.name, entry.role, &entry.tensor));
        }
        items.push(Item::note("", ARCHITECTURE, self.architecture.as_str()));
        items.extend(Item::notes(&self.notes));
        items
    }

    fn load(reader: &Reader) -> Result<Self> {
        let mut state = Vec::new();
        for entry in Entry::all(reader)? {
            state.push(StateTensor {
                tensor: reader.tensor(&entry.dataset())?,
                name: entry.name,
                role: entry.role,
            });
        }
        Ok(Self {
            program: reader.text_dataset(PROGRAM)?,
            state,
            architecture: reader.text_if_any("", ARCHITECTURE)?.unwrap_or_default(),
            notes: reader.notes(&[ARCHITECTURE])?,
        })
    }
}
