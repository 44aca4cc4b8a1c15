use anyhow::{Context, ensure};
use files::{Contents, DatasetFile, DirType, Directions, Examples, Header, Measurement, Model, Role, Split, Stored};
use program::Program;
use torch::{Batches, Device, Landscape, Loss, Mode, Network, Tensor};

use crate::{args::Args, points::Evaluate};

/// What is read, checked to belong together.
pub(crate) struct Inputs {
    model: Stored<Model>,
    program: Program,
    data: DatasetFile,
    directions: Stored<Directions>,
    splits: Vec<(Split, Examples)>,
    measurement: Measurement,
}

impl Inputs {
    pub(crate) fn read(args: &Args) -> anyhow::Result<Self> {
        let model = Model::read(&args.model)?;
        let program = Program::from_json(&model.program).with_context(|| args.model.display().to_string())?;
        let directions = Directions::read(&args.directions)?;
        check_directions(&directions, &model, args)?;
        let data = DatasetFile::open(&args.data)?;
        let limit = args.limit.map(usize::from);
        let splits = wanted(args, &data)?.into_iter().map(|split| Ok((split, data.examples(split, limit)?)));
        let splits = splits.collect::<anyhow::Result<Vec<_>>>()?;
        let measurement = Measurement {
            model: model.header.origin(),
            data: data.header.origin(),
            directions: directions.header.origin(),
            loss: args.loss.to_string(),
            precision: "f32".into(),
            batch: args.batch.into(),
            limit,
        };
        Ok(Self { model, program, data, directions, splits, measurement })
    }

    pub(crate) fn measurement(&self) -> &Measurement {
        &self.measurement
    }

    pub(crate) fn headers(&self) -> [&Header; 3] {
        [&self.model.header, &self.data.header, &self.directions.header]
    }

    /// The names of what is measured at each point: `train_loss`, `train_acc`, …
    pub(crate) fn metrics(&self) -> Vec<String> {
        self.splits.iter().flat_map(|(split, _)| [format!("{split}_loss"), format!("{split}_acc")]).collect()
    }

    /// Images (examples) that a point costs.
    pub(crate) fn images(&self) -> usize {
        self.splits.iter().map(|(_, examples)| examples.inputs.shape()[0]).sum()
    }

    /// An evaluator for each job; model, directions and data are shared between them.
    pub(crate) fn evaluators(&self, args: &Args, points: usize) -> anyhow::Result<Vec<Evaluator>> {
        torch::keep_memory();
        let device = args.device.resolve()?;
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let jobs = args.jobs.map_or_else(|| if device == Device::Cpu { cores() } else { 1 }, usize::from);
        let origin = torch::state(&self.model.state, device);
        let (x, y) = (self.moves(Some(&self.directions.x), device), self.moves(self.directions.y.as_ref(), device));
        let batches = |(split, examples): &(Split, Examples)| {
            let batches = Batches::new(examples, &self.data.normalization, args.batch.into(), device);
            let classes = torch::Kind::Int64;
            ensure!(
                batches.target_kind() == classes,
                "{}: the {split} targets are {}, the loss {} wants classes (i64)",
                self.data.header.path.display(),
                examples.targets.dtype(),
                args.loss
            );
            Ok(batches)
        };
        let splits = self.splits.iter().map(batches).collect::<anyhow::Result<Vec<_>>>()?;
        let evaluator = |_| self.evaluator(&origin, &x, &y, &splits, args.loss);
        (0..jobs.min(points).max(1)).map(evaluator).collect()
    }

    fn evaluator(
        &self,
        origin: &[Tensor],
        x: &[Option<Tensor>],
        y: &[Option<Tensor>],
        splits: &[Batches],
        loss: Loss,
    ) -> anyhow::Result<Evaluator> {
        let names: Vec<&str> = self.model.state.iter().map(|entry| entry.name.as_str()).collect();
        let in_model = || self.model.header.path.display().to_string();
        let network = Network::new(&self.program, &names, Mode::Evaluate).with_context(in_model)?;
        for batches in splits {
            let both = || format!("{} does not fit {}", self.data.header.path.display(), in_model());
            network.check_inputs(&[batches.first()]).with_context(both)?;
        }
        let share = |moves: &[Option<Tensor>]| moves.iter().map(|d| d.as_ref().map(Tensor::shallow_clone)).collect();
        let origin = origin.iter().map(Tensor::shallow_clone).collect();
        let landscape = Landscape { network, origin, x: share(x), y: share(y) };
        Ok(Evaluator { landscape, splits: splits.iter().map(Batches::share).collect(), loss })
    }

    /// A direction for each entry of the state, `None` where it does not move.
    fn moves(&self, direction: Option<&Vec<ndarray::ArrayD<f32>>>, device: Device) -> Vec<Option<Tensor>> {
        let mut tensors = direction.into_iter().flatten();
        let mut next = |entry: &files::StateTensor| {
            let moved = self.directions.dir_type == DirType::States || entry.role == Role::Parameter;
            let tensor = moved.then(|| tensors.next()).flatten()?;
            entry.tensor.is_float().then(|| torch::tensor(&files::Tensor::F32(tensor.clone())).to_device(device))
        };
        self.model.state.iter().map(&mut next).collect()
    }
}

/// The splits to measure, in the order of files.
fn wanted(args: &Args, data: &DatasetFile) -> anyhow::Result<Vec<Split>> {
    let there = data.splits();
    let file = data.header.path.display();
    ensure!(!there.is_empty(), "{file} holds neither a train nor a test split");
    let Some(wanted) = &args.split else { return Ok(there) };
    let absent = wanted.iter().find(|split| !there.contains(split));
    ensure!(absent.is_none(), "{file} has no {} split", absent.map_or("", |split| split.name()));
    Ok(there.into_iter().filter(|split| wanted.contains(split)).collect())
}

/// Checks that the directions were made for the model and fit its tensors.
fn check_directions(directions: &Stored<Directions>, model: &Stored<Model>, args: &Args) -> anyhow::Result<()> {
    let (file, model_file) = (directions.header.path.display(), model.header.path.display());
    if let Some(origin) = &directions.model {
        model.header.check_origin_of(&directions.header.path, "model", origin)?;
    }
    ensure!(
        args.y.is_none() || directions.y.is_some(),
        "{file} has no y direction, but --y is given: make-dirs --dims 2 makes two"
    );
    let moved =
        model.state.iter().filter(|entry| directions.dir_type == DirType::States || entry.role == Role::Parameter);
    let moved: Vec<_> = moved.collect();
    for (axis, direction) in [("x", Some(&directions.x)), ("y", directions.y.as_ref())] {
        let Some(direction) = direction else { continue };
        let kind = directions.dir_type.name();
        ensure!(
            direction.len() == moved.len(),
            "{file} moves {} tensors along {axis}, {model_file} has {} ({kind})",
            direction.len(),
            moved.len()
        );
        for (tensor, entry) in direction.iter().zip(&moved) {
            ensure!(
                tensor.shape() == entry.tensor.shape(),
                "{file} moves {} by {:?} along {axis}, in {model_file} its shape is {:?}",
                entry.name,
                tensor.shape(),
                entry.tensor.shape()
            );
        }
    }
    Ok(())
}

/// Measures a point through libtorch.
pub(crate) struct Evaluator {
    landscape: Landscape,
    splits: Vec<Batches>,
    loss: Loss,
}

impl Evaluate for Evaluator {
    fn start(&mut self) {
        torch::one_thread();
    }

    fn evaluate(&mut self, x: f64, y: f64) -> anyhow::Result<Vec<f64>> {
        torch::no_grad(|| {
            let state = self.landscape.state(x, y);
            let mut values = Vec::with_capacity(2 * self.splits.len());
            for batches in &self.splits {
                let score = self.landscape.score(&state, batches, self.loss)?;
                values.extend([score.loss, score.accuracy]);
            }
            Ok(values)
        })
    }
}
