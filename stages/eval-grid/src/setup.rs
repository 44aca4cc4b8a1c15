//! How it is run: the data in batches, the fastest plan of the program, jobs and their workers.

use anyhow::Context;
use evaluation::{Bent, Part, Plane, fastest_plan};
use torch::{Batches, Plan, Precision};

use crate::{
    batch_size,
    inputs::Inputs,
    measure::{Everything, Worker, hessian::Hessian, loss::Losses, recalibrated::Estimate},
    measured::Measured,
    networks::Networks,
    settings::Settings,
};

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
    /// The examples of which eigenvalues are measured.
    bent: Option<Batches>,
    pub(crate) jobs: usize,
    /// Examples that are computed at once.
    pub(crate) batch: usize,
    pub(crate) measure: Everything,
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
        let subject = &inputs.subject;
        let batch = measured.measurement.batch;
        let wanted = settings.jobs.unwrap_or_else(|| match several {
            true => 1,
            false => evaluation::cores(subject.device),
        });
        let most = points * inputs.examples().div_ceil(batch);
        let jobs = wanted.min(most).max(1);
        let splits = splits(settings, inputs, batch)?;
        let plan = torch::no_grad(|| fastest_plan(subject, plane, &splits, settings.precision))?;
        let bent = bent(inputs, measured)?;
        let mut setup = Self {
            settings,
            inputs,
            plane,
            plan,
            recalibration: recalibration(inputs)?,
            jobs,
            batch,
            measure: Everything {
                losses: Losses::new(settings, measured, &splits)?,
                recalibrates: inputs.recalibration.is_some(),
                hessian: None,
            },
            splits,
            bent,
        };
        if let (Some(bent), Some(told)) = (setup.bent(&setup.plan)?, &measured.measurement.hessian)
        {
            setup.measure.hessian = Some(Hessian::new(
                told,
                &bent,
                subject.real(),
                inputs.start.as_ref().map(|it| &it.contents),
            ));
        }
        let is_free = settings.batch.is_none() && subject.program.batch().is_none();
        if is_free && setup.measure.losses.are_measured() {
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
        let subject = &self.inputs.subject;
        let splits = self.shared();
        let plan = torch::no_grad(|| fastest_plan(subject, self.plane, &splits, Precision::Full))?;
        self.worker_of(&plan)
    }

    fn worker_of(&self, plan: &Plan) -> anyhow::Result<Worker> {
        Ok(Worker {
            landscape: self.plane.landscape(plan, self.settings.question.device)?,
            splits: self.shared(),
            recalibration: self.estimate()?,
            bent: self.bent(plan)?,
            networks: Networks::new(self.settings, self.inputs, plan, self.jobs)?,
        })
    }

    /// What estimates running statistics, with its data.
    fn estimate(&self) -> anyhow::Result<Option<Estimate>> {
        let (Some(batches), Some((_, batch))) = (&self.recalibration, &self.inputs.recalibration)
        else {
            return Ok(None);
        };
        let subject = &self.inputs.subject;
        let network = self
            .plane
            .recalibration(&subject.program, subject.device)
            .with_context(|| subject.model_file())?;
        Ok(Some(Estimate {
            network,
            batches: batches.share(*batch),
        }))
    }

    /// What multiplies vectors with the Hessian, with its data.
    fn bent(&self, plan: &Plan) -> anyhow::Result<Option<Bent>> {
        let Some(batches) = &self.bent else {
            return Ok(None);
        };
        let subject = (&self.inputs.subject, self.plane);
        let bending = &self.settings.hessian.bending;
        Ok(Some(bending.bent(subject, plan, batches, self.jobs)?))
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
        let subject = &self.inputs.subject;
        let landscape = self.plane.at_origin(&self.plan, subject.device)?;
        let examples = self.inputs.examples();
        let feed = |size| evaluation::first_call(&batches.share(size), &subject.criterion);
        let trial = batch_size::Trial {
            landscape: &landscape,
            feed: &feed,
        };
        Ok(trial.fastest(self.batch, examples, points)?)
    }
}

/// The splits in batches, in memory where they fit.
fn splits(settings: &Settings, inputs: &Inputs, batch: usize) -> anyhow::Result<Vec<Batches>> {
    let subject = &inputs.subject;
    let mut bytes = 0;
    for part in &subject.parts {
        bytes += subject.data.example_bytes(&part.split)? as u64 * part.count as u64;
    }
    let memory = settings.data_memory;
    let stays = bytes <= memory.unwrap_or_else(|| evaluation::free_memory() / 2);
    if !stays {
        let file = subject.data.header.path.display();
        settings.output.say(format!(
            "{file} is larger than --data-memory and read anew for every point"
        ));
    }
    let mut splits = Vec::new();
    for part in &subject.parts {
        splits.push(evaluation::batches(subject, part, batch, stays)?);
    }
    Ok(splits)
}

/// The examples from which running statistics are estimated, in memory.
fn recalibration(inputs: &Inputs) -> anyhow::Result<Option<Batches>> {
    let Some((part, batch)) = &inputs.recalibration else {
        return Ok(None);
    };
    Ok(Some(evaluation::batches(
        &inputs.subject,
        part,
        *batch,
        true,
    )?))
}

/// The examples of which eigenvalues are measured, in memory.
fn bent(inputs: &Inputs, measured: &Measured) -> anyhow::Result<Option<Batches>> {
    let subject = &inputs.subject;
    let (Some(told), Some(part)) = (&measured.measurement.hessian, subject.parts.first()) else {
        return Ok(None);
    };
    let part = Part {
        split: part.split.clone(),
        count: told.examples,
    };
    let batches = evaluation::batches(subject, &part, told.batch, true)?;
    Ok(Some(batches))
}
