//! The kernel's wasm, built bare (no host, no bindings): what it could do, read off its bytes.
//!
//! `DAYBOOK_KERNEL_WASM` names the file; `cargo xtask test` builds it and sets that. A tree that carries a module of its own
//! (a fixture) is judged by that one; with neither there is nothing to look at.

use crate::{Finding, Tree, names};
use anyhow::Result;
use std::collections::BTreeSet;
use wasmparser::{Operator, Parser, Payload};

/// What a checked tree may carry: it goes before a built file.
const IN_TREE: &str = "kernel.wasm";

/// No import, no float, no name of a manifest.
///
/// # Errors
/// A file that is no wasm.
pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let names = names::manifest_names(tree);
    if let Some(carried) = tree.bytes(IN_TREE) {
        return judge(carried, &names);
    }
    match std::env::var_os("DAYBOOK_KERNEL_WASM") {
        Some(built) => judge(&std::fs::read(built)?, &names),
        None => Ok(Vec::new()),
    }
}

/// What a wasm module has that a kernel may not have.
///
/// # Errors
/// Bytes that are no wasm.
pub fn judge(wasm: &[u8], manifest: &BTreeSet<String>) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    let mut floats = BTreeSet::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import?;
                    found.push(Finding::of(
                        IN_TREE,
                        format!(
                            "imports {}.{}: the kernel knows no host",
                            import.module, import.name
                        ),
                    ));
                }
            }
            Payload::CodeSectionEntry(body) => {
                for operator in body.get_operators_reader()? {
                    floats.extend(float(&operator?));
                }
            }
            Payload::DataSection(segments) => {
                for segment in segments {
                    found.extend(words(segment?.data, manifest));
                }
            }
            _ => {}
        }
    }
    found.extend(floats.into_iter().map(|float| {
        Finding::of(
            IN_TREE,
            format!("float operator {float}: amounts are integers"),
        )
    }));
    Ok(found)
}

/// The operator's name, if it touches a float.
fn float(operator: &Operator<'_>) -> Option<String> {
    let shown = format!("{operator:?}");
    let name = shown.split([' ', '{', '(']).next().unwrap_or_default();
    (name.contains("F32") || name.contains("F64")).then(|| name.to_owned())
}

/// Names of a manifest that stand as whole words in the module's data. Where a panic would stand in a source file is no
/// such word: paths are left out.
fn words(data: &[u8], manifest: &BTreeSet<String>) -> Vec<Finding> {
    let text = String::from_utf8_lossy(data);
    let runs = text.split(|c: char| c.is_control() || c == '\u{fffd}');
    let words = runs
        .filter(|run| !run.contains(".rs"))
        .flat_map(|run| run.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')));
    let known: BTreeSet<_> = words
        .filter(|word| manifest.contains(&word.to_lowercase()))
        .collect();
    known
        .into_iter()
        .map(|word| {
            Finding::of(
                IN_TREE,
                format!("contains `{word}`, a name of a shipped manifest"),
            )
        })
        .collect()
}
