//! The rooms and their bookings, in a file. Independent of agents: the rules hold for them as for
//! everyone.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The rooms and their sizes, smallest first.
const ROOMS: [Room; 3] = [
    Room {
        name: "Cabin",
        seats: 4,
    },
    Room {
        name: "Attic",
        seats: 8,
    },
    Room {
        name: "Hall",
        seats: 40,
    },
];

#[derive(Clone, Copy, Serialize)]
pub(crate) struct Room {
    name: &'static str,
    seats: u32,
}

/// A room for some hours of a day.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Booking {
    /// The name of a room, as `free_rooms` has returned it.
    pub(crate) room: String,
    /// The day, as YYYY-MM-DD.
    pub(crate) day: String,
    /// The first hour, from 8 to 17.
    pub(crate) from_hour: u8,
    /// The hour at which the meeting is over.
    pub(crate) to_hour: u8,
    /// The purpose, in a few words.
    pub(crate) purpose: String,
}

/// The reason why something is not possible.
pub(crate) type Refusal = String;

pub(crate) struct Calendar {
    file: PathBuf,
    bookings: BTreeMap<usize, Booking>,
}

impl Calendar {
    /// Reads a file; one that does not exist has no bookings.
    pub(crate) fn read(file: &Path) -> anyhow::Result<Self> {
        let bookings = match fs::read(file) {
            Ok(text) => serde_json::from_slice(&text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error.into()),
        };
        let file = file.to_owned();
        Ok(Self { file, bookings })
    }

    pub(crate) fn bookings(&self) -> impl Iterator<Item = &Booking> {
        self.bookings.values()
    }

    /// The free rooms with this number of seats, smallest first.
    pub(crate) fn free(
        &self,
        day: &str,
        hours: Range<u8>,
        people: u32,
    ) -> Result<impl Iterator<Item = Room>, Refusal> {
        check(&hours)?;
        let rooms = ROOMS.into_iter().filter(move |room| room.seats >= people);
        Ok(rooms.filter(move |room| self.is_free(room.name, day, &hours)))
    }

    /// Books a room, and returns the number of the booking.
    pub(crate) fn book(&mut self, booking: Booking) -> Result<usize, Refusal> {
        let hours = booking.from_hour..booking.to_hour;
        check(&hours)?;
        if !ROOMS.iter().any(|room| room.name == booking.room) {
            return Err(format!("there is no room `{}`", booking.room));
        }
        if !self.is_free(&booking.room, &booking.day, &hours) {
            return Err(format!("{} is taken at that time", booking.room));
        }
        let number = self.bookings.keys().max().map_or(1, |last| last + 1);
        self.bookings.insert(number, booking);
        self.write()?;
        Ok(number)
    }

    pub(crate) fn cancel(&mut self, booking: usize) -> Result<(), Refusal> {
        self.bookings
            .remove(&booking)
            .ok_or_else(|| format!("there is no booking {booking}"))?;
        self.write()
    }

    fn is_free(&self, room: &str, day: &str, hours: &Range<u8>) -> bool {
        let meets = |it: &Booking| it.from_hour < hours.end && hours.start < it.to_hour;
        let mut bookings = self.bookings();
        !bookings.any(|it| it.room == room && it.day == day && meets(it))
    }

    fn write(&self) -> Result<(), Refusal> {
        let text = serde_json::to_vec_pretty(&self.bookings).map_err(|error| error.to_string())?;
        // Completely, or not at all.
        let partial = self.file.with_extension("new");
        fs::write(&partial, text)
            .and_then(|()| fs::rename(&partial, &self.file))
            .map_err(|error| format!("the booking could not be stored: {error}"))
    }
}

fn check(hours: &Range<u8>) -> Result<(), Refusal> {
    if hours.is_empty() || hours.start < 8 || hours.end > 18 {
        return Err("rooms are open from 8 to 18, and a meeting takes at least an hour".to_owned());
    }
    Ok(())
}
