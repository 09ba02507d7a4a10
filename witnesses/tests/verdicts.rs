//! The one verifier gives the same verdicts natively and as wasm in Chromium, on every vector at hand.

use anyhow::{Context as _, anyhow, ensure};
use daybook_witnesses::browser::Page;
use daybook_witnesses::witness::NoLine;
use daybook_witnesses::world::{self, Relay, shared, skip};
use serde_json::{Value, json};
use std::path::Path;

/// A key, a message and a signature, in hex, and what the vector says of them where it is our rule that it speaks of.
struct Case {
    name: String,
    parts: [String; 3],
    stated: Option<bool>,
}

fn hex(text: &str) -> anyhow::Result<Vec<u8>> {
    ensure!(text.len().is_multiple_of(2), "odd hex");
    (0..text.len())
        .step_by(2)
        .map(|at| {
            Ok(u8::from_str_radix(
                text.get(at..at + 2).context("hex")?,
                16,
            )?)
        })
        .collect()
}

fn text(value: &Value, key: &str) -> anyhow::Result<String> {
    Ok(value[key]
        .as_str()
        .with_context(|| format!("no {key}"))?
        .to_owned())
}

fn read(path: &Path) -> anyhow::Result<Value> {
    Ok(serde_json::from_slice(
        &std::fs::read(path).with_context(|| path.display().to_string())?,
    )?)
}

fn list(value: &Value) -> anyhow::Result<&Vec<Value>> {
    value.as_array().context("not a list")
}

fn cases(vectors: &Path) -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for group in list(&read(&vectors.join("wycheproof/ed25519_test.json"))?["testGroups"])? {
        let key = text(&group["publicKey"], "pk")?;
        for test in list(&group["tests"])? {
            let stated = Some(test["result"] == "valid");
            let parts = [key.clone(), text(test, "msg")?, text(test, "sig")?];
            cases.push(Case {
                name: format!("wycheproof {}", test["tcId"]),
                parts,
                stated,
            });
        }
    }
    for test in list(&read(&vectors.join("ours/ed25519_torsion.json"))?)? {
        let admitted = test["torsion_free_A"] == true && test["is_weak"] == false;
        let stated = Some(admitted && test["verify_strict"] == true);
        let parts = [text(test, "pk")?, text(test, "msg")?, text(test, "sig")?];
        cases.push(Case {
            name: text(test, "name")?,
            parts,
            stated,
        });
    }
    for (n, test) in list(&read(&vectors.join("ed25519/speccheck.json"))?)?
        .iter()
        .enumerate()
    {
        let parts = [
            text(test, "pub_key")?,
            text(test, "message")?,
            text(test, "signature")?,
        ];
        cases.push(Case {
            name: format!("speccheck {n}"),
            parts,
            stated: None,
        });
    }
    for test in list(&read(&vectors.join("ed25519/cctv.json"))?)? {
        let message = text(test, "msg")?
            .bytes()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let parts = [text(test, "key")?, message, text(test, "sig")?];
        // Of this set, strict verification under admitted keys accepts the one case without a flag.
        let stated = Some(test["flags"].as_array().is_none_or(Vec::is_empty));
        cases.push(Case {
            name: format!("cctv {}", test["number"]),
            parts,
            stated,
        });
    }
    Ok(cases)
}

fn native(case: &Case) -> anyhow::Result<bool> {
    let [key, message, signature] = &case.parts;
    Ok(daybook_probe::accepts(
        &hex(key)?,
        &hex(message)?,
        &hex(signature)?,
    ))
}

const ASK: &str = r"
    const [cases, canonical, done] = arguments;
    const bytes = hex => Uint8Array.from(hex.match(/../g) || [], pair => parseInt(pair, 16));
    import('/probe.js')
        .then(probe => probe.default({ module_or_path: '/probe_bg.wasm' }).then(() => [
            cases.map(parts => probe.accepts(...parts.map(bytes))),
            canonical.map(hex => probe.canonical(bytes(hex))),
        ]))
        .then(done, fault => done('fault: ' + fault));
";

/// False if a verdict differs from the stated one, or between native and wasm.
#[test]
fn native_and_wasm_agree_with_the_vectors() -> anyhow::Result<()> {
    match agree() {
        Ok(()) => Ok(()),
        Err(NoLine::Missing(why)) => {
            skip("native_and_wasm_agree_with_the_vectors", &why);
            Ok(())
        }
        Err(NoLine::Broken(error)) => Err(error),
    }
}

fn agree() -> Result<(), NoLine> {
    let vectors = shared()?.join("vectors");
    let cases = cases(&vectors)?;
    let verdicts = cases
        .iter()
        .map(native)
        .collect::<anyhow::Result<Vec<_>>>()?;
    for (case, verdict) in cases.iter().zip(&verdicts) {
        if case.stated.is_some_and(|stated| stated != *verdict) {
            return Err(anyhow!(
                "{}: accepted={verdict}, the vector says otherwise",
                case.name
            )
            .into());
        }
    }
    let postcard = read(&vectors.join("ours/postcard_noncanonical.json"))?;
    let coded = list(&postcard["cases"])?;
    let bytes = coded
        .iter()
        .map(|case| text(case, "hex"))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let canonical: Vec<bool> = coded.iter().map(|case| case["canonical"] == true).collect();
    for (hexed, stated) in bytes.iter().zip(&canonical) {
        if daybook_probe::canonical(&hex(hexed)?) != *stated {
            return Err(anyhow!("postcard {hexed}: canonical should be {stated}").into());
        }
    }
    let folder = tempfile::tempdir()?;
    let relay = Relay::start(
        &folder.path().join("relay"),
        Some(&world::probe_app(folder.path())?),
    )?;
    let page = Page::open(&folder.path().join("profile"))?;
    page.go(&relay.url)?;
    let parts: Vec<_> = cases.iter().map(|case| &case.parts).collect();
    let theirs = page.script_async(ASK, vec![json!(parts), json!(bytes)])?;
    if theirs != json!([verdicts, canonical]) {
        return Err(anyhow!("wasm in Chromium judges otherwise: {theirs}").into());
    }
    println!(
        "{} signatures and {} codings: equal verdicts",
        cases.len(),
        bytes.len()
    );
    Ok(())
}
