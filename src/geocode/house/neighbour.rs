//! What the addresses around an incomplete one say of its postal code and place.

use std::collections::HashMap;

use super::build::Raw;

/// Side of the cells in which neighbours are looked for, in millionths of a degree: some 550 m.
const CELL: i32 = 5_000;
/// Cells around one that are searched: some 3 km.
const RINGS: i32 = 6;

/// Postal code, place and country.
pub(super) type Choice = (u32, u32, [u8; 2]);

/// Which postal code and place the addresses in a cell have.
pub(super) struct Neighbours {
    by_street: HashMap<(u32, i32, i32), Choice>,
    by_cell: HashMap<(i32, i32), Choice>,
}

impl Neighbours {
    /// The majorities are by Boyer and Moore's vote, which needs no counts.
    pub fn of(addresses: &[Raw]) -> Self {
        let mut by_street: HashMap<(u32, i32, i32), Vote> = HashMap::new();
        let mut by_cell: HashMap<(i32, i32), Vote> = HashMap::new();
        for raw in addresses
            .iter()
            .filter(|raw| raw.postal != 0 && raw.place != 0)
        {
            let (x, y) = (raw.x.div_euclid(CELL), raw.y.div_euclid(CELL));
            by_cell.entry((x, y)).or_default().cast(raw);
            let wide = (raw.street, x.div_euclid(4), y.div_euclid(4));
            by_street.entry(wide).or_default().cast(raw);
        }
        Self {
            by_street: by_street
                .into_iter()
                .map(|(at, vote)| (at, vote.choice))
                .collect(),
            by_cell: by_cell
                .into_iter()
                .map(|(at, vote)| (at, vote.choice))
                .collect(),
        }
    }

    pub fn near(&self, raw: &Raw) -> Option<Choice> {
        let (x, y) = (raw.x.div_euclid(CELL), raw.y.div_euclid(CELL));
        let own = self
            .by_street
            .get(&(raw.street, x.div_euclid(4), y.div_euclid(4)));
        own.copied().or_else(|| {
            (0..=RINGS).find_map(|ring| {
                let square = (-ring..=ring).flat_map(|dx| (-ring..=ring).map(move |dy| (dx, dy)));
                let mut edge = square.filter(|(dx, dy)| dx.abs().max(dy.abs()) == ring);
                edge.find_map(|(dx, dy)| self.by_cell.get(&(x + dx, y + dy)).copied())
            })
        })
    }
}

#[derive(Default)]
struct Vote {
    choice: Choice,
    lead: u32,
}

impl Vote {
    fn cast(&mut self, raw: &Raw) {
        let own = (raw.postal, raw.place, raw.country);
        if self.lead == 0 {
            self.choice = own;
        }
        if self.choice == own {
            self.lead += 1;
        } else {
            self.lead -= 1;
        }
    }
}
