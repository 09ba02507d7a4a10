//! Where things lie: the work tree, the build folder, and the folder of tools that outlive a clean build.

use std::env;
use std::path::{Path, PathBuf};

/// The paths of this work tree, whatever the current folder is.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The workspace's root.
    pub(crate) root: PathBuf,
    /// Cargo's build folder.
    pub(crate) target: PathBuf,
    /// Tools that were built once and serve every clone of this user.
    pub(crate) tools: PathBuf,
}

impl Place {
    /// Reads the surroundings. `cargo run` names the package's folder; a copied binary falls back to where it was built.
    pub(crate) fn find() -> Self {
        let package = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = package.ancestors().nth(2).unwrap_or(&package).to_path_buf();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => root.join(dir),
            None => root.join("target"),
        };
        Place {
            tools: tools(&target),
            root,
            target,
        }
    }

    /// Where wasm is built for the web. A folder of its own: cargo would put its own `web` folder where the app lies.
    pub(crate) fn wasm(&self) -> PathBuf {
        self.target.join("wasm")
    }

    /// A binary of the release profile.
    pub(crate) fn release(&self, name: &str) -> PathBuf {
        self.target.join("release").join(name)
    }

    /// The binary of the heavy libraries.
    pub(crate) fn pack(&self) -> PathBuf {
        self.target.join("pack").join("xtask-pack")
    }

    /// What `up` keeps between starts: the relay's data, the set-up code, the port.
    pub(crate) fn kept(&self) -> PathBuf {
        self.root.join(".daybook")
    }

    /// The data and vectors that tests use where they exist.
    pub(crate) fn shared(&self) -> Option<PathBuf> {
        let given = env::var_os("DAYBOOK_SHARED").map(PathBuf::from);
        given
            .or_else(|| self.root.parent().map(|above| above.join("shared")))
            .filter(|dir| dir.is_dir())
    }
}

fn tools(target: &Path) -> PathBuf {
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    cache.or(home).map_or_else(
        || target.join("tools"),
        |cache| cache.join("daybook").join("tools"),
    )
}

/// The first file of this name on `PATH`.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|dir| dir.join(name))
        .find(|file| file.is_file())
}
