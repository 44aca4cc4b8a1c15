use files::{Directions, Header, Stored};
use weights::{Axes, Checkpoints, Place};

use crate::args::{Args, Run};

/// The places of all checkpoints, run after run.
pub(crate) struct Places {
    pub(crate) places: Vec<Place>,
    /// The files of the checkpoints.
    pub(crate) files: Vec<String>,
    pub(crate) headers: Vec<Header>,
    /// Names of the runs; none where there is one without a name.
    pub(crate) runs: Vec<String>,
    /// The number of each checkpoint's run.
    pub(crate) run: Vec<i64>,
}

impl Places {
    /// # Errors
    /// Checkpoints that cannot be read, or of another architecture; directions that do not fit the
    /// model.
    pub(crate) fn find(
        args: &Args,
        directions: &Stored<Directions>,
        axes: &Axes,
        runs: Vec<Run>,
    ) -> anyhow::Result<Self> {
        let mut found = Self {
            places: Vec::new(),
            files: Vec::new(),
            headers: Vec::new(),
            runs: Vec::new(),
            run: Vec::new(),
        };
        for (number, run) in runs.into_iter().enumerate() {
            for file in &run.files {
                // one at a time: a long run has more files than a process may open
                let mut checkpoints = Checkpoints::open(&args.model, &[file], directions.dir_type)?;
                checkpoints.check_directions(directions)?;
                found.places.push(axes.place(&mut checkpoints, 0)?);
                let (_, headers) = checkpoints.check()?;
                found.headers.extend(headers);
                found.files.push(file.display().to_string());
                if !run.name.is_empty() {
                    found.run.push(number as i64);
                }
            }
            if !run.name.is_empty() {
                found.runs.push(run.name);
            }
        }
        Ok(found)
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        let mut ids = Vec::with_capacity(self.headers.len());
        for header in &self.headers {
            ids.push(header.id.clone());
        }
        ids
    }
}
