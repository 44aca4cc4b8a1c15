//! Lets the binary find the libtorch that it was built with, without LD_LIBRARY_PATH.

fn main() {
    let lib = std::env::var("DEP_RELIEF_TORCH_LIBTORCH_LIB")
        .expect("the crate torch says where libtorch is");
    // DT_RPATH rather than RUNPATH: it comes before an LD_LIBRARY_PATH that leads to another
    // libtorch, and libraries that libtorch itself loads are found through it, too
    println!("cargo:rustc-link-arg=-Wl,-rpath,{lib},--disable-new-dtags");
    println!("cargo:rerun-if-changed=build.rs");
}
