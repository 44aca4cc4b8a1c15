use std::sync::Arc;

use anyhow::{Context, ensure};
use files::{
    AxisName, Contents, DatasetFile, Directions, Header, Meaning, Measurement, Model, Role, Split,
    Stored,
};
use program::{Input, Program};
use torch::{
    Batches, Criterion, Device, IGNORED, Kind, Landscape, Loss, Plan, Precision, State, StopAbove,
    Tensor,
};

use crate::{
    args::Args,
    batch_size, checks,
    evaluator::{self, Evaluator},
    memory,
};

/// Examples on which the rewritten program is compared with the program itself.
const COMPARED: i64 = 4;
/// Examples of which the widest tensor is measured.
const FEW: usize = 2;
/// Bytes that are read at once of data that do not stay in memory.
const CHUNK: usize = 64 << 20;

/// What is read, checked to belong together.
pub(crate) struct Inputs {
    model: Stored<Model>,
    /// The program as it was exported.
    exported: Program,
    /// The program in full precision.
    program: Program,
    data: Arc<DatasetFile>,
    directions: Stored<Directions>,
    /// With the number of examples that are used.
    splits: Vec<(Split, usize)>,
    criterion: Criterion,
    device: Device,
    /// θ*, in the precision of the program.
    origin: Vec<Tensor>,
    measurement: Measurement,
}

/// How points are measured: what the jobs share.
pub(crate) struct Jobs {
    pub(crate) count: usize,
    /// Examples that are computed at once.
    pub(crate) batch: usize,
    plan: Plan,
    x: Vec<Option<Tensor>>,
    y: Vec<Option<Tensor>>,
    splits: Vec<(Batches, Option<StopAbove>)>,
}

impl Inputs {
    pub(crate) fn read(args: &Args) -> anyhow::Result<Self> {
        let model = Model::read(&args.model)?;
        let exported =
            Program::from_json(&model.program).with_context(|| args.model.display().to_string())?;
        checks::check_outputs(args, &exported)?;
        let real = model.state.iter().filter(|entry| entry.tensor.is_float());
        let program = exported.widened(&real.map(|entry| entry.name.as_str()).collect());
        checks::say_precision(args, &exported);
        let directions = Directions::read(&args.directions)?;
        checks::check_directions(&directions, &model, args)?;
        let data = DatasetFile::open(&args.data)?;
        let device = args.device.resolve()?;
        let limit = args.limit.map(usize::from);
        let chosen = checks::splits(args, &data)?;
        checks::check_targets(&data, &chosen)?;
        let mut splits = Vec::new();
        for split in chosen {
            let count = data.count(&split)?.min(limit.unwrap_or(usize::MAX));
            splits.push((split, count));
        }
        let measurement = Measurement {
            model: model.header.origin(),
            data: data.header.origin(),
            directions: directions.header.origin(),
            loss: args.loss.to_string(),
            // the default, said or not, is one measurement
            ignore_index: args.ignore_index.filter(|class| *class != IGNORED),
            class_axis: args.class_axis.map(|axis| axis.to_string()),
            precision: match args.precision {
                Precision::Full => program.precision().into(),
                half => half.to_string(),
            },
            batch: batch_size::asked_for(args, &program)?.unwrap_or(1),
            limit,
            stop_above: args.stop_above,
        };
        let origin = torch::state(&model.state, self::real(&program), Device::Cpu);
        let (data, ignored) = (Arc::new(data), args.ignore_index.unwrap_or(IGNORED));
        let criterion = Criterion {
            loss: args.loss,
            ignored,
            class_axis: args.class_axis,
        };
        let mut inputs = Self {
            model,
            exported,
            program,
            data,
            directions,
            splits,
            criterion,
            device,
            origin,
            measurement,
        };
        if batch_size::asked_for(args, &inputs.program)?.is_none() {
            torch::one_thread();
            let element = args
                .precision
                .kind()
                .unwrap_or_else(|| self::real(&inputs.program))
                .elt_size_in_bytes();
            inputs.measurement.batch =
                batch_size::usual(torch::no_grad(|| inputs.widest())?, element, device);
        }
        Ok(inputs)
    }

    /// Elements of the largest tensor that a call returns for one example.
    fn widest(&self) -> anyhow::Result<usize> {
        let Some((split, _)) = self.splits.first() else {
            return Ok(1);
        };
        // not of one: programs may leave out an axis of one
        let (examples, normalization) = (self.data.range(split, 0..FEW)?, &self.data.normalization);
        let batches = Batches::new(&examples, normalization, self.fed()?, FEW, self.device)
            .with_context(|| self.both())?;
        let landscape = self.plain()?;
        let first = self.first(&batches)?;
        landscape
            .check_inputs(&first)
            .with_context(|| self.both())?;
        let largest = landscape
            .largest(&first)
            .with_context(|| self.model.header.path.display().to_string())?;
        Ok(largest / FEW)
    }

    pub(crate) fn model(&self) -> &Model {
        &self.model
    }

    pub(crate) fn program(&self) -> &Program {
        &self.program
    }

    pub(crate) fn directions(&self) -> &Directions {
        &self.directions
    }

    /// Where it is computed, `cpu` or `cuda`: their last bits differ.
    pub(crate) fn device(&self) -> &'static str {
        match self.device {
            Device::Cuda(_) => "cuda",
            _ => "cpu",
        }
    }

    pub(crate) fn measurement(&self) -> &Measurement {
        &self.measurement
    }

    pub(crate) fn headers(&self) -> [&Header; 3] {
        [
            &self.model.header,
            &self.data.header,
            &self.directions.header,
        ]
    }

    /// The names of what is measured at each point: `train_loss`, `train_acc`, …
    pub(crate) fn metrics(&self) -> Vec<String> {
        let metrics = self.criterion.loss.metrics(self.program.outputs.len());
        self.splits
            .iter()
            .flat_map(|(split, _)| {
                metrics
                    .iter()
                    .map(move |metric| format!("{split}_{metric}"))
            })
            .collect()
    }

    /// Images (examples) that a point costs.
    pub(crate) fn images(&self) -> usize {
        self.splits.iter().map(|(_, count)| count).sum()
    }

    /// What an axis means, as the directions say.
    pub(crate) fn meaning(&self, axis: AxisName) -> Option<Meaning> {
        self.directions.meaning(axis)
    }

    /// What the jobs share for so many points: model, directions and data. One job is the default of each of `several`
    /// processes.
    pub(crate) fn jobs(&self, args: &Args, points: usize, several: bool) -> anyhow::Result<Jobs> {
        torch::keep_memory();
        torch::leave_at_once();
        torch::one_thread();
        // as the affinity of this process and its cgroups allow
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let jobs = args.jobs.map_or_else(
            || {
                if self.device == Device::Cpu && !several {
                    cores()
                } else {
                    1
                }
            },
            usize::from,
        );
        let count = jobs
            .min(points * self.images().div_ceil(self.measurement.batch))
            .max(1);
        let moves = |direction| self.moves(direction, real(&self.program));
        let (x, y) = (
            moves(Some(&self.directions.x)),
            moves(self.directions.y.as_ref()),
        );
        let memory = args.data_memory.unwrap_or_else(memory::half_of_free).0;
        let stays = self.bytes()? <= memory;
        if !stays {
            let file = self.data.header.path.display();
            args.output.say(format!(
                "{file} is larger than --data-memory and read anew for every point"
            ));
        }
        let splits = self
            .splits
            .iter()
            .map(|split| self.batches(split, stays))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let plan = torch::no_grad(|| self.plan(args.precision, &splits, [&x, &y]))?;
        let splits = splits.into_iter().map(|split| {
            Ok((self.stop_above(&split)?, split)).map(|(above, split)| (split, above))
        });
        let splits = splits.collect::<anyhow::Result<Vec<_>>>()?;
        let mut jobs = Jobs {
            count,
            batch: self.measurement.batch,
            plan,
            x,
            y,
            splits,
        };
        if args.batch.is_none() && self.program.batch().is_none() {
            jobs.batch = torch::no_grad(|| self.working_batch(&jobs, points.div_ceil(count)))?;
        }
        Ok(jobs)
    }

    /// An evaluator for each job.
    pub(crate) fn evaluators(&self, jobs: &Jobs) -> anyhow::Result<Vec<Evaluator>> {
        (0..jobs.count).map(|_| self.one_evaluator(jobs)).collect()
    }

    /// One for the jobs' precision.
    pub(crate) fn one_evaluator(&self, jobs: &Jobs) -> anyhow::Result<Evaluator> {
        self.evaluator(jobs, &jobs.plan)
    }

    /// One that computes in the precision of the program.
    pub(crate) fn exact_evaluator(&self, jobs: &Jobs) -> anyhow::Result<Evaluator> {
        let plan = torch::no_grad(|| {
            let splits: Vec<Batches> = jobs
                .splits
                .iter()
                .map(|(split, _)| split.share(jobs.batch))
                .collect();
            self.plan(Precision::Full, &splits, [&jobs.x, &jobs.y])
        });
        self.evaluator(jobs, &plan?)
    }

    /// Bytes of the examples in memory.
    fn bytes(&self) -> anyhow::Result<u64> {
        let bytes = |(split, count): &(Split, usize)| {
            Ok(self.data.example_bytes(split)? as u64 * *count as u64)
        };
        self.splits.iter().map(bytes).sum()
    }

    /// The batches of a split, of targets that the loss can take.
    fn batches(&self, (split, count): &(Split, usize), stays: bool) -> anyhow::Result<Batches> {
        let (file, loss) = (self.data.header.path.display(), self.criterion.loss);
        let targets = self.data.target_dtype(split)?;
        ensure!(
            !loss.wants_classes() || matches!(targets, Some("i64" | "u8")),
            "{file}: the {split} targets are {}, the loss {loss} wants classes (integers)",
            targets.unwrap_or("missing")
        );
        let wanted = self.fed()?;
        let (batch, normalization) = (self.measurement.batch, &self.data.normalization);
        let widen = loss.wants_classes();
        if stays {
            let examples = self.data.examples(split, Some(*count))?;
            let examples = if widen {
                examples.with_wide_classes()
            } else {
                examples
            };
            return Batches::new(&examples, normalization, wanted, batch, self.device)
                .with_context(|| self.both());
        }
        let (data, of) = (Arc::clone(&self.data), split.clone());
        let read = Arc::new(move |range| {
            let examples = data.range(&of, range)?;
            Ok(if widen {
                examples.with_wide_classes()
            } else {
                examples
            })
        });
        let chunk = CHUNK / self.data.example_bytes(split)?.max(1);
        Batches::streamed(
            read,
            *count,
            chunk.max(1),
            normalization,
            wanted,
            batch,
            self.device,
        )
        .with_context(|| self.both())
    }

    /// The inputs of the program that examples are fed to: all, or all but the last, which takes the targets of a loss of
    /// the program's own; data without targets feeds all.
    fn fed(&self) -> anyhow::Result<&[Input]> {
        let all = &self.program.inputs[..];
        let no_targets = self
            .splits
            .iter()
            .all(|(split, _)| matches!(self.data.target_dtype(split), Ok(None)));
        if self.criterion.loss != Loss::Program || no_targets {
            return Ok(all);
        }
        let fed = all
            .split_last()
            .map(|(_, fed)| fed)
            .filter(|fed| !fed.is_empty());
        fed.with_context(|| {
            format!(
                "{}: the program takes one input; with --loss program it takes the targets after the others, unless the \
                 data has none",
                self.model.header.path.display()
            )
        })
    }

    fn both(&self) -> String {
        format!(
            "{} does not fit {}",
            self.data.header.path.display(),
            self.model.header.path.display()
        )
    }

    /// The program as it is, at the origin.
    fn plain(&self) -> anyhow::Result<Landscape> {
        let plan = Plan::plain(&self.program);
        let landscape = Landscape::new(&plan, &self.names(), &self.origin, &[], &[], self.device);
        landscape.with_context(|| self.model.header.path.display().to_string())
    }

    /// How the program is run: as fast as gives the same results for the first examples.
    fn plan(
        &self,
        precision: Precision,
        splits: &[Batches],
        directions: [&[Option<Tensor>]; 2],
    ) -> anyhow::Result<Plan> {
        let in_model = || self.model.header.path.display().to_string();
        let names = self.names();
        let landscape = self.plain()?;
        for batches in splits {
            landscape
                .check_inputs(&self.first(batches)?)
                .with_context(|| self.both())?;
        }
        let Some(batches) = splits.first() else {
            return Ok(Plan::plain(&self.program));
        };
        let few = |input: Tensor| match self.program.batch() {
            Some(_) => input,
            None => input.narrow(0, 0, input.size()[0].min(COMPARED)),
        };
        let inputs: Vec<Tensor> = self.first(batches)?.into_iter().map(few).collect();
        let trained: Vec<bool> = self
            .model
            .state
            .iter()
            .map(|entry| entry.role == Role::Parameter)
            .collect();
        let state = State {
            names: &names,
            origin: &self.origin,
            trained: &trained,
        };
        Plan::fastest(
            &self.exported,
            state,
            directions,
            (&inputs, self.fed()?.len()),
            self.device,
            precision,
        )
        .with_context(in_model)
    }

    /// Examples that are computed at once: what is fastest and changes no bit.
    fn working_batch(&self, jobs: &Jobs, points: usize) -> anyhow::Result<usize> {
        let Some((batches, _)) = jobs.splits.first() else {
            return Ok(jobs.batch);
        };
        let landscape = Landscape::new(
            &jobs.plan,
            &self.names(),
            &self.origin,
            &[],
            &[],
            self.device,
        )?;
        let feed = |size| self.first(&batches.share(size));
        Ok(batch_size::choose(
            &landscape,
            &feed,
            jobs.batch,
            self.images(),
            points,
        )?)
    }

    /// What the program is called with for the first batch.
    fn first(&self, batches: &Batches) -> Result<Vec<Tensor>, torch::Error> {
        let first = batches.first()?;
        let targets = first
            .targets
            .filter(|_| self.criterion.loss == Loss::Program);
        Ok(first.inputs.into_iter().chain(targets).collect())
    }

    /// Where a split may stop.
    fn stop_above(&self, batches: &Batches) -> anyhow::Result<Option<StopAbove>> {
        let Some(loss) = self.measurement.stop_above else {
            return Ok(None);
        };
        Ok(Some(StopAbove {
            loss,
            samples: batches.counted(&self.criterion)? as f64,
        }))
    }

    fn names(&self) -> Vec<&str> {
        self.model
            .state
            .iter()
            .map(|entry| entry.name.as_str())
            .collect()
    }

    fn evaluator(&self, jobs: &Jobs, plan: &Plan) -> anyhow::Result<Evaluator> {
        let landscape = Landscape::new(
            plan,
            &self.names(),
            &self.origin,
            &jobs.x,
            &jobs.y,
            self.device,
        )?;
        let shared = |(batches, above): &(Batches, Option<StopAbove>)| evaluator::Split {
            batches: batches.share(jobs.batch),
            above: *above,
        };
        let splits = jobs.splits.iter().map(shared).collect();
        Ok(Evaluator {
            landscape,
            splits,
            criterion: self.criterion,
        })
    }

    /// A direction for each entry of the state, `None` where it does not move.
    fn moves(
        &self,
        direction: Option<&Vec<ndarray::ArrayD<f32>>>,
        real: Kind,
    ) -> Vec<Option<Tensor>> {
        let mut tensors = direction.into_iter().flatten();
        let mut next = |entry: &files::StateTensor| {
            let moved = self.directions.dir_type.moves(entry.role);
            let tensor = moved.then(|| tensors.next()).flatten()?;
            let moved = || torch::tensor(&files::Tensor::F32(tensor.clone())).to_kind(real);
            entry.tensor.is_float().then(moved)
        };
        self.model.state.iter().map(&mut next).collect()
    }
}

fn real(program: &Program) -> Kind {
    if program.precision() == "f64" {
        Kind::Double
    } else {
        Kind::Float
    }
}
