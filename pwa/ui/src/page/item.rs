//! A new item, quickly: a name and a price.

use daybook_proto::Ask;
use leptos::prelude::*;

use super::bits::{Icon, Wrong};
use super::state::App;
use super::{browser, port};
use crate::cart::Item;
use crate::format;
use crate::ops;

#[component]
pub(super) fn NewItem(app: App, making: RwSignal<bool>, search: RwSignal<String>) -> impl IntoView {
    let name = RwSignal::new(search.get_untracked());
    let price = RwSignal::new(String::new());
    let wrong = RwSignal::new(String::new());
    browser::focus("#new-name");
    let go = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let title = name.get_untracked().trim().to_owned();
        let Some(minor) = format::typed_money(&price.get_untracked()) else {
            wrong.set("A price is a number such as 4.50.".into());
            return;
        };
        let item = Item {
            id: browser::fresh_id(),
            name: title,
            price: minor.saturating_mul(1000),
            tax_ppm: 0,
            included: true,
        };
        port::ask(
            Ask::Append {
                ops: vec![ops::new_item(&item)],
            },
            move |result| match result {
                Ok(_) => {
                    app.cart.update(|cart| cart.add(&item));
                    search.try_set(String::new());
                    making.try_set(false);
                }
                Err(fault) => {
                    wrong.try_set(port::sentence(&fault));
                }
            },
        );
    };
    view! {
        <div class="dialog" role="dialog" aria-modal="true" aria-labelledby="new-title" on:keydown=move |ev| if ev.key() == "Escape" { making.set(false) }>
            <form class="card" on:submit=go data-testid="form-item">
                <header><h2 id="new-title">"New item"</h2>
                    <button type="button" class="round" aria-label="Close" on:click=move |_| making.set(false)><Icon name="cross"/></button>
                </header>
                <label class="field"><span>"Name"</span>
                    <input id="new-name" type="text" data-testid="item-name" required=true maxlength="60" autocomplete="off" prop:value=name
                        on:input:target=move |ev| name.set(ev.target().value())/>
                </label>
                <label class="field"><span>"Price, tax included"</span>
                    <input type="text" inputmode="decimal" data-testid="item-price" required=true placeholder="0.00" autocomplete="off" prop:value=price
                        on:input:target=move |ev| price.set(ev.target().value())/>
                </label>
                <Wrong why=wrong/>
                <button class="primary" data-testid="item-save">"Make the item"</button>
            </form>
        </div>
    }
}
