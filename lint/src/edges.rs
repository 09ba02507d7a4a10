//! Who may use whom. The table is `docs/ARCHITECTURE.md` as data; a new edge needs a page in `docs/decision/` and a line
//! here.

use crate::{Finding, Tree};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// A crate of ours and what of ours it may use.
const ALLOWED: &[(&str, &[&str])] = &[
    ("daybook-log", &[]),
    ("daybook-manifest", &[]),
    ("daybook-fold", &["daybook-log", "daybook-manifest"]),
    (
        "daybook-client",
        &["daybook-log", "daybook-manifest", "daybook-fold"],
    ),
    ("daybook-relay", &["daybook-log"]),
    (
        "daybook-store",
        &[
            "daybook-log",
            "daybook-manifest",
            "daybook-fold",
            "daybook-client",
        ],
    ),
    ("daybook-proto", &[]),
    (
        "daybook-worker",
        &[
            "daybook-client",
            "daybook-fold",
            "daybook-log",
            "daybook-manifest",
            "daybook-proto",
            "daybook-store",
        ],
    ),
    ("daybook-ui", &["daybook-proto"]),
    (
        "daybook-cli",
        &[
            "daybook-log",
            "daybook-manifest",
            "daybook-fold",
            "daybook-client",
            "daybook-store",
        ],
    ),
    ("daybook-bundle", &[]),
    ("daybook-judge", &["daybook-log"]),
    ("daybook-lint", &[]),
    (
        "daybook-probe",
        &["daybook-log", "daybook-manifest", "daybook-fold"],
    ),
    (
        "daybook-witnesses",
        &[
            "daybook-log",
            "daybook-manifest",
            "daybook-fold",
            "daybook-client",
            "daybook-store",
            "daybook-relay",
            "daybook-proto",
            "daybook-probe",
        ],
    ),
];

/// What each kernel crate may use of others, always without default features.
const OUTSIDE: &[(&str, &[&str])] = &[
    (
        "daybook-log",
        &[
            "base64ct",
            "blake3",
            "curve25519-dalek",
            "ed25519-dalek",
            "postcard",
            "serde",
            "sha2",
            "subtle",
            "zeroize",
        ],
    ),
    ("daybook-manifest", &["blake3", "postcard", "serde"]),
    ("daybook-fold", &["blake3", "postcard", "serde"]),
    (
        "daybook-client",
        &[
            "chacha20poly1305",
            "hpke",
            "postcard",
            "serde",
            "subtle",
            "uuid",
            "zeroize",
        ],
    ),
];

/// What must not be reachable from a crate at all, by whatever way the lock file shows.
const UNREACHABLE: &[(&str, &[&str], &str)] = &[
    (
        "daybook-relay",
        &[
            "daybook-fold",
            "daybook-manifest",
            "daybook-client",
            "chacha20poly1305",
            "hpke",
        ],
        "the relay can neither fold nor decrypt",
    ),
    (
        "daybook-judge",
        &["tokio", "ureq", "hyper", "rusqlite", "clap"],
        "a stranger's judge touches no network and no database",
    ),
    (
        "daybook-fold",
        &[
            "chacha20poly1305",
            "hpke",
            "aes",
            "aes-gcm",
            "getrandom",
            "chrono",
            "time",
        ],
        "the fold can neither decrypt nor read a clock or chance",
    ),
    (
        "daybook-client",
        &[
            "rusqlite",
            "wasm-bindgen",
            "js-sys",
            "web-sys",
            "tokio",
            "ureq",
            "reqwest",
            "getrandom",
        ],
        "the client knows no host",
    ),
    (
        "daybook-ui",
        &["daybook-log", "daybook-fold", "daybook-client", "rusqlite"],
        "the page can neither parse an entry nor compute a balance",
    ),
];

/// The manifests of this tree, by cargo's own reading, and the lock file's reach.
///
/// # Errors
/// When cargo does not answer.
pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let packages = packages(tree)?;
    let mut found = Vec::new();
    for package in &packages {
        found.extend(judge(package));
    }
    if let Some(lock) = tree.text("Cargo.lock") {
        found.extend(reach(lock));
    }
    Ok(found)
}

/// What cargo says of one package of ours.
#[derive(Debug)]
struct Package {
    name: String,
    file: String,
    uses: Vec<Use>,
}

#[derive(Debug)]
struct Use {
    name: String,
    is_ours: bool,
    in_tests: bool,
    default_features: bool,
    for_wasm: bool,
}

fn packages(tree: &Tree) -> Result<Vec<Package>> {
    let answer = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(tree.root())
        .output()
        .context("cargo could not be started")?;
    if !answer.status.success() {
        bail!(
            "cargo metadata: {}",
            String::from_utf8_lossy(&answer.stderr)
        );
    }
    let metadata: Value = serde_json::from_slice(&answer.stdout)?;
    let list = metadata["packages"]
        .as_array()
        .context("cargo named no packages")?;
    Ok(list.iter().map(|package| read(package, tree)).collect())
}

fn read(package: &Value, tree: &Tree) -> Package {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let file = text(&package["manifest_path"]);
    let file = file
        .strip_prefix(&*tree.root().to_string_lossy())
        .map_or(file.clone(), |below| {
            below.trim_start_matches('/').to_owned()
        });
    let uses = package["dependencies"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .map(|used| Use {
            name: text(&used["name"]),
            is_ours: used["path"].is_string(),
            in_tests: used["kind"].as_str() == Some("dev"),
            default_features: used["uses_default_features"].as_bool().unwrap_or(true),
            for_wasm: used["target"].is_string(),
        });
    Package {
        name: text(&package["name"]),
        uses: uses.collect(),
        file,
    }
}

fn judge(package: &Package) -> Vec<Finding> {
    let mut found = Vec::new();
    let Some(allowed) = of(ALLOWED, &package.name) else {
        return vec![Finding::of(
            &package.file,
            format!(
                "{} is not in the table of crates (lint/src/edges.rs)",
                package.name
            ),
        )];
    };
    for used in &package.uses {
        // A crate's tests may take the crate itself once more, with a feature that no build has.
        let is_itself = used.in_tests && used.name == package.name;
        if used.is_ours && !allowed.contains(&used.name.as_str()) && !is_itself {
            found.push(Finding::of(
                &package.file,
                format!("{} may not use {}", package.name, used.name),
            ));
        }
    }
    if let Some(outside) = of(OUTSIDE, &package.name) {
        for used in package
            .uses
            .iter()
            .filter(|used| !used.is_ours && !used.in_tests)
        {
            if !outside.contains(&used.name.as_str()) {
                found.push(Finding::of(
                    &package.file,
                    format!(
                        "the kernel crate {} may not use {}",
                        package.name, used.name
                    ),
                ));
            }
            if used.default_features {
                found.push(Finding::of(
                    &package.file,
                    format!("{}: a kernel crate takes no default features", used.name),
                ));
            }
            if used.for_wasm {
                found.push(Finding::of(
                    &package.file,
                    format!(
                        "{}: the kernel is the same on every machine, so is what it uses",
                        used.name
                    ),
                ));
            }
        }
    }
    found
}

fn of(table: &'static [(&str, &[&str])], name: &str) -> Option<&'static [&'static str]> {
    table
        .iter()
        .find(|(crate_name, _)| *crate_name == name)
        .map(|(_, list)| *list)
}

/// The lock file knows no features and counts tests' crates too, so what it does not reach is out of reach for sure.
fn reach(lock: &str) -> Vec<Finding> {
    let graph = graph(lock);
    let mut found = Vec::new();
    for (from, never, why) in UNREACHABLE {
        let mut seen = BTreeSet::new();
        let mut open = vec![(*from).to_owned()];
        while let Some(name) = open.pop() {
            // A browser's test harness is not the kernel's; uuid's own chance is a feature that the kernel does not take,
            // and `purity` forbids the functions behind it.
            if ["wasm-bindgen-test", "uuid"].contains(&bare(&name)) || !seen.insert(name.clone()) {
                continue;
            }
            open.extend(
                graph
                    .iter()
                    .filter(|(node, _)| **node == name || bare(node) == name)
                    .flat_map(|(_, uses)| uses.iter().cloned()),
            );
        }
        let is_reached = |never: &str| seen.iter().any(|name| bare(name) == never);
        for reached in never.iter().filter(|name| is_reached(name)) {
            found.push(Finding::of(
                "Cargo.lock",
                format!("{reached} is within reach of {from}: {why}"),
            ));
        }
    }
    found
}

/// The name without the version.
fn bare(name: &str) -> &str {
    name.split(' ').next().unwrap_or_default()
}

/// Package, as "name version", to what it uses: "name", or "name version" where the lock file holds several of a name.
fn graph(lock: &str) -> BTreeMap<String, Vec<String>> {
    let mut graph: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut name = String::new();
    for line in lock.lines() {
        if let Some(named) = line.strip_prefix("name = ") {
            name = named.trim_matches('"').to_owned();
        } else if let Some(version) = line.strip_prefix("version = ") {
            name = format!("{name} {}", version.trim_matches('"'));
        } else if let Some(used) = line.strip_prefix(" \"") {
            // a source may follow the version, where one version comes from two places
            let words = used.trim_end_matches(&['"', ','][..]).split(' ');
            let used = words.take(2).collect::<Vec<_>>().join(" ");
            graph.entry(name.clone()).or_default().push(used);
        }
    }
    graph
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The client uses the version of a crate that reaches no chance; the one that does is somebody else's.
    #[test]
    fn versions_of_one_name_are_apart() {
        let lock = |version: &str| {
            [
                "[[package]]\nname = \"daybook-client\"\nversion = \"0.1.0\"\ndependencies = [",
                &format!(" \"core {version}\",\n]"),
                "[[package]]\nname = \"core\"\nversion = \"1.0.0\"\ndependencies = [",
                " \"getrandom\",\n]",
                "[[package]]\nname = \"core\"\nversion = \"2.0.0\"",
                "[[package]]\nname = \"getrandom\"\nversion = \"0.4.0\"",
            ]
            .join("\n")
        };
        assert_eq!(reach(&lock("2.0.0")), []);
        assert_eq!(reach(&lock("1.0.0")).len(), 1);
        assert_eq!(reach(&lock("1.0.0 (registry)")).len(), 1);
    }
}
