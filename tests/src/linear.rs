//! A small network, for tests that need some model and not a certain one: nothing is trained.

use files::{Contents, Model, Provenance, Role, StateTensor, Target, Tensor};
use ndarray::ArrayD;

use crate::Workdir;

/// Classes of the network, those of [`Workdir::write_data`].
const CLASSES: usize = 10;

/// The pixels of an example `[1, side, side]` in a row, times a matrix, plus a bias.
const PROGRAM: &str = r#"{"version":1,
"inputs":[{"name":"input","shape":[null,1,null,null],"dtype":"f32"}],
"nodes":[
 {"op":"aten::flatten.using_ints","outputs":["flat"],
  "args":{"self":{"value":"input"},"start_dim":{"int":1}}},
 {"op":"aten::linear","outputs":["logits"],
  "args":{"input":{"value":"flat"},
   "weight":{"state":"linear.weight"},"bias":{"state":"linear.bias"}}}],
"outputs":["logits"]}"#;

impl Workdir {
    /// Writes a model of one linear layer on examples `[1, side, side]`, with weights that are the
    /// same each time.
    pub fn write_linear_model(&self, name: &str, side: usize) {
        let weight = ArrayD::from_shape_fn(vec![CLASSES, side * side], |index| {
            let number = index[0] * 31 + index[1] * 17;
            (number % 23) as f32 / 23.0 - 0.5
        });
        let bias = ArrayD::from_shape_fn(vec![CLASSES], |index| index[0] as f32 / 10.0);
        let model = Model {
            program: PROGRAM.into(),
            state: vec![
                parameter("linear.weight", weight),
                parameter("linear.bias", bias),
            ],
            architecture: "one linear layer".into(),
            notes: Vec::new(),
        };
        let target = Target::new(&self.path(name), true);
        model
            .write(&target, &Provenance::of_this_command(&[]))
            .unwrap();
    }

    /// Writes what eval-grid reads: `data.h5` of this number of examples per split, a linear model
    /// as `model.h5`, and `dirs.h5`.
    pub fn write_linear_landscape(&self, examples: usize) {
        self.write_data("data.h5", examples, 16);
        self.write_linear_model("model.h5", 16);
        self.ok("make-dirs --model model.h5 --xignore biasbn --output dirs.h5");
    }
}

fn parameter(name: &str, value: ArrayD<f32>) -> StateTensor {
    StateTensor {
        name: name.into(),
        role: Role::Parameter,
        tensor: Tensor::F32(value),
    }
}
