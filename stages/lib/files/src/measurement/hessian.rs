use super::count;
use crate::{Note, Result, reader::Reader};

const OPERATOR: &str = "operator";
const PARAMETERS: &str = "parameters";
const HESSIAN_EXAMPLES: &str = "hessian_examples";
const HESSIAN_BATCH: &str = "hessian_batch";
const TOLERANCE: &str = "tolerance";
const MAX_PRODUCTS: &str = "max_products";
const HESSIAN_SEED: &str = "hessian_seed";

/// The settings, in the order of [`HessianSettings::values`].
pub(super) const SETTINGS: [&str; 7] = [
    OPERATOR,
    PARAMETERS,
    HESSIAN_EXAMPLES,
    HESSIAN_BATCH,
    TOLERANCE,
    MAX_PRODUCTS,
    HESSIAN_SEED,
];

/// How eigenvalues of the Hessian, or of a relative of it, were measured.
#[derive(Debug, Clone, PartialEq)]
pub struct HessianSettings {
    /// The matrix: `hessian`, `ggn` or `fisher`.
    pub operator: String,
    /// The parameters by which the loss was differentiated: `matrices` or `all`, and patterns.
    pub parameters: String,
    /// The first examples of the split that were used.
    pub examples: usize,
    /// Examples per batch: sums of vectors are formed batch by batch, and the last bits may vary
    /// with it.
    pub batch: usize,
    /// How far an eigenvalue may be off, over its own size.
    pub tolerance: f64,
    /// The most products per point.
    pub max_products: usize,
    /// Where the start vector comes from.
    pub seed: u64,
}

impl HessianSettings {
    /// By name, `None` where no eigenvalues were measured.
    pub(super) fn values(
        settings: Option<&Self>,
    ) -> impl Iterator<Item = (&'static str, Option<Note>)> {
        let values = [
            settings.map(|it| Note::Text(it.operator.clone())),
            settings.map(|it| Note::Text(it.parameters.clone())),
            settings.map(|it| Note::Integer(it.examples as i64)),
            settings.map(|it| Note::Integer(it.batch as i64)),
            settings.map(|it| Note::Real(it.tolerance)),
            settings.map(|it| Note::Integer(it.max_products as i64)),
            settings.map(|it| Note::Integer(it.seed as i64)),
        ];
        SETTINGS.into_iter().zip(values)
    }

    pub(super) fn load(reader: &Reader) -> Result<Option<Self>> {
        let Some(operator) = reader.text_if_any("", OPERATOR)? else {
            return Ok(None);
        };
        let lacks = |name: &str| reader.lacks(name);
        Ok(Some(Self {
            operator,
            parameters: reader.text("", PARAMETERS)?,
            examples: count(reader, HESSIAN_EXAMPLES)?.ok_or_else(|| lacks(HESSIAN_EXAMPLES))?,
            batch: count(reader, HESSIAN_BATCH)?.ok_or_else(|| lacks(HESSIAN_BATCH))?,
            tolerance: reader
                .real_if_any("", TOLERANCE)?
                .ok_or_else(|| lacks(TOLERANCE))?,
            max_products: count(reader, MAX_PRODUCTS)?.ok_or_else(|| lacks(MAX_PRODUCTS))?,
            seed: reader.integer_if_any("", HESSIAN_SEED)?.unwrap_or(0) as u64,
        }))
    }
}
