//! Claims about the log that can fail, native and as wasm.

mod book_log;
mod chain;
mod content;
mod control;
mod entry;
mod keys;
mod mutate;
mod order;
mod request;
mod wire;
mod world;
