//! Witnesses: runs that prove a claim, each with a falsifier that must turn it red.
//!
//! A [`Witness`] belongs to a row of the register (`docs/REGISTER.md`). It runs twice: once on the system as it is,
//! where its line must end in `match=Y`, and once with its fault planted, where it must end in `match=N`. A row is
//! green only while both hold for all of its witnesses; a part that could not be run here makes it yellow.
//!
//! Reading order: [`witness`] (what a run is), [`register`] (the rows and their state), [`rows`] (the runs), and the
//! helpers that they share: [`world`] (real processes), [`workload`] (books made from a seed), [`browser`].

pub mod bench;
pub mod browser;
pub mod cable;
pub mod device;
pub mod live;
pub mod register;
pub mod rows;
pub mod shop;
pub mod witness;
pub mod workload;
pub mod world;

pub use witness::{Line, Plant, Witness};
