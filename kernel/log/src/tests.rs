//! Claims about the log that can fail, native and as wasm.

mod book_log;
mod chain;
mod control;
mod entry;
mod evidence;
mod exits;
mod handover;
mod keys;
mod mutate;
mod order;
mod readmit;
mod registry;
mod request;
mod settled;
mod wire;
mod world;
