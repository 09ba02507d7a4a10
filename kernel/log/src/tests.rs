//! Claims about the log that can fail, native and as wasm.

mod book_log;
mod chain;
mod checkpoint;
mod control;
mod entry;
mod keys;
mod mutate;
mod mutate_texts;
mod note;
mod order;
mod receipt;
mod request;
mod trail;
mod tree;
mod wire;
mod world;
