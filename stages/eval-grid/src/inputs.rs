use anyhow::{Context, ensure};
use files::{Contents, DatasetFile, Directions, Examples, Header, Measurement, Model, Split, Stored};
use program::Program;
use torch::{Batches, Device, IGNORED, Kind, Landscape, Loss, Plan, Tensor};

use crate::{args::Args, points::Evaluate};

/// Examples a batch, where neither the program nor the user says; fast on CPUs and small on GPUs.
const BATCH: usize = 128;
/// Examples on which the rewritten program is compared with the program itself.
const COMPARED: i64 = 4;

/// What is read, checked to belong together.
pub(crate) struct Inputs {
    model: Stored<Model>,
    program: Program,
    data: DatasetFile,
    directions: Stored<Directions>,
    splits: Vec<(Split, Examples)>,
    loss: Loss,
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
            ignore_index: args.ignore_index,
            precision: program.precision().into(),
            batch: batch(args, &program)?,
            limit,
        };
        Ok(Self { model, program, data, directions, splits, loss: args.loss, measurement })
    }

    pub(crate) fn measurement(&self) -> &Measurement {
        &self.measurement
    }

    pub(crate) fn headers(&self) -> [&Header; 3] {
        [&self.model.header, &self.data.header, &self.directions.header]
    }

    /// The names of what is measured at each point: `train_loss`, `train_acc`, …
    pub(crate) fn metrics(&self) -> Vec<String> {
        let metrics = self.loss.metrics(self.program.outputs.len());
        self.splits
            .iter()
            .flat_map(|(split, _)| metrics.iter().map(move |metric| format!("{split}_{metric}")))
            .collect()
    }

    /// Images (examples) that a point costs.
    pub(crate) fn images(&self) -> usize {
        self.splits.iter().map(|(_, examples)| examples.count()).sum()
    }

    /// An evaluator for each job; model, directions and data are shared between them. One job is the default of each of
    /// `several` processes.
    pub(crate) fn evaluators(&self, args: &Args, points: usize, several: bool) -> anyhow::Result<Vec<Evaluator>> {
        torch::keep_memory();
        let device = args.device.resolve()?;
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let jobs = args.jobs.map_or_else(|| if device == Device::Cpu && !several { cores() } else { 1 }, usize::from);
        let real = if self.measurement.precision == "f64" { Kind::Double } else { Kind::Float };
        let origin = torch::state(&self.model.state, real, device);
        let moves = |direction| self.moves(direction, real, device);
        let (x, y) = (moves(Some(&self.directions.x)), moves(self.directions.y.as_ref()));
        let splits = self.splits.iter().map(|split| self.batches(split, device)).collect::<anyhow::Result<Vec<_>>>()?;
        let plan = torch::no_grad(|| self.plan(&origin, &splits, device))?;
        let evaluator = |_| self.evaluator(&plan, &origin, &x, &y, &splits, device);
        (0..jobs.min(points).max(1)).map(evaluator).collect()
    }

    /// The batches of a split, of targets that the loss can take.
    fn batches(&self, (split, examples): &(Split, Examples), device: Device) -> anyhow::Result<Batches> {
        let (file, loss) = (self.data.header.path.display(), self.loss);
        ensure!(
            !loss.wants_classes() || matches!(examples.targets, files::Tensor::I64(_)),
            "{file}: the {split} targets are {}, the loss {loss} wants classes (i64)",
            examples.targets.dtype(),
        );
        let mut wanted = &self.program.inputs[..];
        if loss == Loss::Program {
            let targets = wanted.split_last().map(|(_, inputs)| inputs).filter(|inputs| !inputs.is_empty());
            wanted = targets.with_context(|| {
                format!(
                    "{}: the program takes one input, with --loss program it takes the targets after the others",
                    self.model.header.path.display()
                )
            })?;
        }
        let batch = self.measurement.batch;
        Batches::new(examples, &self.data.normalization, wanted, batch, device).with_context(|| self.both())
    }

    fn both(&self) -> String {
        format!("{} does not fit {}", self.data.header.path.display(), self.model.header.path.display())
    }

    /// How the program is run: as fast as gives the same results for the first examples.
    fn plan(&self, origin: &[Tensor], splits: &[Batches], device: Device) -> anyhow::Result<Plan> {
        let in_model = || self.model.header.path.display().to_string();
        let names = self.names();
        let plain = Plan::plain(&self.program);
        let landscape = Landscape::new(&plain, &names, Vec::new(), Vec::new(), Vec::new(), device);
        let landscape = landscape.with_context(in_model)?;
        for batches in splits {
            landscape.check_inputs(&self.first(batches)).with_context(|| self.both())?;
        }
        let Some(batches) = splits.first() else { return Ok(plain) };
        let few = |input: Tensor| match self.program.batch() {
            Some(_) => input,
            None => input.narrow(0, 0, input.size()[0].min(COMPARED)),
        };
        let inputs: Vec<Tensor> = self.first(batches).into_iter().map(few).collect();
        Plan::fastest(&self.program, &names, origin, &inputs).with_context(in_model)
    }

    /// What the program is called with for the first batch.
    fn first(&self, batches: &Batches) -> Vec<Tensor> {
        let first = batches.first();
        let targets = (self.loss == Loss::Program).then_some(first.targets);
        first.inputs.into_iter().chain(targets).collect()
    }

    fn names(&self) -> Vec<&str> {
        self.model.state.iter().map(|entry| entry.name.as_str()).collect()
    }

    fn evaluator(
        &self,
        plan: &Plan,
        origin: &[Tensor],
        x: &[Option<Tensor>],
        y: &[Option<Tensor>],
        splits: &[Batches],
        device: Device,
    ) -> anyhow::Result<Evaluator> {
        let share = |moves: &[Option<Tensor>]| moves.iter().map(|d| d.as_ref().map(Tensor::shallow_clone)).collect();
        let origin = origin.iter().map(Tensor::shallow_clone).collect();
        let landscape = Landscape::new(plan, &self.names(), origin, share(x), share(y), device)?;
        let splits = splits.iter().map(Batches::share).collect();
        let ignored = self.measurement.ignore_index.unwrap_or(IGNORED);
        Ok(Evaluator { landscape, splits, loss: self.loss, ignored })
    }

    /// A direction for each entry of the state, `None` where it does not move.
    fn moves(&self, direction: Option<&Vec<ndarray::ArrayD<f32>>>, real: Kind, device: Device) -> Vec<Option<Tensor>> {
        let mut tensors = direction.into_iter().flatten();
        let mut next = |entry: &files::StateTensor| {
            let moved = self.directions.dir_type.moves(entry.role);
            let tensor = moved.then(|| tensors.next()).flatten()?;
            let moved = || torch::tensor(&files::Tensor::F32(tensor.clone())).to_kind(real).to_device(device);
            entry.tensor.is_float().then(moved)
        };
        self.model.state.iter().map(&mut next).collect()
    }
}

/// Examples a batch: as the program wants, or the user.
fn batch(args: &Args, program: &Program) -> anyhow::Result<usize> {
    let asked = args.batch.map(usize::from);
    match (program.batch(), asked) {
        (Some(fixed), Some(asked)) if fixed != asked => anyhow::bail!(
            "{}: the program was exported for batches of {fixed}, --batch is {asked}: leave it out, or export again with \
             dynamic_shapes",
            args.model.display()
        ),
        (fixed, asked) => Ok(fixed.or(asked).unwrap_or(BATCH)),
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
    let moved: Vec<_> = model.state.iter().filter(|entry| directions.dir_type.moves(entry.role)).collect();
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
    ignored: i64,
}

impl Evaluate for Evaluator {
    fn start(&mut self) {
        torch::one_thread();
    }

    fn evaluate(&mut self, x: f64, y: f64, stop: &dyn Fn() -> bool) -> anyhow::Result<Option<Vec<f64>>> {
        torch::no_grad(|| {
            let state = self.landscape.state(x, y);
            let mut values = Vec::with_capacity(2 * self.splits.len());
            for batches in &self.splits {
                let score = self.landscape.score(&state, batches, self.loss, self.ignored, stop)?;
                let Some(score) = score else { return Ok(None) };
                values.extend(score);
            }
            Ok(Some(values))
        })
    }
}
