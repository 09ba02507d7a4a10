//! What an operator sets.

use crate::Fault;
use crate::limits::{
    BODY_PATIENCE, CONNECTIONS_MAX, HEADER_PATIENCE, SETUP_CODE_CHARS_MIN, STRANGERS_PER_S,
};
use daybook_log::limits::SETUP_CODE_BYTES_MAX;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// How SQLite waits for the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// A commit returns after its bytes are on stable storage.
    #[default]
    Full,
    /// It does not: acknowledged entries can be lost. Only so that the durability witness can be seen failing.
    #[cfg(feature = "falsify")]
    Off,
}

impl Synchronous {
    pub(crate) fn pragma(self) -> &'static str {
        match self {
            Synchronous::Full => "FULL",
            #[cfg(feature = "falsify")]
            Synchronous::Off => "OFF",
        }
    }
}

/// Settings of one relay. What has no flag is for tests and for who links the relay.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data directory; made if it is not there.
    pub data: PathBuf,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The folder of the app's files.
    pub app: Option<PathBuf>,
    /// Codes that let one book each be made. Giving the same again changes nothing.
    pub setup_codes: Vec<String>,
    /// Connections served at once.
    pub connections_max: u32,
    /// Requests of strangers (new books, joins) per second; five seconds' worth may come at once.
    pub strangers_per_s: u32,
    /// A request's headers must be there within this.
    pub header_patience: Duration,
    /// And its body, after that, within this.
    pub body_patience: Duration,
    /// Another registered SQLite VFS, for witnesses that lose writes.
    pub vfs: Option<String>,
    /// See [`Synchronous`].
    pub synchronous: Synchronous,
}

impl Config {
    /// The defaults: loopback, a free port, no app, full durability.
    pub fn new(data: impl Into<PathBuf>) -> Config {
        Config {
            data: data.into(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            app: None,
            setup_codes: Vec::new(),
            connections_max: CONNECTIONS_MAX,
            strangers_per_s: STRANGERS_PER_S,
            header_patience: HEADER_PATIENCE,
            body_patience: BODY_PATIENCE,
            vfs: None,
            synchronous: Synchronous::Full,
        }
    }

    /// Says what of the settings cannot work, before anything is opened.
    pub fn check(&self) -> Result<(), Fault> {
        for code in &self.setup_codes {
            let (chars, bytes) = (code.chars().count(), code.len());
            if chars < SETUP_CODE_CHARS_MIN as usize || bytes > SETUP_CODE_BYTES_MAX as usize {
                return Err(Fault::Config(format!(
                    "a set-up code has {SETUP_CODE_CHARS_MIN} characters at least and {SETUP_CODE_BYTES_MAX} bytes at most"
                )));
            }
        }
        if let Some(app) = self
            .app
            .as_ref()
            .filter(|app| !app.join("index.html").is_file())
        {
            return Err(Fault::Config(format!(
                "{}: no index.html there",
                app.display()
            )));
        }
        if self.connections_max == 0 {
            return Err(Fault::Config("at least one connection is needed".into()));
        }
        Ok(())
    }
}
