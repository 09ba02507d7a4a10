//! `cargo xtask test`: the fast gate. Every step runs, also after one that failed, so that one run shows everything; the
//! last line sums them up.

mod tally;

use crate::kit::browser::Browser;
use crate::kit::wasm::{self, Wasm};
use crate::kit::{deny, pack};
use crate::place::Place;
use crate::run;
use crate::say;
use crate::stage;
use crate::web;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tally::Tally;

/// Crates with code that exists only as wasm.
const WASM: &[&str] = &["daybook-ui", "daybook-worker", "daybook-probe"];
/// Crates that must behave the same in both worlds.
const KERNEL: &[&str] = &[
    "daybook-log",
    "daybook-manifest",
    "daybook-fold",
    "daybook-client",
];

type Check = fn(&Gate) -> Result<Tally>;

/// The steps, cheapest news first.
const STEPS: &[(&str, &str, Check)] = &[
    ("fmt", "formatting", Gate::formatting),
    (
        "deny",
        "bans, licences and sources of dependencies",
        Gate::deny,
    ),
    ("clippy", "clippy, native", Gate::clippy),
    ("build", "release binaries and the app", Gate::build),
    ("clippy-wasm", "clippy, wasm", Gate::clippy_wasm),
    (
        "sw",
        "the service worker's plan in Chromium",
        Gate::service_worker,
    ),
    (
        "native",
        "native tests, browser tests among them",
        Gate::native,
    ),
    (
        "wasm",
        "kernel tests as wasm in Chromium",
        Gate::kernel_as_wasm,
    ),
];

/// Runs all steps or the named ones; true when nothing failed (and, in CI, nothing was skipped).
pub(crate) fn run(place: &Place, words: &[String]) -> Result<bool> {
    if let Some(unknown) = words
        .iter()
        .find(|word| !STEPS.iter().any(|(name, ..)| name == word))
    {
        let names: Vec<_> = STEPS.iter().map(|(name, ..)| *name).collect();
        bail!("no step {unknown}; there are: {}", names.join(", "));
    }
    let gate = Gate::new(place)?;
    let (mut sum, mut table) = (Tally::default(), Vec::new());
    for (name, what, check) in STEPS {
        if !words.is_empty() && !words.iter().any(|word| word == name) {
            continue;
        }
        say::step(what);
        let start = say::seconds();
        let tally = check(&gate).unwrap_or_else(|error| {
            eprintln!("{name}: {error:#}");
            Tally::one(false)
        });
        table.push(format!(
            "{:>7.1} s  {name:<12} {tally}",
            say::seconds() - start
        ));
        sum += tally;
    }
    eprintln!("\n{}\n{:>7.1} s  in all", table.join("\n"), say::seconds());
    let skips = gate.skips();
    if !skips.is_empty() {
        let ci = if in_ci() {
            " (in CI a skip is a failure)"
        } else {
            ""
        };
        eprintln!("could not be run here{ci}:\n{}", skips.join("\n"));
    }
    println!("{sum}");
    Ok(sum.failed == 0 && sum.passed > 0 && (sum.skipped == 0 || !in_ci()))
}

fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}

struct Gate {
    place: Place,
    skips: PathBuf,
}

impl Gate {
    fn new(place: &Place) -> Result<Self> {
        fs::create_dir_all(&place.target)?;
        let skips = place.target.join("skips.txt");
        fs::write(&skips, "")?;
        Ok(Gate {
            place: place.clone(),
            skips,
        })
    }

    fn skips(&self) -> Vec<String> {
        fs::read_to_string(&self.skips)
            .unwrap_or_default()
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(str::to_owned)
            .collect()
    }

    fn formatting(&self) -> Result<Tally> {
        check(run::cargo(&self.place.root).args(["fmt", "--all", "--check"]))
    }

    fn deny(&self) -> Result<Tally> {
        let mut command = run::command(deny::ready(&self.place)?, &self.place.root);
        check(command.args([
            "--workspace",
            "--all-features",
            "check",
            "--hide-inclusion-graph",
            "bans",
            "licenses",
            "sources",
        ]))
    }

    fn clippy(&self) -> Result<Tally> {
        let mut command = run::cargo(&self.place.root);
        command.args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--features",
            "daybook-bundle/pack",
        ]);
        check(command.args(["--", "-D", "warnings"]))
    }

    fn build(&self) -> Result<Tally> {
        stage::build(&self.place).map(|()| Tally::one(true))
    }

    /// Clippy goes with rustup's compiler. On Debian's route the compiler's own warnings are what can be had.
    fn clippy_wasm(&self) -> Result<Tally> {
        let wasm = Wasm::ready(&self.place)?;
        let has_clippy = wasm.route == wasm::Route::Rustup;
        let mut command = wasm.cargo(&self.place, if has_clippy { "clippy" } else { "check" });
        for package in WASM.iter().chain(KERNEL) {
            command.args(["--package", package]);
        }
        if has_clippy {
            return check(command.args(["--", "-D", "warnings"]));
        }
        say::step("Debian's compiler has no clippy: the compiler's warnings are errors instead");
        check(
            command
                .env("RUSTFLAGS", "-D warnings")
                .arg("--target-dir")
                .arg(wasm.folder(&self.place)),
        )
    }

    /// `sw/` has no build step and its tests no machinery: they run where the service worker does.
    fn service_worker(&self) -> Result<Tally> {
        let browser = Browser::ready()?;
        let read = |name: &str| {
            fs::read_to_string(self.place.root.join("sw").join(name))
                .with_context(|| format!("could not read sw/{name}"))
        };
        let scopes = ["plan.js", "plan.test.js"]
            .map(|name| read(name).map(|code| format!("(() => {{\n{code}\n}})();\n")));
        let [plan, tests] = scopes;
        let harness = include_str!("gate/harness.js");
        let page = format!(
            "<!doctype html><body><script>\n{harness}\n{}{}report();\n</script></body>\n",
            plan?, tests?
        );
        let file = self.place.target.join("sw-tests.html");
        fs::write(&file, page)?;
        let mut command = browser.command(&self.place);
        command
            .args(["--virtual-time-budget=10000", "--dump-dom"])
            .arg(format!("file://{}", file.display()));
        let tally = counted(command.stderr(Stdio::null()))?;
        Ok(if tally == Tally::default() {
            Tally::one(false)
        } else {
            tally
        })
    }

    fn native(&self) -> Result<Tally> {
        let mut command = run::cargo(&self.place.root);
        stage::set(&self.place, &mut command)?;
        command.env("DAYBOOK_KERNEL_WASM", web::bare_kernel(&self.place)?);
        command
            .args(["test", "--workspace", "--no-fail-fast"])
            .env("DAYBOOK_SKIPS", &self.skips);
        let tally = counted(&mut command)?;
        Ok(tally.with_skips(u64::try_from(self.skips().len())?))
    }

    fn kernel_as_wasm(&self) -> Result<Tally> {
        let (wasm, browser, packer) = (
            Wasm::ready(&self.place)?,
            Browser::ready()?,
            pack::ready(&self.place)?,
        );
        let mut command = wasm.cargo(&self.place, "test");
        command.args(["--lib", "--tests", "--no-fail-fast", "--config"]);
        command.arg(format!(
            "target.{}.runner=[{:?}, \"test\"]",
            wasm::TARGET,
            packer.display().to_string()
        ));
        for package in KERNEL {
            command.args(["--package", package]);
        }
        command
            .env("WASM_BINDGEN_USE_DEDICATED_WORKER", "1")
            .env("WASM_BINDGEN_TEST_TIMEOUT", "300");
        command.env("CHROMEDRIVER", &browser.driver).env(
            "WASM_BINDGEN_TEST_WEBDRIVER_JSON",
            browser.capabilities(&self.place)?,
        );
        counted(&mut command)
    }
}

/// A command that is one check.
fn check(command: &mut Command) -> Result<Tally> {
    run::show(command).map(|()| Tally::one(true))
}

/// A command that counts its tests.
fn counted(command: &mut Command) -> Result<Tally> {
    let mut tally = Tally::default();
    let well = run::lines(command, |line| {
        if let Some(counts) = Tally::from_line(line) {
            tally += counts;
        }
    })?;
    Ok(tally.ended(well))
}
