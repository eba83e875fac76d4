//! `revier geocode` as a process: a file comes back whole, with positions.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

fn geocode(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_revier"));
    command.arg("geocode").args(arguments).current_dir(folder);
    command
}

fn message(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The answer to `content`, with what is said about it.
#[track_caller]
fn answer(content: &[u8], arguments: &[&str]) -> (String, serde_json::Value) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("in.csv"), content).unwrap();
    let mut command = geocode(folder.path(), &["in.csv", "--out", "out.csv", "--json"]);
    let output = command.args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", message(&output));
    let names = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(names, 2, "nothing is left beside the two files");
    let text = fs::read_to_string(folder.path().join("out.csv")).unwrap();
    (text, serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn a_file_of_windows_comes_back_whole() {
    let (text, said) = answer(
        b"Kunde;Stra\xdfe;PLZ;Ort;Land\r\n\
          M\xfcller;Weg 1;80331;M\xfcnchen;DE\r\n\
          \"A\r\nB\";\"a;\"\"b\"\"\";50667;K\xf6ln;DE\r\n\
          ;;;;\r\n\
          \r\n\
          C;\"offen;50667;K\xf6ln;DE\r\n\
          D;Weg 2\r\n\
          E;Weg 3;10117;Berlin;DE;mehr\r\n\
          F;Weg 4;20095;Berlin;DE\r\n\
          G;Weg 5;;Nirgendwo;DE\r\n",
        &[],
    );
    let expected = "Kunde;Straße;PLZ;Ort;Land;lon;lat;precision;radius_m;confidence;source;matched;reason\r\n\
        Müller;Weg 1;80331;München;DE;11.572930;48.135960;postal;934;0.98;postal code centre;80331 München;\r\n\
        \"A\r\nB\";\"a;\"\"b\"\"\";50667;Köln;DE;6.944050;50.940500;postal;864;0.98;postal code centre;50667 Köln;\r\n\
        ;;;;;;;none;;0.00;;;no_country\r\n\
        C;\"\"\"offen\";50667;Köln;DE;;;none;;0.00;;;open_quote\r\n\
        D;Weg 2;;;;;;none;;0.00;;;no_country\r\n\
        E;Weg 3;10117;Berlin;DE;;;none;;0.00;;;too_many_fields;mehr\r\n";
    assert_eq!(&text[..expected.len().min(text.len())], expected);
    let rest: Vec<&str> = text[expected.len()..].lines().collect();
    assert!(rest[0].starts_with("F;Weg 4;20095;Berlin;DE;"), "{rest:?}");
    assert!(
        rest[0].ends_with(";postal_code_contradicts_place"),
        "{rest:?}"
    );
    assert_eq!(
        rest[1..],
        ["G;Weg 5;;Nirgendwo;DE;;;none;;0.00;;;place_not_found"]
    );
    assert_eq!(said["rows"], 8);
    assert_eq!(said["not_found"], 5);
    assert_eq!(said["doubtful"], 1);
    assert_eq!(said["format"], "CSV; delimiter ';', Windows-1252");
}

#[test]
fn columns_are_told_and_names_that_are_taken_are_numbered() {
    let content = "code,town,lon,lat,x\n80331,Munich,11.5,48.1,a\n,,,,b\n";
    let (text, said) = answer(content.as_bytes(), &[]);
    assert!(
        text.starts_with(
            "code,town,lon,lat,x,lon_2,lat_2,precision,radius_m,confidence,source,matched,reason\n\
         80331,Munich,11.5,48.1,a,11.500000,48.100000,house,100,0.98,file,"
        ),
        "{text}"
    );
    assert_eq!(said["added"][0], "lon_2");
    let folder = tempfile::tempdir().unwrap();
    let mapping = folder.path().join("mapping.json");
    fs::write(&mapping, r#"{"postal_code": "code", "country": "x"}"#).unwrap();
    let content = "code,x\n80331,DE\n1010,Österreich\n";
    let (text, _) = answer(
        content.as_bytes(),
        &["--mapping", mapping.to_str().unwrap()],
    );
    assert_eq!(
        text.lines()
            .filter(|line| line.contains(",postal,"))
            .count(),
        2,
        "{text}"
    );
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = geocode(folder.path(), &["-"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"PLZ\tOrt\tLand\n80331\tM\xfcnchen\tDE\n")
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(
        text.contains("\n80331\tMünchen\tDE\t11.572930\t48.135960\tpostal\t"),
        "{text}"
    );
    assert!(
        message(&output).starts_with("standard output: 1 rows"),
        "{}",
        message(&output)
    );
}

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("in.csv"), "PLZ;Ort\n".repeat(20_000)).unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = geocode(folder.path(), &["in.csv"])
        .stdout(writer)
        .output()
        .unwrap();
    assert!(output.status.success());
    assert_eq!(message(&output), "");
}

#[test]
fn what_is_there_stays_unless_forced() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("in.csv", "PLZ;Ort\n80331;München\n");
    write("none.csv", "Name;Menge\na;1\n");
    write("out.csv", "old");
    let run = |arguments: &[&str]| geocode(folder.path(), arguments).output().unwrap();
    let refused = run(&["in.csv", "--out", "out.csv"]);
    assert!(!refused.status.success());
    assert!(
        message(&refused).contains("--force"),
        "{}",
        message(&refused)
    );
    let unusable = run(&["none.csv", "--out", "out.csv", "--force"]);
    assert!(message(&unusable).contains("has no column for postal_code, place or street"));
    assert_eq!(fs::read(folder.path().join("out.csv")).unwrap(), b"old");
    assert!(
        run(&["in.csv", "--out", "out.csv", "--force"])
            .status
            .success()
    );
    let text = fs::read_to_string(folder.path().join("out.csv")).unwrap();
    assert!(text.starts_with("PLZ;Ort;lon;"), "{text}");
}

/// Runs over many rows and sends `signal` as soon as some are written.
#[track_caller]
fn check_ended_by(signal: &str, left: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let rows = "80331;München;DE\n".repeat(400_000);
    fs::write(
        folder.path().join("in.csv"),
        format!("PLZ;Ort;Land\n{rows}"),
    )
    .unwrap();
    let mut command = geocode(folder.path(), &["in.csv", "--out", "out.csv"]);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let part = folder.path().join("out.csv.part");
    let size = || fs::metadata(&part).map_or(0, |part| part.len());
    let limit = Instant::now() + Duration::from_mins(1);
    while size() == 0 && child.try_wait().unwrap().is_none() && Instant::now() < limit {
        std::thread::yield_now();
    }
    let mut kill = Command::new("kill");
    kill.arg(format!("-{signal}")).arg(child.id().to_string());
    assert!(kill.status().unwrap().success());
    assert!(!child.wait().unwrap().success());
    let mut names: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, left);
}

#[test]
fn an_interrupted_run_leaves_nothing() {
    check_ended_by("INT", &["in.csv"]);
}

#[test]
fn a_killed_run_leaves_no_half_answer() {
    check_ended_by("KILL", &["in.csv", "out.csv.part"]);
}
