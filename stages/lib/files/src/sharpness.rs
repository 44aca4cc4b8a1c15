use crate::{
    Kind, Note, Origin, Result,
    contents::{Contents, Item},
    reader::Reader,
};

const MODELS: &str = "/models";
const MODEL_IDS: &str = "/model_ids";
const COLUMNS: &str = "columns";
const STDERR: &str = "_stderr";
const ROLES: [&str; 2] = ["model", "data"];

/// The settings of measures of sharpness, in the order in which they are written.
const SETTINGS: [&str; 16] = [
    "loss",
    "ignore_index",
    "class_axis",
    "precision",
    "split",
    "examples",
    "batch",
    "parameters",
    "perturbations",
    "rho_average",
    "seed",
    "rho",
    "rho_adaptive",
    "epsilon",
    "ascent_steps",
    "line_tolerance",
];

/// Measures of how sharp the minima are in which networks lie: a row for each model.
#[derive(Debug, Clone, PartialEq)]
pub struct Sharpness {
    /// The files of the models.
    pub models: Vec<String>,
    /// Their ids.
    pub model_ids: Vec<String>,
    /// The measures.
    pub columns: Vec<SharpnessColumn>,
    /// What it was measured of: the last model, and the data.
    pub origins: Vec<(String, Origin)>,
    /// How it was measured: `loss`, `split`, `examples`, `rho`, `seed`, …
    pub settings: Vec<(String, Note)>,
}

/// A number for each model.
#[derive(Debug, Clone, PartialEq)]
pub struct SharpnessColumn {
    /// What it is: `loss`, `gradient_norm`, `average`, `sam`, …
    pub name: String,
    /// `[models]`; NaN where it could not be found.
    pub values: Vec<f64>,
    /// `[models]`: the standard errors of estimates.
    pub stderr: Option<Vec<f64>>,
}

impl Sharpness {
    /// A column by its name.
    pub fn column(&self, name: &str) -> Option<&SharpnessColumn> {
        self.columns.iter().find(|column| column.name == name)
    }
}

impl SharpnessColumn {
    /// What the column of its standard errors is called.
    pub fn stderr_name(&self) -> String {
        format!("{}{STDERR}", self.name)
    }

    fn load(reader: &Reader, name: String) -> Result<Self> {
        let column = Self {
            values: reader.line(&format!("/{name}"))?,
            stderr: None,
            name,
        };
        Ok(Self {
            stderr: reader.line_if_any(&format!("/{}", column.stderr_name()))?,
            ..column
        })
    }
}

impl Contents for Sharpness {
    const KIND: Kind = Kind::Sharpness;

    fn items(&self) -> Vec<Item<'_>> {
        let mut items = vec![
            Item {
                counts: false,
                ..Item::dataset(MODELS, self.models.as_slice())
            },
            Item::dataset(MODEL_IDS, self.model_ids.as_slice()),
        ];
        let mut names = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            names.push(column.name.clone());
            let name = format!("/{}", column.name);
            items.push(Item::dataset(name, column.values.as_slice()));
            if let Some(stderr) = &column.stderr {
                let name = format!("/{}", column.stderr_name());
                items.push(Item::dataset(name, stderr.as_slice()));
            }
        }
        items.push(Item::attribute("", COLUMNS, names));
        for (role, origin) in &self.origins {
            items.extend(Item::origin(role, origin));
        }
        for (name, value) in &self.settings {
            items.push(Item::attribute("", name, value));
        }
        items
    }

    fn load(reader: &Reader) -> Result<Self> {
        let names = reader.texts_if_any("", COLUMNS)?;
        let names = names.ok_or_else(|| reader.lacks(COLUMNS))?;
        let model_ids = reader.texts_dataset(MODEL_IDS)?;
        let mut columns = Vec::with_capacity(names.len());
        for name in names {
            let column = SharpnessColumn::load(reader, name)?;
            let errors = column.stderr.as_ref().map(Vec::len);
            for count in [Some(column.values.len()), errors].into_iter().flatten() {
                if count != model_ids.len() {
                    return Err(reader.invalid(format!(
                        "\"{}\" has {count} values for {} models",
                        column.name,
                        model_ids.len()
                    )));
                }
            }
            columns.push(column);
        }
        Ok(Self {
            models: reader.texts_dataset(MODELS).unwrap_or_default(),
            model_ids,
            columns,
            origins: reader.origins(&ROLES)?,
            settings: reader.notes_named(&SETTINGS)?,
        })
    }
}
