//! The operators that a program may call. A program comes from a stranger's file: it may compute,
//! and nothing else. None of these reads or writes a file, touches memory that is not its
//! arguments', draws random numbers (with the switches that [`Node::draws`](crate::Node::draws)
//! knows turned off), or changes a global setting.
//!
//! Built from PyTorch's tags `core` and `pointwise` and from what 60 models of torchvision and
//! Hugging Face call. A test of the crate `torch` reads the schemas of all of them.

use std::{collections::HashSet, sync::LazyLock};

/// Functions of each element, which PyTorch tags `pointwise`.
#[rustfmt::skip]
const POINTWISE: [&str; 125] = [
    "abs", "acos", "acosh", "add", "addcdiv", "addcmul", "asin", "asinh", "atan", "atan2",
    "atanh", "bitwise_and", "bitwise_left_shift", "bitwise_not", "bitwise_or",
    "bitwise_right_shift", "bitwise_xor", "ceil", "celu", "clamp", "clamp_max", "clamp_min",
    "clip", "clone", "copysign", "cos", "cosh", "deg2rad", "digamma", "div", "elu", "eq",
    "equal", "erf", "erfc", "erfinv", "exp", "exp2", "expm1", "float_power", "floor", "fmax",
    "fmin", "fmod", "frac", "frexp", "gcd", "ge", "gelu", "gt", "hardshrink", "hardsigmoid",
    "hardtanh", "heaviside", "hypot", "i0", "igamma", "igammac", "isfinite", "isinf", "isnan",
    "isneginf", "isposinf", "lcm", "ldexp", "le", "leaky_relu", "lerp", "lgamma", "log",
    "log10", "log1p", "log2", "logaddexp", "logaddexp2", "logical_and", "logical_not",
    "logical_or", "logical_xor", "logit", "lt", "masked_fill", "max", "maximum", "min",
    "minimum", "mish", "mul", "mvlgamma", "nan_to_num", "ne", "neg", "nextafter", "polygamma",
    "positive", "pow", "rad2deg", "reciprocal", "relu", "relu6", "remainder", "round", "rsqrt",
    "rsub", "selu", "sgn", "sigmoid", "sign", "signbit", "silu", "sin", "sinc", "sinh",
    "softplus", "softshrink", "sqrt", "square", "sub", "tan", "tanh", "threshold",
    "true_divide", "trunc", "where", "xlogy",
];

/// The same, written into their first argument.
#[rustfmt::skip]
const POINTWISE_IN_PLACE: [&str; 85] = [
    "acos_", "acosh_", "add_", "addcdiv_", "addcmul_", "asin_", "asinh_", "atan2_", "atan_",
    "atanh_", "bitwise_and_", "bitwise_left_shift_", "bitwise_not_", "bitwise_or_",
    "bitwise_right_shift_", "bitwise_xor_", "ceil_", "celu_", "clamp_", "clamp_max_",
    "clamp_min_", "clip_", "cos_", "cosh_", "deg2rad_", "digamma_", "div_", "elu_", "erf_",
    "erfc_", "erfinv_", "exp2_", "exp_", "expm1_", "float_power_", "floor_", "fmod_", "frac_",
    "hardsigmoid_", "hardtanh_", "hypot_", "i0_", "igamma_", "igammac_", "ldexp_",
    "leaky_relu_", "lerp_", "lgamma_", "log10_", "log1p_", "log2_", "log_", "logical_and_",
    "logical_not_", "logical_or_", "logical_xor_", "logit_", "mul_", "mvlgamma_", "nan_to_num_",
    "neg_", "nextafter_", "polygamma_", "pow_", "rad2deg_", "reciprocal_", "relu_",
    "remainder_", "round_", "rsqrt_", "selu_", "sgn_", "sigmoid_", "sign_", "silu_", "sin_",
    "sinc_", "sinh_", "sqrt_", "square_", "sub_", "tan_", "tanh_", "trunc_", "xlogy_",
];

/// Special functions of each element.
#[rustfmt::skip]
const SPECIAL: [&str; 33] = [
    "special_airy_ai", "special_bessel_j0", "special_bessel_j1", "special_bessel_y0",
    "special_bessel_y1", "special_chebyshev_polynomial_t", "special_chebyshev_polynomial_u",
    "special_chebyshev_polynomial_v", "special_chebyshev_polynomial_w", "special_entr",
    "special_erfcx", "special_hermite_polynomial_h", "special_hermite_polynomial_he",
    "special_i0e", "special_i1", "special_i1e", "special_laguerre_polynomial_l",
    "special_legendre_polynomial_p", "special_log_ndtr", "special_modified_bessel_i0",
    "special_modified_bessel_i1", "special_modified_bessel_k0", "special_modified_bessel_k1",
    "special_ndtri", "special_scaled_modified_bessel_k0", "special_scaled_modified_bessel_k1",
    "special_shifted_chebyshev_polynomial_t", "special_shifted_chebyshev_polynomial_u",
    "special_shifted_chebyshev_polynomial_v", "special_shifted_chebyshev_polynomial_w",
    "special_spherical_bessel_j0", "special_xlog1py", "special_zeta",
];

/// What PyTorch tags `core` beside these: the operators that its exporter decomposes others into.
#[rustfmt::skip]
const CORE: [&str; 77] = [
    "_adaptive_avg_pool2d", "_adaptive_avg_pool3d", "_local_scalar_dense", "_log_softmax",
    "_native_batch_norm_legit_no_training", "_softmax", "_to_copy", "adaptive_avg_pool1d",
    "addmm", "alias", "amax", "amin", "any", "arange", "argmax", "argmin", "avg_pool1d",
    "avg_pool2d", "avg_pool3d", "bmm", "cat", "col2im", "constant_pad_nd", "convolution",
    "copy", "cumsum", "diagonal", "embedding", "expand", "fill", "flip", "full", "full_like",
    "gather", "grid_sampler_2d", "index", "index_put", "index_select", "masked_scatter",
    "max_pool2d_with_indices", "max_pool3d_with_indices", "mean", "mm", "native_group_norm",
    "native_layer_norm", "nonzero", "permute", "prod", "reflection_pad1d", "reflection_pad2d",
    "reflection_pad3d", "repeat", "replication_pad2d", "replication_pad3d", "scalar_tensor",
    "scatter", "scatter_add", "scatter_reduce", "select", "select_scatter", "slice",
    "slice_scatter", "sort", "split_with_sizes", "squeeze", "sum", "sym_is_contiguous",
    "sym_numel", "sym_size", "sym_storage_offset", "sym_stride", "topk", "unsqueeze",
    "upsample_bilinear2d", "upsample_nearest2d", "var", "view",
];

/// Other shapes, orders and copies of a tensor.
#[rustfmt::skip]
const VIEWS: [&str; 54] = [
    "_unsafe_view", "atleast_1d", "atleast_2d", "atleast_3d", "block_diag", "broadcast_to",
    "channel_shuffle", "chunk", "concat", "concatenate", "contiguous", "detach", "detach_",
    "diag", "diag_embed", "diagonal_copy", "expand_as", "flatten", "hstack", "lift_fresh",
    "lift_fresh_copy", "mT", "meshgrid", "moveaxis", "movedim", "narrow", "numpy_T",
    "pixel_shuffle", "pixel_unshuffle", "ravel", "repeat_interleave", "reshape", "reshape_as",
    "roll", "rot90", "split", "stack", "swapaxes", "swapdims", "t", "tensor_split", "tile",
    "to", "transpose", "tril", "triu", "type_as", "unbind", "unflatten", "unfold",
    "unsafe_chunk", "unsafe_split", "view_as", "vstack",
];

/// Layers that torch.export leaves whole.
#[rustfmt::skip]
const LAYERS: [&str; 33] = [
    "_fused_rms_norm", "alpha_dropout", "alpha_dropout_", "batch_norm", "bilinear", "conv1d",
    "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "dropout",
    "dropout_", "embedding_bag", "feature_alpha_dropout", "feature_alpha_dropout_",
    "feature_dropout", "feature_dropout_", "group_norm", "gru", "gru_cell", "instance_norm",
    "layer_norm", "linear", "lstm", "lstm_cell", "native_dropout", "rms_norm", "rnn_relu",
    "rnn_relu_cell", "rnn_tanh", "rnn_tanh_cell", "scaled_dot_product_attention",
];

/// Pooling.
#[rustfmt::skip]
const POOLS: [&str; 11] = [
    "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d", "adaptive_max_pool2d",
    "adaptive_max_pool3d", "max_pool1d", "max_pool1d_with_indices", "max_pool2d", "max_pool3d",
    "max_unpool2d", "max_unpool3d",
];

/// Padding and resampling.
#[rustfmt::skip]
const PADDING: [&str; 16] = [
    "_upsample_bicubic2d_aa", "_upsample_bilinear2d_aa", "_upsample_nearest_exact1d",
    "_upsample_nearest_exact2d", "_upsample_nearest_exact3d", "affine_grid_generator",
    "grid_sampler", "grid_sampler_3d", "im2col", "pad", "replication_pad1d",
    "upsample_bicubic2d", "upsample_linear1d", "upsample_nearest1d", "upsample_nearest3d",
    "upsample_trilinear3d",
];

/// Activations that are not tagged `pointwise`.
#[rustfmt::skip]
const ACTIVATIONS: [&str; 10] = [
    "_prelu_kernel", "gelu_", "glu", "hardswish", "hardswish_", "log_sigmoid", "log_softmax",
    "prelu", "relu6_", "softmax",
];

/// Matrix products and linear algebra.
#[rustfmt::skip]
const PRODUCTS: [&str; 52] = [
    "addbmm", "addmv", "addr", "baddbmm", "cdist", "chain_matmul", "cholesky", "corrcoef",
    "cosine_similarity", "cov", "cross", "det", "dot", "einsum", "ger", "inner", "inverse",
    "kron", "linalg_cholesky", "linalg_cholesky_ex", "linalg_cross", "linalg_det",
    "linalg_diagonal", "linalg_eigh", "linalg_eigvalsh", "linalg_inv", "linalg_inv_ex",
    "linalg_matmul", "linalg_matrix_norm", "linalg_matrix_power", "linalg_multi_dot",
    "linalg_norm", "linalg_qr", "linalg_slogdet", "linalg_solve", "linalg_solve_triangular",
    "linalg_svd", "linalg_svdvals", "linalg_vecdot", "linalg_vector_norm", "logdet", "matmul",
    "matrix_exp", "mv", "norm", "outer", "pairwise_distance", "pdist", "slogdet", "tensordot",
    "trace", "vdot",
];

/// Reductions, scans, orders and counts.
#[rustfmt::skip]
const REDUCTIONS: [&str; 32] = [
    "all", "allclose", "aminmax", "argsort", "bincount", "bucketize", "count_nonzero", "cummax",
    "cummin", "cumprod", "cumulative_trapezoid", "diff", "dist", "histc", "isclose", "kthvalue",
    "logcumsumexp", "logsumexp", "median", "mode", "msort", "nanmean", "nanmedian",
    "nanquantile", "nansum", "quantile", "searchsorted", "std", "std_mean", "trapezoid",
    "unique_consecutive", "var_mean",
];

/// Tensors of one number or of a range. None is left uninitialised: its contents would be those of
/// old memory.
#[rustfmt::skip]
const CREATION: [&str; 16] = [
    "eye", "fill_", "linspace", "logspace", "new_full", "new_ones", "new_zeros", "one_hot",
    "ones", "ones_like", "tril_indices", "triu_indices", "zero", "zero_", "zeros", "zeros_like",
];

/// Reading and writing elements by index.
#[rustfmt::skip]
const INDEXING: [&str; 22] = [
    "argwhere", "copy_", "diagonal_scatter", "index_add", "index_add_", "index_copy",
    "index_copy_", "index_fill", "index_fill_", "index_put_", "index_reduce", "isin",
    "masked_fill_", "masked_scatter_", "masked_select", "nonzero_numpy", "put", "scatter_",
    "scatter_add_", "scatter_reduce_", "take", "take_along_dim",
];

/// Other names of pointwise functions, and what Python's operators call.
#[rustfmt::skip]
const COMPARISONS: [&str; 69] = [
    "__and__", "__iand__", "__ior__", "__or__", "__xor__", "absolute", "absolute_", "addmm_",
    "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "baddbmm_",
    "divide", "divide_", "eq_", "fix", "fix_", "floor_divide", "floor_divide_", "ge_",
    "greater", "greater_", "greater_equal", "greater_equal_", "gt_", "le_", "less", "less_",
    "less_equal", "less_equal_", "lt_", "multiply", "multiply_", "ne_", "negative", "negative_",
    "not_equal", "not_equal_", "special_digamma", "special_erf", "special_erfc", "special_exp2",
    "special_expit", "special_expm1", "special_gammaln", "special_i0", "special_log1p",
    "special_log_softmax", "special_logit", "special_logsumexp", "special_multigammaln",
    "special_ndtr", "special_polygamma", "special_psi", "special_round", "special_sinc",
    "special_softmax", "special_xlogy", "squeeze_", "subtract", "subtract_", "t_", "transpose_",
    "true_divide_", "unsqueeze_",
];

/// Losses.
#[rustfmt::skip]
const LOSSES: [&str; 22] = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "cosine_embedding_loss",
    "cross_entropy_loss", "ctc_loss", "hinge_embedding_loss", "huber_loss", "kl_div", "l1_loss",
    "margin_ranking_loss", "mse_loss", "multi_margin_loss", "multilabel_margin_loss",
    "nll_loss", "nll_loss2d", "nll_loss2d_forward", "nll_loss_forward", "nll_loss_nd",
    "poisson_nll_loss", "smooth_l1_loss", "soft_margin_loss", "triplet_margin_loss",
];

/// Sizes as numbers, single elements, assertions.
#[rustfmt::skip]
const NUMBERS: [&str; 13] = [
    "_assert_async", "_assert_scalar", "_assert_tensor_metadata", "_functional_assert_async",
    "_functional_assert_scalar", "_functional_sym_constrain_range",
    "_functional_sym_constrain_range_for_size", "is_floating_point", "item", "numel", "size",
    "sym_constrain_range", "sym_constrain_range_for_size",
];

/// Overloads that write their results into an argument of their own, beside those that are called
/// `out`.
const RETURNING_BY_ARGUMENT: [&str; 18] = [
    "kthvalue.values",
    "linalg_cholesky_ex.L",
    "linalg_eigh.eigvals",
    "linalg_inv_ex.inverse",
    "linalg_svd.U",
    "max.dim_max",
    "median.dim_values",
    "min.dim_min",
    "mode.values",
    "nanmedian.dim_values",
    "nll_loss2d_forward.output",
    "nll_loss_forward.output",
    "sort.values",
    "sort.values_stable",
    "topk.values",
    "xlogy.OutScalar_Other",
    "xlogy.OutScalar_Self",
    "xlogy.OutTensor",
];

static ALL: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let groups: [&[&str]; 16] = [
        &POINTWISE,
        &POINTWISE_IN_PLACE,
        &SPECIAL,
        &CORE,
        &VIEWS,
        &LAYERS,
        &POOLS,
        &PADDING,
        &ACTIVATIONS,
        &PRODUCTS,
        &REDUCTIONS,
        &CREATION,
        &INDEXING,
        &COMPARISONS,
        &LOSSES,
        &NUMBERS,
    ];
    groups.into_iter().flatten().copied().collect()
});

/// Whether a program may call an operator, named as PyTorch names it: `aten::conv2d`,
/// `aten::add.Tensor`; not an overload that returns by an argument, which it would give another
/// size.
pub fn is_allowed(op: &str) -> bool {
    let Some(full) = op.strip_prefix("aten::") else {
        return false;
    };
    let (name, overload) = full.split_once('.').unwrap_or((full, ""));
    ALL.contains(name)
        && !RETURNING_BY_ARGUMENT.contains(&full)
        && !overload
            .split('_')
            .any(|part| part == "out" || part == "out0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_compute_and_do_nothing_else() {
        for op in [
            "aten::conv2d",
            "aten::add.Tensor",
            "aten::relu_",
            "aten::scaled_dot_product_attention",
        ] {
            assert!(is_allowed(op), "{op}");
        }
        for op in [
            "aten::from_file",
            "aten::save",
            "aten::set_.source_Storage",
            "aten::resize_",
            "aten::empty.memory_format",
            "aten::add.out",
            "aten::sort.values",
            "aten::convolution_backward",
            "aten::_cudnn_rnn",
            "aten::randn_like",
            "mkldnn::_convolution_pointwise",
            "relief::winograd",
            "torchvision::nms",
            "add",
        ] {
            assert!(!is_allowed(op), "{op}");
        }
    }
}
