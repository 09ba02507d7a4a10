//! The pages in `docs/spec` say what the code does: their hex is the vectors' hex, the vectors are the code's, every
//! rule names an error and a test that exist, and every error is named by a rule.
//!
//! `DAYBOOK_BLESS=1` writes vectors and fills the pages' hex; without it a difference is red.
#![cfg(not(target_arch = "wasm32"))]

mod worked;

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

const PAGES: [&str; 10] = [
    "entry",
    "content",
    "order",
    "control",
    "registry",
    "readmit",
    "handover",
    "request",
    "checkpoint",
    "evidence",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn page(name: &str) -> PathBuf {
    root().join("docs/spec").join(name).with_extension("md")
}

fn bless() -> bool {
    std::env::var_os("DAYBOOK_BLESS").is_some()
}

/// A vector file as it is stored.
fn stored(name: &str) -> Value {
    let path = root()
        .join("witnesses/vectors")
        .join(name)
        .with_extension("json");
    serde_json::from_slice(&fs::read(&path).expect("a vector file")).expect("JSON")
}

/// What this build makes; what it takes a cipher to make is made, and held to the file, by the client's tests.
fn vectors() -> [(&'static str, Value); 11] {
    [
        ("content", stored("content")),
        ("entry", worked::entry()),
        ("order", worked::order()),
        ("control", worked::control()),
        ("request", worked::request()),
        ("note", worked::proofs::note()),
        ("checkpoint", worked::proofs::checkpoint()),
        ("receipt", worked::proofs::receipt()),
        ("cosigned", worked::proofs::cosigned()),
        ("consistency", worked::proofs::consistency()),
        ("evidence", worked::evidence::evidence()),
    ]
}

/// The published vectors are what this build makes.
#[test]
fn vectors_are_the_codes() {
    for (name, made) in vectors() {
        let path = root()
            .join("witnesses/vectors")
            .join(name)
            .with_extension("json");
        if bless() {
            let text = serde_json::to_string_pretty(&made).expect("JSON") + "\n";
            fs::write(&path, text).expect("writable");
        }
        assert!(
            stored(name) == made,
            "{} differs from what this build makes",
            path.display()
        );
    }
}

/// The files of evidence are those of the vectors, byte for byte, and there are no others.
#[test]
fn evidence_files_are_the_vectors() {
    let folder = root().join("witnesses/vectors/evidence");
    let mut names = BTreeSet::new();
    for (name, bytes) in worked::evidence::files() {
        let file = format!("{name}.evidence");
        if bless() {
            fs::create_dir_all(&folder).expect("writable");
            fs::write(folder.join(&file), &bytes).expect("writable");
        }
        assert!(
            fs::read(folder.join(&file)).expect("a vector file") == bytes,
            "{file}"
        );
        names.insert(file);
    }
    let here = fs::read_dir(&folder).expect("a folder");
    let here = here.map(|item| item.expect("an item").file_name().into_string());
    assert_eq!(here.collect::<Result<BTreeSet<_>, _>>(), Ok(names));
}

/// The text of a fence with what should stand there: lines of 32 bytes, or a text as it is, which ends in one line break
/// with or without one of its own.
fn filled(kind: &str, value: &Value) -> String {
    let text = value.as_str().expect("a text in the vectors");
    if kind == "text" {
        return format!("{}\n", text.strip_suffix('\n').unwrap_or(text));
    }
    let digits: Vec<char> = text.chars().collect();
    digits
        .chunks(64)
        .map(|line| line.iter().collect::<String>() + "\n")
        .collect()
}

/// Each fence "hex NAME /pointer" or "text NAME /pointer" of the pages holds what the vectors hold there.
#[test]
fn hex_of_the_pages_is_the_vectors() {
    let (mut fences, all) = (0, vectors());
    for name in PAGES {
        let old = fs::read_to_string(page(name)).expect("a page");
        let (mut new, mut rest) = (String::new(), old.as_str());
        while let Some((before, fence)) = rest.split_once("```") {
            let (head, body) = fence.split_once('\n').expect("a line after the fence");
            let (body, after) = body.split_once("```").expect("a closed fence");
            let words: Vec<&str> = head.split(' ').collect();
            let body = match words.as_slice() {
                [kind @ ("hex" | "text"), file, pointer] => {
                    fences += 1;
                    let (_, vector) = all
                        .iter()
                        .find(|(name, _)| name == file)
                        .expect("a vector file");
                    filled(
                        kind,
                        vector
                            .pointer(pointer)
                            .unwrap_or_else(|| panic!("{name}: {pointer}")),
                    )
                }
                _ => body.to_owned(),
            };
            new.push_str(&format!("{before}```{head}\n{body}```"));
            rest = after;
        }
        new.push_str(rest);
        if bless() {
            fs::write(page(name), &new).expect("writable");
        }
        assert!(
            bless() || new == old,
            "{name}.md holds hex that is not the vectors'"
        );
    }
    assert!(fences > 10, "{fences} fences");
}

/// Rows "| X-1 | rule | errors | tests |" of all pages.
fn rules() -> Vec<[String; 4]> {
    let mut rules = Vec::new();
    for name in PAGES {
        let text = fs::read_to_string(page(name)).expect("a page");
        for line in text.lines() {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let numbered = cells[0]
                .split_once('-')
                .is_some_and(|(_, n)| n.parse::<u32>().is_ok());
            if let ([number, rule, errors, tests], true) = (cells.as_slice(), numbered) {
                rules.push([number, rule, errors, tests].map(|cell| (*cell).to_owned()));
            }
        }
    }
    rules
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

fn sources(folder: &str) -> String {
    let mut text = String::new();
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for item in fs::read_dir(folder).expect("a folder") {
            let path = item.expect("an item").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                text += &fs::read_to_string(path).expect("a source");
            }
        }
    }
    text
}

/// `Enum::Variant` for each variant of an enum of errors.
fn variants(source: &str, name: &str) -> BTreeSet<String> {
    let (_, rest) = source
        .split_once(&format!("pub enum {name} {{\n"))
        .expect("an enum");
    let (body, _) = rest.split_once("\n}").expect("its end");
    let lines = body
        .lines()
        .filter(|line| line.starts_with("    ") && !line.starts_with("     "));
    let heads = lines
        .map(str::trim)
        .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()));
    heads
        .map(|line| {
            line.split(|c: char| !c.is_ascii_alphanumeric())
                .next()
                .unwrap_or_default()
        })
        .map(|variant| format!("{name}::{variant}"))
        .collect()
}

/// Each rule has a number of its own, errors that exist and tests that exist; each error is named by a rule.
#[test]
fn every_rule_names_its_error_and_its_test() {
    let code = [
        "src",
        "tests",
        "../client/src",
        "../client/tests",
        "../fold/tests",
    ]
    .map(sources)
    .concat();
    let rules = rules();
    let mut known = BTreeSet::from(["Unauthentic".to_owned(), "KeyMissing".to_owned()]);
    for name in [
        "Malformed",
        "Unsupported",
        "KeyFault",
        "Reject",
        "Invalid",
        "NoProof",
        "RequestFault",
        "ProofFault",
        "NoteFault",
        "CheckpointFault",
        "ReceiptFault",
        "QuorumFault",
        "CosignFault",
        "MergeFault",
        "BodyFault",
        "RingFault",
        "WrapFault",
    ] {
        known.extend(variants(&code, name));
    }
    let (mut numbers, mut named) = (BTreeSet::new(), BTreeSet::new());
    for [number, _, errors, tests] in &rules {
        assert!(numbers.insert(number.clone()), "{number} stands twice");
        for error in quoted(errors) {
            assert!(known.contains(error), "{number}: {error} does not exist");
            named.insert(error.to_owned());
        }
        assert!(!quoted(tests).is_empty(), "{number} names no test");
        for test in quoted(tests) {
            assert!(
                code.contains(&format!("fn {test}(")),
                "{number}: {test} does not exist"
            );
        }
    }
    // These only carry another error.
    let carriers = [
        "Malformed::Key",
        "Invalid::Entry",
        "Reject::NoProof",
        "MergeFault::Proof",
    ];
    let carriers = BTreeSet::from(carriers.map(str::to_owned));
    let missing: Vec<_> = known
        .difference(&named)
        .filter(|error| !carriers.contains(*error))
        .collect();
    assert!(missing.is_empty(), "errors without a rule: {missing:?}");
    assert!(rules.len() > 50, "{} rules", rules.len());
}
