//! What `--help` says, beside the words that are kept: `UPDATE_HELP=1 make test` keeps new ones.

use std::{env, fs};

use tests::{Workdir, golden};

const COMMANDS: [&str; 19] = [
    "connect",
    "hessian",
    "eval-grid",
    "import-data",
    "import-data cifar10",
    "import-data folder",
    "import-data idx",
    "import-data npz",
    "import-model",
    "inspect",
    "make-dirs",
    "merge",
    "plan",
    "project",
    "render",
    "sharpness",
    "to-vtp",
    "to-table",
    "train",
];

#[test]
fn help_says_what_was_agreed() {
    let workdir = Workdir::new();
    for command in COMMANDS {
        let help = workdir.ok(&format!("{command} --help")).stdout;
        let path = golden("help")
            .join(command.replace(' ', "-"))
            .with_extension("txt");
        if env::var_os("UPDATE_HELP").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &help).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            help == kept,
            "`{command} --help` changed (UPDATE_HELP=1 keeps it):\n{help}"
        );
        assert!(
            help.lines().all(|line| line.chars().count() <= 120),
            "`{command} --help` has a line too long:\n{help}"
        );
    }
}
