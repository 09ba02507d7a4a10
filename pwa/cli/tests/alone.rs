//! What the program does without a relay and without a book.

mod support;

use support::{Device, data};

const COMMANDS: [&str; 20] = [
    "init",
    "join",
    "requests",
    "approve",
    "import",
    "append",
    "sync",
    "status",
    "log",
    "op",
    "verify",
    "prove",
    "balance",
    "documents",
    "history",
    "as-of",
    "sql",
    "rebuild",
    "manifest",
    "export-bundle",
];

/// Claim: there is help for everything, and it names the exit codes.
#[test]
fn help_for_everything() {
    let dir = tempfile::tempdir().expect("a folder");
    let device = Device::new(dir.path(), "none");
    let (help, _) = device.run(0, &["--help"]);
    assert!(
        help.contains("Exit codes:") && help.contains("  6  the book is open in another process")
    );
    for command in COMMANDS {
        assert!(
            help.contains(&format!("\n  {command} ")),
            "{command} is not listed"
        );
        let (text, _) = device.run(0, &[command, "--help"]);
        assert!(text.contains("Usage:"), "{command}: {text}");
    }
}

/// Claim: without a book every command says so with exit code 2, in text and as JSON, and leaves no folder behind.
#[test]
fn no_book() {
    let dir = tempfile::tempdir().expect("a folder");
    let device = Device::new(dir.path(), "none");
    let zeros = "0".repeat(64);
    let op = format!("{zeros}:0");
    let runs: [&[&str]; 12] = [
        &["balance"],
        &["status"],
        &["log"],
        &["verify"],
        &["prove"],
        &["sync"],
        &["requests"],
        &["documents"],
        &["sql", "SELECT 1"],
        &["append", "party.new", "{}"],
        &["op", &op],
        &["as-of", "1", "balance"],
    ];
    for args in runs {
        let (_, err) = device.run(2, args);
        assert!(err.contains("there is no book here"), "{args:?}: {err}");
        assert_eq!(device.json(2, args)["code"], 2, "{args:?}");
    }
    assert!(!device.dir.exists());
}

/// Claim: a manifest is compiled to the same bytes each time; a mistake is named by file, line and column.
#[test]
fn manifests() {
    let dir = tempfile::tempdir().expect("a folder");
    let device = Device::new(dir.path(), "none");
    let built = dir.path().join("erp.ast");
    let built = built.to_str().expect("UTF-8");
    let first = device.json(0, &["manifest", "build", "erp", "-o", built]);
    let bytes = std::fs::read(built).expect("written");
    assert_eq!(first["bytes"], bytes.len());
    let source = format!(
        "{}/../../kernel/manifests/erp.book",
        env!("CARGO_MANIFEST_DIR")
    );
    let again = device.json(0, &["manifest", "check", &source]);
    assert_eq!(first["manifest"], again["manifest"]);
    let broken = dir.path().join("broken.book");
    std::fs::write(
        &broken,
        "manifest broken 1\n\nentity jar \"Jar\" shared { size: int(9..0) \"Size\" }\n",
    )
    .expect("written");
    let (_, err) = device.run(2, &["manifest", "check", broken.to_str().expect("UTF-8")]);
    assert!(err.contains("broken.book:3:"), "{err}");
    device.run(1, &["manifest", "check", "/nowhere.book"]);
}

/// Claim: a map that cannot work is refused before a book is looked for, and the sentence says where.
#[test]
fn maps_that_cannot_work() {
    let dir = tempfile::tempdir().expect("a folder");
    let device = Device::new(dir.path(), "none");
    let good = std::fs::read_to_string(data("shop.toml")).expect("there");
    let cases = [
        ("format = 1", "format = 2", "`format = 1` is missing"),
        ("name = \"shop\"", "nam = \"shop\"", "`name` is missing"),
        (
            "delimiter = \";\"",
            "delimiter = \"x\"",
            "source order: `delimiter`",
        ),
        (
            "key = [\"no\"]",
            "key = [\"number\"]",
            "source order: `key` has `number`",
        ),
        (
            "each = \"article\"",
            "each = \"things\"",
            "op 1: there is no source `things`",
        ),
        (
            "sku = { column = \"article\" }",
            "sku = { colum = \"article\" }",
            "op 1, input sku: must have one of",
        ),
        (
            "sku = { column = \"article\" }",
            "sku = { column = \"shelf\" }",
            "column `shelf` is not in the `columns`",
        ),
        (
            "sku = { column = \"article\" }",
            "sku = { column = \"article\", places = 2 }",
            "`places` is not known here",
        ),
        (
            "price = { decimal = \"price\", places = 2 }",
            "price = { decimal = \"price\" }",
            "`places` is missing",
        ),
        (
            "form = \"DD.MM.YYYY\"",
            "form = \"DD.MM.YY\"",
            "`form` must have YYYY, MM and DD",
        ),
        (
            "file = \"lines.csv\"",
            "file = \"../lines.csv\"",
            "source line: `file` must be the name",
        ),
        (
            "till = { const = \"T1\" }",
            "till = { column = \"no\" }",
            "needs a row",
        ),
        (
            "float = { const = \"50.00\" }",
            "float = { const = 50.5 }",
            "`const` must be",
        ),
    ];
    for (from, to, expected) in cases {
        let map = dir.path().join("map.toml");
        assert!(good.contains(from), "{from}");
        std::fs::write(&map, good.replacen(from, to, 1)).expect("written");
        let (_, err) = device.run(
            2,
            &[
                "import",
                "csv",
                "--map",
                map.to_str().expect("UTF-8"),
                &data("good"),
            ],
        );
        assert!(err.contains(expected), "{to}: {err}");
    }
    let (_, err) = device.run(
        2,
        &[
            "import",
            "csv",
            "--map",
            &data("shop.toml"),
            &data("good/orders.csv"),
        ],
    );
    assert!(
        err.contains("articles.csv is not among the files given"),
        "{err}"
    );
    let (map, good) = (data("shop.toml"), data("good"));
    let (_, err) = device.run(2, &["import", "csv", "--map", &map, &good, "gone"]);
    assert!(err.contains("gone: there is no such file"), "{err}");
}
