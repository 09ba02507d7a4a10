//! Encrypted bodies and wraps against what is written down: the worked example of `docs/spec/content.md`, and published
//! vectors of every cipher and hash that they rest on.
#![cfg(not(target_arch = "wasm32"))]

mod published;
mod worked;
