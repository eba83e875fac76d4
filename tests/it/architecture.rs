//! The map of the house in `lib.rs` is kept: a module names only modules listed above it, and
//! each owner keeps its tools to itself.

use std::fs;
use std::path::{Path, PathBuf};

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The modules in the order of `lib.rs`.
fn modules() -> Vec<String> {
    fs::read_to_string(source().join("lib.rs"))
        .unwrap()
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod "))
        .map(|name| name.trim_end_matches(';').to_owned())
        .collect()
}

/// The files of a module with their text, comments left out.
fn files(module: &str) -> Vec<(PathBuf, String)> {
    let mut paths = vec![source().join(format!("{module}.rs"))];
    let mut folders = vec![source().join(module)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                paths.push(path);
            }
        }
    }
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            let code = code.collect::<Vec<_>>().join("\n");
            (path, code)
        })
        .collect()
}

/// The modules that `code` names behind `crate::`.
fn named(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (start, _) in code.match_indices("crate::") {
        let rest = &code[start + "crate::".len()..];
        let words = match rest.strip_prefix('{') {
            Some(group) => {
                let group = group.split(';').next().unwrap_or_default();
                group.split(',').map(str::trim).collect()
            }
            None => vec![rest],
        };
        for word in words {
            let end = word
                .find(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_')
                .unwrap_or(word.len());
            names.push(word[..end].to_owned());
        }
    }
    names
}

#[test]
fn a_module_names_only_modules_above_it() {
    let modules = modules();
    assert!(modules.len() > 10, "lib.rs lists its modules");
    let mut wrong = Vec::new();
    for (place, module) in modules.iter().enumerate() {
        for (path, code) in files(module) {
            for name in named(&code) {
                let below = modules[place + 1..].contains(&name);
                if below {
                    wrong.push(format!("{} names {name}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_check_sees_names() {
    let code = "use crate::place::Level;\nuse crate::{app, store};\nlet x = crate::cube::ask();";
    assert_eq!(named(code), ["place", "app", "store", "cube"]);
}

#[track_caller]
fn check_owners(tool: &str, owners: &[&str]) {
    for module in modules() {
        for (path, code) in files(&module) {
            let is_owner = owners
                .iter()
                .any(|owner| path.starts_with(source().join(owner)));
            assert!(
                is_owner || !code.contains(tool),
                "{} uses {tool}, which belongs to {owners:?}",
                path.display()
            );
        }
    }
}

#[test]
fn owners_keep_their_tools() {
    check_owners("axum::", &["http", "http.rs"]);
    // A GeoPackage is an SQLite file.
    let geopackage = "import/regions/geopackage.rs";
    let exported = "export/layer/geopackage.rs";
    check_owners("sqlx::", &["store", "store.rs", geopackage, exported]);
    check_owners(
        "duckdb::",
        // Parquet is written by DuckDB.
        &[
            "facts.rs",
            "warehouse",
            "warehouse.rs",
            "cube",
            "export.rs",
            "export/parquet.rs",
        ],
    );
    check_owners("geo::", &["spatial/coverage", "spatial/coverage.rs"]);
    check_owners("env::var", &["app/config.rs"]);
    check_owners("ureq::", &["provider", "cluster"]);
    let sql = [
        "store",
        "store.rs",
        "facts.rs",
        "warehouse",
        "warehouse.rs",
        "cluster",
        "cube",
        geopackage,
        exported,
        "import/regions/tests.rs",
    ];
    check_owners("SELECT ", &sql);
    check_owners("StatusCode::", &["http"]);
}
