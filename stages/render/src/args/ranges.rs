//! Numbers of options against what a picture shows.

use anyhow::ensure;

use crate::{data::extent::LARGEST, options::Options};

/// Numbers are within their ranges.
pub(super) fn check_ranges(options: &Options) -> anyhow::Result<()> {
    for (name, value) in [
        ("--vmin", options.vmin),
        ("--vmax", options.vmax),
        ("--vlevel", options.vlevel),
        ("--clip", options.clip),
        ("--azimuth", options.azimuth),
    ] {
        check_range(name, value, -LARGEST, LARGEST)?;
    }
    check_positive("--sigma", options.sigma)?;
    check_positive("--learning-rate", options.learning_rate)?;
    check_range("--dpi", options.dpi, 20.0, 2400.0)?;
    check_range("--font-size", options.font_size, 3.0, 100.0)?;
    check_range("--elevation", options.elevation, -5.0, 90.0)
}

/// A number that is given is from `low` to `high`.
fn check_range(name: &str, value: Option<f64>, low: f64, high: f64) -> anyhow::Result<()> {
    if let Some(value) = value {
        ensure!(
            (low..=high).contains(&value),
            "{name} is {value}, it must be from {low} to {high}"
        );
    }
    Ok(())
}

/// A number that is given is above 0, by so much that its inverse is a number too.
fn check_positive(name: &str, value: Option<f64>) -> anyhow::Result<()> {
    if let Some(value) = value {
        ensure!(
            (1e-100..=1e100).contains(&value),
            "{name} is {value:e}, it must be from 1e-100 to 1e100"
        );
    }
    Ok(())
}

/// Levels are numbers and ascend.
pub(super) fn check_levels(options: &Options) -> anyhow::Result<()> {
    let Some(levels) = &options.levels else {
        return Ok(());
    };
    ensure!(
        levels.iter().all(|level| level.abs() <= LARGEST),
        "--levels holds something else than numbers up to {LARGEST:e}"
    );
    ensure!(levels.is_sorted_by(|a, b| a < b), "--levels must ascend");
    Ok(())
}
