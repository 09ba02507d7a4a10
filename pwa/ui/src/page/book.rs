//! The book and its safety: what is where, proof, devices.

use daybook_proto::{Ask, Phase, Reply, StatusView};
use leptos::leptos_dom::helpers::IntervalHandle;
use leptos::prelude::*;

use super::bits::{Fact, Hash, Head, Icon, Wrong};
use super::state::{App, Proof};
use super::{browser, port};
use crate::format;
use crate::words::{self, Mood};

/// How often the relay is asked who waits to be let in, while that is on the screen.
const ASKERS_EVERY: core::time::Duration = core::time::Duration::from_secs(4);

#[component]
pub(super) fn Book(app: App) -> impl IntoView {
    let status = app.status;
    view! {
        <section class="book">
            <Head title="The book and its safety"/>
            <Safety app/>
            <Prove app/>
            <Hashes app/>
            <Devices app/>
            <h2>"This app"</h2>
            <dl class="facts card">
                {move || { let (name, _) = words::rung(status.read().rung); view! { <Fact label="Storage" value=name testid="rung"/> } }}
                {move || view! { <Fact label="Starts without a network" value=if app.offline_ready.get() { "yes" } else { "not yet" } testid="offline-ready"/> }}
                {move || view! { <Fact label="Relay" value=status.read().relay.clone() testid="relay"/> }}
                {move || view! { <Fact label="Memory of the worker" value=format::bytes(status.read().memory)/> }}
                {move || view! { <Fact label="Build" value=status.read().build.clone()/> }}
            </dl>
            <p class="soft">{move || words::rung(status.read().rung).1}</p>
        </section>
    }
}

#[component]
fn Safety(app: App) -> impl IntoView {
    let busy = RwSignal::new(false);
    let wrong = RwSignal::new(String::new());
    let sync = move |_| {
        busy.set(true);
        wrong.set(String::new());
        port::ask(Ask::Sync, move |result| {
            busy.try_set(false);
            if let Err(fault) = result {
                wrong.try_set(port::sentence(&fault));
            }
        });
    };
    let pill = Memo::new(move |_| words::pill(&app.status.read()));
    view! {
        <div class="safety card" data-testid="safety" data-mood=move || match pill.get().0 { Mood::Safe => "safe", Mood::Waiting => "waiting", Mood::Alarm => "alarm" }>
            <p class="big">{move || pill.get().1}</p>
            <p class="soft">{move || explain(&app.status.read())}</p>
            {move || app.status.read().fault.clone().map(|why| view! { <p class="soft" data-testid="relay-fault">{why}</p> })}
            <button class="small" data-testid="sync-now" disabled=busy on:click=sync>{move || if busy.get() { "Syncing …" } else { "Sync now" }}</button>
            <Wrong why=wrong/>
        </div>
        {move || (app.status.read().phase == Phase::Open && app.status.read().level == 0).then(|| view! {
            <p class="verdict warn" data-testid="level-0"><Icon name="warn"/>"Language level 0: this book is a trial. Its hashes may change with the next version of the app."</p>
        })}
    }
}

fn explain(status: &StatusView) -> String {
    match (status.outbox, status.online) {
        (0, true) => "Everything made on this device is at the relay, too.".into(),
        (0, false) => {
            "Everything made on this device is at the relay, too. There is no connection now."
                .into()
        }
        (1, _) => "One entry is on this device only.".into(),
        (n, _) => format!("{n} entries are on this device only."),
    }
}

#[component]
fn Prove(app: App) -> impl IntoView {
    let go = move |_| {
        app.proof
            .set(Proof::Running(0, app.status.read_untracked().position));
        port::ask(Ask::Prove, move |result| {
            app.proof.set(match result {
                Ok(Reply::Proved(proof)) => Proof::Done(*proof),
                Ok(_) => Proof::Failed("The worker answered something else.".into()),
                Err(fault) => Proof::Failed(port::sentence(&fault)),
            });
        });
    };
    let running = Memo::new(move |_| matches!(*app.proof.read(), Proof::Running(..)));
    view! {
        <h2>"Prove the books"</h2>
        <div class="card prove">
            <p class="soft">"Every entry is verified and folded again from the first one, on this device, and compared with what is stored and shown."</p>
            <button class="primary" data-testid="prove" disabled=running on:click=go>"Prove the books"</button>
            {tamper()}
            <div aria-live="polite">
                {move || match app.proof.get() {
                    Proof::Idle => ().into_any(),
                    Proof::Running(done, total) => view! {
                        <p class="progress" data-testid="prove-progress" data-done=done.to_string() data-total=total.to_string()>
                            <progress max=total.max(1).to_string() value=done.to_string()></progress>{format!("{done} of {total}")}
                        </p>
                    }.into_any(),
                    Proof::Failed(why) => view! { <p class="verdict bad" data-testid="prove-result" data-result="failed"><Icon name="cross"/>{why}</p> }.into_any(),
                    Proof::Done(proof) => match proof.difference {
                        None => view! {
                            <div class="verdict good" data-testid="prove-result" data-result="proved" data-state-hash=format::hex(&proof.state_hash) data-books-hash=format::hex(&proof.books_hash)>
                                <Icon name="check"/>
                                <span>{format!("Proved: {} entries and {} ops give these books, to the last row.", proof.position, proof.ops)}
                                    <small>{format!("{} ms · state {} · books {}", proof.took_ms, format::short(&proof.state_hash), format::short(&proof.books_hash))}</small>
                                </span>
                            </div>
                        }.into_any(),
                        Some(difference) => view! {
                            <div class="verdict bad" data-testid="prove-result" data-result="different">
                                <Icon name="cross"/>
                                <span>"The stored books are NOT what the entries give. First difference: "<b data-testid="prove-row">{difference.name.clone()}</b>
                                    {difference.stored.map(|stored| view! { <small>"stored: "<code data-testid="prove-stored">{stored}</code></small> })}
                                    {difference.derived.map(|derived| view! { <small>"derived: "<code data-testid="prove-derived">{derived}</code></small> })}
                                </span>
                            </div>
                        }.into_any(),
                    },
                }}
            </div>
        </div>
    }
}

/// In a build for a falsifier: adds one minor unit to a stored posting, which the proof must find.
#[cfg(feature = "falsify")]
fn tamper() -> impl IntoView {
    let said = RwSignal::new(String::new());
    let go = move |_| {
        port::ask(Ask::Tamper, move |result| {
            said.try_set(result.map_or_else(|fault| port::sentence(&fault), |_| "tampered".into()));
        });
    };
    view! { <button class="small" data-testid="tamper" on:click=go>"Tamper "{move || said.get()}</button> }
}

#[cfg(not(feature = "falsify"))]
fn tamper() {}

#[component]
fn Hashes(app: App) -> impl IntoView {
    let found = port::live(
        app,
        || Ask::Hashes,
        |reply| match reply {
            Reply::Hashes(hashes) => Some(hashes),
            _ => None,
        },
    );
    view! {
        <h2>"State"</h2>
        <dl class="facts card" data-testid="hashes">
            {move || view! { <Fact label="Position" value=app.status.read().position.to_string() testid="position"/> }}
            {move || view! { <Fact label="Relay’s position" value=app.status.read().head.to_string() testid="head"/> }}
            {move || view! { <Hash label="Tip" bytes=app.status.read().tip.to_vec() testid="tip"/> }}
            {move || found.get().map(|hashes| view! {
                <Hash label="State hash" bytes=hashes.state.to_vec() testid="state-hash"/>
                <Hash label="Books hash" bytes=hashes.books.to_vec() testid="books-hash"/>
            })}
            {move || app.status.read().book.map(|book| view! { <Hash label="Book" bytes=book.to_vec() testid="book"/> })}
            {move || app.status.read().manifest.map(|manifest| view! { <Hash label="Manifest" bytes=manifest.to_vec() testid="manifest"/> })}
        </dl>
    }
}

#[component]
fn Devices(app: App) -> impl IntoView {
    let devices = port::live(
        app,
        || Ask::Devices,
        |reply| match reply {
            Reply::Devices(found) => Some(found),
            _ => None,
        },
    );
    view! {
        <h2>"Devices"</h2>
        <ul class="rows" data-testid="devices" data-count=move || devices.read().as_ref().map(Vec::len)>
            {move || devices.get().unwrap_or_default().into_iter().map(|device| view! {
                <li class="row" data-testid="device-row" data-author=format::hex(&device.author)>
                    <span class="title"><Icon name="phone"/><b>{device.label.clone()}</b>{device.this.then_some(" (this one)")}</span>
                    <span class="side">{if device.manager { "manager" } else { "member" }}</span>
                    <span class="sub"><code>{format::short(&device.author)}</code>{format!(" · since position {}", device.from)}</span>
                </li>
            }).collect_view()}
        </ul>
        {move || app.status.read().manager.then(|| view! { <Askers app/> })}
        {move || app.status.read().book.map(|book| {
            let link = format!("{}/#join={}", browser::origin(), format::hex(&book));
            let text = link.clone();
            view! {
                <div class="card invite">
                    <p>"Open this link on another device to let it ask to join:"</p>
                    <code class="whole" data-testid="invite-link">{link}</code>
                    <button class="small" data-testid="invite-copy" on:click=move |_| browser::copy(&text)>"Copy the link"</button>
                </div>
            }
        })}
    }
}

#[component]
fn Askers(app: App) -> impl IntoView {
    let found = RwSignal::new(Vec::new());
    let wrong = RwSignal::new(String::new());
    let look = move || {
        port::ask(Ask::Askers, move |result| match result {
            Ok(Reply::Askers(askers)) => {
                wrong.try_set(String::new());
                found.try_set(askers);
            }
            Ok(_) => {}
            Err(fault) => {
                wrong.try_set(port::sentence(&fault));
            }
        });
    };
    Effect::new(move |_| {
        app.changed.track();
        if app.network.get() {
            look();
        }
    });
    // Who asks is known to the relay only: nothing tells this device.
    let again = set_interval_with_handle(
        move || {
            if app.status.read_untracked().online {
                look();
            }
        },
        ASKERS_EVERY,
    );
    on_cleanup(move || again.iter().for_each(IntervalHandle::clear));
    let approve = move |id: [u8; 32]| {
        port::ask(Ask::Approve { id }, move |result| match result {
            Ok(_) => look(),
            Err(fault) => {
                wrong.try_set(port::sentence(&fault));
            }
        });
    };
    view! {
        <div class="askers">
            <header><h3>"Ask to be let in"</h3><button class="small" data-testid="askers-refresh" on:click=move |_| look()>"Look again"</button></header>
            <ul class="rows" data-testid="askers" data-count=move || found.read().len().to_string()>
                {move || found.get().into_iter().map(|asker| view! {
                    <li class="row" data-testid="asker" data-label=asker.label.clone()>
                        <span class="title"><b>{asker.label.clone()}</b></span>
                        <button class="small primary" data-testid="approve" on:click=move |_| approve(asker.id)>"Approve"</button>
                        <span class="sub"><code>{format::short(&asker.author)}</code>" "{format::moment(asker.asked_at_ms)}</span>
                    </li>
                }).collect_view()}
            </ul>
            {move || found.read().is_empty().then(|| view! { <p class="soft">"Nobody waits."</p> })}
            <Wrong why=wrong/>
        </div>
    }
}
