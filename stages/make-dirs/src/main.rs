//! Makes one or two directions in weight space, at random or towards other models:
//! `make-dirs --model m.h5 --xnorm filter --xignore biasbn --output directions.h5`.

mod args;
mod normalize;
mod random;
mod target;

use std::process::ExitCode;

use clap::Parser;
use files::{AxisName, Contents, DirType, Directions, Header, Meaning, Model, Note, Provenance, Stored};
use ndarray::ArrayD;

use args::{Args, Ignore, Made};

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
    let dir_type = args.dir_type.into();

    let x = direction(&args, &model, dir_type, "x", args.x())?;
    let y = args.y().map(|made| direction(&args, &model, dir_type, "y", made)).transpose()?;
    if let Some(y) = &y {
        args.output.say(format!("cosine between x and y: {:.6}", normalize::cosine(&x.tensors, &y.tensors)));
    }

    let mut headers = vec![&model.header];
    headers.extend([Some(&x), y.as_ref()].into_iter().flatten().filter_map(|direction| direction.target.as_ref()));
    let provenance = Provenance::of_this_command(&headers);
    let mut notes = x.notes;
    notes.push(meaning(args.x()).note(AxisName::X));
    notes.extend(args.y().map(|made| meaning(made).note(AxisName::Y)));
    let y = y.map(|y| {
        notes.extend(y.notes);
        y.tensors
    });
    let names = moved(&model, dir_type).map(|entry| entry.name.clone()).collect();
    let model = Some(model.header.origin());
    let directions = Directions { dir_type, names, x: x.tensors, y, pca: None, model, notes };
    directions.write(&args.output.output, &provenance)?;
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

/// The entries of the state that directions of a type move.
fn moved(model: &Model, dir_type: DirType) -> impl Iterator<Item = &files::StateTensor> {
    model.state.iter().filter(move |entry| dir_type.moves(entry.role))
}

fn direction(
    args: &Args,
    model: &Stored<Model>,
    dir_type: DirType,
    axis: &str,
    made: Made,
) -> anyhow::Result<Direction> {
    let weights: Vec<_> = moved(model, dir_type).map(|entry| &entry.tensor).collect();
    let note = |name: &str, value: Note| (format!("{axis}{name}"), value);
    match made {
        Made::Random { norm, ignore, stream } => {
            if dir_type == DirType::States && ignore == Ignore::None {
                args.output.say(format!(
                    "warning: the {axis} direction moves the running variances with the weights, and where x + y < -1 they \
                     are negative and the loss NaN; --{axis}ignore biasbn keeps them"
                ));
            }
            let mut tensors = random::direction(&weights, args.seed, stream);
            normalize::normalize(&mut tensors, &weights, norm, ignore);
            let notes = vec![
                note("seed", Note::Integer(args.seed as i64)),
                note("norm", norm.to_string().as_str().into()),
                note("ignore", ignore.to_string().as_str().into()),
            ];
            Ok(Direction { tensors, notes, target: None })
        }
        Made::Target(path) => {
            let target = Model::read(path)?;
            let tensors = target::direction(model, &target, |model| moved(model, dir_type).collect())?;
            let notes = vec![note("target_id", target.header.id.as_str().into())];
            Ok(Direction { tensors, notes, target: Some(target.header) })
        }
    }
}
