//! The frame of every screen: top bar, banners, tabs.

use daybook_proto::{Ask, Phase, Reply, Rung};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast as _;

use super::bits::Icon;
use super::browser;
use super::port;
use super::state::{App, Tab};
use super::{balance, book, document, documents, lines, op, start, till};
use crate::route::Route;
use crate::words::{self, Mood};

pub(super) fn mount() {
    let Some(place) = document().get_element_by_id("app") else {
        return;
    };
    place.set_inner_html("");
    let handle = mount_to(place.unchecked_into(), || {
        let app = App::new(&browser::fragment());
        port::connect(app);
        port::ask(Ask::Status, move |result| {
            if let Ok(Reply::Status(status)) = result {
                app.status.set(*status);
            }
        });
        // From the first book on, this device's books are where they are: an empty place elsewhere is no answer.
        Effect::new(move |_| {
            let status = app.status.read();
            if status.phase == Phase::Open && status.rung == Rung::Disk {
                browser::settled("R1");
            }
        });
        view! { <Frame app/> }
    });
    handle.forget();
}

#[component]
fn Frame(app: App) -> impl IntoView {
    let phase = Memo::new(move |_| app.status.read().phase);
    view! {
        <TopBar app/>
        <Banners app/>
        <main>
            {move || match (app.tab.get(), phase.get()) {
                (Tab::Follower, _) => view! { <Elsewhere/> }.into_any(),
                (Tab::Broken(why), _) => view! { <Broken why/> }.into_any(),
                (_, Phase::Opening) => view! { <p class="boot" data-testid="opening">"Opening the book …"</p> }.into_any(),
                (_, Phase::Empty | Phase::Creating | Phase::Joining) => view! { <start::Start app/> }.into_any(),
                (_, Phase::Damaged) => view! { <book::Book app/> }.into_any(),
                (_, Phase::Open) => view! { <Screen app/> }.into_any(),
            }}
        </main>
        <Tabs app/>
    }
}

#[component]
fn Screen(app: App) -> impl IntoView {
    move || match app.route.get() {
        Route::Till => view! { <till::Till app/> }.into_any(),
        Route::Documents => view! { <documents::Documents app/> }.into_any(),
        Route::Document(id) => view! { <document::Document app id/> }.into_any(),
        Route::Balance => view! { <balance::Balance app/> }.into_any(),
        Route::Lines(filter) => view! { <lines::Lines app filter/> }.into_any(),
        Route::Op(op) => view! { <op::Op app op/> }.into_any(),
        Route::Book => view! { <book::Book app/> }.into_any(),
    }
}

#[component]
fn TopBar(app: App) -> impl IntoView {
    let pill = Memo::new(move |_| words::pill(&app.status.read()));
    let open = Memo::new(move |_| matches!(app.status.read().phase, Phase::Open | Phase::Damaged));
    view! {
        <div class="top">
            <span class="brand"><img src="/icons/icon.svg" alt="" width="28" height="28"/>
                <b data-testid="device">{move || {
                    let status = app.status.read();
                    if status.label.is_empty() { "Daybook".to_owned() } else { status.label.clone() }
                }}</b>
            </span>
            <Show when=move || open.get()>
                <a class="pill" href="#/book" data-testid="sync-pill"
                    data-mood=move || match pill.get().0 { Mood::Safe => "safe", Mood::Waiting => "waiting", Mood::Alarm => "alarm" }
                    data-outbox=move || app.status.read().outbox.to_string()
                    data-syncing=move || app.status.read().syncing.to_string()>
                    <span class="dot"></span>{move || pill.get().1}
                </a>
            </Show>
        </div>
    }
}

#[component]
fn Banners(app: App) -> impl IntoView {
    let offline = Memo::new(move |_| {
        let open = matches!(app.status.read().phase, Phase::Open);
        (open && (!app.network.get() || !app.status.read().online)).then(|| {
            if app.network.get() {
                "The relay does not answer."
            } else {
                "No network."
            }
        })
    });
    let stop = Memo::new(move |_| {
        let status = app.status.read();
        app.trouble
            .get()
            .or_else(|| words::stop(&status).map(str::to_owned))
    });
    view! {
        <div class="banners" aria-live="polite">
            {move || (app.status.read().rung == Rung::Memory).then(|| view! {
                <p class="banner bad" data-testid="banner-memory"><Icon name="warn"/>"Nothing is stored on this device: this browser gives no storage. What is not at the relay is lost when the page closes."</p>
            })}
            {move || offline.get().map(|why| view! {
                <p class="banner" data-testid="banner-offline"><Icon name="cloud-off"/>{why}" Everything works; it goes out later."</p>
            })}
            {move || stop.get().map(|why| view! {
                <p class="banner bad" data-testid="banner-stop"><Icon name="warn"/>{why}</p>
            })}
            {move || app.catch_up.get().map(|(position, head)| view! {
                <p class="banner calm" data-testid="banner-catch-up">
                    <progress max=head.to_string() value=position.to_string()></progress>
                    {format!("Fetching {position} of {head}")}
                </p>
            })}
            {move || app.update.get().then(|| view! {
                <p class="banner calm" data-testid="banner-update">"A new version is ready."
                    <button class="small" on:click=move |_| browser::update()>"Reload"</button>
                </p>
            })}
        </div>
    }
}

#[component]
fn Tabs(app: App) -> impl IntoView {
    let shown =
        Memo::new(move |_| app.status.read().phase == Phase::Open && app.tab.read() == Tab::Leader);
    let at = Memo::new(move |_| app.route.read().tab());
    let tabs = [
        (Route::Till, "till", "Sell", "tab-till"),
        (Route::Documents, "documents", "Documents", "tab-documents"),
        (Route::Balance, "balance", "Balance", "tab-balance"),
        (Route::Book, "book", "Safety", "tab-book"),
    ];
    view! {
        <nav class="tabs" aria-label="Screens" hidden=move || !shown.get()>
            {tabs.into_iter().enumerate().map(|(place, (route, icon, label, testid))| view! {
                <a href=route.href() data-testid=testid aria-current=move || (at.get() == place).then_some("page")>
                    <Icon name=icon/><span>{label}</span>
                </a>
            }).collect_view()}
        </nav>
    }
}

#[component]
fn Elsewhere() -> impl IntoView {
    view! {
        <section class="notice" data-testid="other-tab">
            <Icon name="copy"/>
            <h1>"This book is open in another tab"</h1>
            <p>"Only one tab works on the book at a time. Close the other one and this one takes over by itself."</p>
        </section>
    }
}

#[component]
fn Broken(why: String) -> impl IntoView {
    view! {
        <section class="notice" data-testid="broken">
            <Icon name="warn"/>
            <h1>"The app cannot go on"</h1>
            <p>{why}</p>
            <p>"Nothing that was stored is lost. Close other windows of this app and reload."</p>
        </section>
    }
}
