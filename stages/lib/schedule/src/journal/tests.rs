use serde_json::json;

use super::*;

/// Bytes of a record of one value.
const RECORD: usize = 32;

struct Fixture {
    folder: tempfile::TempDir,
    batch: usize,
}

impl Fixture {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            batch: 8,
        }
    }

    fn open(&self, force: bool) -> anyhow::Result<Journal> {
        let output = Output {
            output: self.folder.path().join("s.h5"),
            force,
            quiet: true,
        };
        let settings = [("loss", json!("mse")), ("batch", json!(self.batch))];
        let settings = settings.map(|(name, value)| (name.to_string(), value));
        Journal::open(&output, settings.into(), 11)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("s.h5.partial")
    }

    /// A journal with the points 0 to 4, each of one value; returns its bytes.
    fn write_five(&self) -> Vec<u8> {
        let mut journal = self.open(false).unwrap();
        for point in 0..5 {
            journal.add(point, &[0.5]).unwrap();
        }
        fs::read(self.file()).unwrap()
    }
}

#[test]
fn nothing_is_written_before_the_first_point() {
    let fixture = Fixture::new();
    drop(fixture.open(false).unwrap());
    assert!(!fixture.file().exists());
}

#[test]
fn a_torn_record_is_cut_off_and_the_rest_kept_bit_for_bit() {
    let fixture = Fixture::new();
    let mut journal = fixture.open(false).unwrap();
    journal.add(3, &[0.1]).unwrap();
    journal.add(5, &[f64::NAN]).unwrap();
    drop(journal);
    let whole = fs::read(fixture.file()).unwrap();
    for cut in 1..2 * RECORD {
        fs::write(fixture.file(), &whole[..whole.len() - cut]).unwrap();
        let mut journal = fixture.open(false).unwrap();
        let left = if cut <= RECORD { 1 } else { 0 };
        assert_eq!(journal.len(), left, "{cut} bytes short");
        journal.add(7, &[0.7]).unwrap();
        drop(journal);
        let again = fixture.open(false).unwrap();
        assert_eq!(again.len(), left + 1);
        assert_eq!(again.values(7).unwrap(), [0.7]);
    }
    fs::write(fixture.file(), &whole).unwrap();
    let journal = fixture.open(false).unwrap();
    assert_eq!(journal.values(3).unwrap(), [0.1]);
    assert!(journal.values(5).unwrap()[0].is_nan());
}

#[test]
fn points_of_another_measurement_are_refused_by_name() {
    let mut fixture = Fixture::new();
    fixture.open(false).unwrap().add(3, &[0.1]).unwrap();
    fixture.batch = 16;
    let message = format!("{:#}", fixture.open(false).err().unwrap());
    assert!(
        message.contains("batch is 8 there, 16 here") && message.contains("--force"),
        "{message}"
    );
    assert!(fixture.open(true).unwrap().is_empty());
    // --force keeps them aside
    let mut moved = fixture.file().into_os_string();
    moved.push(".1");
    fs::rename(moved, fixture.file()).unwrap();
    fixture.batch = 8;
    assert_eq!(fixture.open(false).unwrap().values(3).unwrap(), [0.1]);
}

#[test]
fn a_damaged_byte_costs_its_own_point_only() {
    let fixture = Fixture::new();
    let whole = fixture.write_five();
    let records = whole.len() - 5 * RECORD;
    for place in records..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        fs::write(fixture.file(), &bytes).unwrap();
        let mut journal = fixture.open(false).unwrap();
        let damaged = (place - records) / RECORD;
        assert_eq!((journal.len(), journal.has(damaged)), (4, false), "{place}");
        journal.add(damaged, &[0.25]).unwrap();
        drop(journal);
        let again = fixture.open(false).unwrap();
        assert_eq!(again.len(), 5);
        assert_eq!(again.values(damaged).unwrap(), [0.25]);
    }
    // without its first line nobody knows what the points are
    let mut bytes = whole.clone();
    bytes[0] ^= 1;
    fs::write(fixture.file(), &bytes).unwrap();
    let message = format!("{:#}", fixture.open(false).err().unwrap());
    assert!(message.contains("damaged"), "{message}");
}

#[test]
fn what_is_no_record_is_passed_over() {
    let fixture = Fixture::new();
    let whole = fixture.write_five();
    let records = whole.len() - 5 * RECORD;
    for garbage in [&[0xff; 100][..], b"\xffpnt\xffpnt", &[0; 7], &[0xff]] {
        for record in 0..5 {
            let place = records + record * RECORD;
            let bytes = [&whole[..place], garbage, &whole[place..]].concat();
            fs::write(fixture.file(), bytes).unwrap();
            assert_eq!(fixture.open(false).unwrap().len(), 5, "{garbage:?}");
        }
    }
}

#[test]
fn records_have_any_length() {
    let fixture = Fixture::new();
    let long: Vec<f64> = (0..50_000).map(|k| f64::from(k) / 3.0).collect();
    let mut journal = fixture.open(false).unwrap();
    for point in 0..11 {
        journal.add(point, &long[..point * 5_000]).unwrap();
    }
    drop(journal);
    let again = fixture.open(false).unwrap();
    for point in 0..11 {
        assert_eq!(again.values(point).unwrap(), long[..point * 5_000]);
    }
}

#[test]
fn two_runs_never_share_a_journal() {
    let fixture = Fixture::new();
    let mut first = fixture.open(false).unwrap();
    first.add(3, &[0.1]).unwrap();
    let message = format!("{:#}", fixture.open(false).err().unwrap());
    assert!(message.contains("another run"), "{message}");
}

#[test]
fn a_journal_that_took_its_name_meanwhile_stays() {
    let fixture = Fixture::new();
    let mut first = fixture.open(false).unwrap();
    first.add(3, &[0.1]).unwrap();
    fs::remove_file(fixture.file()).unwrap();
    fixture.open(false).unwrap().add(5, &[0.2]).unwrap();
    first.remove();
    assert!(fixture.open(false).unwrap().has(5));
}
