//! One word, one meaning: public types do not take the names that `docs/GLOSSARY.md` keeps for nothing.

use crate::{Finding, Tree, tokens};
use anyhow::Result;

/// Words that occur in no public type's name, and what we say instead.
const BANNED: &[(&str, &str)] = &[
    ("Event", "an op, an effect or an input"),
    (
        "Message",
        "an op; between page and worker, a command or an answer",
    ),
    ("Transaction", "an op; in SQLite, a batch"),
    ("Block", "an entry"),
    ("Backend", "the relay, or the store"),
    ("Workspace", "a book"),
    ("Tenant", "a book"),
];
/// Names that say nothing when they stand alone.
const EMPTY: &[&str] = &[
    "Data", "Info", "Manager", "Handler", "Helper", "Util", "Utils", "Common", "Context", "Process",
];

/// Every `pub struct`, `enum`, `trait` and `type`.
///
/// # Errors
/// Never.
pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for (path, source) in tree.texts(&[".rs"]) {
        let tokens = tokens::shipped(source);
        for three in tokens.windows(3) {
            let is_type = three[0].is("pub")
                && ["struct", "enum", "trait", "type"]
                    .iter()
                    .any(|kind| three[1].is(kind));
            let Some(name) = three[2].word().filter(|_| is_type) else {
                continue;
            };
            for part in parts(name) {
                if let Some((_, instead)) = BANNED.iter().find(|(word, _)| *word == part) {
                    found.push(Finding::at(
                        path,
                        three[2].line,
                        format!("{name}: the glossary does not say {part}; say {instead}"),
                    ));
                }
            }
            if EMPTY.contains(&name) {
                found.push(Finding::at(
                    path,
                    three[2].line,
                    format!("{name} says nothing: name what it is"),
                ));
            }
        }
    }
    Ok(found)
}

/// The words of a name in camel case.
fn parts(name: &str) -> Vec<&str> {
    let starts: Vec<usize> = name
        .char_indices()
        .filter(|(at, c)| *at == 0 || c.is_uppercase())
        .map(|(at, _)| at)
        .collect();
    starts
        .iter()
        .enumerate()
        .map(|(n, start)| &name[*start..starts.get(n + 1).copied().unwrap_or(name.len())])
        .collect()
}
