//! Waiters for a one-time event.
//!
//! Every waiter has a place of its own, which is freed when it stops waiting, so that the table
//! does not grow.

use super::numbered::Numbered;

/// A place in [`Waiters`]; not taken before the first wait.
#[derive(Debug, Default)]
pub(crate) struct Place(Option<u64>);

/// The waiters, in the order of their arrival.
#[derive(Debug)]
pub(crate) struct Waiters<W> {
    places: Numbered<u64, W>,
    last: u64,
}

impl<W> Default for Waiters<W> {
    fn default() -> Self {
        Self::new()
    }
}

impl<W> Waiters<W> {
    pub(crate) fn new() -> Self {
        let places = Numbered::default();
        Self { places, last: 0 }
    }

    /// Takes the place, or replaces its waiter.
    pub(crate) fn wait(&mut self, place: &mut Place, waiter: W) {
        let number = *place.0.get_or_insert_with(|| {
            self.last += 1;
            self.last
        });
        self.places.insert(number, waiter);
    }

    /// Frees the place.
    pub(crate) fn leave(&mut self, place: &mut Place) {
        if let Some(number) = place.0.take() {
            self.places.remove(number);
        }
    }

    /// Empties all places.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = W> + use<W> {
        self.places.take_all()
    }

    /// Number of taken places.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }
}
