//! The elements of OpenStreetMap and their tags.

use crate::place::LonLat;

/// A position in ten millionths of a degree, in which OpenStreetMap keeps them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Point {
    /// East.
    pub x: i32,
    /// North.
    pub y: i32,
}

impl Point {
    /// The same in degrees; `None` outside the earth.
    pub fn position(self) -> Option<LonLat> {
        LonLat::parse(f64::from(self.x) / 1e7, f64::from(self.y) / 1e7).ok()
    }
}

/// One element.
pub(super) enum Element<'a> {
    /// A point.
    Node {
        /// Its number.
        id: i64,
        /// Where it is.
        at: Point,
        /// What it is.
        tags: Tags<'a>,
    },
    /// A line, or an area when it is closed.
    Way {
        /// Its number.
        id: i64,
        /// The numbers of its nodes.
        nodes: &'a [i64],
        /// What it is.
        tags: Tags<'a>,
    },
    /// Elements that belong together.
    Relation {
        /// The elements.
        members: &'a [Member<'a>],
        /// What it is.
        tags: Tags<'a>,
    },
}

/// An element of a relation.
pub(super) struct Member<'a> {
    /// What it is.
    pub kind: MemberKind,
    /// Its number.
    pub id: i64,
    /// What it is there for, such as `outer`.
    pub role: &'a str,
}

/// What the member of a relation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum MemberKind {
    /// A point.
    Node,
    /// A line or area.
    Way,
    /// Another relation.
    Relation,
}

/// Which kinds of elements there are, or are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Kinds {
    /// Points.
    pub nodes: bool,
    /// Lines and areas.
    pub ways: bool,
    /// Relations.
    pub relations: bool,
}

impl Kinds {
    /// Points alone.
    pub const NODES: Self = Self {
        nodes: true,
        ways: false,
        relations: false,
    };
    /// Lines and areas alone.
    pub const WAYS: Self = Self {
        nodes: false,
        ways: true,
        relations: false,
    };
    /// Relations alone.
    pub const RELATIONS: Self = Self {
        nodes: false,
        ways: false,
        relations: true,
    };

    /// Whether both have a kind in common.
    pub fn meets(self, other: Self) -> bool {
        self.nodes && other.nodes || self.ways && other.ways || self.relations && other.relations
    }
}

/// The tags of an element.
#[derive(Clone, Copy)]
pub(super) struct Tags<'a>(pub &'a [(&'a str, &'a str)]);

impl<'a> Tags<'a> {
    /// The value of `key`, trimmed; empty without.
    pub fn value(self, key: &str) -> &'a str {
        let found = self.0.iter().find(|(found, _)| *found == key);
        found.map_or("", |(_, value)| value.trim())
    }

    /// The first value of `keys` that is not empty.
    pub fn first(self, keys: &[&str]) -> &'a str {
        let mut values = keys.iter().map(|key| self.value(key));
        values.find(|value| !value.is_empty()).unwrap_or_default()
    }
}
