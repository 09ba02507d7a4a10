//! The kernel computes the same everywhere because it has nothing with which it could differ.

use crate::tokens::{self, Kind, Token};
use crate::{Finding, Tree};
use anyhow::Result;

/// What every kernel crate denies at the top of its `lib.rs`.
const DENIED: &[&str] = &[
    "missing_docs",
    "alloc_instead_of_core",
    "arithmetic_side_effects",
    "as_conversions",
    "disallowed_methods",
    "disallowed_types",
    "expect_used",
    "float_arithmetic",
    "indexing_slicing",
    "iter_over_hash_type",
    "panic",
    "std_instead_of_core",
    "unwrap_used",
];

/// Words that no shipped kernel code contains, and why.
const FORBIDDEN: &[(&str, &str)] = &[
    ("std", "the kernel is no_std: use core and alloc"),
    ("HashMap", "its order differs per process: use BTreeMap"),
    ("HashSet", "its order differs per process: use BTreeSet"),
    ("RandomState", "chance is an input"),
    ("SystemTime", "time is an input, read at the edge"),
    ("Instant", "time is an input, read at the edge"),
    ("f32", "no floats: amounts are integers"),
    ("f64", "no floats: amounts are integers"),
    (
        "as",
        "a cast can lose bits without a word: use From, TryFrom, or a named function",
    ),
    ("unsafe", "forbidden in this workspace"),
    ("async", "the kernel is sans-IO: inputs in, effects out"),
    ("await", "the kernel is sans-IO: inputs in, effects out"),
    (
        "thread_local",
        "no state outside the values that are passed",
    ),
    ("println", "effects go out as data"),
    ("eprintln", "effects go out as data"),
    ("getrandom", "chance is an input"),
    ("new_v4", "chance is an input"),
    ("now_v7", "time and chance are inputs"),
    ("wasm_bindgen", "the kernel knows no host"),
];

/// Types whose size or order differs between machines, so that nothing on the wire may hold them.
const NOT_ON_THE_WIRE: &[&str] = &[
    "usize", "isize", "char", "f32", "f64", "BTreeMap", "BTreeSet",
];

/// Attributes, words and wire types of every kernel crate.
///
/// # Errors
/// Never.
pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for (path, source) in tree.kernel() {
        if path.ends_with("/src/lib.rs") {
            found.extend(root(path, source));
        }
        if is_test_file(path) {
            continue;
        }
        let shipped = tokens::shipped(source);
        found.extend(words(path, &shipped));
        found.extend(wire(path, &shipped));
    }
    Ok(found)
}

/// A file that a `#[cfg(test)] mod` line names.
pub(crate) fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs")
        || path.contains("/src/tests/")
        || path.contains("/tests/")
        || path.ends_with("_tests.rs")
        || path.ends_with("/testgen.rs")
}

fn root(path: &str, source: &str) -> Vec<Finding> {
    let tokens = tokens::all(source);
    let mut found = Vec::new();
    if !inner_attributes(&tokens)
        .any(|attribute| attribute.first().is_some_and(|token| token.is("no_std")))
    {
        found.push(Finding::of(path, "a kernel crate begins with #![no_std]"));
    }
    let denied: Vec<&str> = inner_attributes(&tokens)
        .filter(|attribute| {
            attribute
                .first()
                .is_some_and(|token| token.is("deny") || token.is("forbid"))
        })
        .flat_map(|attribute| attribute.iter().filter_map(Token::word))
        .collect();
    for lint in DENIED.iter().filter(|lint| !denied.contains(*lint)) {
        found.push(Finding::of(
            path,
            format!("a kernel crate denies {lint} at the top of lib.rs"),
        ));
    }
    found
}

/// The tokens inside each `#![…]`.
fn inner_attributes(tokens: &[Token]) -> impl Iterator<Item = &[Token]> {
    tokens.windows(3).enumerate().filter_map(|(at, three)| {
        let is_start = three[0].is("#") && three[1].is("!") && three[2].is("[");
        is_start
            .then(|| tokens.get(at + 3..tokens::closing(tokens, at + 2)?))
            .flatten()
    })
}

fn words(path: &str, tokens: &[Token]) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        if let Kind::Number(number) = &token.kind
            && is_float(number)
        {
            found.push(Finding::at(
                path,
                token.line,
                format!("{number}: no floats in the kernel"),
            ));
        }
        let Some((word, why)) = token
            .word()
            .and_then(|word| FORBIDDEN.iter().find(|(forbidden, _)| *forbidden == word))
        else {
            continue;
        };
        if *word == "as" && is_rename(tokens, index) {
            continue;
        }
        found.push(Finding::at(path, token.line, format!("`{word}`: {why}")));
    }
    found
}

fn is_float(number: &str) -> bool {
    if number.starts_with("0x") {
        return false;
    }
    let after = number.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_');
    after.starts_with(['.', 'e', 'E']) || after == "f32" || after == "f64"
}

/// `use a as b` and `<T as Trait>` lose nothing.
fn is_rename(tokens: &[Token], at: usize) -> bool {
    let mut depth = 0usize;
    for token in tokens[..at].iter().rev() {
        match &token.kind {
            Kind::Word(word) if word == "use" => return true,
            Kind::Sign(';') => return false,
            Kind::Sign(')' | ']') => depth += 1,
            Kind::Sign('(' | '[') if depth == 0 => return false,
            Kind::Sign('(' | '[') => depth -= 1,
            Kind::Sign('<') if depth == 0 => return true,
            Kind::Sign('=' | '+' | '-' | '*' | '/') if depth == 0 => return false,
            _ => {}
        }
    }
    false
}

/// Types that derive `Serialize` or `Deserialize` hold nothing whose bytes differ between machines.
fn wire(path: &str, tokens: &[Token]) -> Vec<Finding> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if !token.is("derive") {
            continue;
        }
        let Some(end) = tokens::closing(tokens, at + 1) else {
            continue;
        };
        if !tokens[at..end]
            .iter()
            .any(|token| token.is("Serialize") || token.is("Deserialize"))
        {
            continue;
        }
        for field in body(tokens, end) {
            if let Some(bad) = NOT_ON_THE_WIRE.iter().find(|bad| field.is(bad)) {
                found.push(Finding::at(
                    path,
                    field.line,
                    format!(
                        "`{bad}` in a type that is written to bytes: use a fixed width and a list"
                    ),
                ));
            }
        }
    }
    found
}

/// The fields of the type that follows a derive.
fn body(tokens: &[Token], from: usize) -> &[Token] {
    let start = (from..tokens.len()).find(|at| tokens[*at].is("struct") || tokens[*at].is("enum"));
    let open = start.and_then(|start| {
        (start..tokens.len())
            .find(|at| tokens[*at].is("{") || tokens[*at].is("(") || tokens[*at].is(";"))
    });
    let Some(open) = open else { return &[] };
    tokens::closing(tokens, open)
        .filter(|_| !tokens[open].is(";"))
        .map_or(&[], |end| &tokens[open..end])
}
