//! Programs that are larger than their file: names that a few bytes repeat, lists that grow, names
//! for no dataset.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod measured;

use std::io::{Cursor, Write};

use checkpoint::exported;
use serde_json::{Value, json};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// A program of one layer, `output = relu(weight)`, and of nothing else that PyTorch writes.
struct Program {
    specs: Vec<Value>,
    nodes: Vec<Value>,
    outputs: Vec<Value>,
    weights: serde_json::Map<String, Value>,
    /// What stands for the text "MANY" in the graph: a list of many.
    many: String,
}

fn tensor(name: &str) -> Value {
    json!({"as_tensor": {"name": name}})
}

impl Program {
    fn new(weight: &str) -> Self {
        let mut program = Self {
            specs: vec![json!({"user_input": {"arg": tensor("input")}})],
            nodes: Vec::new(),
            outputs: vec![json!({"user_output": {"arg": tensor("y")}})],
            weights: serde_json::Map::new(),
            many: String::new(),
        };
        program.parameter("w", weight);
        program.relu("w", json!([tensor("y")]));
        program
    }

    /// A parameter of one element, whose name in the graph is `arg`.
    fn parameter(&mut self, arg: &str, name: &str) {
        self.shaped(arg, name, &json!([{"as_int": 1}]));
    }

    fn shaped(&mut self, arg: &str, name: &str, sizes: &Value) {
        let parameter = json!({"arg": {"name": arg}, "parameter_name": name});
        self.specs.push(json!({"parameter": parameter}));
        let meta =
            json!({"dtype": 7, "sizes": sizes, "strides": sizes, "storage_offset": {"as_int": 0}});
        let place = json!({"path_name": "weight_0", "use_pickle": false, "tensor_meta": meta});
        self.weights.insert(name.into(), place);
    }

    fn relu(&mut self, input: &str, outputs: Value) {
        let inputs = json!([{"name": "self", "arg": tensor(input)}]);
        let target = "torch.ops.aten.relu.default";
        self.nodes
            .push(json!({"target": target, "inputs": inputs, "outputs": outputs}));
    }

    fn file(&self) -> Vec<u8> {
        let two = json!([{"as_int": 1}, {"as_int": 1}]);
        let meta =
            json!({"dtype": 7, "sizes": two, "strides": two, "storage_offset": {"as_int": 0}});
        let graph = json!({
            "inputs": [],
            "outputs": [],
            "nodes": self.nodes,
            "tensor_values": {"input": meta, "y": meta},
        });
        let signature = json!({"input_specs": self.specs, "output_specs": self.outputs});
        let model = json!({"graph_module": {"graph": graph, "signature": signature}});
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        for (name, content) in [
            (
                "a/models/model.json",
                model
                    .to_string()
                    .replace("\"MANY\"", &self.many)
                    .into_bytes(),
            ),
            (
                "a/data/weights/model_weights_config.json",
                json!({"config": self.weights}).to_string().into_bytes(),
            ),
            ("a/data/weights/weight_0", vec![0; 4]),
        ] {
            zip.start_file(name, stored).unwrap();
            zip.write_all(&content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    /// What is said of it, within the bounds of memory; "read" where it is a program.
    fn said(&self) -> String {
        let file = self.file();
        let (said, most) = measured::most(|| match exported::read(&file) {
            Ok(read) => format!("read, {} tensors", read.state.len()),
            Err(error) => error.to_string(),
        });
        // its graph is kept three times: as text, as the schema has it, and as calls
        let allowed = 12 * file.len() + (16 << 20);
        assert!(most <= allowed, "{most} bytes for {}: {said}", file.len());
        said
    }
}

#[test]
fn a_weight_is_called_as_datasets_are() {
    let longest = "w".repeat(1000);
    for name in ["w", "é", "..", "a b", "@index", &longest] {
        assert_eq!(Program::new(name).said(), "read, 1 tensors", "{name:?}");
    }
    let too_long = "w".repeat(1001);
    for name in ["", ".", "a/b", "/", "a\0b", "a\nb"] {
        let said = Program::new(name).said();
        assert!(
            said.contains("cannot be the name of a dataset"),
            "{name:?}: {said}"
        );
    }
    let said = Program::new(&too_long).said();
    assert!(said.contains("has 1001 bytes, more than 1000"), "{said}");
}

#[test]
fn long_names_in_small_files_are_refused() {
    let longest = "w".repeat(1000);
    let mut many = Program::new(&longest);
    for _ in 0..20_000 {
        many.relu("w", json!([]));
    }
    let said = many.said();
    assert!(said.contains("repeats long names"), "{said}");

    let mut results = Program::new("w");
    for _ in 0..50 {
        let mut outputs = vec![tensor(&longest)];
        outputs.extend(vec![json!({"as_int": 1}); 999]);
        results.relu("w", outputs.into());
    }
    let said = results.said();
    assert!(said.contains("repeats long names"), "{said}");

    let mut values = Program::new("w");
    values.relu("w", vec![json!({"as_int": 1}); 100_000].into());
    let said = values.said();
    assert!(said.contains("returns 100000 values one by one"), "{said}");
}

#[test]
fn empty_tensors_of_large_shapes_are_refused() {
    for sizes in [[1 << 40, 0], [0, 1 << 40]] {
        let mut program = Program::new("w");
        let sizes = sizes.map(|size: i64| json!({"as_int": size}));
        program.shaped("v", "v", &sizes.to_vec().into());
        let said = program.said();
        assert!(said.contains("beyond the file"), "{said}");
    }
}

/// What each of a few bytes of a graph becomes.
#[test]
fn lists_grow_within_the_bounds_of_memory() {
    for (kind, member) in [
        ("as_tensors", r#"{"name":"y"}"#),
        ("as_ints", "0"),
        ("as_optional_tensors", r#"{"as_none":1}"#),
        ("as_sym_ints", r#"{"as_int":1}"#),
    ] {
        let mut program = Program::new("w");
        program.many = format!("[{}]", vec![member; (8 << 20) / member.len()].join(","));
        let inputs = json!([{"name": "tensors", "arg": {kind: "MANY"}}]);
        let outputs = json!([tensor("z")]);
        let target = "torch.ops.aten.cat.default";
        let node = json!({"target": target, "inputs": inputs, "outputs": outputs});
        program.nodes.push(node);
        assert_eq!(program.said(), "read, 1 tensors");
    }
    let mut program = Program::new("w");
    let empty = r#"{"target":"","inputs":[],"outputs":[]}"#;
    program.many = vec![empty; 200_000].join(",");
    program.nodes.push("MANY".into());
    assert!(program.said().contains("it is no operator"));
}

/// Each of these took the square of their number.
#[test]
fn many_of_each_are_read() {
    let mut tied = Program::new("w");
    let mut returned = Program::new("w");
    // CI reads more of them
    let many = match std::env::var_os("RELIEF_LONG_TESTS") {
        Some(_) => 20_000,
        None => 5_000,
    };
    for k in 0..many {
        tied.parameter(&format!("w{k}"), &format!("weight{k}"));
        returned.relu("w", json!([tensor(&format!("y{k}"))]));
        returned.outputs.push(returned.outputs[0].clone());
    }
    assert_eq!(tied.said(), "read, 1 tensors");
    returned.nodes.rotate_left(1);
    assert_eq!(returned.said(), "read, 1 tensors");
}
