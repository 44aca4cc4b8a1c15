//! What is measured: everything that the values of a point depend on.

use anyhow::anyhow;
use evaluation::Plane;
use files::{HessianSettings, Measurement, Places};
use schedule::{Column, value_of};
use serde_json::{Value, json};
use torch::{ExampleMetric, IGNORED, Precision};

use crate::{
    inputs::Inputs,
    measure,
    settings::{Settings, Wanted},
};

/// The metric that is no mean over examples.
const HESSIAN: &str = "hessian";

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
            model: inputs.subject.model.header.origin(),
            data: inputs.subject.data.header.origin(),
            directions: inputs.directions.header.origin(),
            points: match &settings.wanted {
                Wanted::Points { .. } => inputs.trajectory.as_ref().map(|it| it.header.origin()),
                Wanted::Grid { .. } => None,
            },
            start: match wants_hessian(settings) {
                true => inputs.start.as_ref().map(|it| it.header.origin()),
                false => None,
            },
            loss: settings.question.criterion.loss.to_string(),
            // the default is one measurement, whether it is said or not
            ignore_index: Some(settings.question.criterion.ignored)
                .filter(|class| *class != IGNORED),
            class_axis: settings
                .question
                .criterion
                .class_axis
                .map(|axis| axis.to_string()),
            precision: match settings.precision {
                Precision::Full => inputs.subject.program.precision().into(),
                half @ (Precision::Bf16 | Precision::F16) => half.to_string(),
            },
            batch: batch(settings, inputs, plane)?,
            limit: settings.question.limit,
            stop_above: settings.stop_above,
            recalibrate_bn: inputs.recalibration.as_ref().map(|(part, _)| part.count),
            recalibrate_batch: inputs.recalibration.as_ref().map(|(_, batch)| *batch),
            at_checkpoints: settings.wanted.at_checkpoints(),
            hessian: hessian(settings, inputs, plane)?,
        };
        let metrics = metrics(settings, inputs)?;
        let parts = &inputs.subject.parts;
        let mut columns = measure::loss::columns(settings, parts, &metrics);
        if let (Some(hessian), Some(part)) = (&measurement.hessian, parts.first()) {
            columns.extend(measure::hessian::columns(hessian, part));
        }
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
            let value = value.map_or(Value::Null, |value| value_of(&value));
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

/// The metrics that are asked for, or the usual ones.
fn metrics(
    settings: &Settings,
    inputs: &Inputs,
) -> anyhow::Result<Vec<&'static dyn ExampleMetric>> {
    let loss = settings.question.criterion.loss;
    let outputs = inputs.subject.program.outputs.len();
    match &settings.metrics {
        None => Ok(torch::usual_metrics(loss, outputs)),
        Some(names) => {
            let mut names = names.clone();
            names.retain(|name| name != HESSIAN);
            torch::chosen_metrics(&names, loss, outputs).map_err(|why| anyhow!("--metric: {why}"))
        }
    }
}

/// Whether eigenvalues are asked for.
fn wants_hessian(settings: &Settings) -> bool {
    let metrics = settings.metrics.as_deref().unwrap_or_default();
    metrics.iter().any(|name| name == HESSIAN)
}

/// How eigenvalues are measured, where they are asked for.
fn hessian(
    settings: &Settings,
    inputs: &Inputs,
    plane: &Plane,
) -> anyhow::Result<Option<HessianSettings>> {
    let part = inputs.subject.parts.first();
    let Some(part) = part.filter(|_| wants_hessian(settings)) else {
        return Ok(None);
    };
    let element = inputs.subject.real().elt_size_in_bytes();
    let how = &settings.hessian;
    Ok(Some(HessianSettings {
        operator: how.bending.operator.name().into(),
        parameters: how.bending.parameters.said(),
        examples: how.examples.min(part.count),
        // not that of --batch: values do not vary with it
        batch: evaluation::batch_of(&inputs.subject, plane, None, element)?,
        tolerance: how.tolerance,
        max_products: how.max_products,
        seed: how.seed,
    }))
}

/// Examples per batch: as asked for, or as the network is wide.
fn batch(settings: &Settings, inputs: &Inputs, plane: &Plane) -> anyhow::Result<usize> {
    let kind = settings.precision.kind();
    let element = kind.unwrap_or_else(|| inputs.subject.real());
    let bytes = element.elt_size_in_bytes();
    evaluation::batch_of(&inputs.subject, plane, settings.batch, bytes)
}
