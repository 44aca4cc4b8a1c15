use crate::{Workdir, golden};

impl Workdir {
    /// A folder with a network of `golden/curvature` and its data: `m.h5` and `d.h5`.
    pub fn with_golden(case: &str) -> Self {
        let workdir = Self::new();
        let file = golden("curvature").join(case);
        let file = file.display();
        workdir.ok(&format!("import-model --program {file}.pt2 --output m.h5"));
        workdir.ok(&format!(
            "import-data npz {file}.npz --normalize none --output d.h5"
        ));
        workdir
    }
}
