//! The page's end of the line to the worker: tickets, answers, notices.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use daybook_proto::{Ask, Fault, FromWorker, Reply, ToWorker, pack, unpack};
use leptos::prelude::*;

use super::browser;
use super::state::{App, Tab};
use crate::route::{Invitation, Route};

type Then = Box<dyn FnOnce(Result<Reply, Fault>)>;

thread_local! {
    static APP: Cell<Option<App>> = const { Cell::new(None) };
    static NEXT: Cell<u64> = const { Cell::new(1) };
    static OPEN: RefCell<BTreeMap<u64, Then>> = const { RefCell::new(BTreeMap::new()) };
}

/// From now on, what comes in goes to this state.
pub(super) fn connect(app: App) {
    APP.set(Some(app));
}

/// Asks the worker; its answer goes to `then`.
pub(super) fn ask(ask: Ask, then: impl FnOnce(Result<Reply, Fault>) + 'static) {
    let ticket = NEXT.get();
    NEXT.set(ticket + 1);
    OPEN.with_borrow_mut(|open| open.insert(ticket, Box::new(then)));
    browser::post(pack(&ToWorker { ticket, ask }));
}

/// Tells the worker something whose answer nobody needs.
pub(super) fn say(what: Ask) {
    ask(what, |_| {});
}

pub(super) fn receive(frame: &[u8]) {
    let Some(app) = APP.get() else { return };
    match unpack::<FromWorker>(frame) {
        Ok(FromWorker::Notice(notice)) => app.notice(notice),
        Ok(FromWorker::Answer(answer)) => {
            let then = OPEN.with_borrow_mut(|open| open.remove(&answer.ticket));
            if let Some(then) = then {
                then(answer.result);
            }
        }
        Err(garbled) => app.tab.set(Tab::Broken(garbled.to_string())),
    }
}

pub(super) fn tell(what: &str, detail: &str) {
    let Some(app) = APP.get() else { return };
    match what {
        "address" => {
            if let Some(invitation) = Invitation::parse(detail) {
                app.invitation.set(Some(invitation));
            }
            app.route.set(Route::parse(detail));
        }
        "network" => {
            app.network.set(detail == "online");
            say(Ask::Network(detail == "online"));
        }
        "visible" => say(Ask::Sync),
        "leader" => app.tab.set(Tab::Leader),
        "follower" => app.tab.set(Tab::Follower),
        "broken" => app.tab.set(Tab::Broken(detail.to_owned())),
        "offline-ready" => app.offline_ready.set(true),
        "update" => app.update.set(true),
        _ => {}
    }
}

/// Asks now and after each change of the books; keeps the last answer meanwhile. Questions never pile up: while one is
/// open, changes are noted and asked for once.
pub(super) fn live<T: Clone + Send + Sync + 'static>(
    app: App,
    question: impl Fn() -> Ask + Clone + 'static,
    take: impl Fn(Reply) -> Option<T> + Clone + 'static,
) -> RwSignal<Option<T>> {
    let answer = RwSignal::new(None);
    let open = StoredValue::new(false);
    let again = RwSignal::new(0_u32);
    let missed = StoredValue::new(false);
    Effect::new(move |_| {
        app.changed.track();
        again.track();
        let question = question();
        if open.get_value() {
            missed.set_value(true);
            return;
        }
        open.set_value(true);
        let take = take.clone();
        ask(question, move |result| {
            // The screen may be gone by now.
            if open.try_set_value(false).is_some() {
                return;
            }
            if let Some(found) = result.ok().and_then(&take) {
                answer.try_set(Some(found));
            }
            if missed.try_get_value() == Some(true) {
                missed.set_value(false);
                again.update(|n| *n += 1);
            }
        });
    });
    answer
}

/// A sentence for a fault.
pub(super) fn sentence(fault: &Fault) -> String {
    match fault {
        Fault::Refused(why) => format!("{} ({} {})", why.label, why.number, why.code),
        Fault::SetupCodeUsed { .. } => {
            "This set-up code was used for another book. Join that one.".into()
        }
        Fault::Said(why) => {
            let mut said = format!("{why}.");
            if let Some(first) = said.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            said
        }
    }
}
