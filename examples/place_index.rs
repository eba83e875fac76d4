//! Writes `data/derived/places.index`, the index behind the search field, from the tables of
//! places and postal codes.

use revier::geocode::country::Countries;
use revier::geocode::search::place_index::PlaceIndex;

fn main() {
    let countries = Countries::read_shipped().expect("the countries are shipped");
    let index = PlaceIndex::of(&countries);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/data/derived/places.index");
    std::fs::write(file, index.bytes()).expect("the folder can be written to");
    println!("{file}: {} bytes", index.bytes().len());
}
