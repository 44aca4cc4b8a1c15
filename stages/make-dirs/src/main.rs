//! Makes one or two directions in weight space, at random, towards other models, along principal
//! components or along eigenvectors: `make-dirs --model m.h5 --xnorm filter --xignore biasbn
//! --output directions.h5`.

mod args;
mod components;
mod direction;
mod each;
mod eigenvectors;
mod filters;
mod origin;
mod plane;
mod target;

use std::process::ExitCode;

use anyhow::ensure;
use clap::Parser;
use files::{Contents, Header, Note, Provenance};

use args::{Args, Axes, Recipe};
use origin::Origin;
use plane::Plane;

fn main() -> ExitCode {
    stage::run(Args::parse(), run)
}

fn run(args: Args) -> anyhow::Result<()> {
    let recipe = args.recipe()?;
    let origin = Origin::read(&recipe)?;

    let mut plane = match &recipe.axes {
        Axes::Each(each) => each::make(&origin, &recipe, each)?,
        Axes::Components(components) => components::make(&origin, components)?,
        Axes::Eigenvectors(which) => eigenvectors::make(&origin, which)?,
    };
    note_selection(&recipe, &origin, &mut plane)?;

    let mut headers: Vec<&Header> = vec![&origin.model.header];
    headers.extend(&plane.headers);
    let provenance = Provenance::of_this_command(&headers);
    plane
        .directions
        .write(&recipe.output.target(), &provenance)?;
    Ok(())
}

/// Says and records how much of the model moves, where it is a part.
fn note_selection(recipe: &Recipe, origin: &Origin, plane: &mut Plane) -> anyhow::Result<()> {
    if recipe.selection.is_whole() {
        return Ok(());
    }
    let moving = plane.moving();
    ensure!(
        moving > 0,
        "nothing moves: --xignore biasbn leaves alone what --only and --except select"
    );
    let mut all = 0;
    for entry in origin.moved() {
        all += entry.tensor.len();
    }
    recipe.output.say(format!("{moving} of {all} weights move"));
    let notes = &mut plane.directions.notes;
    notes.push(("selection".into(), Note::Text(recipe.selection.to_string())));
    notes.push(("moving".into(), Note::Integer(moving as i64)));
    Ok(())
}
