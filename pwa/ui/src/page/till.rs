//! The till: what can be sold, and the counter.

use daybook_proto::{Ask, Reply, RowView};
use leptos::prelude::*;

use super::bits::{Icon, Money};
use super::counter::Counter;
use super::item::NewItem;
use super::state::App;
use super::{browser, port};
use crate::cart::{Item, ONE};
use crate::format;
use crate::ops;

/// Shown at once; more is found by searching.
const SHOWN_MAX: usize = 120;

#[component]
pub(super) fn Till(app: App) -> impl IntoView {
    browser::title("Sell · Daybook");
    let rows = port::live(
        app,
        || Ask::Rows {
            entity: ops::ITEMS.into(),
        },
        rows_of,
    );
    let items = Memo::new(move |_| rows.read().as_ref().map(|rows| ops::items(rows)));
    let search = RwSignal::new(String::new());
    let making = RwSignal::new(false);
    let found = Memo::new(move |_| {
        items
            .read()
            .as_ref()
            .map(|items| ops::find(items, &search.read(), SHOWN_MAX))
    });
    view! {
        <section class="till">
            <h1 class="unseen" tabindex="-1" data-testid="title">"Sell"</h1>
            <div class="goods" inert=move || making.get()>
                <label class="search">
                    <Icon name="search"/><span class="unseen">"Search items"</span>
                    <input type="search" data-testid="till-search" placeholder="Search" autocomplete="off" prop:value=search
                        on:input:target=move |ev| search.set(ev.target().value())/>
                </label>
                <ul class="grid" data-testid="items" data-count=move || items.read().as_ref().map(Vec::len)>
                    <For each=move || found.get().unwrap_or_default() key=|item| (item.id, item.price) let:item>
                        <li><Tile app item/></li>
                    </For>
                    <li><button class="tile new" data-testid="item-new" on:click=move |_| making.set(true)><Icon name="plus"/>"New item"</button></li>
                </ul>
                {move || items.read().as_ref().is_some_and(Vec::is_empty).then(|| view! {
                    <p class="nothing">"Nothing to sell yet. Make the first item: a name and a price."</p>
                })}
                {move || (search.read().is_empty() && items.read().as_ref().is_some_and(|all| all.len() > SHOWN_MAX)).then(|| view! {
                    <p class="nothing">{format!("The first {SHOWN_MAX} of {}. Search for the others.", items.read().as_ref().map_or(0, Vec::len))}</p>
                })}
            </div>
            <Counter app/>
            <Show when=move || making.get()><NewItem app making search/></Show>
        </section>
    }
}

#[component]
fn Tile(app: App, item: Item) -> impl IntoView {
    let (id, price) = (item.id, format::price(item.price));
    let (name, title) = (item.name.clone(), item.name.clone());
    let count = Memo::new(move |_| app.cart.read().quantity_of(&id));
    view! {
        <button class="tile" data-testid="item" data-id=format::hex(&id) data-name=title on:click=move |_| app.cart.update(|cart| cart.add(&item))>
            <span class="name">{name}</span>
            <span class="price">{browser::amount(&price)}</span>
            {move || (count.get() > 0).then(|| view! { <span class="count">{format::quantity(count.get())}</span> })}
        </button>
    }
}

pub(super) fn rows_of(reply: Reply) -> Option<Vec<RowView>> {
    match reply {
        Reply::Rows(rows) => Some(rows),
        _ => None,
    }
}

/// The step of the quantity buttons.
pub(super) const STEP: i64 = ONE;

/// An amount of minor units in the cart.
#[component]
pub(super) fn Sum(amount: Option<i64>, #[prop(optional)] testid: &'static str) -> impl IntoView {
    match amount {
        Some(minor) => view! { <Money minor=i128::from(minor) testid/> }.into_any(),
        None => view! { <span class="wrong">"too much"</span> }.into_any(),
    }
}
