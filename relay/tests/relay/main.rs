//! Claims about the relay, each against a real server on a port of its own with a real database, unless it says otherwise.

mod app_files;
mod append;
mod books;
mod disk;
mod hostile;
mod joins;
mod keys;
mod kill;
mod mutate;
mod paths;
mod process;
mod proofs;
mod rate;
mod tail;
mod unsynced;
mod verify;
mod world;
