//! Trainings: options that do not go together, as train refuses them.

use crate::{
    config::{Optimizer, Schedule, Training},
    settings::word,
};

/// Checks a training.
pub(super) fn training(training: &Training) -> Result<(), String> {
    if training.arch.is_some() == training.program.is_some() {
        return Err("train needs either an arch or a program, a model to begin with".into());
    }
    // the words of the losses are those of train
    let loss = training
        .loss
        .map_or("crossentropy".into(), |loss| word(&loss));
    if training.arch.is_some() && !["crossentropy", "mse"].contains(&loss.as_str()) {
        return Err(format!(
            "train: loss {loss} needs a program: networks of the zoo tell classes apart"
        ));
    }
    optimizer(training)?;
    schedule(training)?;
    numbers(training)
}

/// Refuses settings of another optimiser.
fn optimizer(training: &Training) -> Result<(), String> {
    let optimizer = training.optimizer.unwrap_or(Optimizer::Sgd);
    let (is_adam, others) = match optimizer {
        Optimizer::Sgd => (false, "adam or adamw"),
        Optimizer::Adam | Optimizer::Adamw => (true, "sgd"),
    };
    for (key, is_given, is_of_adam) in [
        ("momentum", training.momentum.is_some(), false),
        ("no_nesterov", training.no_nesterov == Some(true), false),
        ("beta1", training.beta1.is_some(), true),
        ("beta2", training.beta2.is_some(), true),
        ("eps", training.eps.is_some(), true),
    ] {
        if is_given && is_adam != is_of_adam {
            return Err(format!(
                "train: {key} does nothing with optimizer {}: leave it out, or use {others}",
                word(&optimizer)
            ));
        }
    }
    if training.momentum == Some(0.0) && training.no_nesterov != Some(true) {
        return Err("train: momentum 0 needs no_nesterov: true".into());
    }
    Ok(())
}

/// Refuses settings of another schedule, and epochs that are none of the training's.
fn schedule(training: &Training) -> Result<(), String> {
    let epochs = training.epochs.get();
    let schedule = training.schedule.unwrap_or(Schedule::Step);
    let has_decays = match schedule {
        Schedule::Step => true,
        Schedule::Cosine | Schedule::Constant => false,
    };
    for (key, is_given) in [
        ("lr_decay", training.lr_decay.is_some()),
        ("decay_at", training.decay_at.is_some()),
    ] {
        if is_given && !has_decays {
            return Err(format!(
                "train: {key} does nothing with schedule {}: leave it out",
                word(&schedule)
            ));
        }
    }
    for epoch in training.decay_at.iter().flatten() {
        if *epoch > epochs {
            return Err(format!(
                "train: decay_at names epoch {epoch}, but there are {epochs}"
            ));
        }
    }
    match training.warmup {
        Some(warmup) if !(0.0..epochs as f64).contains(&warmup) => Err(format!(
            "train: warmup is {warmup}, it must be 0 or more and below the {epochs} epochs"
        )),
        Some(_) | None => Ok(()),
    }
}

/// Refuses numbers out of their range.
fn numbers(training: &Training) -> Result<(), String> {
    for (key, number) in [
        ("lr", training.lr),
        ("weight_decay", training.weight_decay),
        ("eps", training.eps),
    ] {
        let number = number.unwrap_or(0.0);
        if number < 0.0 || !number.is_finite() {
            return Err(format!("train: {key} is {number}, it must be 0 or more"));
        }
    }
    for (key, share) in [
        ("momentum", training.momentum),
        ("beta1", training.beta1),
        ("beta2", training.beta2),
    ] {
        let share = share.unwrap_or(0.0);
        if !(0.0..1.0).contains(&share) {
            return Err(format!(
                "train: {key} is {share}, it must be 0 or more and below 1"
            ));
        }
    }
    match training.lr_decay {
        Some(decay) if !(decay > 0.0 && decay <= 1.0) => Err(format!(
            "train: lr_decay is {decay}, it must be above 0 and at most 1"
        )),
        Some(_) | None => Ok(()),
    }
}
