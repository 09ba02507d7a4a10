//! The app's files: wasm for page and worker, manifests, static sources, each with its final name, compressed beside
//! itself, listed in `release.json`.

mod names;

use crate::binaries;
use crate::kit::pack;
use crate::kit::wasm::{self, Wasm};
use crate::place::{Place, on_path};
use crate::run;
use crate::say;
use crate::stamp::{self, Stamp};
use anyhow::{Context, Result, bail};
use names::{Asset, Settled};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// What the app is made of, besides the workspace's own files.
const SOURCES: &[&str] = &[
    "kernel",
    "pwa/store",
    "pwa/proto",
    "pwa/worker",
    "pwa/ui",
    "pwa/bundle/src",
    "pwa/cli/src",
    "sw",
];
/// The two wasm modules: package and short name.
const MODULES: &[(&str, &str)] = &[("daybook-ui", "ui"), ("daybook-worker", "worker")];
/// Kinds of files whose compressed form is worth its bytes.
const COMPRESSED: &[&str] = &[
    "html",
    "css",
    "js",
    "json",
    "wasm",
    "webmanifest",
    "svg",
    "ast",
];
/// Kinds of static sources, and those of them in which tokens are filled.
const STATIC: &[&str] = &[
    "html",
    "css",
    "js",
    "webmanifest",
    "svg",
    "png",
    "ico",
    "txt",
];
const WITH_TOKENS: &[&str] = &["html", "css", "js", "webmanifest"];

/// The bundled app lies in [`Place::web`] and is as its sources are.
pub(crate) fn ready(place: &Place) -> Result<PathBuf> {
    let (stamp_file, stamp) = (place.target.join("web.stamp"), stamp(place, SOURCES)?);
    if stamp::is_fresh(&stamp_file, &stamp, &[place.web().join("release.json")]) {
        return Ok(place.web());
    }
    let _ = fs::remove_file(&stamp_file);
    let wasm = Wasm::ready(place)?;
    binaries::ready(place)?;
    pack::ready(place)?;
    say::step(&format!(
        "building the app's wasm ({}; some minutes the first time)",
        wasm.describe()
    ));
    let packages = MODULES
        .iter()
        .flat_map(|(package, _)| ["--package", package]);
    run::show(
        wasm.cargo(place, "build")
            .args(packages)
            .args(["--lib", "--profile", "web"])
            .arg("--target-dir")
            .arg(wasm.folder(place)),
    )?;
    say::step("binding, naming and compressing the app's files");
    let mut assets = modules(place, &wasm)?;
    assets.extend(manifests(place)?);
    assets.extend(static_files(place)?);
    write(place, &names::settle(&assets)?)?;
    fs::write(stamp_file, stamp)?;
    Ok(place.web())
}

fn stamp(place: &Place, sources: &[&str]) -> Result<String> {
    let mut stamp = Stamp::new("wasm");
    for below in sources.iter().chain(binaries::WORKSPACE) {
        stamp.tree(&place.root, below)?;
    }
    stamp.word(&std::env::var("DAYBOOK_WASM_ROUTE").unwrap_or_default());
    Ok(stamp.finish())
}

/// Where the kernel's probe lies, bound for a kind of host.
pub(crate) fn probe_folder(place: &Place, host: &str) -> PathBuf {
    place.target.join("probe").join(host)
}

/// Builds the probe (the kernel behind a few functions, which witnesses drive in a browser) if the tree has one.
pub(crate) fn probe(place: &Place) -> Result<()> {
    if !place.root.join("witnesses/probe").is_dir() {
        return Ok(());
    }
    let folders = ["web", "nodejs"].map(|host| (host, probe_folder(place, host)));
    let (stamp_file, stamp) = (
        place.target.join("probe.stamp"),
        stamp(place, &["kernel", "witnesses/probe"])?,
    );
    if stamp::is_fresh(
        &stamp_file,
        &stamp,
        &folders.clone().map(|(_, folder)| folder),
    ) {
        return Ok(());
    }
    let wasm = Wasm::ready(place)?;
    pack::ready(place)?;
    say::step("building the kernel's probe");
    run::show(
        wasm.cargo(place, "build")
            .args(["--package", "daybook-probe", "--profile", "web"])
            .arg("--target-dir")
            .arg(wasm.folder(place)),
    )?;
    let built = wasm::artefact(&wasm.folder(place), "web", "daybook_probe")?;
    for (host, folder) in folders {
        bind(place, &built, host, &folder, "probe")?;
    }
    Ok(fs::write(stamp_file, stamp)?)
}

/// Binds a wasm file for a kind of host (`web`, `nodejs`) into a folder, as `NAME.js` and `NAME_bg.wasm`.
pub(crate) fn bind(
    place: &Place,
    file: &Path,
    host: &str,
    folder: &Path,
    name: &str,
) -> Result<()> {
    let _ = fs::remove_dir_all(folder.join("snippets"));
    let mut command = run::command(place.pack(), &place.root);
    command
        .arg("bind")
        .arg(file)
        .args(["--target", host, "--no-typescript", "--out-name", name]);
    if host == "web" {
        command.arg("--omit-default-module-path");
    }
    run::show(command.arg("--out-dir").arg(folder))?;
    if folder.join("snippets").exists() {
        bail!(
            "{name} has inline JavaScript snippets, which the strict content policy and the hashed names do not allow"
        );
    }
    Ok(())
}

fn modules(place: &Place, wasm: &Wasm) -> Result<Vec<Asset>> {
    let mut assets = Vec::new();
    for (package, name) in MODULES {
        let built = wasm::artefact(&wasm.folder(place), "web", &package.replace('-', "_"))?;
        let bound = place.target.join("bound").join(name);
        bind(place, &built, "web", &bound, name)?;
        let code = bound.join(format!("{name}_bg.wasm"));
        shrink(place, &code)?;
        assets.push(generated(
            format!("{name}.js"),
            &bound.join(format!("{name}.js")),
        )?);
        assets.push(generated(format!("{name}.wasm"), &code)?);
    }
    Ok(assets)
}

/// Runs binaryen's optimiser where the machine has it; the app is right without it, and larger.
fn shrink(place: &Place, code: &Path) -> Result<()> {
    let Some(optimiser) = on_path("wasm-opt") else {
        say::step("no wasm-opt on this machine: the app is larger than it could be, and right");
        return Ok(());
    };
    let smaller = code.with_extension("opt");
    let mut command = run::command(optimiser, &place.root);
    command
        .arg("-O3")
        .arg("--all-features")
        .arg(code)
        .arg("-o")
        .arg(&smaller);
    if run::quick(&mut command, std::time::Duration::from_secs(300)) {
        fs::rename(smaller, code)?;
    } else {
        say::step("wasm-opt of this machine did not take the wasm: left as it is");
    }
    Ok(())
}

/// Every shipped manifest as the canonical bytes that a book adopts.
fn manifests(place: &Place) -> Result<Vec<Asset>> {
    let mut assets = Vec::new();
    let folder = place.target.join("bound");
    fs::create_dir_all(&folder)?;
    for source in stamp::files(&place.root.join("kernel/manifests"))? {
        let Some(stem) = source
            .file_stem()
            .filter(|_| source.extension().is_some_and(|kind| kind == "book"))
        else {
            continue;
        };
        let name = format!("{}.ast", stem.to_string_lossy());
        let built = folder.join(&name);
        let mut command = run::command(place.release("daybook"), &place.root);
        let made = run::output(
            command
                .args(["manifest", "build"])
                .arg(&source)
                .arg("-o")
                .arg(&built),
        )?;
        if !made.status.success() {
            bail!(
                "{} does not compile:\n{}",
                source.display(),
                String::from_utf8_lossy(&made.stderr)
            );
        }
        assets.push(generated(name, &built)?);
    }
    Ok(assets)
}

fn generated(name: String, file: &Path) -> Result<Asset> {
    let bytes = fs::read(file).with_context(|| format!("the build left no {}", file.display()))?;
    Ok(Asset {
        name,
        bytes,
        has_tokens: false,
    })
}

fn static_files(place: &Place) -> Result<Vec<Asset>> {
    let mut assets = Vec::new();
    for folder in ["pwa/ui", "sw"] {
        let folder = place.root.join(folder);
        for file in stamp::files(&folder)? {
            let below = file.strip_prefix(&folder)?;
            let name = below.to_string_lossy().into_owned();
            let kind = below
                .extension()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let shipped = STATIC.contains(&kind.as_str())
                && !["src", "tests"]
                    .iter()
                    .any(|inner| below.starts_with(inner))
                && !name.contains("test");
            if shipped {
                assets.push(Asset {
                    bytes: fs::read(&file)?,
                    has_tokens: WITH_TOKENS.contains(&kind.as_str()),
                    name,
                });
            }
        }
    }
    Ok(assets)
}

/// Writes the files into a new folder and puts it in the place of the old one.
fn write(place: &Place, settled: &Settled) -> Result<()> {
    let (new, old) = (place.target.join("web.new"), place.target.join("web.old"));
    for folder in [&new, &old] {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
    }
    let release = release(settled)?;
    let mut compressed = Vec::new();
    for (name, bytes) in settled
        .iter()
        .chain([(&"release.json".to_owned(), &release)])
    {
        let file = new.join(name);
        fs::create_dir_all(file.parent().context("a file lies in a folder")?)?;
        fs::write(&file, bytes)?;
        if COMPRESSED.contains(
            &file
                .extension()
                .unwrap_or_default()
                .to_string_lossy()
                .as_ref(),
        ) {
            compressed.push(file);
        }
    }
    run::show(
        run::command(place.pack(), &place.root)
            .arg("brotli")
            .args(&compressed),
    )?;
    if place.web().exists() {
        fs::rename(place.web(), &old)?;
    }
    fs::rename(&new, place.web())?;
    let _ = fs::remove_dir_all(old);
    for file in compressed
        .iter()
        .filter(|file| file.extension().is_some_and(|kind| kind == "wasm"))
    {
        report(place, file.strip_prefix(&new)?);
    }
    Ok(())
}

fn report(place: &Place, name: &Path) {
    let size = |file: PathBuf| {
        fs::metadata(file)
            .map_or(0, |meta| meta.len())
            .div_ceil(1000)
    };
    let plain = place.web().join(name);
    let mut packed = plain.clone().into_os_string();
    packed.push(".br");
    say::step(&format!(
        "{}: {} kB, {} kB compressed",
        name.display(),
        size(plain),
        size(packed.into())
    ));
}

/// The list by which a service worker proves an install whole. Names are ours and need no escaping.
fn release(settled: &Settled) -> Result<Vec<u8>> {
    let mut files = String::new();
    for (name, bytes) in settled {
        let comma = if files.is_empty() { "" } else { "," };
        write!(
            files,
            "{comma}\n    {name:?}: {{\"sha256\": \"{}\", \"bytes\": {}}}",
            stamp::sha256(bytes),
            bytes.len()
        )?;
    }
    let id = &stamp::sha256(files.as_bytes())[..16];
    Ok(format!("{{\n  \"release\": \"{id}\",\n  \"files\": {{{files}\n  }}\n}}\n").into_bytes())
}
