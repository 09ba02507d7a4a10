//! What all screens share.

use daybook_proto::{Notice, Phase, ProofView, StatusView};
use leptos::prelude::*;

use crate::cart::Cart;
use crate::route::{Invitation, Route};

/// Signals that live as long as the page.
#[derive(Clone, Copy)]
pub(super) struct App {
    /// The screen.
    pub(super) route: RwSignal<Route>,
    /// What the address asked for when the app was opened.
    pub(super) invitation: RwSignal<Option<Invitation>>,
    /// How the installation stands.
    pub(super) status: RwSignal<StatusView>,
    /// Counts changes of the books: who shows something asks again.
    pub(super) changed: RwSignal<u64>,
    /// The author that waits to be let in.
    pub(super) waiting: RwSignal<Option<[u8; 32]>>,
    /// Catching up: position, head.
    pub(super) catch_up: RwSignal<Option<(u64, u64)>>,
    /// The proof.
    pub(super) proof: RwSignal<Proof>,
    /// This tab's part.
    pub(super) tab: RwSignal<Tab>,
    /// The browser says that there is a network.
    pub(super) network: RwSignal<bool>,
    /// The app starts without a network.
    pub(super) offline_ready: RwSignal<bool>,
    /// What is wrong with the store.
    pub(super) trouble: RwSignal<Option<String>>,
    /// A new version waits.
    pub(super) update: RwSignal<bool>,
    /// What lies on the counter.
    pub(super) cart: RwSignal<Cart>,
}

/// This tab's part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    /// Not known yet.
    Unknown,
    /// It runs the worker.
    Leader,
    /// Another tab does.
    Follower,
    /// The worker stands still.
    Broken(String),
}

/// Deriving the books again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// Not asked for.
    Idle,
    /// Entries done, of so many.
    Running(u64, u64),
    /// The result.
    Done(ProofView),
    /// It could not be carried out.
    Failed(String),
}

impl App {
    pub(super) fn new(fragment: &str) -> App {
        App {
            route: RwSignal::new(Route::parse(fragment)),
            invitation: RwSignal::new(Invitation::parse(fragment)),
            status: RwSignal::new(StatusView::default()),
            changed: RwSignal::new(0),
            waiting: RwSignal::new(None),
            catch_up: RwSignal::new(None),
            proof: RwSignal::new(Proof::Idle),
            tab: RwSignal::new(Tab::Unknown),
            network: RwSignal::new(true),
            offline_ready: RwSignal::new(false),
            trouble: RwSignal::new(None),
            update: RwSignal::new(false),
            cart: RwSignal::new(Cart::default()),
        }
    }

    pub(super) fn notice(&self, notice: Notice) {
        match notice {
            Notice::Status(status) => {
                if status.phase == Phase::Open && self.trouble.read_untracked().is_some() {
                    self.trouble.set(None);
                }
                if status.head <= status.position {
                    self.catch_up.set(None);
                }
                if *status != self.status.get_untracked() {
                    self.status.set(*status);
                }
            }
            Notice::Changed => self.changed.update(|n| *n += 1),
            Notice::JoinWaiting { author, .. } => self.waiting.set(Some(author)),
            Notice::CatchUp { position, head } => self
                .catch_up
                .set((position < head).then_some((position, head))),
            Notice::Proving { done, total } => self.proof.set(Proof::Running(done, total)),
            Notice::Trouble { why } => self.trouble.set(Some(why)),
            Notice::Broken { why } => self.tab.set(Tab::Broken(why)),
        }
    }
}
