//! Verbs are data: the kernel does not contain one name of a shipped manifest.

use crate::purity::is_test_file;
use crate::{Finding, Tree, tokens};
use anyhow::Result;
use std::collections::BTreeSet;

/// Words of the manifest language itself, and of every book whatever its manifest: the kernel must know these.
const LANGUAGE: &[&str] = &[
    // structure
    "manifest",
    "version",
    "level",
    "enum",
    "role",
    "series",
    "refusal",
    "flag",
    "entity",
    "verb",
    "of",
    "by",
    "member",
    "manager",
    "label",
    "unique",
    "status",
    "shown",
    "owner",
    "device",
    "shared",
    "immutable",
    "detail",
    "asset",
    "liability",
    "equity",
    "income",
    "expense",
    // types
    "bool",
    "int",
    "money",
    "price",
    "qty",
    "ppm",
    "date",
    "time",
    "code",
    "text",
    "id",
    "ref",
    "author",
    "sealed",
    "list",
    "contact",
    "fiscal",
    "hr",
    "note",
    // statements and expressions
    "let",
    "require",
    "warn",
    "insert",
    "set",
    "goto",
    "number",
    "each",
    "when",
    "else",
    "post",
    "debit",
    "credit",
    "line",
    "reverse",
    "new",
    "today",
    "now",
    "next",
    "none",
    "true",
    "false",
    "not",
    "and",
    "or",
    "has",
    "exists",
    "sum",
    "count",
    "all",
    "any",
    "min",
    "max",
    "abs",
    "muldiv",
    "if",
    "then",
    "year",
    "in",
    "as",
    "final",
    "claim",
    "office",
    "draft",
    "half_up",
    "half_even",
    "floor",
    "ceil",
    "trunc",
    "line",
    "round",
    "rounding",
    // what every posting has
    "amount",
    "currency",
    "account",
    "doc",
    "period",
    // plain words of every program, which prove nothing: Rust's own attribute has a reason, every list an item
    "closed",
    "expected",
    "item",
    "kind",
    "lines",
    "name",
    "open",
    "reason",
    "state",
    "title",
    "unit",
    "value",
    "version",
    // the relay's proof that an entry has its place (docs/spec/checkpoint.md); the shipped manifest sells with the same word
    "receipt",
    // words of the arithmetic that the language offers
    "gross",
    "rate",
];

/// Names shorter than this prove nothing.
const LETTERS_MIN: usize = 4;

/// No identifier and no word of a string literal in shipped kernel code is a name of a shipped manifest.
///
/// # Errors
/// Never.
pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let names = manifest_names(tree);
    let mut found = Vec::new();
    for (path, source) in tree.kernel().filter(|(path, _)| !is_test_file(path)) {
        for token in tokens::all(source) {
            let text = token.word().or(token.text()).unwrap_or_default();
            for word in words(text) {
                if names.contains(&word) {
                    found.push(Finding::at(
                        path,
                        token.line,
                        format!(
                            "`{word}` is a name of a shipped manifest: the kernel knows no verb"
                        ),
                    ));
                }
            }
        }
    }
    Ok(found)
}

/// The names that the shipped manifests define, in lower case, without the language's own words.
#[must_use]
pub fn manifest_names(tree: &Tree) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, source) in tree
        .texts(&[".book"])
        .filter(|(path, _)| path.starts_with("kernel/manifests/"))
    {
        for line in source.lines() {
            names.extend(defined(line));
        }
    }
    names.retain(|name| name.len() >= LETTERS_MIN && !LANGUAGE.contains(&name.as_str()));
    names
}

/// The names that a line of a manifest's source defines: after a defining keyword, in the braces of an enum, and before
/// a colon. Of a verb it is the noun and the whole: the second half is a plain word (`new`, `set`, `close`).
fn defined(line: &str) -> Vec<String> {
    let code: String = line
        .split('#')
        .next()
        .unwrap_or_default()
        .split('"')
        .step_by(2)
        .collect::<Vec<_>>()
        .join(" ");
    let pieces: Vec<&str> = code
        .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.' || c == ':'))
        .filter(|piece| !piece.is_empty())
        .collect();
    let mut names = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let follows = at == 1
            && [
                "entity", "verb", "role", "enum", "series", "rounding", "refusal", "flag",
            ]
            .contains(&pieces[0]);
        let is_value = at > 1 && pieces[0] == "enum";
        if follows || is_value || piece.ends_with(':') {
            let name = piece.trim_end_matches(':').to_lowercase();
            names.extend(name.split('.').next().map(str::to_owned));
            names.push(name);
        }
    }
    names
}

/// The words of an identifier or text, in lower case. A verb's whole name holds together.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
        .map(|word| word.trim_matches('.'))
        .filter(|word| word.len() >= LETTERS_MIN)
        .map(snake)
        .collect()
}

/// `SaleLine` and `SALE_LINE` are `sale_line`.
fn snake(word: &str) -> String {
    let is_camel = word.chars().any(char::is_lowercase);
    let mut snake = String::new();
    for (at, c) in word.chars().enumerate() {
        if is_camel && c.is_uppercase() && at > 0 && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}
