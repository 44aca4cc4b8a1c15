use grid::Shard as Part;
use ndarray::{ArrayViewD, IxDyn};

use crate::{
    Kind, Measurement, Metric, Note, Places, Result, Tensor,
    contents::{Contents, Item, Value},
    mark::remarks_of_the_plane,
    measurement::{DIR_FILE, METRICS},
    reader::Reader,
    trajectory::remarks_of_the_trajectory,
};

const POINT: &str = "/point";
const SHARD: &str = "shard";
const SECONDS: &str = "seconds_per_point";
const WORKING_BATCH: &str = "working_batch";
const PRECISION_ERROR: &str = "precision_error";

/// The measured points of one part of a grid, or of a trajectory.
#[derive(Debug, Clone)]
pub struct Shard {
    /// The whole grid, or the whole trajectory.
    pub places: Places,
    /// Which part of it.
    pub part: Part,
    /// The numbers of its points, ascending: `part.points(places.len())`.
    pub points: Vec<i64>,
    /// A value for each of `points`.
    pub metrics: Vec<Metric>,
    /// What was measured.
    pub measurement: Measurement,
    /// The file of the directions.
    pub dir_file: String,
    /// What a point took one job, where points were computed in the last run.
    pub seconds_per_point: Option<f64>,
    /// Examples that were computed at once, which changes no bit.
    pub working_batch: Option<usize>,
    /// The largest relative error of a loss against f32, at the points where it was looked for.
    pub precision_error: Option<f64>,
    /// What the axes mean and which networks are marked, see
    /// [`remarks_of_the_plane`](crate::remarks_of_the_plane), and
    /// [`remarks_of_the_trajectory`](crate::remarks_of_the_trajectory).
    pub plane: Vec<(String, Note)>,
}

impl Contents for Shard {
    const KIND: Kind = Kind::Shard;

    fn items(&self) -> Vec<Item<'_>> {
        let points = ArrayViewD::from_shape(IxDyn(&[self.points.len()]), &self.points)
            .expect("one dimension");
        let mut items = vec![Item::dataset(POINT, Value::I64(points))];
        items.extend(self.metrics.iter().flat_map(Metric::items));
        items.extend(self.places.items());
        items.push(Item::attribute("", SHARD, self.part.to_string()));
        items.push(Item::attribute("", METRICS, Metric::names(&self.metrics)));
        items.extend(self.measurement.items());
        items.push(Item::note("", DIR_FILE, self.dir_file.as_str()));
        if let Some(seconds) = self.seconds_per_point {
            items.push(Item::note("", SECONDS, Value::Real(seconds)));
        }
        if let Some(batch) = self.working_batch {
            items.push(Item::note("", WORKING_BATCH, batch as i64));
        }
        if let Some(error) = self.precision_error {
            items.push(Item::note("", PRECISION_ERROR, Value::Real(error)));
        }
        items.extend(Item::notes(&self.plane));
        items
    }

    fn load(reader: &Reader) -> Result<Self> {
        let places = Places::load(reader)?;
        let part: Part = reader
            .text("", SHARD)?
            .parse()
            .map_err(|why: grid::ShardError| reader.invalid(why.to_string()))?;
        let Tensor::I64(points) = reader.tensor(POINT)? else {
            return Err(reader.invalid(format!("\"{POINT}\" holds something else than i64")));
        };
        let points: Vec<i64> = points.into_iter().collect();
        if !part
            .points(places.len())
            .map(|point| point as i64)
            .eq(points.iter().copied())
        {
            return Err(reader.invalid(format!(
                "\"{POINT}\" holds other points than shard {part} has"
            )));
        }
        let names = reader
            .texts_if_any("", METRICS)?
            .ok_or_else(|| reader.lacks(METRICS))?;
        let metrics = Metric::load_all(reader, &names, |name, values| {
            if values.shape() == [points.len()] {
                return Ok(values);
            }
            Err(reader.invalid(format!(
                "\"{name}\" has the shape {:?}, but there are {} points",
                values.shape(),
                points.len()
            )))
        })?;
        let notes = reader.notes(&[])?;
        let mut plane = remarks_of_the_plane(&notes);
        plane.extend(remarks_of_the_trajectory(&notes));
        let dir_file = reader.text_if_any("", DIR_FILE)?.unwrap_or_default();
        Ok(Self {
            measurement: Measurement::load(reader)?,
            places,
            part,
            metrics,
            points,
            dir_file,
            seconds_per_point: reader.real_if_any("", SECONDS)?,
            working_batch: reader
                .integer_if_any("", WORKING_BATCH)?
                .and_then(|batch| usize::try_from(batch).ok()),
            precision_error: reader.real_if_any("", PRECISION_ERROR)?,
            plane,
        })
    }
}
