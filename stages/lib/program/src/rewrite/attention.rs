use crate::Program;

/// Attention as one call that libtorch chooses a kernel for.
const ATTENTION: &str = "aten::scaled_dot_product_attention";
/// The same out of matrix products and a softmax, which has derivatives of any order. It returns
/// the attention weights too.
const PLAIN_ATTENTION: &str = "aten::_scaled_dot_product_attention_math";

/// Attention out of matrix products and a softmax: the fast kernels have no second derivatives.
pub fn use_plain_attention(program: &Program) -> Program {
    let mut nodes = program.nodes.clone();
    for node in &mut nodes {
        if node.op == ATTENTION && node.outputs.len() == 1 {
            node.op = PLAIN_ATTENTION.into();
            node.outputs.push(format!("{} weights", node.outputs[0]));
        }
    }
    program.with_nodes(nodes)
}
