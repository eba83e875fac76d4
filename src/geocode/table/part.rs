//! The parts of compound names.

use crate::geocode::fold::fold;

/// The parts of a compound name, folded, of four letters or more, none for a simple name.
pub(super) fn parts(name: &str) -> impl Iterator<Item = String> {
    let name = name.split(['(', '/']).next().unwrap_or_default();
    let pieces: Vec<&str> = name.split([',', '-', ' ']).collect();
    // In names such as `Neustadt am Rübenberge` and `Bad Soden` words are no places.
    let is_compound = pieces.len() > 1
        && pieces.iter().all(|piece| {
            piece.chars().count() >= 4 && piece.starts_with(char::is_uppercase)
                || matches!(*piece, "" | "OT" | "und")
        });
    let pieces = if is_compound { pieces } else { Vec::new() };
    let folded: Vec<String> = pieces
        .into_iter()
        .filter(|piece| piece.len() >= 4)
        .map(fold)
        .collect();
    folded.into_iter()
}
