use super::*;
use crate::{IGNORED, Loss, usual_metrics};

const STOP: Option<StopAbove> = Some(StopAbove {
    loss: 2.0,
    examples: 6.0,
});

fn averages(stop: Option<StopAbove>) -> Averages {
    Averages {
        criterion: Criterion {
            loss: Loss::Program,
            ignored: IGNORED,
            class_axis: None,
        },
        metrics: usual_metrics(Loss::Program, 2),
        stop,
    }
}

/// The score of chunks of the data, which a program measured example by example.
fn score(chunks: &[&[f64]], stop: Option<StopAbove>) -> Result<Score, Error> {
    let averages = averages(stop);
    let mut all = Samples::default();
    for (number, losses) in chunks.iter().enumerate() {
        let mut samples = Samples::default();
        for loss in *losses {
            let outputs = [*loss, loss + 1.0].map(|value| Tensor::from_slice(&[value]));
            let before = samples.len();
            averages.add(&mut samples, &outputs, None, 1).unwrap();
            let new = before..samples.len();
            if number == 0 && averages.is_enough(&mut samples, new) {
                break;
            }
        }
        all.join(samples);
    }
    averages.score(&all)
}

#[test]
fn chunks_have_the_score_of_the_whole_to_the_bit() {
    let whole = score(&[&[0.1, 0.2, 0.3, 1e9, 0.4, 0.7]], None).unwrap();
    assert_eq!(
        score(&[&[0.1], &[0.2, 0.3], &[], &[1e9, 0.4, 0.7]], None).unwrap(),
        whole
    );
    assert_eq!(
        score(&[&[], &[0.1, 0.2, 0.3, 1e9, 0.4, 0.7]], None).unwrap(),
        whole
    );
    assert!(!whole.at_least && whole.means.len() == 2);
}

#[test]
fn a_bound_is_that_of_the_first_example_that_proves_it_however_the_data_are_cut() {
    let losses = [3.0, 4.0, 4.5, 1.0, 7.0, 100.0];
    let whole = score(&[&losses], STOP).unwrap();
    assert!(whole.at_least);
    assert_eq!(whole.means[0], 12.5 / 6.0);
    assert!(whole.means[1].is_nan());
    for cut in 1..6 {
        let found = score(&[&losses[..cut], &losses[cut..]], STOP).unwrap();
        assert!(found.at_least, "cut at {cut}");
        assert_eq!(found.means[0], whole.means[0], "cut at {cut}");
    }
    assert!(!score(&[&[1.0; 6]], STOP).unwrap().at_least);
}

#[test]
fn what_is_no_number_proves_nothing() {
    for losses in [
        [f64::NAN, 30.0, 30.0, 1.0, 1.0, 1.0],
        [30.0f64.powi(300), f64::INFINITY, 1.0, 1.0, 1.0, f64::NAN],
    ] {
        for cut in 0..6 {
            let found = score(&[&losses[..cut], &losses[cut..]], STOP).unwrap();
            assert!(
                !found.at_least && found.means[0].is_nan(),
                "{losses:?} cut at {cut}: {found:?}"
            );
        }
    }
}

#[test]
fn negative_losses_are_refused_where_they_could_undo_a_bound() {
    assert!(score(&[&[1.0, -1.0]], None).is_ok());
    let error = score(&[&[1.0], &[0.5, -1.0]], STOP)
        .unwrap_err()
        .to_string();
    assert!(error.contains("example 2 has the loss -1"), "{error}");
}
