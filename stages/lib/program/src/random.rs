//! Calls that draw random numbers, and so give other results each time.

use crate::{Arg, Node};

/// Operators, without their overload, that PyTorch tags `nondeterministic_seeded`; a test of the
/// crate `torch` compares the list with libtorch's own tags.
pub const DRAWING: [&str; 71] = [
    "aten::_cudnn_attention_backward",
    "aten::_cudnn_attention_forward",
    "aten::_cudnn_init_dropout_state",
    "aten::_cudnn_rnn",
    "aten::_efficient_attention_forward",
    "aten::_fill_mem_eff_dropout_mask_",
    "aten::_flash_attention_forward",
    "aten::_flash_attention_forward_no_dropout_inplace",
    "aten::_fused_dropout",
    "aten::_fused_sdp_choice",
    "aten::_lstm_mps",
    "aten::_nested_tensor_softmax_with_shape",
    "aten::_sample_dirichlet",
    "aten::_scaled_dot_product_attention_math",
    "aten::_scaled_dot_product_attention_math_for_mps",
    "aten::_scaled_dot_product_cudnn_attention",
    "aten::_scaled_dot_product_cudnn_attention_backward",
    "aten::_scaled_dot_product_efficient_attention",
    "aten::_scaled_dot_product_efficient_attention_backward",
    "aten::_scaled_dot_product_flash_attention",
    "aten::_scaled_dot_product_flash_attention_for_cpu",
    "aten::_scaled_dot_product_fused_attention_overrideable",
    "aten::_standard_gamma",
    "aten::_triton_scaled_dot_attention",
    "aten::alpha_dropout",
    "aten::alpha_dropout_",
    "aten::bernoulli",
    "aten::bernoulli_",
    "aten::binomial",
    "aten::cauchy",
    "aten::cauchy_",
    "aten::dropout",
    "aten::dropout_",
    "aten::exponential",
    "aten::exponential_",
    "aten::feature_alpha_dropout",
    "aten::feature_alpha_dropout_",
    "aten::feature_dropout",
    "aten::feature_dropout_",
    "aten::geometric",
    "aten::geometric_",
    "aten::gru",
    "aten::log_normal",
    "aten::log_normal_",
    "aten::lstm",
    "aten::miopen_rnn",
    "aten::multinomial",
    "aten::native_dropout",
    "aten::normal",
    "aten::normal_",
    "aten::normal_functional",
    "aten::poisson",
    "aten::rand",
    "aten::rand_like",
    "aten::randint",
    "aten::randint_like",
    "aten::randn",
    "aten::randn_like",
    "aten::random",
    "aten::random_",
    "aten::randperm",
    "aten::rnn_relu",
    "aten::rnn_tanh",
    "aten::rrelu",
    "aten::rrelu_",
    "aten::rrelu_with_noise",
    "aten::rrelu_with_noise_",
    "aten::rrelu_with_noise_functional",
    "aten::scaled_dot_product_attention",
    "aten::uniform",
    "aten::uniform_",
];

/// Dropout and its like draw only where one of these arguments says so.
const SWITCHES: [&str; 2] = ["train", "training"];
const PROBABILITIES: [&str; 2] = ["dropout_p", "dropout"];

/// Normalisations that take the statistics of the batch where an argument says so.
const OF_BATCH: [(&str, &str); 2] = [
    ("aten::batch_norm", "training"),
    ("aten::instance_norm", "use_input_stats"),
];

impl Node {
    /// Whether the call draws random numbers.
    pub fn draws(&self) -> bool {
        let (name, _) = self.name_and_overload();
        if DRAWING.binary_search(&name).is_err() {
            return false;
        }
        let off = SWITCHES.iter().any(|switch| self.is_false(switch));
        !off && !self.drops_nothing()
    }

    /// Whether a normalisation may write the statistics of the batch into its running ones, which
    /// its schema does not say.
    pub fn keeps_statistics(&self) -> bool {
        let Some((_, switch)) = OF_BATCH.iter().find(|(op, _)| *op == self.op) else {
            return false;
        };
        let given = self.has("running_mean") || self.has("running_var");
        given && !self.is_false(switch)
    }

    /// Whether the call is a batch normalisation with running statistics.
    pub fn is_batch_norm(&self) -> bool {
        let (name, _) = self.name_and_overload();
        name == "aten::batch_norm" && self.has("running_mean") && self.has("running_var")
    }

    /// Whether an argument is given and not absent.
    fn has(&self, name: &str) -> bool {
        !matches!(self.args.get(name), None | Some(Arg::None(())))
    }

    /// Whether it drops with the probability 0, which is what attention does where nothing else is
    /// said.
    fn drops_nothing(&self) -> bool {
        for name in PROBABILITIES {
            match self.args.get(name) {
                Some(Arg::Float(probability)) => return *probability == 0.0,
                Some(Arg::Int(probability)) => return *probability == 0,
                _ => {}
            }
        }
        self.op.contains("attention")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(op: &str, args: &[(&str, Arg)]) -> Node {
        let args = args
            .iter()
            .map(|(name, arg)| ((*name).to_string(), arg.clone()))
            .collect();
        Node {
            op: op.into(),
            args,
            outputs: vec!["result".into()],
        }
    }

    #[test]
    fn dropout_draws_in_training_only() {
        assert!(DRAWING.is_sorted());
        assert!(node("aten::randn_like", &[]).draws());
        assert!(node("aten::bernoulli.p", &[("p", Arg::Float(0.0))]).draws());
        assert!(node("aten::dropout", &[("train", Arg::Bool(true))]).draws());
        assert!(!node("aten::dropout", &[("train", Arg::Bool(false))]).draws());
        let attention = "aten::scaled_dot_product_attention";
        assert!(!node(attention, &[]).draws());
        assert!(node(attention, &[("dropout_p", Arg::Float(0.1))]).draws());
        assert!(
            !node(
                "aten::lstm.input",
                &[("dropout", Arg::Float(0.5)), ("train", Arg::Bool(false))]
            )
            .draws()
        );
        assert!(!node("aten::relu", &[]).draws());
    }

    #[test]
    fn running_statistics_are_written_in_training_only() {
        let running = [("running_mean", Arg::State("mean".into()))];
        for (op, switch) in OF_BATCH {
            let keeps = |training: Arg, running: &[(&str, Arg)]| {
                node(op, &[&[(switch, training)], running].concat()).keeps_statistics()
            };
            assert!(keeps(Arg::Bool(true), &running));
            assert!(keeps(Arg::Value("v".into()), &running));
            assert!(!keeps(Arg::Bool(false), &running));
            assert!(!keeps(Arg::Bool(true), &[("running_mean", Arg::None(()))]));
        }
        assert!(!node("aten::relu", &[]).keeps_statistics());
    }
}
