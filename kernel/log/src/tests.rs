//! Claims about the log that can fail, native and as wasm.

mod book_log;
mod chain;
mod checkpoint;
mod control;
mod entry;
mod evidence;
mod exits;
mod handover;
mod keys;
mod mutate;
mod mutate_texts;
mod note;
mod order;
mod readmit;
mod receipt;
mod registry;
mod request;
mod settled;
mod trail;
mod tree;
mod wire;
mod world;
