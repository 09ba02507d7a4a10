//! The two routes to a compiler for `wasm32-unknown-unknown`: rustup's target where its servers answer, else Debian's
//! own compiler, which brings the standard library as source.

use crate::kit::apt;
use crate::kit::clang::Clang;
use crate::place::{Place, on_path};
use crate::run;
use crate::say;
use anyhow::{Context, Result, bail};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The only wasm target there is here.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

const DEBIAN_SOURCE: &str = "/usr/lib/rustlib/src/rust/library/Cargo.lock";

/// Parts of SQLite that the app never calls.
const UNUSED_OF_SQLITE: &str = "-USQLITE_ENABLE_FTS5 -USQLITE_ENABLE_RTREE -USQLITE_ENABLE_SESSION \
    -USQLITE_ENABLE_PREUPDATE_HOOK -USQLITE_ENABLE_MATH_FUNCTIONS -USQLITE_ENABLE_BYTECODE_VTAB \
    -USQLITE_ENABLE_STMTVTAB -USQLITE_ENABLE_DBPAGE_VTAB -USQLITE_ENABLE_DBSTAT_VTAB \
    -USQLITE_ENABLE_OFFSET_SQL_FUNC -USQLITE_ENABLE_UNKNOWN_SQL_FUNCTION -USQLITE_ENABLE_UNLOCK_NOTIFY \
    -USQLITE_ENABLE_COLUMN_METADATA -USQLITE_ENABLE_API_ARMOR -DSQLITE_OMIT_JSON -DSQLITE_OMIT_INCRBLOB \
    -DSQLITE_OMIT_GET_TABLE -DSQLITE_OMIT_COMPLETE -DSQLITE_OMIT_AUTOVACUUM -DSQLITE_OMIT_DESERIALIZE \
    -DSQLITE_OMIT_TCL_VARIABLE -DSQLITE_OMIT_COMPILEOPTION_DIAGS \
    -DSQLITE_OMIT_UTF16 -DSQLITE_OMIT_TRACE -DSQLITE_OMIT_AUTHORIZATION -DSQLITE_OMIT_PROGRESS_CALLBACK \
    -DSQLITE_UNTESTABLE";

/// How the compiler came here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// `rustup target add`.
    Rustup,
    /// Debian's `rustc-web`, with the standard library built from source.
    Debian,
}

/// Everything that compiles for wasm.
#[derive(Clone, Debug)]
pub(crate) struct Wasm {
    pub(crate) route: Route,
    clang: Clang,
}

impl Wasm {
    /// Finds or installs a compiler, by the route that `DAYBOOK_WASM_ROUTE` names or the first that works.
    pub(crate) fn ready(place: &Place) -> Result<Self> {
        let route = match env::var("DAYBOOK_WASM_ROUTE").as_deref() {
            Ok("debian") => debian().map(|()| Route::Debian)?,
            Ok("rustup") if rustup(place) => Route::Rustup,
            Ok("rustup") => bail!(
                "rustup has no {TARGET} for this toolchain, and DAYBOOK_WASM_ROUTE allows no other route"
            ),
            Ok(other) => bail!("DAYBOOK_WASM_ROUTE is {other:?}; it can be rustup or debian"),
            Err(_) if rustup(place) => Route::Rustup,
            Err(_) => {
                say::step(
                    "rustup's servers gave no wasm target: taking Debian's compiler with the standard library from source",
                );
                debian().map(|()| Route::Debian)?
            }
        };
        Ok(Wasm {
            route,
            clang: Clang::ready()?,
        })
    }

    /// One sentence for the person who waits.
    pub(crate) fn describe(&self) -> String {
        let route = match self.route {
            Route::Rustup => "rustup's target",
            Route::Debian => "Debian's compiler, standard library from source",
        };
        format!("{route}, C by {}", self.clang.cc.display())
    }

    /// `cargo VERB … --target wasm32-unknown-unknown`, to which the caller adds packages and profile. Clippy and the
    /// compiler of one route go together, so a lint needs the rustup route.
    pub(crate) fn cargo(&self, place: &Place, verb: &str) -> Command {
        let mut command = match self.route {
            Route::Rustup => run::cargo(&place.root),
            Route::Debian => debian_cargo(place, &self.clang),
        };
        command.arg(verb).args(["--target", TARGET]);
        if self.route == Route::Debian {
            command.args(["-Z", "build-std=std,panic_abort"]);
        }
        command
            .env("CC_wasm32_unknown_unknown", &self.clang.cc)
            .env("AR_wasm32_unknown_unknown", &self.clang.ar);
        command
    }

    /// `cargo build` of what ships, with a profile, in this route's folder. Where the sources lay on the machine that built
    /// it is nobody's business: paths start at the workspace, the registry or the library.
    pub(crate) fn release(&self, place: &Place, profile: &str, flags: &[&str]) -> Command {
        let mut command = self.cargo(place, "build");
        command
            .args(["--profile", profile])
            .arg("--target-dir")
            .arg(self.folder(place));
        let remaps = [
            (place.root.clone(), "daybook"),
            (cargo_home().join("registry/src"), "registry"),
            (PathBuf::from("/usr/lib/rustlib/src/rust"), "rust"),
        ];
        let remaps = remaps
            .into_iter()
            .map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
        let all: Vec<_> = remaps
            .chain(flags.iter().map(|flag| (*flag).to_owned()))
            .collect();
        command
            .env("CARGO_ENCODED_RUSTFLAGS", all.join("\u{1f}"))
            .env("SQLITE_WASM_RS_FLAGS", UNUSED_OF_SQLITE);
        command
    }

    /// The folder in which this route builds for the web: each route has its own, as each has its own compiler.
    pub(crate) fn folder(&self, place: &Place) -> PathBuf {
        match self.route {
            Route::Rustup => place.wasm(),
            Route::Debian => place.target.join("wasm-debian"),
        }
    }
}

/// The target is there, or rustup brought it.
fn rustup(place: &Place) -> bool {
    if has_target(place) {
        return true;
    }
    if on_path("rustup").is_none() {
        return false;
    }
    say::step(&format!(
        "the wasm target is missing: rustup target add {TARGET}"
    ));
    run::quick(
        run::command("rustup", &place.root).args(["target", "add", TARGET]),
        Duration::from_secs(180),
    ) && has_target(place)
}

fn has_target(place: &Place) -> bool {
    let asked = run::output(run::command("rustc", &place.root).args([
        "--print",
        "target-libdir",
        "--target",
        TARGET,
    ]));
    let Ok(answer) = asked else { return false };
    let folder = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
    let Ok(entries) = Path::new(&folder).read_dir() else {
        return false;
    };
    entries
        .flatten()
        .any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
}

/// Debian's compiler is there, or apt brought it.
fn debian() -> Result<()> {
    let here = || {
        Path::new("/usr/bin/rustc").is_file()
            && Path::new("/usr/bin/cargo").is_file()
            && Path::new(DEBIAN_SOURCE).is_file()
    };
    let linker = || linkers().into_iter().any(|name| on_path(&name).is_some());
    if here() && linker() {
        return Ok(());
    }
    let packages = [
        "rustc-web",
        "cargo-web",
        "rust-web-src",
        "clang-22",
        "lld-22",
        "llvm-22",
    ];
    apt::install(&packages, "a compiler for wasm (Debian's rustc-web)")?;
    if here() {
        Ok(())
    } else {
        bail!(
            "rustc-web was installed and its standard library's source is not where it should be ({DEBIAN_SOURCE})"
        )
    }
}

fn linkers() -> Vec<String> {
    (14..=30)
        .rev()
        .map(|version| format!("wasm-ld-{version}"))
        .chain(["wasm-ld".to_owned()])
        .collect()
}

fn debian_cargo(place: &Place, clang: &Clang) -> Command {
    let mut command = run::command("/usr/bin/cargo", &place.root);
    for name in [
        "CARGO",
        "RUSTUP_TOOLCHAIN",
        "RUSTC_WRAPPER",
        "LD_LIBRARY_PATH",
    ] {
        command.env_remove(name);
    }
    let own = format!("wasm-ld{}", clang.suffix);
    let linker = [own]
        .into_iter()
        .chain(linkers())
        .find_map(|name| on_path(&name))
        .unwrap_or_else(|| "wasm-ld".into());
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(
        [PathBuf::from("/usr/bin")]
            .into_iter()
            .chain(env::split_paths(&path)),
    )
    .unwrap_or(path);
    command
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTC", "/usr/bin/rustc")
        .env("PATH", path);
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    command
}

/// Where cargo keeps what it fetched.
fn cargo_home() -> PathBuf {
    let own = env::var_os("CARGO_HOME").map(PathBuf::from);
    let usual = || PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".cargo");
    own.unwrap_or_else(usual)
}

/// The wasm file that a build left.
pub(crate) fn artefact(folder: &Path, profile: &str, name: &str) -> Result<PathBuf> {
    let file = folder
        .join(TARGET)
        .join(profile)
        .join(format!("{name}.wasm"));
    file.is_file()
        .then_some(file.clone())
        .with_context(|| format!("the build left no {}", file.display()))
}
