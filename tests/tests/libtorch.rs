//! Another PyTorch on the machine does no harm: stages load the libtorch that they were built with.
#![cfg(target_os = "linux")]

use std::fs;

use tests::{Ran, Workdir};

#[test]
fn the_library_path_of_another_pytorch_is_not_followed() {
    let workdir = Workdir::new();
    fs::create_dir(workdir.path("lib")).unwrap();
    // loading one of these would fail at once
    for name in [
        "libtorch.so",
        "libtorch_cpu.so",
        "libc10.so",
        "libgomp.so.1",
        "libcudart.so.13",
    ] {
        fs::write(workdir.path("lib").join(name), "no library\n").unwrap();
    }
    for stage in ["eval-grid", "train"] {
        let mut command = workdir.command(&format!("{stage} --version"));
        command
            .env("LD_LIBRARY_PATH", workdir.path("lib"))
            .env("PYTHONPATH", workdir.path(""));
        let ran = Ran::from(command.output().unwrap());
        assert_eq!(ran.status, Some(0), "{stage}: {}", ran.stderr);
    }
}
