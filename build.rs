//! Lets the linked binary find DuckDB's library: first beside itself, then where it was linked.

fn main() {
    println!("cargo:rerun-if-env-changed=DUCKDB_LIB_DIR");
    let is_bundled = std::env::var_os("CARGO_FEATURE_BUNDLED").is_some();
    if let Some(folder) = std::env::var_os("DUCKDB_LIB_DIR").filter(|_| !is_bundled) {
        println!("cargo:rustc-link-arg=-Wl,-rpath,$ORIGIN");
        println!("cargo:rustc-link-arg=-Wl,-rpath,{}", folder.display());
    }
}
