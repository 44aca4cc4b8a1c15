//! What is measured: everything that the values of a point depend on.

use anyhow::{Context, anyhow};
use files::{Measurement, Places};
use schedule::Column;
use serde_json::{Value, json};
use torch::{ExampleMetric, IGNORED, Plan, Precision};

use crate::{
    batch_size, feed,
    inputs::{Inputs, Part},
    measure,
    plane::{Plane, real},
    settings::{Settings, Wanted},
};

/// Examples of which the widest tensor is measured. (Not one: programs may leave out an axis of
/// one.)
const FEW: usize = 2;

/// What the values depend on, and what they are.
pub(crate) struct Measured {
    pub(crate) measurement: Measurement,
    pub(crate) metrics: Vec<&'static dyn ExampleMetric>,
    pub(crate) columns: Vec<Column>,
    pub(crate) places: Places,
}

impl Measured {
    /// # Errors
    /// A metric that the loss does not have, or a network that cannot be run.
    pub(crate) fn new(
        settings: &Settings,
        inputs: &Inputs,
        plane: &Plane,
        places: Places,
    ) -> anyhow::Result<Self> {
        let measurement = Measurement {
            model: inputs.model.header.origin(),
            data: inputs.data.header.origin(),
            directions: inputs.directions.header.origin(),
            points: match &settings.wanted {
                Wanted::Points { .. } => inputs.trajectory.as_ref().map(|it| it.header.origin()),
                Wanted::Grid { .. } => None,
            },
            loss: settings.criterion.loss.to_string(),
            // the default is one measurement, whether it is said or not
            ignore_index: Some(settings.criterion.ignored).filter(|class| *class != IGNORED),
            class_axis: settings.criterion.class_axis.map(|axis| axis.to_string()),
            precision: match settings.precision {
                Precision::Full => inputs.program.precision().into(),
                half @ (Precision::Bf16 | Precision::F16) => half.to_string(),
            },
            batch: batch(settings, inputs, plane)?,
            limit: settings.limit,
            stop_above: settings.stop_above,
            recalibrate_bn: inputs.recalibration.as_ref().map(|(part, _)| part.count),
            recalibrate_batch: inputs.recalibration.as_ref().map(|(_, batch)| *batch),
            at_checkpoints: settings.wanted.at_checkpoints(),
        };
        let metrics = metrics(settings, inputs)?;
        let columns = measure::loss::columns(settings, &inputs.parts, &metrics);
        Ok(Self {
            measurement,
            metrics,
            columns,
            places,
        })
    }

    /// The first line of the journal: points of other settings are of no use.
    pub(crate) fn journal_settings(&self, settings: &Settings) -> Vec<(String, Value)> {
        let mut names = Vec::new();
        for column in &self.columns {
            names.push(column.quantity.name.as_str());
        }
        let mut lines = vec![("journal".to_string(), json!("eval-grid 7"))];
        for (role, origin) in self.measurement.origins() {
            lines.push((role.into(), json!(origin.id)));
        }
        for (name, value) in self.measurement.settings() {
            let value = value.map_or(Value::Null, |value| json_of(&value));
            lines.push((name.into(), value));
        }
        if let Places::Grid(grid) = &self.places {
            lines.push(("x".into(), json!(grid.x)));
            lines.push(("y".into(), json!(grid.y)));
        }
        lines.push(("shard".into(), json!(settings.shard.to_string())));
        lines.push(("metrics".into(), json!(names)));
        lines
    }
}

fn json_of(note: &files::Note) -> Value {
    match note {
        files::Note::Text(text) => json!(text),
        files::Note::Integer(number) => json!(number),
        files::Note::Real(number) => json!(number),
    }
}

/// The metrics that are asked for, or the usual ones.
fn metrics(
    settings: &Settings,
    inputs: &Inputs,
) -> anyhow::Result<Vec<&'static dyn ExampleMetric>> {
    let loss = settings.criterion.loss;
    let outputs = inputs.program.outputs.len();
    match &settings.metrics {
        None => Ok(torch::usual_metrics(loss, outputs)),
        Some(names) => {
            torch::chosen_metrics(names, loss, outputs).map_err(|why| anyhow!("--metric: {why}"))
        }
    }
}

/// Examples per batch: as asked for, or as the network is wide.
fn batch(settings: &Settings, inputs: &Inputs, plane: &Plane) -> anyhow::Result<usize> {
    if let Some(batch) = batch_size::asked_for(settings, &inputs.program)? {
        return Ok(batch);
    }
    let kind = settings.precision.kind();
    let element = kind.unwrap_or_else(|| real(&inputs.program));
    let widest = torch::no_grad(|| widest(settings, inputs, plane))?;
    Ok(batch_size::usual(
        widest,
        element.elt_size_in_bytes(),
        settings.device,
    ))
}

/// Elements of the largest tensor that a call of the program returns for one example.
fn widest(settings: &Settings, inputs: &Inputs, plane: &Plane) -> anyhow::Result<usize> {
    let Some(part) = inputs.parts.first() else {
        return Ok(1);
    };
    let Settings {
        criterion, device, ..
    } = settings;
    let landscape = plane
        .at_origin(&Plan::plain(&inputs.program), *device)
        .with_context(|| inputs.model_file())?;
    let few = Part {
        split: part.split.clone(),
        count: FEW,
    };
    let batches = feed::batches(inputs, criterion, &few, (FEW, *device), true)?;
    let call = feed::first_call(&batches, criterion)?;
    landscape
        .check_inputs(&call)
        .with_context(|| inputs.both_files())?;
    let largest = landscape
        .largest(&call)
        .with_context(|| inputs.model_file())?;
    Ok(largest / FEW)
}
