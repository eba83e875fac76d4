//! A drawing as pixels.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{self, Options, Tree, fontdb};

use super::Error;
use super::font::{FAMILY, FILES};

/// Pixels an inch: 1654 × 2339 for A4.
const DENSITY: f32 = 200.0;

/// Pixels of CSS an inch, in which the size of a tree is.
const CSS_DENSITY: f32 = 96.0;

/// A drawing as shapes.
///
/// # Errors
/// It must be SVG.
pub(super) fn tree(svg: &str) -> Result<Tree, Error> {
    static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
        let mut fonts = fontdb::Database::new();
        for file in FILES {
            fonts.load_font_data(file.to_vec());
        }
        fonts.set_sans_serif_family(FAMILY);
        Arc::new(fonts)
    });
    let options = Options {
        fontdb: FONTS.clone(),
        font_family: FAMILY.to_owned(),
        dpi: CSS_DENSITY,
        // Nothing is read that the drawing names.
        image_href_resolver: usvg::ImageHrefResolver {
            resolve_data: Box::new(|_, _, _| None),
            resolve_string: Box::new(|_, _| None),
        },
        ..Options::default()
    };
    Tree::from_str(svg, &options).map_err(Error::Shape)
}

/// The PNG of a drawing.
///
/// # Errors
/// It must be SVG.
pub(super) fn of(svg: &str) -> Result<Vec<u8>, Error> {
    let tree = tree(svg)?;
    let scale = DENSITY / CSS_DENSITY;
    let size = tree.size();
    let [width, height] = [size.width(), size.height()].map(|pixels| whole(pixels * scale));
    let Some(mut pixels) = Pixmap::new(width, height) else {
        return Err(Error::Encoding(format!("{width} × {height} pixels")));
    };
    let fit = Transform::from_scale(scale, scale);
    resvg::render(&tree, fit, &mut pixels.as_mut());
    pixels
        .encode_png()
        .map_err(|error| Error::Encoding(error.to_string()))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a sheet has some thousand pixels"
)]
fn whole(pixels: f32) -> u32 {
    pixels.round() as u32
}
