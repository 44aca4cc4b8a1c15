//! Compiles the shim against the libtorch that torch-sys found, and tells the binaries where
//! it is.

use std::{env, path::PathBuf};

/// The shim, in C++.
const SOURCES: [&str; 5] = ["shim", "checked", "trusting", "memory", "guarded"];

/// What its parts know of each other.
const HEADERS: [&str; 3] = ["checked", "trusting", "memory"];

fn main() {
    let lib =
        PathBuf::from(env::var("DEP_TCH_LIBTORCH_LIB").expect("torch-sys says where libtorch is"));
    let include = lib.with_file_name("include");
    let abi = env::var("LIBTORCH_CXX11_ABI").unwrap_or_else(|_| "1".into());
    cc::Build::new()
        .cpp(true)
        .std("c++20")
        .warnings(false)
        .include(&include)
        .include(include.join("torch/csrc/api/include"))
        .define("_GLIBCXX_USE_CXX11_ABI", abi.as_str())
        .files(SOURCES.map(|name| format!("src/{name}.cpp")))
        .compile("relief_shim");
    for file in SOURCES.map(|name| format!("src/{name}.cpp")) {
        println!("cargo:rerun-if-changed={file}");
    }
    for file in HEADERS.map(|name| format!("src/{name}.h")) {
        println!("cargo:rerun-if-changed={file}");
    }
    println!("cargo:rerun-if-env-changed=LIBTORCH_CXX11_ABI");
    println!("cargo:rustc-link-lib=dylib=c10");
    println!("cargo:libtorch_lib={}", lib.display());
    // for the tests of this crate: DT_RPATH, which comes before an LD_LIBRARY_PATH that leads to
    // another libtorch
    println!(
        "cargo:rustc-link-arg=-Wl,-rpath,{},--disable-new-dtags",
        lib.display()
    );
}
