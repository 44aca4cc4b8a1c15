use std::collections::VecDeque;

use anyhow::Context;
use evaluation::Models;
use files::{Note, Sharpness, SharpnessColumn};

use crate::{
    settings::{Settings, Wanted},
    study::{CRITICAL, columns},
};

/// The table of these rows, which have the values of the columns one after the other.
///
/// # Errors
/// Rows of other sizes than were wanted.
pub(crate) fn table(
    models: &Models,
    wanted: &Wanted,
    settings: Vec<(String, Note)>,
    rows: Vec<Vec<f64>>,
) -> anyhow::Result<Sharpness> {
    let mut rows: Vec<VecDeque<f64>> = rows.into_iter().map(VecDeque::from).collect();
    let mut all = Vec::new();
    for (name, has_errors) in columns(wanted) {
        let values = firsts(&mut rows)?;
        let stderr = match has_errors {
            true => Some(firsts(&mut rows)?),
            false => None,
        };
        all.push(SharpnessColumn {
            name: name.into(),
            values,
            stderr,
        });
    }
    let (mut paths, mut ids) = (Vec::new(), Vec::new());
    for header in &models.headers {
        paths.push(header.path.display().to_string());
        ids.push(header.id.clone());
    }
    Ok(Sharpness {
        models: paths,
        model_ids: ids,
        columns: all,
        origins: models.origins(),
        settings,
    })
}

/// Takes the first value of each row.
fn firsts(rows: &mut [VecDeque<f64>]) -> anyhow::Result<Vec<f64>> {
    let mut firsts = Vec::with_capacity(rows.len());
    for row in rows {
        firsts.push(
            row.pop_front()
                .context("the journal holds too few values")?,
        );
    }
    Ok(firsts)
}

/// Says of which models no critical step was found.
pub(crate) fn say_missing(settings: &Settings, table: &Sharpness) {
    let Some(column) = table.column(CRITICAL) else {
        return;
    };
    for (model, value) in table.models.iter().zip(&column.values) {
        if value.is_nan() {
            settings.output.say(format!(
                "warning: {model}: no step along the negative gradient is found after which the \
                 loss exceeds its start and before which it falls by more than rounding: its \
                 critical sharpness is NaN"
            ));
        }
    }
}
