//! All that relief makes of a program before it runs it; the fuzzer uses it too.

use std::collections::HashSet;

use program::{
    Half, Program,
    rewrite::{self, Weights},
};

/// Makes it all, and checks that each is a program still.
#[allow(
    unreachable_pub,
    reason = "the fuzz targets take this module in as a public one"
)]
pub fn all(program: &Program) {
    let real: HashSet<&str> = program.state_names().into_iter().collect();
    let weights = Weights {
        trained: real.clone(),
        real,
    };
    let mut made = vec![program.widened(&weights.real)];
    for half in [Half::Bf16, Half::F16] {
        made.push(program.halved(half, &weights).program);
    }
    made.push(rewrite::drop_unused(program));
    made.push(rewrite::write_in_place(program));
    let (folded, _) = rewrite::fold_batch_norm(program, |_| true);
    let fused = rewrite::fuse_convolutions(&folded);
    made.push(rewrite::use_winograd(&fused, |_| true));
    made.push(rewrite::write_in_place(&rewrite::drop_unused(&fused)));
    made.extend([folded, fused]);
    for program in made {
        program
            .check()
            .expect("what is made of a program is a program");
    }
}
