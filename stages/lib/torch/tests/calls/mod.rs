//! Random programs over the operators that programs may call, and what running one may and
//! may not do.

mod draft;
mod random;
mod run;
mod schema;
mod write;

use std::collections::HashSet;

use draft::Call;
use random::Random;
use run::Case;
use schema::Schema;

pub(crate) use run::Outcome;

/// What calls are made from.
pub(crate) struct Calls {
    schemas: Vec<Schema>,
    golden: Vec<Call>,
}

impl Calls {
    pub(crate) fn new() -> Self {
        let mut schemas = Vec::new();
        for text in torch::allowed_schemas() {
            schemas.push(Schema::parse(&text));
        }
        let known: HashSet<&str> = schemas.iter().map(|schema| schema.op.as_str()).collect();
        let mut golden = draft::golden();
        golden.retain(|call| known.contains(call.op.as_str()));
        Self { schemas, golden }
    }

    /// Runs the program of a seed.
    ///
    /// # Panics
    /// Where it does what no program may: change the weights that it is given, or return other
    /// than dense tensors.
    pub(crate) fn run(&self, seed: u64) -> Outcome {
        let mut random = Random::new(seed);
        self.case(&mut random).run(&mut random)
    }

    /// The program of a seed, as JSON, and the tensors of its state.
    #[allow(dead_code, reason = "the example shows it")]
    pub(crate) fn show(&self, seed: u64) -> String {
        self.case(&mut Random::new(seed)).show()
    }

    fn case(&self, random: &mut Random) -> Case {
        let mut written = write::Written::new(random);
        let count = *random.pick(&[1, 1, 1, 2, 3, 5]);
        for _ in 0..count {
            let (call, schema) = self.draft(random);
            written.call(&call, schema, random);
        }
        written.finish()
    }

    /// A call with up to three things wrong in it.
    fn draft(&self, random: &mut Random) -> (Call, &Schema) {
        // every operator as often as any other
        let schema = random.pick(&self.schemas);
        let golden: Vec<&Call> = self
            .golden
            .iter()
            .filter(|call| call.op == schema.op)
            .collect();
        let mut call = if golden.is_empty() || random.percent(15) {
            Call::from_schema(schema, random)
        } else {
            (*random.pick(&golden)).clone()
        };
        for _ in 0..*random.pick(&[0, 0, 1, 1, 1, 2, 3]) {
            call.mutate(schema, random);
        }
        (call, schema)
    }
}
