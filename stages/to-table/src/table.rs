use files::{NoQuantity, Stored, Surface};
use provenance::Record;

/// The numbers of a file, point by point: row by row, x running fastest.
pub(crate) struct Table<'a> {
    pub(crate) x: &'a [f64],
    /// `None` of a curve.
    pub(crate) y: Option<&'a [f64]>,
    pub(crate) evaluated: Vec<u8>,
    pub(crate) columns: Vec<Column>,
    /// What the file says of itself.
    pub(crate) id: &'a str,
    pub(crate) history: &'a [String],
    /// How the table is made.
    pub(crate) record: Record,
}

/// A quantity and its value at each point.
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) values: Vec<f64>,
}

impl<'a> Table<'a> {
    /// The quantities of these names, or all metrics, and the marks of their lower bounds.
    pub(crate) fn new(
        surface: &'a Stored<Surface>,
        names: &[String],
        record: Record,
    ) -> Result<Self, NoQuantity> {
        let names = if names.is_empty() {
            surface.metric_names()
        } else {
            names.to_vec()
        };
        let mut columns = Vec::new();
        for name in &names {
            let quantity = surface.quantity(name)?;
            columns.push(Column {
                name: name.clone(),
                values: quantity.values.iter().copied().collect(),
            });
        }
        columns.extend(marks(surface, &names));
        Ok(Self {
            x: &surface.grid.x,
            y: surface.grid.y.as_deref(),
            evaluated: surface.evaluated.iter().copied().collect(),
            columns,
            id: &surface.header.id,
            history: &surface.header.history,
            record,
        })
    }

    /// Lengths of the axes as numpy counts them.
    pub(crate) fn shape(&self) -> Vec<usize> {
        match self.y {
            Some(y) => vec![y.len(), self.x.len()],
            None => vec![self.x.len()],
        }
    }
}

/// Where the metrics of these names are lower bounds, as far as any are.
fn marks(surface: &Surface, names: &[String]) -> Vec<Column> {
    let mut columns = Vec::new();
    for metric in &surface.metrics {
        if let Some(marks) = &metric.at_least
            && names.contains(&metric.name)
        {
            columns.push(Column {
                name: metric.at_least_name(),
                values: marks.iter().map(|mark| f64::from(*mark)).collect(),
            });
        }
    }
    columns
}
