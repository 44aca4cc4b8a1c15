//! Makes one or two directions in weight space, at random or towards other models: `make-dirs
//! --model m.h5 --xnorm filter --xignore biasbn --output directions.h5`.

mod args;
mod direction;
mod filters;
mod normalize;
mod origin;
mod random;
mod target;

use std::process::ExitCode;

use clap::Parser;
use files::{AxisName, Contents, Directions, Header, Note, Provenance};

use args::{Args, Recipe};
use direction::Direction;
use origin::Origin;

/// Cosines between axes beyond this are warned about.
const OBLIQUE: f64 = 0.1;

fn main() -> ExitCode {
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    let recipe = args.recipe()?;
    let origin = Origin::read(&recipe)?;

    let x = Direction::make(&origin, &recipe, AxisName::X, &recipe.x)?;
    let y = match &recipe.y {
        Some(made) => Some(Direction::make(&origin, &recipe, AxisName::Y, made)?),
        None => None,
    };
    if let Some(y) = &y {
        say_cosine(&recipe, weights::cosine(&x.tensors, &y.tensors));
    }

    let provenance = Provenance::of_this_command(&headers(&origin, &x, y.as_ref()));
    let directions = directions(&origin, x, y);
    directions.write(&recipe.output.target(), &provenance)?;
    Ok(())
}

/// The files that the directions are made from.
fn headers<'a>(origin: &'a Origin, x: &'a Direction, y: Option<&'a Direction>) -> Vec<&'a Header> {
    let mut headers = vec![&origin.model.header];
    headers.extend(&x.target);
    headers.extend(y.and_then(|y| y.target.as_ref()));
    headers
}

fn directions(origin: &Origin, x: Direction, y: Option<Direction>) -> Directions {
    let mut names = Vec::new();
    for entry in origin.moved() {
        names.push(entry.name.clone());
    }
    let mut notes: Vec<(String, Note)> = x.notes;
    let mut y_tensors = None;
    if let Some(y) = y {
        notes.extend(y.notes);
        y_tensors = Some(y.tensors);
    }
    Directions {
        dir_type: origin.dir_type,
        names,
        x: x.tensors,
        y: y_tensors,
        pca: None,
        model: Some(origin.model.header.origin()),
        notes,
    }
}

/// Says how far from orthogonal the axes are; pictures draw them so.
fn say_cosine(recipe: &Recipe, cosine: f64) {
    let output = &recipe.output;
    output.say(format!("cosine between x and y: {cosine:.6}"));
    if cosine.abs() > OBLIQUE && !recipe.same_dir {
        output.say(
            "warning: the axes are oblique, and pictures draw them at a right angle: distances and \
             angles in them are not those in weight space",
        );
    }
}
