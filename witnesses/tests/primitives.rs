//! The ciphers and hashes under bodies and wraps give the published results natively and as wasm in Chromium.

use anyhow::{Context as _, anyhow};
use daybook_witnesses::browser::Page;
use daybook_witnesses::witness::NoLine;
use daybook_witnesses::world::{self, Relay, shared, skip};
use serde_json::{Value, json};
use std::path::Path;

/// What is asked, with four inputs in hex, and what must come: hex, or `refused`.
struct Case {
    name: String,
    what: &'static str,
    parts: [String; 4],
    stated: String,
}

fn text(value: &Value, key: &str) -> anyhow::Result<String> {
    let text = value[key].as_str().with_context(|| format!("no {key}"))?;
    Ok(text.to_owned())
}

fn read(path: &Path) -> anyhow::Result<Value> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    Ok(serde_json::from_slice(&bytes)?)
}

fn list(value: &Value) -> anyhow::Result<&Vec<Value>> {
    value.as_array().context("not a list")
}

fn hexed(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn length(value: &Value) -> anyhow::Result<String> {
    let len = u32::try_from(value.as_u64().context("a length")?)?;
    Ok(hexed(&len.to_le_bytes()))
}

/// A case of Wycheproof as a question.
fn wycheproof(what: &'static str, test: &Value) -> anyhow::Result<Case> {
    let get = |key| text(test, key);
    let (parts, result) = match what {
        "hkdf-sha256" => (
            [
                get("ikm")?,
                get("salt")?,
                get("info")?,
                length(&test["size"])?,
            ],
            get("okm")?,
        ),
        "x25519" => (
            [
                get("private")?,
                get("public")?,
                String::new(),
                String::new(),
            ],
            get("shared")?,
        ),
        _ => (
            [
                get("key")?,
                get("iv")?,
                get("aad")?,
                get("ct")? + get("tag")?.as_str(),
            ],
            get("msg")?,
        ),
    };
    let is_zero = what == "x25519" && result.bytes().all(|digit| digit == b'0');
    let is_refused = test["result"] == "invalid" || is_zero;
    Ok(Case {
        name: format!("{what} {}", test["tcId"]),
        what,
        parts,
        stated: if is_refused {
            "refused".to_owned()
        } else {
            result
        },
    })
}

fn cases(vectors: &Path) -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (what, file) in [
        ("xchacha20-poly1305", "xchacha20_poly1305_test.json"),
        ("chacha20-poly1305", "chacha20_poly1305_test.json"),
        ("hkdf-sha256", "hkdf_sha256_test.json"),
        ("x25519", "x25519_test.json"),
    ] {
        for group in list(&read(&vectors.join("wycheproof").join(file))?["testGroups"])? {
            for test in list(&group["tests"])? {
                cases.push(wycheproof(what, test)?);
            }
        }
    }
    let all = read(&vectors.join("blake3.json"))?;
    for test in list(&all["cases"])? {
        let len = usize::try_from(test["input_len"].as_u64().context("a length")?)?;
        let input: Vec<u8> = (0..251).cycle().take(len).collect();
        let context = hexed(text(&all, "context_string")?.as_bytes());
        let stated = text(test, "derive_key")?;
        let long = length(&json!(stated.len() / 2))?;
        cases.push(Case {
            name: format!("blake3 {len}"),
            what: "blake3",
            parts: [context, hexed(&input), String::new(), long],
            stated,
        });
    }
    Ok(cases)
}

fn native(case: &Case) -> anyhow::Result<String> {
    let bytes = |hex: &String| {
        (0..hex.len())
            .step_by(2)
            .map(|at| Ok(u8::from_str_radix(hex.get(at..at + 2).context("hex")?, 16)?))
            .collect::<anyhow::Result<Vec<u8>>>()
    };
    let [a, b, c, d] = case.parts.each_ref().map(bytes);
    let (a, b, c, d) = (a?, b?, c?, d?);
    Ok(daybook_probe::primitive::primitive(
        case.what, &a, &b, &c, &d,
    ))
}

const ASK: &str = r"
    const [cases, done] = arguments;
    const bytes = hex => Uint8Array.from(hex.match(/../g) || [], pair => parseInt(pair, 16));
    import('/probe.js')
        .then(probe => probe.default({ module_or_path: '/probe_bg.wasm' }).then(() =>
            cases.map(([what, parts]) => probe.primitive(what, ...parts.map(bytes)))))
        .then(done, fault => done('fault: ' + fault));
";

/// False if a result differs from the published one natively.
#[test]
fn primitives_give_the_published_results() -> anyhow::Result<()> {
    let vectors = match shared() {
        Ok(folder) => folder.join("vectors"),
        Err(NoLine::Missing(why)) => {
            skip("primitives_give_the_published_results", &why);
            return Ok(());
        }
        Err(NoLine::Broken(error)) => return Err(error),
    };
    let cases = cases(&vectors)?;
    anyhow::ensure!(cases.len() == 315 + 325 + 86 + 518 + 35);
    for case in &cases {
        let given = native(case)?;
        anyhow::ensure!(given == case.stated, "{}: {given}", case.name);
    }
    Ok(())
}

/// False if a result differs between native and wasm.
#[test]
fn primitives_agree_as_wasm() -> anyhow::Result<()> {
    match agree() {
        Ok(()) => Ok(()),
        Err(NoLine::Missing(why)) => {
            skip("primitives_agree_as_wasm", &why);
            Ok(())
        }
        Err(NoLine::Broken(error)) => Err(error),
    }
}

fn agree() -> Result<(), NoLine> {
    let cases = cases(&shared()?.join("vectors"))?;
    let ours = cases
        .iter()
        .map(native)
        .collect::<anyhow::Result<Vec<_>>>()?;
    let folder = tempfile::tempdir()?;
    let app = world::probe_app(folder.path())?;
    let relay = Relay::start(&folder.path().join("relay"), Some(&app))?;
    let page = Page::open(&folder.path().join("profile"))?;
    page.go(&relay.url)?;
    let asked: Vec<_> = cases
        .iter()
        .map(|case| json!([case.what, case.parts]))
        .collect();
    let theirs = page.script_async(ASK, vec![json!(asked)])?;
    if theirs != json!(ours) {
        return Err(anyhow!("wasm in Chromium gives other results: {theirs}").into());
    }
    println!("{} primitives: equal results", cases.len());
    Ok(())
}
