//! The stages by their command lines and files. One program, so that the tests of all stages share
//! both the processors and what they train; a module for each stage or subject.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod along;
mod connect;
mod eval_grid;
mod eval_grid_speed;
mod examples;
mod faults;
mod files;
mod gallery;
mod help;
mod hessian;
mod hostile;
mod import_data;
mod import_own_data;
mod inspect;
mod layers;
mod libtorch;
mod make_dirs;
mod metrics;
mod odd_files;
mod option_words;
mod own_models;
mod picture;
mod plan;
mod plan_hostile;
mod plan_runs;
mod programs;
mod project;
mod provenance;
mod recalibration;
mod render;
mod render_extremes;
mod render_spectra;
mod sharpness;
mod slurm;
mod to_table;
mod to_vtp;
mod train;
