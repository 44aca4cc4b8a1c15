//! How it is run: the data in batches, the fastest plan of the program, jobs and their workers.

use anyhow::Context;
use torch::{Batches, Device, Plan, Precision, Tensor};

use crate::{
    batch_size, feed,
    inputs::Inputs,
    measure::{
        loss::{Losses, Worker},
        recalibrated::Estimate,
    },
    measured::Measured,
    memory,
    networks::Networks,
    plane::Plane,
    settings::Settings,
};

/// Examples on which the rewritten program is compared with the program itself.
const COMPARED: i64 = 4;

/// How points are measured on this machine. None of it changes a bit of what is measured.
pub(crate) struct Setup<'a> {
    settings: &'a Settings,
    inputs: &'a Inputs,
    plane: &'a Plane<'a>,
    plan: Plan,
    /// One for each split.
    splits: Vec<Batches>,
    /// The examples from which running statistics are estimated.
    recalibration: Option<Batches>,
    pub(crate) jobs: usize,
    /// Examples that are computed at once.
    pub(crate) batch: usize,
    pub(crate) losses: Losses,
}

impl<'a> Setup<'a> {
    /// For this many points; one of `several` processes has one job unless the user says so.
    pub(crate) fn new(
        settings: &'a Settings,
        inputs: &'a Inputs,
        plane: &'a Plane<'a>,
        measured: &Measured,
        points: usize,
        several: bool,
    ) -> anyhow::Result<Self> {
        let batch = measured.measurement.batch;
        let wanted = settings.jobs.unwrap_or_else(|| cores(settings, several));
        let most = points * inputs.examples().div_ceil(batch);
        let jobs = wanted.min(most).max(1);
        let splits = splits(settings, inputs, batch)?;
        let plan = torch::no_grad(|| plan(settings, inputs, plane, &splits, settings.precision))?;
        let losses = Losses::new(settings, measured, &splits)?;
        let mut setup = Self {
            settings,
            inputs,
            plane,
            plan,
            splits,
            recalibration: recalibration(settings, inputs)?,
            jobs,
            batch,
            losses,
        };
        if settings.batch.is_none() && inputs.program.batch().is_none() {
            setup.batch = torch::no_grad(|| setup.fastest_batch(points.div_ceil(jobs)))?;
        }
        Ok(setup)
    }

    /// A worker for each job.
    pub(crate) fn workers(&self) -> anyhow::Result<Vec<Worker>> {
        let mut workers = Vec::new();
        for _ in 0..self.jobs {
            workers.push(self.worker()?);
        }
        Ok(workers)
    }

    /// A worker that computes as the jobs do.
    pub(crate) fn worker(&self) -> anyhow::Result<Worker> {
        self.worker_of(&self.plan)
    }

    /// A worker that computes in the precision of the program.
    pub(crate) fn exact_worker(&self) -> anyhow::Result<Worker> {
        let splits = self.shared();
        let plan = torch::no_grad(|| {
            plan(
                self.settings,
                self.inputs,
                self.plane,
                &splits,
                Precision::Full,
            )
        })?;
        self.worker_of(&plan)
    }

    fn worker_of(&self, plan: &Plan) -> anyhow::Result<Worker> {
        Ok(Worker {
            landscape: self.plane.landscape(plan, self.settings.device)?,
            splits: self.shared(),
            recalibration: self.estimate()?,
            networks: Networks::new(self.settings, self.inputs, plan),
        })
    }

    /// What estimates running statistics, with its data.
    fn estimate(&self) -> anyhow::Result<Option<Estimate>> {
        let (Some(batches), Some((_, batch))) = (&self.recalibration, &self.inputs.recalibration)
        else {
            return Ok(None);
        };
        let network = self
            .plane
            .recalibration(&self.inputs.program, self.settings.device)
            .with_context(|| self.inputs.model_file())?;
        Ok(Some(Estimate {
            network,
            batches: batches.share(*batch),
        }))
    }

    /// The splits in batches of the size that is computed at once; what is in memory is shared.
    fn shared(&self) -> Vec<Batches> {
        let mut shared = Vec::new();
        for split in &self.splits {
            shared.push(split.share(self.batch));
        }
        shared
    }

    /// Examples that are computed at once: what is fastest and changes no bit.
    fn fastest_batch(&self, points: usize) -> anyhow::Result<usize> {
        let Some(batches) = self.splits.first() else {
            return Ok(self.batch);
        };
        let landscape = self.plane.at_origin(&self.plan, self.settings.device)?;
        let criterion = &self.settings.criterion;
        let examples = self.inputs.examples();
        let feed = |size| feed::first_call(&batches.share(size), criterion);
        let trial = batch_size::Trial {
            landscape: &landscape,
            feed: &feed,
        };
        Ok(trial.fastest(self.batch, examples, points)?)
    }
}

/// The jobs that suit this machine, as the affinity of this process and its cgroups allow.
fn cores(settings: &Settings, several: bool) -> usize {
    if settings.device == Device::Cpu && !several {
        std::thread::available_parallelism().map_or(1, usize::from)
    } else {
        1
    }
}

/// The splits in batches, in memory where they fit.
fn splits(settings: &Settings, inputs: &Inputs, batch: usize) -> anyhow::Result<Vec<Batches>> {
    let mut bytes = 0;
    for part in &inputs.parts {
        bytes += inputs.data.example_bytes(&part.split)? as u64 * part.count as u64;
    }
    let memory = settings.data_memory;
    let stays = bytes <= memory.unwrap_or_else(|| memory::free() / 2);
    if !stays {
        let file = inputs.data.header.path.display();
        settings.output.say(format!(
            "{file} is larger than --data-memory and read anew for every point"
        ));
    }
    let mut splits = Vec::new();
    for part in &inputs.parts {
        splits.push(feed::batches(
            inputs,
            &settings.criterion,
            part,
            (batch, settings.device),
            stays,
        )?);
    }
    Ok(splits)
}

/// The examples from which running statistics are estimated, in memory.
fn recalibration(settings: &Settings, inputs: &Inputs) -> anyhow::Result<Option<Batches>> {
    let Some((part, batch)) = &inputs.recalibration else {
        return Ok(None);
    };
    let how = (*batch, settings.device);
    Ok(Some(feed::batches(
        inputs,
        &settings.criterion,
        part,
        how,
        true,
    )?))
}

/// How the program is run: as fast as gives the same results for the first examples.
fn plan(
    settings: &Settings,
    inputs: &Inputs,
    plane: &Plane,
    splits: &[Batches],
    precision: Precision,
) -> anyhow::Result<Plan> {
    let criterion = &settings.criterion;
    let plain = Plan::plain(&inputs.program);
    let landscape = plane
        .at_origin(&plain, settings.device)
        .with_context(|| inputs.model_file())?;
    for batches in splits {
        landscape
            .check_inputs(&feed::first_call(batches, criterion)?)
            .with_context(|| inputs.both_files())?;
    }
    let Some(batches) = splits.first() else {
        return Ok(plain);
    };
    let mut call = feed::first_call(batches, criterion)?;
    if inputs.program.batch().is_none() {
        for tensor in &mut call {
            *tensor = first_examples(tensor);
        }
    }
    let state = torch::State {
        names: &plane.names,
        origin: &plane.origin,
        trained: &plane.trained,
    };
    Plan::fastest(
        &inputs.exported,
        state,
        [&plane.x, &plane.y],
        (&call, feed::fed(inputs, criterion)?.len()),
        settings.device,
        precision,
    )
    .with_context(|| inputs.model_file())
}

fn first_examples(tensor: &Tensor) -> Tensor {
    tensor.narrow(0, 0, tensor.size()[0].min(COMPARED))
}
