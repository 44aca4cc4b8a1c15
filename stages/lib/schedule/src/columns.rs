use files::Metric;
use ndarray::ArrayD;

use crate::{Column, Journal};

/// The metrics of finished points, in the order of these points, from the values that a measure
/// yielded for its columns.
///
/// # Errors
/// The journal cannot be read, or its values are not those of the columns.
pub fn metrics(
    columns: &[Column],
    points: &[usize],
    journal: &Journal,
) -> anyhow::Result<Vec<Metric>> {
    let mut metrics: Vec<Metric> = columns.iter().map(|it| empty(it, points.len())).collect();
    for (row, point) in points.iter().enumerate() {
        let values = journal.values(*point)?;
        let mut values = values.iter().copied();
        for metric in &mut metrics {
            fill(metric, row, &mut values).ok_or_else(|| {
                let journal = journal.path().display();
                anyhow::anyhow!("{journal} holds too few values for point {point}")
            })?;
        }
    }
    Ok(metrics)
}

fn empty(column: &Column, points: usize) -> Metric {
    let values = ArrayD::from_elem(vec![points], f64::NAN);
    Metric {
        stderr: column.stderr.then(|| values.clone()),
        at_least: column.at_least.then(|| ArrayD::zeros(vec![points])),
        ..Metric::new(column.quantity.clone(), values)
    }
}

/// Takes a metric's part of the values of a point; `None` where they are too few.
fn fill(metric: &mut Metric, row: usize, values: &mut impl Iterator<Item = f64>) -> Option<()> {
    metric.values[row] = values.next()?;
    if let Some(marks) = &mut metric.at_least {
        marks[row] = u8::from(values.next()? != 0.0);
    }
    if let Some(stderr) = &mut metric.stderr {
        stderr[row] = values.next()?;
    }
    Some(())
}
