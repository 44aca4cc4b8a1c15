use files::{Note, Sharpness};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Made, notes};
use crate::text::{Row, real, row};

/// Models whose rows are shown.
const MOST_ROWS: usize = 12;

/// What a table of sharpness holds.
#[derive(Serialize)]
pub(crate) struct Report {
    columns: Vec<String>,
    rows: Vec<ModelRow>,
    settings: Map<String, Value>,
    #[serde(skip)]
    told: Vec<(String, Note)>,
    origins: Vec<(String, Made)>,
}

/// The numbers of one model.
#[derive(Serialize)]
struct ModelRow {
    model: String,
    id: String,
    /// In the order of the columns.
    values: Vec<f64>,
    /// `null` where a column has no standard errors.
    stderr: Vec<Option<f64>>,
}

impl Report {
    pub(crate) fn new(table: &Sharpness) -> Self {
        let mut rows = Vec::with_capacity(table.model_ids.len());
        for (number, id) in table.model_ids.iter().enumerate() {
            let (mut values, mut stderr) = (Vec::new(), Vec::new());
            for column in &table.columns {
                values.push(column.values[number]);
                stderr.push(column.stderr.as_ref().map(|all| all[number]));
            }
            rows.push(ModelRow {
                model: table.models.get(number).cloned().unwrap_or_default(),
                id: id.clone(),
                values,
                stderr,
            });
        }
        let mut origins = Vec::new();
        for (role, origin) in &table.origins {
            origins.push((role.clone(), Made::from(origin)));
        }
        Self {
            columns: table.columns.iter().map(|it| it.name.clone()).collect(),
            rows,
            settings: notes(&table.settings),
            told: table.settings.clone(),
            origins,
        }
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for model in self.rows.iter().take(MOST_ROWS) {
            rows.push(row("model", &model.model));
            let numbers = model.values.iter().zip(&model.stderr);
            for (name, (value, stderr)) in self.columns.iter().zip(numbers) {
                let error = match stderr {
                    Some(stderr) => format!(" ± {}", real(*stderr)),
                    None => String::new(),
                };
                let name = name.replace('_', " ");
                rows.push(row(name, format!("{}{error}", real(*value))));
            }
        }
        if self.rows.len() > MOST_ROWS {
            let hidden = self.rows.len() - MOST_ROWS;
            rows.push(row(
                "",
                format!("… {hidden} models more (--json has all) …"),
            ));
        }
        for (name, note) in &self.told {
            rows.push(row(
                format!("setting {}", name.replace('_', " ")),
                note.to_string(),
            ));
        }
        for (role, origin) in &self.origins {
            rows.push(origin.row(role));
        }
        rows
    }
}
