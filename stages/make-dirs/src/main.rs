//! Makes one or two directions in weight space, at random or towards other models:
//! `make-dirs --model m.h5 --xnorm filter --xignore biasbn --output directions.h5`.

mod args;
mod normalize;
mod random;
mod target;

use std::{path::Path, process::ExitCode};

use anyhow::{Context, ensure};
use clap::Parser;
use files::{
    AxisName, Contents, DirType, Directions, Header, Meaning, Model, Note, Provenance, StateTensor,
    Stored,
};
use ndarray::ArrayD;
use options::{Ignore, Norm};
use program::Program;

use args::{Args, Made};
use normalize::Weight;

/// Cosines between axes beyond this are warned about.
const OBLIQUE: f64 = 0.1;

fn main() -> ExitCode {
    stage::run(Args::parse(), run)
}

/// A direction, how it was made, and the model that it leads to, if any.
struct Direction {
    tensors: Vec<ArrayD<f32>>,
    notes: Vec<(String, Note)>,
    target: Option<Header>,
}

fn run(args: Args) -> anyhow::Result<()> {
    args.check()?;
    let model = Model::read(&args.model)?;
    let program =
        Program::from_json(&model.program).with_context(|| args.model.display().to_string())?;
    let moved = Moved {
        model: &model,
        program: &program,
        dir_type: args.dir_type(),
    };

    moved.check()?;
    let x = moved.direction(&args, "x", args.x())?;
    let y = args
        .y()
        .map(|made| moved.direction(&args, "y", made))
        .transpose()?;
    if let Some(y) = &y {
        say_cosine(&args, normalize::cosine(&x.tensors, &y.tensors));
    }

    let mut headers = vec![&model.header];
    headers.extend(
        [Some(&x), y.as_ref()]
            .into_iter()
            .flatten()
            .filter_map(|direction| direction.target.as_ref()),
    );
    let provenance = Provenance::of_this_command(&headers);
    let mut notes = x.notes;
    notes.push(meaning(args.x()).note(AxisName::X));
    notes.extend(args.y().map(|made| meaning(made).note(AxisName::Y)));
    let y = y.map(|y| {
        notes.extend(y.notes);
        y.tensors
    });
    let names = moved
        .entries(&model)
        .iter()
        .map(|entry| entry.name.clone())
        .collect();
    let (dir_type, model) = (moved.dir_type, Some(model.header.origin()));
    let directions = Directions {
        dir_type,
        names,
        x: x.tensors,
        y,
        pca: None,
        model,
        notes,
    };
    directions.write(&args.output.target(), &provenance)?;
    Ok(())
}

/// What labels of axes say of a direction.
fn meaning(made: Made) -> Meaning {
    match made {
        Made::Random { .. } => Meaning::Random,
        Made::Target(path) => {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            Meaning::Target(name.into_owned())
        }
    }
}

/// Says how far from orthogonal the axes are; pictures draw them so.
fn say_cosine(args: &Args, cosine: f64) {
    args.output
        .say(format!("cosine between x and y: {cosine:.6}"));
    if cosine.abs() > OBLIQUE && !args.same_dir {
        args.output.say(
            "warning: the axes are oblique, and pictures draw them at a right angle: distances and angles in them are \
             not those in weight space",
        );
    }
}

/// What directions of a type move of a model.
struct Moved<'a> {
    model: &'a Stored<Model>,
    program: &'a Program,
    dir_type: DirType,
}

impl Moved<'_> {
    /// The entries of a model's state that are moved.
    fn entries<'m>(&self, model: &'m Model) -> Vec<&'m StateTensor> {
        model
            .state
            .iter()
            .filter(|entry| self.dir_type.moves(entry.role))
            .collect()
    }

    /// Checks that there is something to move, and that a loss can be measured there.
    fn check(&self) -> anyhow::Result<()> {
        let model = self.model.header.path.display();
        let entries = self.entries(self.model);
        ensure!(
            !entries.is_empty(),
            "{model}: it holds no weights that --dir-type {} moves",
            self.dir_type.name()
        );
        for entry in entries {
            ensure!(
                is_finite(&entry.tensor.to_f32()),
                diverged(&self.model.header, entry, "")
            );
        }
        Ok(())
    }

    fn weights(&self) -> Vec<Weight<'_>> {
        let mut weights = Vec::new();
        for StateTensor { name, tensor, .. } in self.entries(self.model) {
            weights.push(Weight {
                name,
                tensor,
                filters: self.program.filters(name, tensor.shape().len()),
            });
        }
        weights
    }

    fn direction(&self, args: &Args, axis: &str, made: Made) -> anyhow::Result<Direction> {
        let direction = match made {
            Made::Random {
                norm,
                ignore,
                stream,
            } => self.random(args, axis, norm, ignore, stream),
            Made::Target(path) => self.target(args, axis, path)?,
        };
        self.check_finite(axis, &direction)?;
        Ok(direction)
    }

    /// Refuses a direction along which every loss would be NaN: that of a model whose training diverged.
    fn check_finite(&self, axis: &str, direction: &Direction) -> anyhow::Result<()> {
        for (entry, tensor) in self.entries(self.model).iter().zip(&direction.tensors) {
            let model = direction.target.as_ref().unwrap_or(&self.model.header);
            ensure!(
                is_finite(tensor),
                diverged(model, entry, &format!(" along the {axis} direction"))
            );
        }
        Ok(())
    }

    fn random(
        &self,
        args: &Args,
        axis: &str,
        norm: Norm,
        ignore: Ignore,
        stream: u64,
    ) -> Direction {
        if self.dir_type == DirType::States && ignore == Ignore::None {
            args.output.say(format!(
                "warning: the {axis} direction moves the running variances with the weights, and where x + y < -1 \
                 they are negative and the loss NaN; --{axis}ignore biasbn leaves them alone"
            ));
        }
        let weights = self.weights();
        let mut tensors = random::direction(&weights, args.seed, stream);
        normalize::normalize(&mut tensors, &weights, norm, ignore);
        let mut notes = vec![
            (format!("{axis}seed"), Note::Integer(args.seed as i64)),
            (format!("{axis}norm"), norm.to_string().as_str().into()),
            (format!("{axis}ignore"), ignore.to_string().as_str().into()),
        ];
        if let Norm::Filter | Norm::Dfilter = norm {
            notes.extend(
                unusual_filters(&weights).map(|text| (format!("{axis}filters"), Note::Text(text))),
            );
            say_untold(args, axis, &weights);
        }
        Direction {
            tensors,
            notes,
            target: None,
        }
    }

    fn target(&self, args: &Args, axis: &str, path: &Path) -> anyhow::Result<Direction> {
        let target = Model::read(path)?;
        let tensors = target::direction(self.model, &target, |model| self.entries(model))?;
        if self.dir_type == DirType::Weights
            && target::statistics_differ(self.program, self.model, &target)
        {
            let (from, to) = (self.model.header.path.display(), path.display());
            args.output.say(format!(
                "warning: {to} has other running statistics of batch normalisation than {from}, and --dir-type weights \
                 keeps those of {from} everywhere: {axis} = 1 is not {to}; --dir-type states moves them too"
            ));
        }
        let notes = vec![(format!("{axis}target_id"), target.header.id.as_str().into())];
        Ok(Direction {
            tensors,
            notes,
            target: Some(target.header),
        })
    }
}

fn is_finite(values: &ArrayD<f32>) -> bool {
    values.iter().all(|value| value.is_finite())
}

/// The error of a model whose training diverged.
fn diverged(model: &Header, entry: &StateTensor, along: &str) -> String {
    format!(
        "{}: \"{}\" holds NaN, infinities or values beyond f32, and every loss{along} would be NaN: use a checkpoint from \
         before the training diverged",
        model.path.display(),
        entry.name
    )
}

/// The weights whose filters do not lie along axis 0, in words.
fn unusual_filters(weights: &[Weight]) -> Option<String> {
    let mut told = Vec::new();
    for Weight {
        name,
        tensor,
        filters,
    } in weights
    {
        if tensor.shape().len() < 2 || filters.are_usual() {
            continue;
        }
        let axes: Vec<String> = filters.axes.iter().map(ToString::to_string).collect();
        let groups = if filters.groups > 1 {
            format!(" in {} groups", filters.groups)
        } else {
            String::new()
        };
        told.push(format!("{name}: axis {}{groups}", axes.join(" and ")));
    }
    (!told.is_empty()).then(|| told.join("; "))
}

/// Names the weights of which no layer tells where its outputs lie.
fn say_untold(args: &Args, axis: &str, weights: &[Weight]) {
    let mut untold = Vec::new();
    for Weight {
        name,
        tensor,
        filters,
    } in weights
    {
        if tensor.shape().len() >= 2 && !filters.told {
            untold.push(*name);
        }
    }
    if !untold.is_empty() {
        args.output.say(format!(
            "no layer tells the filters of {}: slices along axis 0 are taken for the {axis} direction",
            untold.join(", ")
        ));
    }
}
