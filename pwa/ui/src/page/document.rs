//! One document: its fields, its lines, what was booked, and how to reverse it.

use daybook_proto::{Ask, DocumentDetail, FieldView, Reply};
use leptos::prelude::*;

use super::bits::{Badge, Fields, Head, Icon, Money, Nothing, Wrong, dims_text, name_of};
use super::port;
use super::state::App;
use crate::format;
use crate::ops;
use crate::route::Route;
use crate::words;

#[component]
pub(super) fn Document(app: App, id: [u8; 16]) -> impl IntoView {
    let found = port::live(
        app,
        move || Ask::Document { id },
        |reply| match reply {
            Reply::Document(found) => Some(found),
            _ => None,
        },
    );
    view! {
        <section class="document" data-testid="document-detail" data-id=format::hex(&id)>
            {move || match found.get() {
                None => view! { <Head title="Document" back=true/> }.into_any(),
                Some(None) => view! { <Head title="Document" back=true/><Nothing text="There is no such document on this device."/> }.into_any(),
                Some(Some(detail)) => view! { <Detail app detail=*detail/> }.into_any(),
            }}
        </section>
    }
}

#[component]
fn Detail(app: App, detail: DocumentDetail) -> impl IntoView {
    let reversible = ops::reversible(&detail);
    let line = detail.line;
    view! {
        <Head title=words::title(&line) back=true/>
        <div class="hero">
            <Money minor=i128::from(line.amount) class="huge" testid="document-amount"/>
            <span class="currency">{line.currency.clone()}</span>
            <p>{format::date(line.date)}
                {line.status.clone().map(|status| view! { <span class="chip" data-testid="document-status" data-status=status.clone()>{status.clone()}</span> })}
                <Badge at=line.at/>
            </p>
            <p class="soft">{words::badge_meaning(line.at.durability)}</p>
        </div>
        {detail.children.into_iter().map(|(label, rows)| view! { <Children label rows/> }).collect_view()}
        <h2>"Booked"</h2>
        <ul class="rows" data-testid="postings">
            {detail.lines.into_iter().map(|posting| view! {
                <li><a class="row" href=Route::Op(posting.at.op).href() data-testid="posting" data-role=posting.role.clone() data-minor=posting.amount.to_string()>
                    <span class="title"><span class="code">{posting.code.clone()}</span>{posting.label.clone()}</span>
                    <Money minor=i128::from(posting.amount)/>
                    <span class="sub">{dims_text(&posting.dims)}</span>
                </a></li>
            }).collect_view()}
        </ul>
        <details class="card plain"><summary>"All fields"</summary><Fields fields=detail.fields/></details>
        <a class="wide" data-testid="document-op" href=Route::Op(line.at.op).href()>"Show the signed op"<Icon name="next"/></a>
        {reversible.then(|| view! { <Reverse app id=line.id/> })}
    }
}

#[component]
fn Children(label: String, rows: Vec<Vec<FieldView>>) -> impl IntoView {
    view! {
        <h2>{label}</h2>
        <div class="scroll" tabindex="0" role="region" aria-label="Rows">
            <table data-testid="children">
                <thead><tr>{rows.first().into_iter().flatten().map(|field| view! { <th scope="col">{name_of(field)}</th> }).collect_view()}</tr></thead>
                <tbody>{rows.into_iter().map(|row| view! {
                    <tr>{row.into_iter().map(|field| view! { <td data-field=field.name class:number=field.val.int().is_some()>{field.text}</td> }).collect_view()}</tr>
                }).collect_view()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Reverse(app: App, id: [u8; 16]) -> impl IntoView {
    let asked = RwSignal::new(false);
    let reason = RwSignal::new(ops::REASONS[0].0.to_owned());
    let wrong = RwSignal::new(String::new());
    let _ = app;
    let go = move |_| {
        let op = ops::reverse(id, &reason.get_untracked());
        port::ask(Ask::Append { ops: vec![op] }, move |result| {
            if let Err(fault) = result {
                wrong.try_set(port::sentence(&fault));
            }
        });
    };
    view! {
        <div class="reverse">
            <button class="wide" data-testid="reverse" hidden=asked on:click=move |_| asked.set(true)>"Reverse …"</button>
            <div class="card" hidden=move || !asked.get()>
                <label class="field"><span>"Why?"</span>
                    <select data-testid="reverse-reason" on:change:target=move |ev| reason.set(ev.target().value())>
                        {ops::REASONS.iter().map(|(code, label)| view! { <option value=*code>{*label}</option> }).collect_view()}
                    </select>
                </label>
                <p class="soft">"The sale stays in the books; the opposite is booked beside it."</p>
                <button class="primary bad" data-testid="reverse-confirm" on:click=go>"Reverse this sale"</button>
                <Wrong why=wrong/>
            </div>
        </div>
    }
}
