//! The socket: an accept loop of our own, with deadlines outside what they bound, and a stop that loses nothing.

use crate::app::App;
use crate::app_files::AppFiles;
use crate::body::Room;
use crate::books::Books;
use crate::bucket::Bucket;
use crate::clock::Clock;
use crate::limits::{
    BODIES_BYTES_MAX, HEADER_BYTES_MAX, HEADERS_MAX, STOP_PATIENCE, STRANGER_BODIES_BYTES_MAX,
    STRANGERS_BURST_S,
};
use crate::patience::Patient;
use crate::readers::Readers;
use crate::storage::Storage;
use crate::writer::{self, Threads, add_code, has_codes};
use crate::{Config, Fault, codes, journal, key, route};
use axum::Router;
use hyper::body::{Body, Bytes};
use hyper::server::conn::http1;
use hyper::service::Service as _;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown};
use hyper_util::service::TowerToHyperService;
use rusqlite::Connection;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

/// A running relay with threads of its own. Dropping it stops it as [`Server::stop`] does; neither from async code.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    new_code: Option<String>,
    stopping: watch::Sender<bool>,
    running: Option<Running>,
    clock: Arc<Clock>,
}

#[derive(Debug)]
struct Running {
    runtime: Runtime,
    accepting: JoinHandle<()>,
    router: Router,
    threads: Threads,
}

impl Server {
    /// Opens the data directory and serves. Makes what is missing: directory, database, key and, if there never was one,
    /// a set-up code.
    pub fn start(config: &Config) -> Result<Server, Fault> {
        config.check()?;
        let clock = Arc::new(Clock::start());
        let (storage, new) = Storage::open(config)?;
        let storage = Arc::new(storage);
        // The key comes first: a database without it is refused, a key without a database is not.
        let key = key::open_or_make(&config.data, new)?;
        let relay_key = key.public();
        let connection = storage.writer()?;
        let new_code = set_codes(&connection, config, clock.now_ms())?;
        let files = config
            .app
            .as_deref()
            .map(AppFiles::load)
            .transpose()?
            .unwrap_or_default();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .thread_name("relay")
            .build()
            .map_err(Fault::io("runtime".as_ref()))?;
        let listener = runtime.block_on(TcpListener::bind(config.listen));
        let listener = listener.map_err(Fault::io(config.listen.to_string().as_ref()))?;
        let address = listener
            .local_addr()
            .map_err(Fault::io("socket".as_ref()))?;
        let (queue, threads) = writer::start(storage.clone(), connection, clock.clone(), key)?;
        let (stopping, stopped) = watch::channel(false);
        let readers = Readers::new(storage);
        let app = Arc::new(App {
            clock: clock.clone(),
            relay_key,
            books: Books::new(readers.clone()),
            readers,
            queue,
            room: Room::new(BODIES_BYTES_MAX, config.body_patience),
            strangers_room: Room::new(STRANGER_BODIES_BYTES_MAX, config.body_patience),
            strangers: Bucket::new(
                config.strangers_per_s,
                config.strangers_per_s.saturating_mul(STRANGERS_BURST_S),
            ),
            files,
            stopping: stopped.clone(),
        });
        let router = route::router(app);
        let places = Arc::new(Semaphore::new(config.connections_max as usize));
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(config.header_patience)
            .max_headers(HEADERS_MAX as usize)
            .max_buf_size(HEADER_BYTES_MAX as usize);
        let door = Door {
            router: router.clone(),
            http,
            places,
        };
        let accepting = runtime.spawn(accept(listener, door, stopped));
        journal::line(
            &clock,
            "started",
            json!({ "listen": address.to_string(), "sqlite": rusqlite::version(), "synchronous": config.synchronous.pragma() }),
        );
        Ok(Server {
            address,
            new_code,
            stopping,
            running: Some(Running {
                runtime,
                accepting,
                router,
                threads,
            }),
            clock,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://ADDRESS`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The set-up code that this start made; it is stored as a hash only and told once.
    pub fn new_code(&self) -> Option<&str> {
        self.new_code.as_deref()
    }

    /// The answer to a request that came over no socket. `None` once the relay stopped.
    pub fn answer<B>(&self, request: Request<B>) -> Option<Response<axum::body::Body>>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let running = self.running.as_ref()?;
        let relay = TowerToHyperService::new(running.router.clone());
        let Ok(answer) = running.runtime.block_on(relay.call(request));
        Some(answer)
    }

    /// Runs a future on the relay's own threads.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        self.running
            .as_ref()
            .map(|running| running.runtime.block_on(future))
    }

    /// Waits for SIGTERM or SIGINT.
    pub fn wait_for_signal(&self) -> Result<(), Fault> {
        self.block_on(signal())
            .unwrap_or(Ok(()))
            .map_err(Fault::io("signals".as_ref()))
    }

    /// Takes no more connections, ends tails, lets open requests finish, and closes the database after the last commit.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let Some(Running {
            runtime,
            accepting,
            router,
            threads,
        }) = self.running.take()
        else {
            return;
        };
        self.stopping.send_replace(true);
        let _ = runtime.block_on(accepting);
        // What is left after the patience is cut off; its work is in the writer's queue or was never there.
        runtime.shutdown_timeout(Duration::from_secs(1));
        drop(router);
        threads.join();
        journal::line(&self.clock, "stopped", json!({}));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

fn set_codes(
    connection: &Connection,
    config: &Config,
    now_ms: i64,
) -> Result<Option<String>, Fault> {
    for code in &config.setup_codes {
        add_code(connection, code, now_ms)?;
    }
    if has_codes(connection)? {
        return Ok(None);
    }
    let code = codes::make()?;
    add_code(connection, &code, now_ms)?;
    Ok(Some(code))
}

/// What every connection is served with.
struct Door {
    router: Router,
    http: http1::Builder,
    places: Arc<Semaphore>,
}

async fn accept(listener: TcpListener, door: Door, mut stopping: watch::Receiver<bool>) {
    let open = GracefulShutdown::new();
    loop {
        // A place first: connections beyond the limit wait in the kernel's queue and cost nothing here.
        let next = async {
            let place = door.places.clone().acquire_owned().await.ok()?;
            Some((listener.accept().await, place))
        };
        let (accepted, place) = tokio::select! {
            next = next => match next { Some(next) => next, None => break },
            _ = stopping.wait_for(|stopping| *stopping) => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let connection = open.watch(door.serve(stream));
                tokio::spawn(async move {
                    // A peer that goes away is no fault of ours.
                    let _ = connection.await;
                    drop(place);
                });
            }
            // Out of file descriptors, most likely: the ones in use come back.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    drop((listener, door));
    let _ = tokio::time::timeout(STOP_PATIENCE, open.shutdown()).await;
}

impl Door {
    fn serve(&self, stream: TcpStream) -> impl GracefulConnection<Error = hyper::Error> + use<> {
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(self.router.clone());
        self.http
            .serve_connection(TokioIo::new(Patient::new(stream)), service)
    }
}

#[cfg(unix)]
async fn signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
