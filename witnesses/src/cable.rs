//! A network cable between a browser and the relay that can be pulled and plugged in again.
//!
//! Everything passes unchanged. Pulled, it closes what is open and accepts nothing: to both ends this is a network that is
//! off, in pages, workers and service workers alike (emulation in the browser's tools misses workers).

use anyhow::Context as _;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// A forwarding listener on a port of its own.
#[derive(Debug)]
pub struct Cable {
    /// `http://127.0.0.1:PORT`, the browser's side.
    pub url: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    plugged: AtomicBool,
    ended: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

impl Cable {
    /// A cable to the relay at this URL.
    ///
    /// # Errors
    /// The address is not one, or no port is free.
    pub fn to(relay: &str) -> anyhow::Result<Cable> {
        let target: SocketAddr = relay
            .trim_start_matches("http://")
            .parse()
            .with_context(|| relay.to_owned())?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let shared = Arc::new(Shared {
            plugged: AtomicBool::new(true),
            ended: AtomicBool::new(false),
            open: Mutex::default(),
        });
        let theirs = Arc::clone(&shared);
        std::thread::spawn(move || theirs.carry(&listener, target));
        Ok(Cable { url, shared })
    }

    /// The network is off.
    pub fn pull(&self) {
        self.shared.plugged.store(false, Ordering::SeqCst);
        self.shared.close_all();
    }

    /// The network is on.
    pub fn plug(&self) {
        self.shared.plugged.store(true, Ordering::SeqCst);
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        self.shared.close_all();
        let _ = TcpStream::connect(self.url.trim_start_matches("http://"));
    }
}

impl Shared {
    fn close_all(&self) {
        let mut open = self
            .open
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        for stream in open.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn keep(&self, stream: &TcpStream) {
        if let Ok(copy) = stream.try_clone() {
            self.open
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .push(copy);
        }
    }

    fn carry(&self, listener: &TcpListener, target: SocketAddr) {
        for near in listener.incoming().map_while(Result::ok) {
            if self.ended.load(Ordering::SeqCst) {
                return;
            }
            if !self.plugged.load(Ordering::SeqCst) {
                continue;
            }
            let Ok(far) = TcpStream::connect(target) else {
                continue;
            };
            self.keep(&near);
            self.keep(&far);
            if let (Ok(near_copy), Ok(far_copy)) = (near.try_clone(), far.try_clone()) {
                std::thread::spawn(move || pump(near_copy, far_copy));
                std::thread::spawn(move || pump(far, near));
            }
        }
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(n) = from.read(&mut buffer) {
        if n == 0 || to.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pulled_it_carries_nothing_and_plugged_in_again_it_does() {
        let echo = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", echo.local_addr().unwrap());
        std::thread::spawn(move || {
            for mut stream in echo.incoming().map_while(Result::ok) {
                let _ = stream.write_all(b"here");
            }
        });
        let cable = Cable::to(&url).unwrap();
        let near = cable.url.trim_start_matches("http://").to_owned();
        let ask = || {
            let mut said = Vec::new();
            let _ = TcpStream::connect(&near).and_then(|mut stream| stream.read_to_end(&mut said));
            said
        };
        assert_eq!(ask(), b"here");
        cable.pull();
        assert_eq!(ask(), b"");
        cable.plug();
        assert_eq!(ask(), b"here");
    }
}
