//! Make a book, join a book, wait to be let in.

use daybook_proto::{Ask, Fault, Phase};
use leptos::prelude::*;

use super::bits::Wrong;
use super::state::App;
use super::{browser, port};
use crate::format;
use crate::route::{Invitation, Route, typed_book};
use crate::words;

#[component]
pub(super) fn Start(app: App) -> impl IntoView {
    let phase = Memo::new(move |_| app.status.read().phase);
    view! {
        <section class="start" data-testid="start">
            <img class="mark" src="/icons/icon.svg" alt="" width="72" height="72"/>
            <h1 tabindex="-1" data-testid="title">"Daybook"</h1>
            <p class="lead">"Your company’s books, on your own devices."</p>
            {move || match phase.get() {
                Phase::Joining => view! { <Waiting app/> }.into_any(),
                _ => view! { <Choice app/> }.into_any(),
            }}
        </section>
    }
}

#[component]
fn Choice(app: App) -> impl IntoView {
    let join = RwSignal::new(matches!(
        app.invitation.get_untracked(),
        Some(Invitation::Join(_))
    ));
    Effect::new(move |_| {
        if let Some(invitation) = app.invitation.get() {
            join.set(matches!(invitation, Invitation::Join(_)));
        }
    });
    let label = RwSignal::new(words::device_code(&browser::random(2)));
    let wrong = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    view! {
        <div class="choice" role="group" aria-label="How to begin">
            <button data-testid="choose-create" aria-pressed=move || (!join.get()).to_string() on:click=move |_| join.set(false)>"Make a book"</button>
            <button data-testid="choose-join" aria-pressed=move || join.get().to_string() on:click=move |_| join.set(true)>"Join a book"</button>
        </div>
        {move || if join.get() {
            view! { <Join app label wrong busy/> }.into_any()
        } else {
            view! { <Create app label wrong busy/> }.into_any()
        }}
        <Wrong why=wrong/>
    }
}

#[component]
fn Label(label: RwSignal<String>) -> impl IntoView {
    view! {
        <label class="field">
            <span>"This device’s code"</span>
            <input type="text" data-testid="label" required=true maxlength="12" pattern="[A-Z0-9\\-]{1,12}" autocomplete="off" autocapitalize="characters" spellcheck="false"
                prop:value=label on:input:target=move |ev| label.set(words::as_code(&ev.target().value()))/>
            <small>"It stands on every document of this device."</small>
        </label>
    }
}

#[component]
fn Create(
    app: App,
    label: RwSignal<String>,
    wrong: RwSignal<String>,
    busy: RwSignal<bool>,
) -> impl IntoView {
    let code = RwSignal::new(String::new());
    Effect::new(move |_| {
        if let Some(Invitation::Setup(given)) = app.invitation.get() {
            code.set(given);
        }
    });
    let go = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        busy.set(true);
        wrong.set(String::new());
        let ask = Ask::Create {
            setup_code: code.get_untracked().trim().to_owned(),
            label: label.get_untracked(),
        };
        port::ask(ask, move |result| {
            busy.try_set(false);
            match result {
                Ok(_) => inside(app),
                Err(Fault::SetupCodeUsed { book: Some(book) }) => {
                    wrong.try_set(
                        "This set-up code was used already. Ask to be let into that book instead."
                            .into(),
                    );
                    app.invitation.set(Some(Invitation::Join(book)));
                }
                Err(fault) => {
                    wrong.try_set(port::sentence(&fault));
                }
            }
        });
    };
    view! {
        <form class="card" on:submit=go data-testid="form-create">
            <label class="field">
                <span>"Set-up code"</span>
                <input type="text" data-testid="setup-code" required=true autocomplete="off" spellcheck="false" prop:value=code
                    on:input:target=move |ev| code.set(ev.target().value())/>
                <small>"The relay printed it when it was started."</small>
            </label>
            <Label label/>
            <button class="primary" data-testid="create" disabled=busy>{move || if busy.get() { "Making the book …" } else { "Make the book" }}</button>
        </form>
    }
}

#[component]
fn Join(
    app: App,
    label: RwSignal<String>,
    wrong: RwSignal<String>,
    busy: RwSignal<bool>,
) -> impl IntoView {
    let book = RwSignal::new(String::new());
    Effect::new(move |_| {
        if let Some(Invitation::Join(given)) = app.invitation.get() {
            book.set(format::hex(&given));
        }
    });
    let go = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let Some(book) = typed_book(&book.get_untracked()) else {
            wrong
                .set("A book’s id is 64 digits 0-9 and a-f, or a link that ends with them.".into());
            return;
        };
        busy.set(true);
        wrong.set(String::new());
        port::ask(
            Ask::Join {
                book,
                label: label.get_untracked(),
            },
            move |result| {
                busy.try_set(false);
                match result {
                    Ok(_) => inside(app),
                    Err(fault) => {
                        wrong.try_set(port::sentence(&fault));
                    }
                }
            },
        );
    };
    view! {
        <form class="card" on:submit=go data-testid="form-join">
            <label class="field">
                <span>"Book id or link"</span>
                <textarea rows="3" data-testid="book-id" required=true autocomplete="off" spellcheck="false" prop:value=book
                    on:input:target=move |ev| book.set(ev.target().value())></textarea>
                <small>"A member finds it on the screen “Safety”."</small>
            </label>
            <Label label/>
            <button class="primary" data-testid="join" disabled=busy>{move || if busy.get() { "Asking …" } else { "Ask to be let in" }}</button>
        </form>
    }
}

#[component]
fn Waiting(app: App) -> impl IntoView {
    view! {
        <div class="card waiting" data-testid="waiting" role="status">
            <span class="spinner" aria-hidden="true"></span>
            <h2>{move || if app.catch_up.get().is_some() { "Fetching the book …" } else { "Waiting to be let in" }}</h2>
            <p>"A member opens “Safety” on their device and approves "<b data-testid="waiting-label">{move || app.status.read().label.clone()}</b>"."</p>
            <p>"Compare there: "<code data-testid="waiting-author">{move || {
                let author = app.waiting.get().or(app.status.read().author);
                author.map(|author| format::short(&author)).unwrap_or_default()
            }}</code></p>
            <Fault app/>
        </div>
    }
}

#[component]
fn Fault(app: App) -> impl IntoView {
    view! { {move || app.status.read().fault.clone().map(|why| view! { <p class="wrong" data-testid="fault">{why}</p> })} }
}

/// The book is there: forget the invitation, show the till, ask the browser to keep the data.
fn inside(app: App) {
    app.invitation.set(None);
    browser::replace(&Route::Till.href());
    browser::persist();
}
