//! Names that no company, person or telephone has.
//!
//! Companies and people are called after fairy tales (`Koboldmühle Trockenbau GmbH`), mail goes
//! to `.example` (RFC 2606), and numbers have the area code 000, which no country assigns.

use super::random::Random;

const TALES: [&str; 30] = [
    "Drachen",
    "Zwergen",
    "Nixen",
    "Riesen",
    "Kobold",
    "Elfen",
    "Einhorn",
    "Zauber",
    "Sternen",
    "Greifen",
    "Wolken",
    "Nebel",
    "Mond",
    "Feen",
    "Troll",
    "Wichtel",
    "Hexen",
    "Irrlicht",
    "Regenbogen",
    "Zaubertrank",
    "Siebenschläfer",
    "Flaschengeist",
    "Luftschloss",
    "Goldesel",
    "Froschkönig",
    "Märchen",
    "Wunder",
    "Traum",
    "Silberfaden",
    "Lindwurm",
];

const ENDS: [&str; 24] = [
    "stein", "bach", "werk", "burg", "hof", "tal", "wald", "feld", "brück", "quell", "furt",
    "mühle", "kamp", "rode", "hain", "see", "tor", "winkel", "grund", "eck", "turm", "wiese",
    "hütte", "garten",
];

const FIRST_NAMES: [&str; 40] = [
    "Anna",
    "Ben",
    "Clara",
    "David",
    "Elif",
    "Felix",
    "Greta",
    "Hannes",
    "Ida",
    "Jonas",
    "Katrin",
    "Lukas",
    "Mara",
    "Niklas",
    "Olga",
    "Paul",
    "Rosa",
    "Samir",
    "Tessa",
    "Urs",
    "Vera",
    "Wilhelm",
    "Yara",
    "Zoran",
    "Beate",
    "Cem",
    "Dorothea",
    "Erik",
    "Franziska",
    "Georg",
    "Heidi",
    "Ivan",
    "Johanna",
    "Konrad",
    "Lena",
    "Moritz",
    "Nadja",
    "Oskar",
    "Petra",
    "Reto",
];

const STREETS: [&str; 36] = [
    "Hauptstraße",
    "Bahnhofstraße",
    "Gartenstraße",
    "Industriestraße",
    "Dorfstraße",
    "Schulstraße",
    "Bergstraße",
    "Lindenstraße",
    "Kirchstraße",
    "Waldstraße",
    "Ringstraße",
    "Gewerbestraße",
    "Mühlenweg",
    "Am Bahnhof",
    "Birkenweg",
    "Ahornweg",
    "Wiesenweg",
    "Im Gewerbepark",
    "Feldstraße",
    "Mühlstraße",
    "Poststraße",
    "Amselweg",
    "Rosenweg",
    "Handwerkerstraße",
    "Am Hafen",
    "Talstraße",
    "Marktplatz",
    "Buchenweg",
    "Eichenweg",
    "Tannenweg",
    "Sonnenstraße",
    "Am Sportplatz",
    "Werkstraße",
    "Hafenstraße",
    "Seestraße",
    "Kastanienallee",
];

const FORMS: [&[&str]; 3] = [
    &["GmbH", "GmbH", "GmbH", "GmbH & Co. KG", "KG", "AG", "e.K."],
    &["GmbH", "GmbH", "GmbH & Co KG", "KG", "OG", "e.U."],
    &["AG", "AG", "GmbH", "GmbH"],
];

/// What a company and its contact are called, and how they are reached.
pub(super) struct Name {
    /// Company with its legal form.
    pub company: String,
    /// Person to speak to.
    pub contact: String,
    /// Telephone number.
    pub phone: String,
    /// Electronic mail address of the contact.
    pub email: String,
    /// Web site.
    pub website: String,
}

impl Name {
    /// A name for a company of `trade`, such as `Trockenbau`, in the country of that index.
    pub fn draw(trade: &str, country: usize, random: &mut Random) -> Self {
        let root = surname(random);
        let company = format!("{root} {trade} {}", random.pick(FORMS[country]));
        let (first, last) = (*random.pick(&FIRST_NAMES), surname(random));
        let domain = format!("{}-{}.example", ascii(&root), ascii(trade));
        let dial = ["+49", "+43", "+41"][country];
        let number = 100_000 + random.below(900_000);
        Self {
            company,
            contact: format!("{first} {last}"),
            phone: format!("{dial} 000 {number}"),
            email: format!("{}.{}@{domain}", ascii(first), ascii(&last)),
            website: format!("https://www.{domain}"),
        }
    }
}

/// A person's name.
pub(super) fn person(random: &mut Random) -> String {
    format!("{} {}", random.pick(&FIRST_NAMES), surname(random))
}

/// A street with house number, in the spelling of the country of that index: Swiss German
/// knows no `ß`.
pub(super) fn street(country: usize, random: &mut Random) -> String {
    // Low house numbers are the usual ones.
    let last = *random.pick(&[20, 40, 120]);
    let number = 1 + random.below(last);
    let street = format!("{} {number}", random.pick(&STREETS));
    if country == 2 {
        street.replace('ß', "ss")
    } else {
        street
    }
}

fn surname(random: &mut Random) -> String {
    format!("{}{}", random.pick(&TALES), random.pick(&ENDS))
}

/// `text` as it stands in addresses of the net.
fn ascii(text: &str) -> String {
    let mut ascii = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'ä' => ascii.push_str("ae"),
            'ö' => ascii.push_str("oe"),
            'ü' => ascii.push_str("ue"),
            'ß' => ascii.push_str("ss"),
            'a'..='z' | '0'..='9' => ascii.push(c),
            _ => {}
        }
    }
    ascii
}
