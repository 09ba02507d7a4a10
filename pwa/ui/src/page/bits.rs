//! Small parts that several screens use.

use daybook_proto::{At, Durability, FieldView};
use leptos::prelude::*;

use super::browser;
use crate::format;
use crate::words;

/// A line drawing from the sprite of `index.html`.
#[component]
pub(super) fn Icon(name: &'static str) -> impl IntoView {
    view! { <svg class="icon" aria-hidden="true"><use href=format!("#i-{name}")></use></svg> }
}

/// The head of a screen: the way back, and its name, which gets the focus when the screen is opened.
#[component]
pub(super) fn Head(#[prop(into)] title: String, #[prop(optional)] back: bool) -> impl IntoView {
    browser::title(&format!("{title} · Daybook"));
    browser::focus("main h1");
    view! {
        <header class="head">
            {back.then(|| view! {
                <button class="round" data-testid="back" aria-label="Back" on:click=move |_| browser::back()>
                    <Icon name="back"/>
                </button>
            })}
            <h1 tabindex="-1" data-testid="title">{title}</h1>
        </header>
    }
}

/// An amount: as people read it, and exactly, for those who check.
#[component]
pub(super) fn Money(
    minor: i128,
    #[prop(optional)] class: &'static str,
    #[prop(optional)] testid: &'static str,
) -> impl IntoView {
    let shown = browser::amount(&format::decimal(minor));
    view! { <data class=format!("money {class}") data-testid=(!testid.is_empty()).then_some(testid) value=format::decimal(minor)>{shown}</data> }
}

/// How safe something is.
#[component]
pub(super) fn Badge(at: At) -> impl IntoView {
    let (kind, text) = words::badge(at.durability);
    let n = if let Durability::Durable(n) = at.durability {
        n.to_string()
    } else {
        String::new()
    };
    view! {
        <span class=format!("badge {kind}") data-testid="badge" data-durability=kind data-n=n title=words::badge_meaning(at.durability)>
            {text}
        </span>
    }
}

/// A hash or id: short to read, whole to copy.
#[component]
pub(super) fn Hash(
    bytes: Vec<u8>,
    testid: &'static str,
    #[prop(into)] label: String,
) -> impl IntoView {
    let full = format::hex(&bytes);
    let copied = RwSignal::new(false);
    let text = full.clone();
    view! {
        <div class="fact">
            <dt>{label.clone()}</dt>
            <dd class="hash">
                <details>
                    <summary><code>{format::short(&bytes)}</code></summary>
                    <code class="whole" data-testid=testid>{full}</code>
                </details>
                <button class="round" aria-label=format!("Copy {label}") on:click=move |_| { browser::copy(&text); copied.set(true); }>
                    {move || if copied.get() { view! { <Icon name="check"/> } } else { view! { <Icon name="copy"/> } }}
                </button>
            </dd>
        </div>
    }
}

/// A name and its value.
#[component]
pub(super) fn Fact(
    #[prop(into)] label: String,
    #[prop(into)] value: String,
    #[prop(optional)] testid: &'static str,
) -> impl IntoView {
    view! { <div class="fact"><dt>{label}</dt><dd data-testid=(!testid.is_empty()).then_some(testid)>{value}</dd></div> }
}

/// Fields of a row or inputs of an op, as the manifest names them; empty ones are left out.
#[component]
pub(super) fn Fields(fields: Vec<FieldView>) -> impl IntoView {
    view! {
        <dl class="facts">
            {fields.into_iter().filter(|field| !field.text.is_empty()).map(|field| view! {
                <div class="fact"><dt>{name_of(&field)}</dt><dd class="text" data-testid="field" data-field=field.name>{field.text}</dd></div>
            }).collect_view()}
        </dl>
    }
}

/// What people call a field.
pub(super) fn name_of(field: &FieldView) -> String {
    if field.label.is_empty() {
        field.name.clone()
    } else {
        field.label.clone()
    }
}

/// Dimensions in one line.
pub(super) fn dims_text(dims: &[FieldView]) -> String {
    dims.iter()
        .map(|dim| dim.text.as_str())
        .collect::<Vec<_>>()
        .join(" · ")
}

/// Something that went wrong, said to everybody.
#[component]
pub(super) fn Wrong(why: RwSignal<String>) -> impl IntoView {
    view! {
        <p class="wrong" role="alert" data-testid="fault" hidden=move || why.read().is_empty()>{move || why.get()}</p>
    }
}

/// What stands where nothing is yet.
#[component]
pub(super) fn Nothing(#[prop(into)] text: String) -> impl IntoView {
    view! { <p class="nothing" data-testid="nothing">{text}</p> }
}
