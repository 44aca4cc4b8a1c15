use files::{NoQuantity, Stored, Surface};
use provenance::Record;

/// The numbers of a file, point by point: row by row, x running fastest.
pub(crate) struct Table<'a> {
    pub(crate) x: &'a [f64],
    /// None of a curve.
    pub(crate) y: Option<&'a [f64]>,
    pub(crate) evaluated: Vec<u8>,
    pub(crate) columns: Vec<(String, Vec<f64>)>,
    /// What the file says of itself.
    pub(crate) id: &'a str,
    pub(crate) history: &'a [String],
    /// How the table is made.
    pub(crate) record: Record,
}

impl<'a> Table<'a> {
    /// The quantities of these names, or all metrics.
    pub(crate) fn new(
        surface: &'a Stored<Surface>,
        names: &[String],
        record: Record,
    ) -> Result<Self, NoQuantity> {
        let all = surface.metric_names().into_iter().map(String::from);
        let names: Vec<String> = if names.is_empty() {
            all.collect()
        } else {
            names.to_vec()
        };
        let column = |name: String| {
            Ok((
                name.clone(),
                surface.quantity(&name)?.iter().copied().collect(),
            ))
        };
        let bounds = surface
            .metrics
            .iter()
            .filter(|metric| names.contains(&metric.name))
            .filter_map(|metric| {
                let flags = metric
                    .at_least
                    .as_ref()?
                    .iter()
                    .map(|flag| f64::from(*flag))
                    .collect();
                Some((format!("{}_at_least", metric.name), flags))
            });
        let bounds: Vec<_> = bounds.collect();
        Ok(Self {
            x: &surface.grid.x,
            y: surface.grid.y.as_deref(),
            evaluated: surface.evaluated.iter().copied().collect(),
            columns: names
                .into_iter()
                .map(column)
                .chain(bounds.into_iter().map(Ok))
                .collect::<Result<_, NoQuantity>>()?,
            id: &surface.header.id,
            history: &surface.header.history,
            record,
        })
    }

    /// Lengths of the axes as numpy counts them.
    pub(crate) fn shape(&self) -> Vec<usize> {
        self.y
            .map(<[f64]>::len)
            .into_iter()
            .chain([self.x.len()])
            .collect()
    }
}
