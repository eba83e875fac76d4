//! Pages that are written: text, lines and drawings in points from the upper left corner, each
//! part tagged or an artifact. They are kept until all are there, because only then their number is
//! known, and only when they are drawn the parts can be tagged.

use krilla::Document;
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point, Size, Transform};
use krilla::metadata::Metadata;
use krilla::outline::Outline;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, SpanTag, TagGroup, TagKind, TagTree,
};
use krilla::text::{Font, TextDirection};
use krilla_svg::{SurfaceExt, SvgSettings};
use resvg::usvg::Tree;

use super::super::Error;
use super::super::font::{self, FILES, Weight};
use super::super::palette::Colour;

pub(super) const INK: Colour = Colour([0x1d, 0x26, 0x28]);
pub(super) const QUIET: Colour = Colour([0x5d, 0x6b, 0x69]);
pub(super) const UP: Colour = Colour([0x15, 0x73, 0x4a]);
pub(super) const DOWN: Colour = Colour([0xb3, 0x40, 0x2a]);
const RULE: Colour = Colour([0xb4, 0xbd, 0xbb]);

/// The size of the foot of a page.
const FOOT: f64 = 7.0;

/// Which end of a text stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// Text and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) words: String,
    /// The base line.
    pub(super) at: [f64; 2],
    pub(super) size: f64,
    pub(super) weight: Weight,
    pub(super) colour: Colour,
    pub(super) side: Side,
}

/// A part of a page that a tag holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part(usize);

/// A tag with what it holds.
#[derive(Debug)]
pub(super) struct Group {
    tag: TagKind,
    children: Vec<Child>,
}

#[derive(Debug)]
enum Child {
    Part(Part),
    Group(Group),
}

impl Group {
    pub(super) fn new(tag: impl Into<TagKind>) -> Self {
        Self {
            tag: tag.into(),
            children: Vec::new(),
        }
    }

    pub(super) fn hold(&mut self, part: Part) {
        self.children.push(Child::Part(part));
    }

    pub(super) fn nest(&mut self, group: Group) {
        self.children.push(Child::Group(group));
    }

    /// The same for the writer, which has given a name to each part.
    fn named(self, names: &mut [Option<Identifier>]) -> TagGroup {
        let mut group = TagGroup::new(self.tag);
        for child in self.children {
            match child {
                // Each part is held by one tag.
                Child::Part(Part(part)) => {
                    if let Some(name) = names[part].take() {
                        group.push(name);
                    }
                }
                Child::Group(child) => group.push(child.named(names)),
            }
        }
        group
    }
}

/// What stands on a page.
enum Item {
    Text(Text),
    Line([f64; 2], [f64; 2], f64),
    Drawing(Box<Tree>, [f64; 2], Size),
}

/// Pages of one size.
pub(super) struct Pages {
    size: [f64; 2],
    margin: f64,
    begun: Vec<Vec<(Option<Part>, Item)>>,
    parts: usize,
}

impl Pages {
    /// No pages yet, of `size` and with `margin` points free on each side.
    pub(super) fn new(size: [f64; 2], margin: f64) -> Self {
        Self {
            size,
            margin,
            begun: Vec::new(),
            parts: 0,
        }
    }

    /// Points between the margins.
    pub(super) fn wide(&self) -> f64 {
        self.size[0] - 2.0 * self.margin
    }

    /// Points from the top to the lower margin.
    pub(super) fn high(&self) -> f64 {
        self.size[1] - self.margin
    }

    pub(super) fn count(&self) -> usize {
        self.begun.len()
    }

    /// Begins a page.
    pub(super) fn begin(&mut self) {
        self.begun.push(Vec::new());
    }

    /// Text that a tag is to hold.
    pub(super) fn text(&mut self, text: Text) -> Part {
        self.add(Item::Text(text))
    }

    /// A drawing that a tag is to hold.
    pub(super) fn drawing(&mut self, drawing: Tree, at: [f64; 2], size: Size) -> Part {
        self.add(Item::Drawing(Box::new(drawing), at, size))
    }

    /// Text that is for the eye alone, such as a heading that is repeated.
    pub(super) fn ornament(&mut self, text: Text) {
        self.put(None, Item::Text(text));
    }

    /// A line so many points wide.
    pub(super) fn line(&mut self, from: [f64; 2], to: [f64; 2], width: f64) {
        self.put(None, Item::Line(from, to, width));
    }

    /// Writes `foot` and the number of the page below each.
    pub(super) fn number(&mut self, foot: &str, (page, of): (&str, &str)) {
        let count = self.begun.len();
        let y = self.size[1] - self.margin;
        let right = self.size[0] - self.margin;
        for place in 0..count {
            let number = format!("{page} {} {of} {count}", place + 1);
            let sides = [
                (foot, self.margin, Side::Left),
                (number.as_str(), right, Side::Right),
            ];
            for (text, x, side) in sides {
                let text = Text {
                    words: text.to_owned(),
                    at: [x, y],
                    size: FOOT,
                    weight: Weight::Regular,
                    colour: QUIET,
                    side,
                };
                self.begun[place].push((None, Item::Text(text)));
            }
        }
    }

    fn add(&mut self, item: Item) -> Part {
        let part = Part(self.parts);
        self.parts += 1;
        self.put(Some(part), item);
        part
    }

    fn put(&mut self, part: Option<Part>, item: Item) {
        if let Some(page) = self.begun.last_mut() {
            page.push((part, item));
        }
    }

    /// The bytes of the document; `groups` hold every part.
    ///
    /// # Errors
    /// The writer must take it, and it must be what PDF/UA-1 asks for as far as can be told.
    pub(super) fn finish(
        self,
        groups: Vec<Group>,
        language: &str,
        (outline, metadata): (Outline, Metadata),
    ) -> Result<Vec<u8>, Error> {
        let refused = |error: &dyn std::fmt::Debug| Error::Encoding(format!("{error:?}"));
        let configuration = ConfigurationBuilder::new()
            .with_accessibility_validator(Accessibility::UA1)
            .finish()
            .map_err(|error| refused(&error))?;
        let mut document = Document::new_with(SerializeSettings {
            configuration,
            ..SerializeSettings::default()
        });
        let fonts = FILES.map(|bytes| Font::new(bytes.into(), 0));
        let [Some(regular), Some(semi_bold)] = fonts else {
            return Err(Error::Encoding("the fonts are not whole".to_owned()));
        };
        let fonts = [regular, semi_bold];
        let mut names: Vec<Option<Identifier>> = vec![None; self.parts];
        let [width, height] = self.size.map(short);
        for items in &self.begun {
            let settings = PageSettings::from_wh(width, height);
            let settings = settings.ok_or_else(|| Error::Encoding("no page".to_owned()))?;
            let mut page = document.start_page_with(settings);
            let mut surface = page.surface();
            for (part, item) in items {
                let name = surface.start_tagged(kind(part.is_some(), item));
                draw(&mut surface, item, &fonts);
                surface.end_tagged();
                if let Some(Part(part)) = part {
                    names[*part] = Some(name);
                }
            }
            surface.finish();
            page.finish();
        }
        let mut tree = TagTree::new().with_lang(Some(language.to_owned()));
        for group in groups {
            tree.push(group.named(&mut names));
        }
        document.set_tag_tree(tree);
        document.set_outline(outline);
        document.set_metadata(metadata);
        document.finish().map_err(|error| refused(&error))
    }
}

fn kind(is_tagged: bool, item: &Item) -> ContentTag<'static> {
    match item {
        _ if !is_tagged => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
        Item::Text(_) => ContentTag::Span(SpanTag::empty()),
        Item::Line(..) | Item::Drawing(..) => ContentTag::Other,
    }
}

fn draw(surface: &mut Surface<'_>, item: &Item, fonts: &[Font; 2]) {
    match item {
        Item::Text(text) => {
            surface.set_fill(Some(fill(text.colour)));
            surface.set_stroke(None);
            let wide = font::width(&text.words, text.size, text.weight);
            let left = match text.side {
                Side::Left => text.at[0],
                Side::Right => text.at[0] - wide,
            };
            let at = Point::from_xy(short(left), short(text.at[1]));
            let font = fonts[text.weight as usize].clone();
            let direction = TextDirection::LeftToRight;
            surface.draw_text(at, font, short(text.size), &text.words, false, direction);
        }
        Item::Line(from, to, width) => {
            let mut path = PathBuilder::new();
            let ([x, y], [right, bottom]) = (from.map(short), to.map(short));
            path.move_to(x, y);
            path.line_to(right, bottom);
            if let Some(path) = path.finish() {
                surface.set_fill(None);
                surface.set_stroke(Some(Stroke {
                    paint: rgb_of(RULE).into(),
                    width: short(*width),
                    ..Stroke::default()
                }));
                surface.draw_path(&path);
            }
        }
        Item::Drawing(tree, at, size) => {
            let [x, y] = at.map(short);
            surface.push_transform(&Transform::from_translate(x, y));
            surface.draw_svg(tree, *size, SvgSettings::default());
            surface.pop();
        }
    }
}

fn fill(colour: Colour) -> Fill {
    Fill {
        paint: rgb_of(colour).into(),
        ..Fill::default()
    }
}

fn rgb_of(Colour([red, green, blue]): Colour) -> rgb::Color {
    rgb::Color::new(red, green, blue)
}

/// A length as the writer takes it.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a page has a thousand points"
)]
pub(super) fn short(points: f64) -> f32 {
    points as f32
}
