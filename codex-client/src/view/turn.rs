//! A turn of a view, and the order of its items: completed ones as they completed, which is the
//! order of `thread/read`, then open ones as they started.

use std::collections::HashMap;

use codex_types::{
    ItemId, ThreadItem, Turn, TurnError, TurnId, TurnItemsView, TurnPlanStep, TurnStatus,
};
use serde::{Deserialize, Serialize};

use super::fold::FIXED_WEIGHT;
use super::item::{ItemState, ItemView};

/// A turn, with its items.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", from = "Plain")]
#[non_exhaustive]
pub struct TurnView {
    /// The turn as `thread/read` has it, without its items. Its `items_view` is `full` if the view
    /// has seen the turn from its start, or a complete history of it.
    pub turn: Turn,
    /// The error after which the runtime tries again, until the turn continues. Without a network it
    /// tries forever.
    pub retrying: Option<TurnError>,
    /// The newest plan (`turn/plan/updated`). `thread/read` does not have it.
    pub plan: Option<PlanView>,
    /// The newest diff of all changed files (`turn/diff/updated`). `thread/read` does not have it.
    pub diff: Option<String>,
    /// Number of items that were removed because of [`ViewLimits::memory`](super::ViewLimits::memory).
    pub omitted_items: usize,
    items: Vec<ItemView>,
    /// The number of items that are completed; they come first.
    #[serde(skip)]
    completed: usize,
    /// The size of the turn without its items, as it is counted in the view.
    #[serde(skip)]
    counted: usize,
    /// The places of the items.
    #[serde(skip)]
    places: HashMap<ItemId, usize>,
}

/// The plan of a turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PlanView {
    /// The explanation.
    pub explanation: Option<String>,
    /// The steps.
    pub steps: Vec<TurnPlanStep>,
}

/// The difference that a step made to the items of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing.
    Nothing,
    Added,
    /// The item has changed, but not its place.
    Updated,
    /// The item has changed, and its place as well.
    Moved,
}

impl TurnView {
    pub(super) fn new(id: &TurnId, items_view: TurnItemsView) -> Self {
        let mut turn = Turn::new(id, Vec::new(), TurnStatus::InProgress);
        turn.items_view = Some(items_view);
        Self {
            turn,
            retrying: None,
            plan: None,
            diff: None,
            omitted_items: 0,
            items: Vec::new(),
            completed: 0,
            counted: 0,
            places: HashMap::new(),
        }
    }

    /// Returns the id of the turn.
    pub fn id(&self) -> &TurnId {
        &self.turn.id
    }

    /// Returns its items: the completed ones in the order of their completion, as `thread/read` has
    /// them, then the others in the order of their start.
    pub fn items(&self) -> &[ItemView] {
        &self.items
    }

    /// Returns an item.
    pub fn item(&self, id: &str) -> Option<&ItemView> {
        self.items.get(*self.places.get(&ItemId::from(id))?)
    }

    /// Returns whether the turn is running.
    pub fn is_running(&self) -> bool {
        self.turn.status == TurnStatus::InProgress
    }

    /// Returns the turn as `thread/read` has it: with its completed items only.
    pub fn to_turn(&self) -> Turn {
        let items = self.items[..self.completed].iter();
        let items = items.map(|it| it.item.clone());
        let mut turn = self.turn.clone();
        turn.items = items.collect();
        turn
    }

    pub(super) fn item_mut(&mut self, id: &ItemId) -> Option<&mut ItemView> {
        self.items.get_mut(*self.places.get(id)?)
    }

    /// Adds an open item, or replaces one that is open.
    pub(super) fn open(&mut self, id: &ItemId, item: ItemView) -> Step {
        match self.item_mut(id) {
            Some(known) if known.state == ItemState::Completed => Step::Nothing,
            // Its text was folded already, without its start.
            Some(known) if known.has_gap => Step::Nothing,
            Some(known) => {
                *known = item;
                Step::Updated
            }
            None => {
                self.places.insert(id.clone(), self.items.len());
                self.items.push(item);
                Step::Added
            }
        }
    }

    /// Adds a completed item, or completes a known one.
    pub(super) fn complete(&mut self, id: Option<&ItemId>, item: ItemView) -> Step {
        let place = id.and_then(|id| self.places.get(id).copied());
        match place {
            Some(place) if place < self.completed => {
                let known = &mut self.items[place];
                let is_same = known.item == item.item;
                *known = item;
                if is_same {
                    Step::Nothing
                } else {
                    Step::Updated
                }
            }
            Some(place) => {
                self.items.remove(place);
                self.insert_completed(item);
                let to = self.completed - 1;
                self.index(to..=place);
                if to == place {
                    Step::Updated
                } else {
                    Step::Moved
                }
            }
            None => {
                self.insert_completed(item);
                self.index(self.completed - 1..=self.items.len() - 1);
                Step::Added
            }
        }
    }

    fn insert_completed(&mut self, item: ItemView) {
        self.items.insert(self.completed, item);
        self.completed += 1;
    }

    fn index(&mut self, places: std::ops::RangeInclusive<usize>) {
        for place in places {
            if let Some(id) = self.items[place].item.id() {
                self.places.insert(id.into(), place);
            }
        }
    }

    /// Puts the completed items into the order of the history; those that it does not have come
    /// last. Returns whether that changed anything.
    pub(super) fn order_as(&mut self, history: &[ThreadItem]) -> bool {
        let ids = history.iter().filter_map(ThreadItem::id).enumerate();
        let order: HashMap<&str, usize> = ids.map(|(place, id)| (id, place)).collect();
        let place = |it: &ItemView| {
            let place = it.item.id().and_then(|id| order.get(id).copied());
            place.unwrap_or(usize::MAX)
        };
        let completed = &mut self.items[..self.completed];
        if completed.is_sorted_by_key(place) {
            return false;
        }
        completed.sort_by_key(place);
        self.index_all();
        true
    }

    /// Ends the items that end with the turn. Returns those that have changed.
    pub(super) fn abandon(&mut self) -> Vec<ItemId> {
        let was_cut = self.turn.status == TurnStatus::Interrupted;
        let open = self.items[self.completed..].iter_mut();
        let ended = open.filter(|it| {
            let outlives = matches!(it.item, ThreadItem::CommandExecution(_));
            it.state == ItemState::Open && (was_cut || !outlives)
        });
        ended
            .filter_map(|it| {
                it.state = ItemState::Abandoned;
                it.item.id().map(ItemId::from)
            })
            .collect()
    }

    /// Marks the open items as incomplete. Returns those that have changed.
    pub(super) fn mark_gaps(&mut self) -> Vec<ItemId> {
        let open = self.items[self.completed..].iter_mut();
        let open = open.filter(|it| it.state == ItemState::Open && !it.has_gap);
        open.filter_map(|it| {
            it.has_gap = true;
            it.item.id().map(ItemId::from)
        })
        .collect()
    }

    /// Removes the oldest items until this weight is removed. Returns the removed weight and items.
    pub(super) fn remove_oldest(&mut self, weight: usize) -> (usize, Vec<ItemView>) {
        let mut removed = 0;
        let is_enough = |it: &ItemView| {
            let is_enough = removed >= weight;
            removed += it.weight;
            is_enough
        };
        let count = self.items.iter().position(is_enough);
        let count = count.unwrap_or(self.items.len());
        let items: Vec<_> = self.items.drain(..count).collect();
        self.completed = self.completed.saturating_sub(count);
        self.omitted_items += count;
        self.index_all();
        (items.iter().map(|it| it.weight).sum(), items)
    }

    /// Approximate memory, in bytes, as it is counted.
    pub(super) fn weight(&self) -> usize {
        self.items.iter().map(|it| it.weight).sum::<usize>() + self.counted
    }

    /// Counts the memory of the turn without its items. Returns what was counted before, and what is
    /// counted now.
    pub(super) fn count(&mut self) -> (usize, usize) {
        let now = self.frame();
        (std::mem::replace(&mut self.counted, now), now)
    }

    /// Approximate memory of the turn without its items, in bytes.
    fn frame(&self) -> usize {
        let of_error = |error: &TurnError| {
            let details = error.additional_details.as_ref().map_or(0, String::len);
            error.message.len() + details
        };
        let errors = [&self.turn.error, &self.retrying].into_iter().flatten();
        let plan = self.plan.iter().map(|plan| {
            let steps = plan.steps.iter().map(|it| FIXED_WEIGHT + it.step.len());
            plan.explanation.as_ref().map_or(0, String::len) + steps.sum::<usize>()
        });
        let texts = errors.map(of_error).chain(plan).sum::<usize>();
        FIXED_WEIGHT + self.id().as_str().len() + texts + self.diff.as_ref().map_or(0, String::len)
    }

    fn index_all(&mut self) {
        let items = self.items.iter().enumerate();
        let places = items.filter_map(|(place, it)| Some((it.item.id()?.into(), place)));
        self.places = places.collect();
    }
}

/// A turn as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Plain {
    turn: Turn,
    retrying: Option<TurnError>,
    plan: Option<PlanView>,
    diff: Option<String>,
    omitted_items: usize,
    items: Vec<ItemView>,
}

impl From<Plain> for TurnView {
    fn from(plain: Plain) -> Self {
        let items = plain.items.iter();
        let is_completed = |it: &&ItemView| it.state == ItemState::Completed;
        let mut turn = Self {
            turn: plain.turn,
            retrying: plain.retrying,
            plan: plain.plan,
            diff: plain.diff,
            omitted_items: plain.omitted_items,
            completed: items.take_while(is_completed).count(),
            items: plain.items,
            counted: 0,
            places: HashMap::new(),
        };
        turn.count();
        turn.index_all();
        turn
    }
}
