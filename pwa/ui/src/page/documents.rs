//! The list of documents, and what needs attention.

use daybook_proto::{Ask, AttentionsView, DocumentLine, DocumentsView, Reply};
use leptos::prelude::*;

use super::bits::{Badge, Head, Icon, Money, Nothing};
use super::port;
use super::state::App;
use crate::format;
use crate::route::Route;
use crate::words;

const PAGE: u32 = 100;

#[component]
pub(super) fn Documents(app: App) -> impl IntoView {
    let limit = RwSignal::new(PAGE);
    let found = port::live(
        app,
        move || Ask::Documents { limit: limit.get() },
        |reply| match reply {
            Reply::Documents(found) => Some(found),
            _ => None,
        },
    );
    let attention = port::live(
        app,
        || Ask::Attention { limit: 50 },
        |reply| match reply {
            Reply::Attention(found) => Some(found),
            _ => None,
        },
    );
    let empty = DocumentsView::default;
    view! {
        <section class="list">
            <Head title="Documents"/>
            {move || attention.get().filter(|found| found.total > 0).map(|found| view! { <Attention found/> })}
            <ul class="rows" data-testid="documents" data-total=move || found.read().as_ref().map(|found| found.total)>
                <For each=move || found.get().unwrap_or_else(empty).items key=|line| line.clone() let:line><li><DocumentRow line/></li></For>
            </ul>
            {move || found.read().as_ref().is_some_and(|found| found.items.is_empty()).then(|| view! { <Nothing text="No documents yet. Sell something."/> })}
            {move || found.read().as_ref().filter(|found| found.total > limit.get()).map(|found| view! {
                <button class="wide" data-testid="more" on:click=move |_| limit.update(|limit| *limit += PAGE * 5)>
                    {format!("Show more ({} of {})", limit.get(), found.total)}
                </button>
            })}
        </section>
    }
}

#[component]
fn DocumentRow(line: DocumentLine) -> impl IntoView {
    view! {
        <a class="row" href=Route::Document(line.id).href() data-testid="document" data-id=format::hex(&line.id) data-entity=line.entity.clone()
            data-status=line.status.clone() data-entry=format::hex(&line.at.op.entry) data-minor=line.amount.to_string()>
            <span class="title"><b>{words::title(&line)}</b>{line.status.clone().map(|status| view! { <span class="chip" data-status=status.clone()>{status.clone()}</span> })}</span>
            <Money minor=i128::from(line.amount)/>
            <span class="sub">{format::date(line.date)}{line.device.clone().map(|device| format!(" · {device}"))}</span>
            <Badge at=line.at/>
        </a>
    }
}

#[component]
fn Attention(found: AttentionsView) -> impl IntoView {
    let count = found.total;
    view! {
        <details class="attention" data-testid="attention" data-count=count.to_string()>
            <summary><Icon name="warn"/>{if count == 1 { "1 thing needs attention".into() } else { format!("{count} things need attention") }}</summary>
            <ul class="rows">
                {found.items.into_iter().map(|one| view! {
                    <li><a class="row" href=Route::Op(one.at.op).href() data-testid=if one.refused { "refused" } else { "flagged" } data-code=one.why.code.clone()>
                        <span class="title"><b>{if one.refused { "Refused: " } else { "Flag: " }}</b>{one.why.label.clone()}</span>
                        <span class="sub">{format!("{} {}", one.why.number, one.why.code)}</span>
                        <Badge at=one.at/>
                    </a></li>
                }).collect_view()}
            </ul>
        </details>
    }
}
