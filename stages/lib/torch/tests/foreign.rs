//! Another libtorch on the machine does no harm to the tests that link libtorch, such as this one.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{env, fs, process::Command};

#[test]
fn the_library_path_of_another_libtorch_is_not_followed() {
    // so that it is linked
    assert!(torch::Tensor::from(1.0).double_value(&[]) > 0.0);
    let folder = env::temp_dir().join(format!("relief-foreign-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for name in ["libtorch_cpu.so", "libc10.so"] {
        fs::write(folder.join(name), "no library\n").unwrap();
    }
    let mut listing = Command::new(env::current_exe().unwrap());
    let ran = listing
        .arg("--list")
        .env("LD_LIBRARY_PATH", &folder)
        .output();
    fs::remove_dir_all(&folder).unwrap();
    let ran = ran.unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
}
