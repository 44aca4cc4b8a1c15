//! Pictures, meshes and tables, of a grid with a second axis (`surface`) or without one.

use crate::{
    config::{Form, Overview, Picture, Plot},
    settings::{Settings, settings, word},
};

/// Settings of meshes.
const OF_VTP: [&str; 6] = ["surf_name", "log", "zmax", "zscale", "interp", "cmap"];
/// Settings of tables.
const OF_TABLE: [&str; 1] = ["surf_name"];
/// Settings of meshes that pictures do not have.
const OF_VTP_ONLY: [&str; 3] = ["zmax", "zscale", "interp"];

/// Checks what is drawn of each surface, whose trajectory may be measured.
pub(super) fn picture(picture: &Picture, surface: bool, is_measured: bool) -> Result<(), String> {
    suits(picture.plot, picture.format, surface)?;
    if picture.trajectory == Some(true) {
        takes_a_trajectory(picture)?;
    }
    let given = settings(picture);
    match picture.plot {
        Plot::Along if !is_measured => {
            Err("along draws measured losses: add `trajectory: {measure: checkpoints}`".into())
        }
        Plot::Repeats => {
            Err("repeats draws several curves in one picture: put it under overview".into())
        }
        Plot::Vtp => only(&given, "vtp", &OF_VTP),
        Plot::Table => only(&given, "table", &OF_TABLE),
        Plot::Curve
        | Plot::Contour
        | Plot::Contourf
        | Plot::Heat
        | Plot::Surface3d
        | Plot::Trajectory
        | Plot::EigRatio
        | Plot::Stderr
        | Plot::Along
        | Plot::Page => {
            for key in OF_VTP_ONLY {
                if given.contains_key(key) {
                    return Err(format!("\"{key}\" goes with plot: vtp only"));
                }
            }
            one_scale(picture.log, picture.linear)
        }
    }
}

/// Checks that a trajectory can be drawn on top.
fn takes_a_trajectory(picture: &Picture) -> Result<(), String> {
    let takes = match picture.plot {
        Plot::Contour
        | Plot::Contourf
        | Plot::Heat
        | Plot::Surface3d
        | Plot::EigRatio
        | Plot::Stderr
        | Plot::Page => true,
        // lines are no part of it
        Plot::Vtp => picture.format != Some(Form::Stl),
        Plot::Curve | Plot::Repeats | Plot::Trajectory | Plot::Along | Plot::Table => false,
    };
    if takes {
        return Ok(());
    }
    let what = match picture.format {
        Some(form) => word(&form),
        None => format!("plot: {}", word(&picture.plot)),
    };
    Err(format!("{what} takes no trajectory on top: leave it out"))
}

/// Checks that a plot has no settings but its own.
fn only(given: &Settings, plot: &str, own: &[&str]) -> Result<(), String> {
    for key in given.keys() {
        if !own.contains(&key.as_str()) {
            return Err(format!(
                "\"{key}\" does not go with plot: {plot}, which takes {}",
                own.join(", ")
            ));
        }
    }
    Ok(())
}

/// Checks the picture of all surfaces.
pub(super) fn overview(overview: &Overview, surface: bool) -> Result<(), String> {
    suits(overview.plot, overview.format, surface)?;
    if overview.plot.stage() != "render" {
        return Err("a mesh or a table is of one surface: put it under pictures".into());
    }
    if overview.plot.is_of_runs() {
        return Err("runs are drawn of one surface: put it under pictures".into());
    }
    one_scale(overview.log, overview.linear)
}

/// Checks that a plot can be drawn of the grid, and has the form that the config names.
fn suits(plot: Plot, format: Option<Form>, surface: bool) -> Result<(), String> {
    let name = word(&plot);
    if !plot.suits(surface) {
        return Err(if surface {
            format!("plot: {name} draws curves, but the grid has a y: choose another plot")
        } else {
            format!("plot: {name} draws surfaces, but the grid has no y: choose curve")
        });
    }
    match format {
        Some(form) if !plot.forms().contains(&form) => {
            let forms: Vec<String> = plot.forms().iter().map(word).collect();
            Err(format!(
                "plot: {name} has no format {}: choose one of {}",
                word(&form),
                forms.join(", ")
            ))
        }
        _ => Ok(()),
    }
}

fn one_scale(log: Option<bool>, linear: Option<bool>) -> Result<(), String> {
    if log == Some(true) && linear == Some(true) {
        return Err("log and linear exclude each other: leave one out".into());
    }
    Ok(())
}
