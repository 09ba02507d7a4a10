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
/// The two wasm modules. The page's is drawn small, the worker's is fast.
const MODULES: &[Module] = &[
    Module {
        package: "daybook-ui",
        name: "ui",
        profile: "web-ui",
        flags: &["--cfg", "erase_components"],
        most: 180_000,
    },
    Module {
        package: "daybook-worker",
        name: "worker",
        profile: "web",
        flags: &[],
        most: 650_000,
    },
];
/// Compressed bytes that everything else (page, styles, glue, service worker) may have together.
const SHELL_MOST: u64 = 30_000;
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

/// A wasm module of the app.
#[derive(Clone, Copy, Debug)]
struct Module {
    package: &'static str,
    /// Its name in the bundle.
    name: &'static str,
    profile: &'static str,
    flags: &'static [&'static str],
    /// Compressed bytes above which the build fails: somebody waits for every one of them.
    most: u64,
}

/// Which build of the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    /// What people get.
    Shipped,
    /// With a way to change a stored row behind the kernel's back, so that the proof of the books can be seen to fail.
    Falsify,
}

impl Variant {
    /// Where its files lie.
    pub(crate) fn folder(self, place: &Place) -> PathBuf {
        place.target.join(self.name())
    }

    fn name(self) -> &'static str {
        match self {
            Variant::Shipped => "web",
            Variant::Falsify => "web-falsify",
        }
    }

    fn features(self) -> &'static [&'static str] {
        match self {
            Variant::Shipped => &[],
            Variant::Falsify => &["--features", "falsify"],
        }
    }
}

/// The bundled app is as its sources are.
pub(crate) fn ready(place: &Place, variant: Variant) -> Result<PathBuf> {
    let folder = variant.folder(place);
    let (stamp_file, stamp) = (folder.with_extension("stamp"), stamp(place, SOURCES)?);
    if stamp::is_fresh(&stamp_file, &stamp, &[folder.join("release.json")]) {
        return Ok(folder);
    }
    let _ = fs::remove_file(&stamp_file);
    let wasm = Wasm::ready(place)?;
    binaries::ready(place)?;
    pack::ready(place)?;
    say::step(&format!(
        "building the app's wasm into {} ({}; some minutes the first time)",
        variant.name(),
        wasm.describe()
    ));
    let mut assets = Vec::new();
    for module in MODULES {
        assets.extend(module.build(place, &wasm, variant)?);
    }
    assets.extend(manifests(place)?);
    assets.extend(static_files(place)?);
    say::step("naming and compressing the app's files");
    write(place, &folder, &names::settle(&assets)?)?;
    fs::write(stamp_file, stamp)?;
    Ok(folder)
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
        wasm.release(place, "web", &[])
            .args(["--package", "daybook-probe"]),
    )?;
    let built = wasm::artefact(&wasm.folder(place), "web", "daybook_probe")?;
    for (host, folder) in folders {
        bind(place, &built, host, &folder, "probe")?;
    }
    Ok(fs::write(stamp_file, stamp)?)
}

/// Builds the whole kernel as a program without a host, for `lint` to look at.
pub(crate) fn bare_kernel(place: &Place) -> Result<PathBuf> {
    let wasm = Wasm::ready(place)?;
    let mut command = wasm.release(place, "web", &[]);
    command.args([
        "--quiet",
        "--package",
        "daybook-client",
        "--example",
        "bare",
    ]);
    run::show(&mut command)?;
    wasm::artefact(&wasm.folder(place), "web", "examples/bare")
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
        .args(["--target", host, "--no-typescript", "--remove-name-section"])
        .args(["--out-name", name]);
    if host == "web" {
        command.arg("--omit-default-module-path");
    }
    run::show(command.arg("--out-dir").arg(folder))?;
    let glue = fs::read_to_string(folder.join(format!("{name}.js")))?;
    if glue.contains("from \"env\"") {
        bail!("{name} wants functions of a C library that is not linked: no browser has them");
    }
    if folder.join("snippets").exists() {
        bail!(
            "{name} has inline JavaScript snippets, which the strict content policy and the hashed names do not allow"
        );
    }
    Ok(())
}

impl Module {
    fn build(&self, place: &Place, wasm: &Wasm, variant: Variant) -> Result<Vec<Asset>> {
        let mut command = wasm.release(place, self.profile, self.flags);
        command
            .args(["--package", self.package, "--lib"])
            .args(variant.features());
        run::show(&mut command)?;
        let built = wasm::artefact(
            &wasm.folder(place),
            self.profile,
            &self.package.replace('-', "_"),
        )?;
        let bound = place
            .target
            .join("bound")
            .join(variant.name())
            .join(self.name);
        bind(place, &built, "web", &bound, self.name)?;
        let code = bound.join(format!("{}_bg.wasm", self.name));
        shrink(place, &code)?;
        Ok(vec![
            generated(
                format!("{}.js", self.name),
                &bound.join(format!("{}.js", self.name)),
            )?,
            generated(format!("{}.wasm", self.name), &code)?,
        ])
    }
}

/// Runs binaryen's optimiser where the machine has it, and keeps its work only where that is smaller on the wire: some
/// code grows. The app is right without it.
fn shrink(place: &Place, code: &Path) -> Result<()> {
    let Some(optimiser) = on_path("wasm-opt") else {
        say::step("no wasm-opt on this machine: the app may be a little larger than it could be");
        return Ok(());
    };
    let other = code.with_extension("opt");
    let mut command = run::command(optimiser, &place.root);
    command
        .arg("-O3")
        .arg("--all-features")
        .arg(code)
        .arg("-o")
        .arg(&other);
    if !run::quick(&mut command, std::time::Duration::from_secs(300)) {
        say::step("wasm-opt of this machine did not take the wasm: left as it is");
        return Ok(());
    }
    run::show(
        run::command(place.pack(), &place.root)
            .arg("brotli")
            .args([code, &other]),
    )?;
    if size(&packed(&other)) < size(&packed(code)) {
        fs::rename(other, code)?;
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
fn write(place: &Place, folder: &Path, settled: &Settled) -> Result<()> {
    let (new, old) = (folder.with_extension("new"), folder.with_extension("old"));
    for folder in [&new, &old] {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
    }
    let release = release(settled)?;
    let mut compressed = Vec::new();
    for (name, bytes) in settled
        .files
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
    weigh(&compressed)?;
    if folder.exists() {
        fs::rename(folder, &old)?;
    }
    fs::rename(&new, folder)?;
    let _ = fs::remove_dir_all(old);
    Ok(())
}

/// Says what the app weighs on the wire; fails when a part has outgrown its budget.
fn weigh(compressed: &[PathBuf]) -> Result<()> {
    let (mut shell, mut parts) = (0, Vec::new());
    for file in compressed {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let module = MODULES
            .iter()
            .find(|module| name.starts_with(module.name) && name.ends_with(".wasm"));
        match module {
            Some(module) => parts.push((module.name, size(&packed(file)), module.most)),
            None if name.ends_with(".ast") => {}
            None => shell += size(&packed(file)),
        }
    }
    parts.push(("shell", shell, SHELL_MOST));
    for (name, bytes, most) in parts {
        let kilo = |bytes: u64| bytes.div_ceil(1000);
        say::step(&format!(
            "{name}: {} kB compressed, of {} kB",
            kilo(bytes),
            kilo(most)
        ));
        if bytes > most {
            bail!(
                "{name} has {bytes} bytes compressed and may have {most} (docs/decision/0009-what-a-first-visit-weighs.md)"
            );
        }
    }
    Ok(())
}

fn packed(file: &Path) -> PathBuf {
    let mut name = file.to_path_buf().into_os_string();
    name.push(".br");
    name.into()
}

fn size(file: &Path) -> u64 {
    fs::metadata(file).map_or(u64::MAX, |meta| meta.len())
}

/// The list by which a service worker proves an install whole. Names are ours and need no escaping.
fn release(settled: &Settled) -> Result<Vec<u8>> {
    let mut files = String::new();
    for (name, bytes) in &settled.files {
        let comma = if files.is_empty() { "" } else { "," };
        write!(
            files,
            "{comma}\n    {name:?}: {{\"sha256\": \"{}\", \"bytes\": {}}}",
            stamp::sha256(bytes),
            bytes.len()
        )?;
    }
    Ok(format!(
        "{{\n  \"release\": \"{}\",\n  \"files\": {{{files}\n  }}\n}}\n",
        settled.release
    )
    .into_bytes())
}
