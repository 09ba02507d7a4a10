//! `daybook-relay`: serve, verify, check-config.

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use daybook_relay::{Config, Server};
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// Orders and stores the entries of books, and serves the app's files.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves until SIGTERM or SIGINT.
    Serve(ServeArgs),
    /// Hashes and verifies everything that is stored again; names what is damaged. Status 0: nothing is.
    Verify {
        /// The data directory.
        #[arg(long)]
        data: PathBuf,
    },
    /// Says what the settings come to, without opening anything.
    CheckConfig(ServeArgs),
}

#[derive(Debug, Args)]
struct ServeArgs {
    /// The data directory; made if it is not there.
    #[arg(long)]
    data: PathBuf,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8420")]
    listen: SocketAddr,
    /// The folder of the app's files.
    #[arg(long)]
    app: Option<PathBuf>,
    /// A code that lets one book be made; may be given more than once, and again at each start.
    #[arg(long = "setup-code", value_name = "CODE")]
    setup_codes: Vec<String>,
    /// Connections served at once.
    #[arg(long, default_value_t = 4096)]
    connections_max: u32,
    /// Requests of strangers (new books, joins) per second.
    #[arg(long, default_value_t = 20)]
    strangers_per_s: u32,
}

impl ServeArgs {
    fn config(self) -> Config {
        let mut config = Config::new(self.data);
        config.listen = self.listen;
        config.app = self.app;
        config.setup_codes = self.setup_codes;
        config.connections_max = self.connections_max;
        config.strangers_per_s = self.strangers_per_s;
        #[cfg(feature = "falsify")]
        if std::env::var("DAYBOOK_TEST_SYNCHRONOUS").is_ok_and(|value| value == "off") {
            config.synchronous = daybook_relay::Synchronous::Off;
        }
        config
    }
}

fn main() -> anyhow::Result<ExitCode> {
    match Cli::parse().command {
        Command::Serve(args) => serve(&args.config()),
        Command::Verify { data } => verify(&data),
        Command::CheckConfig(args) => {
            let config = args.config();
            config.check()?;
            print(&format!(
                "data {}\nlisten {}\napp {}\nsynchronous {:?}\nset-up codes {}",
                config.data.display(),
                config.listen,
                config
                    .app
                    .as_deref()
                    .map_or("none".into(), |app| app.display().to_string()),
                config.synchronous,
                config.setup_codes.len()
            ))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn serve(config: &Config) -> anyhow::Result<ExitCode> {
    let server = Server::start(config)?;
    print(&format!("listening {}", server.url()))?;
    if let Some(code) = server.new_code() {
        print(&format!("setup-code {code}"))?;
    }
    server.wait_for_signal()?;
    server.stop();
    Ok(ExitCode::SUCCESS)
}

fn verify(data: &std::path::Path) -> anyhow::Result<ExitCode> {
    let report = daybook_relay::verify(data).context("cannot be read at all")?;
    for finding in &report.findings {
        print(&format!("damaged {finding}"))?;
    }
    print(&format!(
        "books {} entries {} chunks {} damaged {}",
        report.books,
        report.entries,
        report.chunks,
        report.findings.len()
    ))?;
    Ok(if report.findings.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// One line, flushed: whoever started us may wait for it through a pipe.
fn print(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
