use files::DatasetFile;
use serde::Serialize;

use crate::text::{Row, grouped, real, row};

/// What a dataset holds.
#[derive(Serialize)]
pub(crate) struct Report {
    splits: Vec<Split>,
    normalization: Normalization,
    classes: Vec<String>,
}

#[derive(Serialize)]
struct Split {
    name: String,
    /// The number of examples.
    count: usize,
    inputs: Vec<Array>,
    targets: Option<Array>,
}

#[derive(Serialize)]
struct Array {
    /// Empty for the only input.
    name: String,
    dtype: &'static str,
    shape: Vec<usize>,
}

/// The network sees `(inputs · scale − mean) / std`.
#[derive(Serialize)]
struct Normalization {
    scale: Vec<f64>,
    mean: Vec<f64>,
    std: Vec<f64>,
}

impl Report {
    pub(crate) fn new(data: &DatasetFile) -> anyhow::Result<Self> {
        let mut splits = Vec::new();
        for split in data.splits() {
            let (inputs, targets) = data.forms(split)?;
            splits.push(Split {
                name: split.to_string(),
                count: data.count(split)?,
                inputs: inputs.into_iter().map(Array::from).collect(),
                targets: targets.map(Array::from),
            });
        }
        let files::Normalization { scale, mean, std } = data.normalization.clone();
        Ok(Self {
            splits,
            normalization: Normalization { scale, mean, std },
            classes: data.classes.clone(),
        })
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for split in &self.splits {
            let mut arrays = Vec::new();
            for input in &split.inputs {
                arrays.push(format!("inputs {}", input.form()));
            }
            let targets = split.targets.as_ref();
            arrays.push(targets.map_or("no targets".into(), |it| format!("targets {}", it.form())));
            let held = format!("{} examples: {}", grouped(split.count), arrays.join(", "));
            rows.push(row(format!("split {}", split.name), held));
        }
        let Normalization { scale, mean, std } = &self.normalization;
        let seen = format!(
            "(inputs · {} − {}) / {}",
            reals(scale),
            reals(mean),
            reals(std)
        );
        rows.push(row("network sees", seen));
        if !self.classes.is_empty() {
            let named = format!("{}: {}", self.classes.len(), self.classes.join(", "));
            rows.push(row("classes", named));
        }
        rows
    }
}

impl From<files::Form> for Array {
    fn from((name, dtype, shape): files::Form) -> Self {
        Self { name, dtype, shape }
    }
}

impl Array {
    fn form(&self) -> String {
        let Self { name, dtype, shape } = self;
        format!("{name} {dtype} {shape:?}").trim_start().into()
    }
}

fn reals(numbers: &[f64]) -> String {
    match numbers {
        [only] => real(*only),
        several => {
            let texts: Vec<String> = several.iter().map(|number| real(*number)).collect();
            format!("[{}]", texts.join(", "))
        }
    }
}
