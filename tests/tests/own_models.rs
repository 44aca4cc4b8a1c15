//! The first own model of a newcomer: what people export, wrap and save, against PyTorch (`golden/programs/own.py`).

use std::{collections::BTreeMap, fs};

use files::{Contents, Directions, Model, Note, Shard};
use tests::{Workdir, golden};

/// Losses and accuracies, or norms, by what they are of.
fn expected(workdir: &Workdir) -> BTreeMap<String, serde_json::Value> {
    serde_json::from_str(&fs::read_to_string(workdir.path("expected.json")).unwrap()).unwrap()
}

fn numbers(value: &serde_json::Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_f64().unwrap())
        .collect()
}

fn workdir() -> Workdir {
    let workdir = Workdir::new();
    workdir.unpack("programs/own.tar.gz");
    workdir
}

/// Imports data and a program.
fn import(workdir: &Workdir, program: &str, data: &str, options: &str) {
    workdir.ok(&format!(
        "import-data npz {data}.npz --output data.h5 --force"
    ));
    workdir.ok(&format!(
        "import-model --program {program}.pt2 {options} --output model.h5 --force"
    ));
    workdir.ok("make-dirs --model model.h5 --dims 1 --output dirs.h5 --force");
}

const EVAL: &str = "eval-grid --model model.h5 --data data.h5 --directions dirs.h5 --x=0:0:1";

/// What a metric is at the model itself.
fn measured(workdir: &Workdir, options: &str) -> BTreeMap<String, f64> {
    workdir.ok(&format!("{EVAL} {options} --output shard.h5 --force"));
    let shard = Shard::read(&workdir.path("shard.h5")).unwrap();
    shard
        .metrics
        .iter()
        .map(|metric| (metric.name.clone(), metric.values[[0]]))
        .collect()
}

fn close(found: f64, wanted: f64, tolerance: f64) {
    assert!(
        (found / wanted - 1.0).abs() < tolerance,
        "{found} should be {wanted}"
    );
}

#[test]
fn half_precision_follows_the_program() {
    let workdir = workdir();
    let expected = expected(&workdir);
    let [f32, bf16] = ["block-f32", "block-bf16"].map(|name| numbers(&expected[name])[0]);
    import(&workdir, "block-f32", "tokens", "");
    close(measured(&workdir, "")["train_loss"], f32, 1e-6);
    close(
        measured(&workdir, "--precision bf16")["train_loss"],
        bf16,
        1e-2,
    );
    close(
        measured(&workdir, "--precision f16")["train_loss"],
        f32,
        1e-2,
    );

    // the same weights, exported in bf16
    import(&workdir, "block-bf16", "tokens", "");
    let ran = workdir.ok(&format!("{EVAL} --output f32.h5"));
    assert!(
        ran.stderr.contains(
            "was exported in bf16, as a whole or in part, and is evaluated in f32; --precision bf16"
        ),
        "{}",
        ran.stderr
    );
    close(measured(&workdir, "")["train_loss"], f32, 1e-6);
    close(
        measured(&workdir, "--precision bf16")["train_loss"],
        bf16,
        1e-6,
    );
    close(
        measured(&workdir, "--precision f16")["train_loss"],
        f32,
        1e-2,
    );
}

#[test]
fn casts_of_autocast_are_carried_over_once_they_are_written_down() {
    let workdir = workdir();
    let stderr = workdir.fails("import-model --program autocast.pt2 --output m.h5");
    assert!(
        stderr.contains("own.py\", line ") && stderr.contains("run_decompositions({})"),
        "{stderr}"
    );
    import(&workdir, "autocast-decomposed", "plain", "");
    let [f32, bf16] = ["f32", "bf16"].map(|precision| {
        measured(&workdir, &format!("--split train --precision {precision}"))["train_loss"]
    });
    assert_ne!(f32, bf16);
    close(bf16, f32, 1e-2);
}

#[test]
fn a_wrapper_s_prefix_is_found_on_either_side() {
    let workdir = workdir();
    let expected = expected(&workdir);
    workdir.ok("import-data npz plain.npz --output data.h5");
    let loss = |program: &str, checkpoint: &str, loss: &str| {
        let ran = workdir
            .ok(&format!("import-model --program {program}.pt2 --checkpoint {checkpoint} --output model.h5 --force"));
        workdir.ok("make-dirs --model model.h5 --dims 1 --output dirs.h5 --force");
        close(
            measured(&workdir, loss)["train_loss"],
            numbers(&expected["plain-train"])[0],
            1e-6,
        );
        ran.stderr
    };
    assert!(
        loss("wrapped", "other.pt", "--loss program --split train").contains("behind \"model.\"")
    );
    assert!(loss("plain", "lightning.ckpt", "").contains("matched without their \"net.\""));
    assert!(
        loss("wrapped", "lightning.ckpt", "--loss program --split train")
            .contains("\"net.\" of its names")
    );
    assert!(loss("plain", "averaged.ckpt --prefix net.", "").contains("parameters"));
    let stderr =
        workdir.fails("import-model --program plain.pt2 --checkpoint averaged.ckpt --output m.h5");
    assert!(
        stderr.contains("--prefix chooses one of net., ema."),
        "{stderr}"
    );
}

#[test]
fn splits_have_any_name_and_classes_any_integer_type() {
    let workdir = workdir();
    let expected = expected(&workdir);
    import(&workdir, "plain", "plain", "--checkpoint other.pt");
    let found = measured(&workdir, "");
    for split in ["train", "val"] {
        let wanted = numbers(&expected[&format!("plain-{split}")]);
        close(found[&format!("{split}_loss")], wanted[0], 1e-6);
        close(found[&format!("{split}_acc")], wanted[1], 1e-9);
    }
    assert_eq!(measured(&workdir, "--split val").len(), 2);
}

#[test]
fn what_draws_random_numbers_is_refused_with_its_line() {
    let workdir = workdir();
    let stderr = workdir.fails("import-model --program random.pt2 --output m.h5");
    let said = [
        "torch.ops.aten.randn_like",
        "own.py\", line ",
        "random numbers",
        "as an input of the model",
    ];
    assert!(said.iter().all(|said| stderr.contains(said)), "{stderr}");

    // and so is a program that was written by hand
    import(&workdir, "plain", "plain", "");
    edit_program(&workdir, "replace('aten::tanh', 'aten::bernoulli')");
    let stderr = workdir.fails(&format!("{EVAL} --output s.h5"));
    assert!(
        stderr.contains("aten::bernoulli") && stderr.contains("random numbers"),
        "{stderr}"
    );
}

/// Changes the text of the program in `model.h5`, as a stranger would.
fn edit_program(workdir: &Workdir, change: &str) {
    tests::python(
        workdir,
        &format!(
            "import h5py
with h5py.File('model.h5', 'r+') as f:
    text = f['program'].asstr()[()].{change}
    del f['program'], f.attrs['id']
    f['program'] = text
"
        ),
    );
}

#[test]
fn a_program_cannot_reach_for_files() {
    let workdir = workdir();
    fs::write(workdir.path("victim"), "precious").unwrap();
    // in the archive of torch.export
    tests::python(
        &workdir,
        "import zipfile
with zipfile.ZipFile('plain.pt2') as old, zipfile.ZipFile('hostile.pt2', 'w') as new:
    for name in old.namelist():
        text = old.read(name).replace(b'torch.ops.aten.tanh.default', b'torch.ops.aten.from_file.default')
        new.writestr(name, text.replace(b'\"name\": \"self\"', b'\"name\": \"filename\"'))
",
    );
    let stderr = workdir.fails("import-model --program hostile.pt2 --output m.h5");
    let said = [
        "torch.ops.aten.from_file.default",
        "own.py\", line ",
        "not among the operators that programs may call",
    ];
    assert!(said.iter().all(|said| stderr.contains(said)), "{stderr}");

    // and in a model that somebody else imported
    import(&workdir, "plain", "plain", "");
    edit_program(
        &workdir,
        "replace('aten::tanh', 'aten::from_file').replace('self', 'filename')",
    );
    for line in [
        format!("{EVAL} --output s.h5"),
        "make-dirs --model model.h5 --output d.h5".into(),
    ] {
        let stderr = workdir.fails(&line);
        assert!(
            stderr.contains("aten::from_file, is refused: it is not among the operators"),
            "{stderr}"
        );
    }
    assert_eq!(
        fs::read_to_string(workdir.path("victim")).unwrap(),
        "precious"
    );
}

#[test]
fn what_cannot_be_carried_over_is_one_line_with_its_place() {
    let workdir = workdir();
    for (program, said) in [
        ("cond", "its control flow (torch.cond and the like)"),
        ("complex", "\"weight\" holds complex numbers"),
        ("scalar", "is one number for the whole batch"),
    ] {
        let stderr = workdir.fails(&format!(
            "import-model --program {program}.pt2 --output m.h5"
        ));
        assert!(
            stderr.contains(said) && stderr.contains("own.py\", line "),
            "{program}: {stderr}"
        );
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
}

#[test]
fn a_loss_of_one_number_for_the_batch_is_refused_wherever_it_comes_from() {
    let workdir = workdir();
    import(&workdir, "wrapped", "plain", "");
    tests::python(
        &workdir,
        "import h5py, json
with h5py.File('model.h5', 'r+') as f:
    program = json.loads(f['program'].asstr()[()])
    program['nodes'].append({'op': 'aten::mean', 'args': {'self': {'value': program['outputs'][0]}}, 'outputs': ['mean']})
    program['outputs'] = ['mean']
    del f['program'], f.attrs['id']
    f['program'] = json.dumps(program)
",
    );
    workdir.ok("make-dirs --model model.h5 --dims 1 --output dirs.h5 --force");
    let stderr = workdir.fails(&format!(
        "{EVAL} --loss program --split train --output s.h5"
    ));
    assert!(
        stderr.contains("one value per example") && stderr.contains("reduction=\"none\""),
        "{stderr}"
    );
}

#[test]
fn of_several_outputs_one_is_chosen_by_its_name() {
    let workdir = workdir();
    let stderr = workdir.fails("import-model --program several.pt2 --output m.h5");
    assert!(
        stderr.contains("--output-name") && stderr.contains("aux [any, 4], out [any, 4], loss []"),
        "{stderr}"
    );
    let stderr =
        workdir.fails("import-model --program several.pt2 --output-name logits --output m.h5");
    assert!(
        stderr.contains("does not return \"logits\"; it returns aux"),
        "{stderr}"
    );
    let stderr =
        workdir.fails("import-model --program several.pt2 --output-name loss --output m.h5");
    assert!(
        stderr.contains("\"loss\" is one number for the whole batch"),
        "{stderr}"
    );

    let loss = |options: &str, program: &str| {
        import(&workdir, program, "plain", options);
        measured(&workdir, "--split train")["train_loss"]
    };
    assert_ne!(
        loss("--output-name out", "several"),
        loss("--output-name aux", "several")
    );
    close(
        loss("--output-name out", "several"),
        loss("", "plain"),
        1e-12,
    );
    let program = Model::read(&workdir.path("model.h5"))
        .unwrap()
        .program
        .clone();
    assert!(
        program.contains("\"output_names\":[\"output\"]"),
        "{program}"
    );
}

#[test]
fn classes_lie_where_the_shapes_say_or_the_user() {
    let workdir = workdir();
    let expected = expected(&workdir);
    let compare = |options: &str, name: &str| {
        let (found, wanted) = (measured(&workdir, options), numbers(&expected[name]));
        close(found["train_loss"], wanted[0], 1e-6);
        close(found["train_acc"], wanted[1], 1e-9);
    };
    import(&workdir, "segment", "segment", "");
    compare("", "segment");
    import(&workdir, "segment", "open", "");
    compare("--class-axis 1", "open-1");
    compare("--class-axis last", "open-last");
    let stderr = workdir.fails(&format!("{EVAL} --output s.h5"));
    assert!(
        stderr.contains("--class-axis 1 or --class-axis last"),
        "{stderr}"
    );
}

#[test]
fn a_loss_without_targets_takes_data_without() {
    let workdir = workdir();
    import(&workdir, "energy", "energy", "");
    close(
        measured(&workdir, "--loss program")["train_loss"],
        numbers(&expected(&workdir)["energy"])[0],
        1e-6,
    );
    let stderr = workdir.fails(&format!("{EVAL} --output s.h5"));
    assert!(stderr.contains("the train targets are missing"), "{stderr}");
}

#[test]
fn filters_lie_along_the_outputs_of_their_layer() {
    let workdir = workdir();
    let expected = expected(&workdir);
    import(&workdir, "filters", "plain", "");
    let model = Model::read(&workdir.path("model.h5")).unwrap();
    let program = program::Program::from_json(&model.program).unwrap();
    for (norm, options) in [("filter", ""), ("dfilter", "--xnorm dfilter")] {
        workdir.ok(&format!(
            "make-dirs --model model.h5 --dims 1 {options} --output dirs.h5 --force"
        ));
        let directions = Directions::read(&workdir.path("dirs.h5")).unwrap();
        let told = directions
            .notes
            .iter()
            .find(|(name, _)| name == "xfilters")
            .map(|(_, note)| note.clone());
        let wanted = "conv1d.weight: axis 1; up.weight: axis 1 in 2 groups; product: axis 1";
        let mut parts: Vec<&str> = match &told {
            Some(Note::Text(text)) => text.split("; ").collect(),
            other => panic!("{other:?}"),
        };
        parts.sort_by_key(|part| wanted.find(part));
        assert_eq!(parts.join("; "), wanted);
        for (name, tensor) in directions
            .names
            .iter()
            .zip(&directions.x)
            .filter(|(_, tensor)| tensor.ndim() > 1)
        {
            let filters = program.filters(name, tensor.ndim());
            let mut squares = vec![0.0; filters.count(tensor.shape())];
            for (index, value) in tensor.indexed_iter() {
                let index: Vec<usize> = (0..tensor.ndim()).map(|axis| index[axis]).collect();
                squares[filters.number(tensor.shape(), &index)] += f64::from(*value).powi(2);
            }
            let norms = numbers(&expected["filters"][name.as_str()]);
            assert_eq!(squares.len(), norms.len(), "{name}");
            for (found, wanted) in squares.iter().zip(norms) {
                close(
                    found.sqrt(),
                    if norm == "filter" { wanted } else { 1.0 },
                    1e-6,
                );
            }
        }
    }
}

#[test]
fn a_target_with_other_statistics_is_warned_about_and_negative_variances_are_counted() {
    let workdir = Workdir::new();
    workdir.write_landscape(8);
    let dirs = "make-dirs --model nets/model-0.h5 --target model.h5 --dims 1 --force --output";
    let ran = workdir.ok(&format!("{dirs} to.h5"));
    assert!(
        ran.stderr
            .contains("warning: model.h5 has other running statistics"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("--dir-type states"), "{}", ran.stderr);
    let ran = workdir.ok(&format!("{dirs} to.h5 --dir-type states"));
    assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
    let eval = "eval-grid --model nets/model-0.h5 --data data.h5 --directions to.h5 --x=0:50:6 --output shard.h5";
    let ran = workdir.ok(eval);
    let shard = Shard::read(&workdir.path("shard.h5")).unwrap();
    let missing = shard.metrics[0]
        .values
        .iter()
        .filter(|loss| loss.is_nan())
        .count();
    assert!(missing > 0 && missing < 6, "{missing}");
    let said = format!(
        "{missing} of 6 points have no loss (NaN), since running variances are negative there"
    );
    assert!(ran.stderr.contains(&said), "{}", ran.stderr);
}

/// A fused kernel may turn the NaN of a normalisation into a number: the plane decides.
#[test]
fn no_precision_and_no_kernel_hides_a_negative_variance() {
    let workdir = workdir();
    import(&workdir, "normalised", "pictures", "");
    // twice as far as the other network one variance is zero, and further it is negative
    tests::python(
        &workdir,
        "import h5py, shutil
for layer in range(4):
    other = f'other-{layer}.h5'
    shutil.copy('model.h5', other)
    with h5py.File(other, 'r+') as f:
        f[f'state/layers.{layer}.1.running_var'][5] = 0.5
        del f.attrs['id']
",
    );
    // a layer along each axis
    for [x, y] in [[0, 1], [2, 3]] {
        workdir.ok(&format!(
            "make-dirs --model model.h5 --target other-{x}.h5 --target-y other-{y}.h5 \
             --dir-type states --output dirs.h5 --force"
        ));
        for precision in ["f32", "bf16", "f16"] {
            let line = EVAL.replace("--x=0:0:1", "--x=0:4:5 --y=0:4:5");
            let ran = workdir.ok(&format!(
                "{line} --precision {precision} --jobs 2 --output shard.h5 --force"
            ));
            let shard = Shard::read(&workdir.path("shard.h5")).unwrap();
            for metric in &shard.metrics {
                for (point, value) in metric.values.iter().enumerate() {
                    let [along_x, along_y] = [point % 5, point / 5];
                    assert_eq!(
                        value.is_nan(),
                        along_x > 2 || along_y > 2,
                        "layers {x} and {y}, {precision}, {} at {along_x}, {along_y}",
                        metric.name
                    );
                }
            }
            assert!(
                ran.stderr.contains("16 of 25 points have no loss (NaN)"),
                "{}",
                ran.stderr
            );
        }
    }
}

#[test]
fn casts_that_are_written_into_stay_copies() {
    let workdir = workdir();
    let expected = expected(&workdir);
    for exported in ["float32", "bfloat16", "float16"] {
        import(&workdir, &format!("in-place-{exported}"), "plain", "");
        let wanted = numbers(&expected[&format!("in-place-{exported}")])[0];
        let tolerance = if exported == "float32" { 1e-6 } else { 1e-2 };
        close(
            measured(&workdir, "--split train")["train_loss"],
            wanted,
            tolerance,
        );
        if exported != "float32" {
            let precision = if exported == "bfloat16" {
                "bf16"
            } else {
                "f16"
            };
            close(
                measured(&workdir, &format!("--split train --precision {precision}"))["train_loss"],
                wanted,
                1e-3,
            );
        }
    }
}

#[test]
fn what_is_f32_by_name_is_not_limited_to_half_precision() {
    let workdir = workdir();
    let expected = expected(&workdir);
    for exported in ["float32", "bfloat16", "float16"] {
        import(&workdir, &format!("rotary-{exported}"), "plain", "");
        for (precision, own) in [("bf16", "bfloat16"), ("f16", "float16")] {
            let wanted = numbers(&expected[&format!("rotary-{own}")])[0];
            close(
                measured(&workdir, &format!("--split train --precision {precision}"))["train_loss"],
                wanted,
                1e-2,
            );
        }
    }
}

#[test]
fn targets_of_a_program_s_own_loss_are_never_rounded() {
    let workdir = workdir();
    let wanted = numbers(&expected(&workdir)["distance"])[0];
    import(&workdir, "distance", "distance", "");
    for precision in ["f32", "bf16", "f16"] {
        close(
            measured(&workdir, &format!("--loss program --precision {precision}"))["train_loss"],
            wanted,
            1e-5,
        );
    }
}

#[test]
fn inputs_may_be_called_targets_and_splits_have_targets_or_none_has() {
    let workdir = workdir();
    tests::python(
        &workdir,
        "import numpy
z = dict(numpy.load('plain.npz'))
numpy.savez('named.npz', train_inputs_inputs=z['train_inputs'], train_inputs_targets=z['train_targets'].astype('i8'))
del z['val_targets']
numpy.savez('lacking.npz', **z)
",
    );
    let ran = workdir.ok("import-data npz named.npz --output data.h5");
    assert!(
        ran.stderr.contains("train: inputs inputs [12, 6]"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("train: inputs targets [12]"),
        "{}",
        ran.stderr
    );
    workdir.ok("import-model --program wrapped.pt2 --output model.h5");
    workdir.ok("make-dirs --model model.h5 --dims 1 --output dirs.h5");
    assert!(measured(&workdir, "--loss program")["train_loss"].is_finite());

    import(&workdir, "plain", "lacking", "");
    let stderr = workdir.fails(&format!("{EVAL} --output s.h5"));
    assert!(
        stderr.contains("the train split has targets and the val split has none: add val_targets"),
        "{stderr}"
    );
    assert_eq!(measured(&workdir, "--split train").len(), 2);
}

#[test]
fn axes_that_are_far_from_orthogonal_are_warned_about() {
    let workdir = Workdir::new();
    workdir.write_landscape(4);
    let ran = workdir.ok("make-dirs --model model.h5 --output a.h5");
    assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
    // both lead from here to networks that were trained from the same start
    let ran = workdir.ok(
        "make-dirs --model nets/model-0.h5 --target model.h5 --target-y model.h5 --output b.h5",
    );
    assert!(
        ran.stderr.contains("warning: the axes are oblique"),
        "{}",
        ran.stderr
    );
    let ran = workdir.ok("make-dirs --model model.h5 --same-dir --output c.h5");
    assert!(!ran.stderr.contains("oblique"), "{}", ran.stderr);
}

#[test]
fn a_closed_pipe_ends_a_listing_quietly() {
    let workdir = Workdir::new();
    let inspect = format!(
        "import-model --inspect {}",
        golden("checkpoints/float.pt").display()
    );
    for line in [
        "import-model --list",
        "import-model --help",
        "plan --schema",
        inspect.as_str(),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = workdir.command(line).stdout(writer).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), stderr.as_str()),
            (Some(0), ""),
            "{line}"
        );
    }
}
