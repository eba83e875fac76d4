//! Tables of addresses.

use std::path::Path;

use super::*;

fn source(path: &Path, mapping: Option<&str>, epsg: Option<u32>) -> AddressSource {
    AddressSource {
        source: Source {
            path: path.to_owned(),
            name: "a.csv".to_owned(),
            mapping: mapping.map(|json| Mapping::parse(json).unwrap()),
            currency: None,
        },
        epsg,
    }
}

fn read(source: &AddressSource) -> Result<(Vec<String>, Vec<String>), Error> {
    let (mut lines, mut remarks) = (Vec::new(), Vec::new());
    addresses(source, &mut |chunk| {
        for find in chunk.finds {
            if let Find::Address(a) = find {
                let position = format!("{:.4} {:.4}", a.position.lon(), a.position.lat());
                lines.push(
                    [
                        &a.street,
                        &a.house_number,
                        &a.postal_code,
                        &a.place,
                        &a.country,
                        position.as_str(),
                    ]
                    .map(String::from)
                    .join("|"),
                );
            }
        }
        remarks.extend(
            chunk
                .remarks
                .into_iter()
                .map(|remark| format!("{} {}", remark.line, remark.reason)),
        );
        ControlFlow::Continue(())
    })?;
    Ok((lines, remarks))
}

#[track_caller]
fn check(text: &str, mapping: Option<&str>, epsg: Option<u32>, expected: &[&str]) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let (lines, remarks) = read(&source(file.path(), mapping, epsg)).unwrap();
    assert_eq!([lines, remarks].concat(), expected);
}

#[test]
fn openaddresses_is_read() {
    check(
        "LON,LAT,NUMBER,STREET,UNIT,CITY,DISTRICT,REGION,POSTCODE,ID,HASH\n\
         11.5,48.1,12a,Hauptstraße,,München,,,80331,,x\n\
         999,48.1,1,Hauptstraße,,München,,,80331,,x\n\
         11.5,48.1,,Hauptstraße,,München,,,80331,,x\n",
        None,
        None,
        &[
            "Hauptstraße|12a|80331|München||11.5000 48.1000",
            "3 missing_position",
            "4 missing_street",
        ],
    );
}

#[test]
fn a_state_release_is_read_by_mapping() {
    check(
        "STN;HNR;ADZ;PLZ;ONM;OSTWERT;NORDWERT\nMarienplatz;8;b;80331;München;32691603,03;5334780,03\n",
        Some(
            r#"{"street":"STN","house_number":"HNR","house_suffix":"ADZ","postal_code":"PLZ","place":"ONM","lon":"OSTWERT","lat":"NORDWERT"}"#,
        ),
        Some(25832),
        &["Marienplatz|8b|80331|München||11.5755 48.1374"],
    );
}

#[test]
fn the_austrian_register_is_joined() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "STRASSE.csv",
        "\"SKZ\";\"STRASSENNAME\";\"GKZ\"\n\"000001\";\"Ringstraße\";\"90001\"\n",
    );
    write(
        "ORTSCHAFT.csv",
        "\"GKZ\";\"OKZ\";\"ORTSNAME\"\n\"90001\";\"00011\";\"Dorf\"\n",
    );
    write(
        "GEMEINDE.csv",
        "\"GKZ\";\"GEMEINDENAME\"\n\"90001\";\"Wien\"\n",
    );
    write(
        "ADRESSE.csv",
        "\"ADRCD\";\"GKZ\";\"OKZ\";\"PLZ\";\"SKZ\";\"HAUSNRZAHL1\";\"HAUSNRBUCHSTABE1\";\"HAUSNRVERBINDUNG1\";\"HAUSNRZAHL2\";\"HAUSNRBUCHSTABE2\";\"RW\";\"HW\";\"EPSG\"\n\
         \"1\";\"90001\";\"00011\";\"1010\";\"000001\";\"3\";\"\";\"-\";\"5\";\"\";\"2882.19\";\"340968.84\";\"31256\"\n\
         \"2\";\"90001\";\"00011\";\"1010\";\"\";\"7\";\"a\";\"\";\"\";\"\";\"2882.19\";\"340968.84\";\"31256\"\n",
    );
    let (lines, remarks) = read(&source(&folder.path().join("ADRESSE.csv"), None, None)).unwrap();
    assert_eq!(remarks, Vec::<String>::new());
    assert_eq!(lines.len(), 2);
    assert!(
        lines[0].starts_with("Ringstraße|3-5|1010|Wien|AT|16.37"),
        "{}",
        lines[0]
    );
    assert!(
        lines[1].starts_with("Dorf|7a|1010|Wien|AT|16.37"),
        "{}",
        lines[1]
    );
}

#[track_caller]
fn check_refused(text: &str, mapping: Option<&str>, epsg: Option<u32>, message: &str) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let found = read(&source(file.path(), mapping, epsg))
        .unwrap_err()
        .to_string();
    assert!(found.starts_with(message), "{found}");
}

#[test]
fn what_cannot_be_read_says_why() {
    let text = "LON,LAT,NUMBER,STREET\n1,2,3,A\n";
    check_refused(
        "a;b\n1;2\n",
        None,
        None,
        "a.csv has no column for lon: its headings are \"a\", \"b\"",
    );
    check_refused(
        text,
        Some(r#"{"stret":"STREET"}"#),
        None,
        "the mapping names the unknown field \"stret\" (did you mean \"street\"?)",
    );
    check_refused(
        text,
        Some(r#"{"street":"STRET"}"#),
        None,
        "the mapping takes street from \"STRET\", which a.csv does not have",
    );
    check_refused(
        text,
        None,
        Some(99_999),
        "a.csv has coordinates in EPSG:99999; read are longitude and latitude, and EPSG:2056",
    );
    check_refused("%PDF-1.4 ....", None, None, "a.csv is a PDF document");
}
