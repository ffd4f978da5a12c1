//! Imports on both engines: dirty files balance, replays and orders change nothing, crashes heal.
#![expect(clippy::unwrap_used, reason = "helpers of tests stop where they fail")]

use std::path::Path;
use std::sync::Arc;

use engine::Statement;
use kernel::{Actor, Clock, Locale};
use listen::arrival::{self, Format, Item};
use listen::import::{ImportError, Kind, Options, Report, run};
use listen::intake;
use listen::table::Choice;
use primitives::{mailbox, source};
use proptest::prelude::*;
use testkit::{Store, on_both_engines};

static VOICES: Statement = Statement::new(
    "test::voices",
    "SELECT COALESCE(v.subject, '') || '|' || v.body || '|' || COALESCE(v.author, '') || '|' || v.channel || '|'
       || CAST(v.occurred_at AS TEXT) || '|' || COALESCE(CAST(v.score AS TEXT), '') || '|'
       || COALESCE(CAST(v.score_most AS TEXT), '') || '|' || COALESCE(v.language, ''), v.conversation_id
     FROM voice v ORDER BY 1",
);
static FLAGS: Statement = Statement::new(
    "test::flags",
    "SELECT item || '=' || state || ':' || COALESCE(flag, '') FROM arrival ORDER BY item, id",
);

/// Every voice, and how many voices each conversation has.
fn state(store: &Store) -> (Vec<String>, Vec<usize>) {
    let rows = store
        .engine()
        .read_blocking(|tx| {
            Ok(tx.query(&VOICES, &[], |row| Ok((row.take::<String>()?, row.take::<Option<i64>>()?)))?)
        })
        .unwrap();
    let mut sizes = std::collections::BTreeMap::<i64, usize>::new();
    rows.iter()
        .filter_map(|(_, conversation)| *conversation)
        .for_each(|id| *sizes.entry(id).or_default() += 1);
    let mut sizes: Vec<usize> = sizes.into_values().collect();
    sizes.sort();
    (rows.into_iter().map(|(voice, _)| voice).collect(), sizes)
}

fn options(kind: Kind, path: &Path) -> Options {
    Options {
        kind,
        path: path.to_owned(),
        source: "prova".into(),
        mailbox: None,
        mapping: Choice::default(),
        dry_run: false,
    }
}

fn import_as(store: &Store, options: &Options) -> Result<Report, ImportError> {
    let clock: Arc<dyn Clock> = store.clock.clone();
    run(store.engine(), clock, &Actor::machine(vec![]), options, &mut |_| {})
}

fn import(store: &Store, kind: Kind, path: &Path) -> Report {
    let report = import_as(store, &options(kind, path)).unwrap();
    assert!(report.balanced, "{report:?}");
    assert_eq!(report.fetched, report.stored + report.duplicate + report.quarantined);
    report
}

fn counts(report: &Report) -> (u64, u64, u64, u64) {
    (report.fetched, report.stored, report.duplicate, report.quarantined)
}

fn write(dir: &Path, name: &str, bytes: impl AsRef<[u8]>) -> std::path::PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

const THREAD: [&str; 4] = [
    "Message-ID: <a@cliente.example>\nDate: Mon, 2 Mar 2026 09:00:00 +0100\nFrom: Anna <anna@cliente.example>\n\
     To: banco@officina.example\nSubject: Perde\n\nLa macchina perde acqua dal gruppo.\n",
    "Message-ID: <b@cliente.example>\nIn-Reply-To: <a@cliente.example>\nDate: Mon, 2 Mar 2026 10:00:00 +0100\n\
     From: Anna <anna@cliente.example>\nTo: banco@officina.example\nSubject: Re: Perde\n\nAnche dalla caldaia.\n",
    "Message-ID: <c@cliente.example>\nIn-Reply-To: <b@cliente.example>\nReferences: <a@cliente.example> <b@cliente.example>\n\
     Date: Mon, 2 Mar 2026 11:00:00 +0100\nFrom: Anna <anna@cliente.example>\nTo: banco@officina.example\n\
     Subject: Re: Perde\n\nOra si spegne anche.\n",
    "Message-ID: <d@altro.example>\nIn-Reply-To: <a@cliente.example>\nDate: Mon, 2 Mar 2026 12:00:00 +0100\n\
     From: Bruno <bruno@altro.example>\nTo: banco@officina.example\nSubject: Re: Perde\n\nE io che ne so.\n",
];

#[test]
fn an_import_makes_source_and_mailbox_and_says_what_it_did() {
    on_both_engines(|store| {
        let dir = tempfile::tempdir().unwrap();
        for (place, mail) in THREAD.iter().enumerate() {
            write(dir.path(), &format!("{place}"), mail);
        }
        write(dir.path(), "vuota", "");
        write(dir.path(), "immagine.eml", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0");
        write(dir.path(), ".nascosto", "x");
        let report = import(store, Kind::Eml, dir.path());
        assert_eq!(counts(&report), (6, 4, 0, 2));
        assert_eq!(
            serde_json::to_string(&report).unwrap(),
            "{\"fetched\":6,\"stored\":4,\"duplicate\":0,\"quarantined\":2,\"balanced\":true,\"problems\":[\
             {\"item\":\"immagine.eml\",\"cause\":\"not a mail: binary data without a header\"},\
             {\"item\":\"vuota\",\"cause\":\"empty\"}]}"
        );
        assert_eq!(state(store).1, [1, 3], "Bruno's mail opens its own conversation");
        let dry = Options { dry_run: true, ..options(Kind::Eml, dir.path()) };
        assert_eq!(counts(&import_as(store, &dry).unwrap()), (6, 0, 6, 0));
        assert_eq!(counts(&import(store, Kind::Eml, dir.path())), (6, 0, 6, 0));
    });
}

#[test]
fn a_dry_run_writes_nothing_and_counts_the_same() {
    on_both_engines(|store| {
        let dir = tempfile::tempdir().unwrap();
        let table = "id,testo,voto\n1,bene,5\n1,bene,5\n1,male,1\n2,,\n3,a,b,c\n";
        let path = write(dir.path(), "t.csv", table);
        let dry = import_as(store, &Options { dry_run: true, ..options(Kind::Csv, &path) }).unwrap();
        assert_eq!(counts(&dry), (5, 2, 1, 2));
        assert!(state(store).0.is_empty());
        assert_eq!(counts(&import(store, Kind::Csv, &path)), (5, 2, 1, 2));
    });
}

#[test]
fn the_order_of_arrival_does_not_matter() {
    on_both_engines(|store| {
        let straight = tempfile::tempdir().unwrap();
        let mbox = |order: &[usize]| -> String {
            order
                .iter()
                .map(|place| format!("From x Mon Mar  2 09:00:00 2026\n{}\n", THREAD[*place]))
                .collect()
        };
        import(store, Kind::Mbox, &write(straight.path(), "a.mbox", mbox(&[0, 1, 2, 3])));
        let expected = state(store);
        for order in [[3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
            let other = Store::sqlite();
            // One mail a batch: nothing but the store itself brings them together.
            for place in order {
                let path = write(straight.path(), &format!("{place}.eml"), THREAD[place]);
                import(&other, Kind::Eml, &path);
            }
            let found = state(&other);
            assert_eq!(found.0, expected.0);
            assert_eq!(found.1, expected.1, "{order:?}");
        }
    });
}

#[test]
fn what_a_crash_left_between_the_two_steps_is_finished() {
    on_both_engines(|store| {
        let clock: Arc<dyn Clock> = store.clock.clone();
        let for_keep = store.clock.clone();
        store
            .engine()
            .write_blocking(move |tx| {
                let machine = Actor::machine(vec![]);
                let banco = mailbox::create(tx, &*for_keep, &machine, "Banco", None, None)?;
                let source = source::create(tx, &*for_keep, &machine, "prova", "import", banco)?;
                let items: Vec<Item> = THREAD
                    .iter()
                    .chain(&[""])
                    .map(|raw| Item::new("x".into(), raw.as_bytes().to_vec(), Format::Mail))
                    .collect();
                arrival::keep(tx, &*for_keep, source.id, None, true, &items)?;
                let (_, totals) = arrival::totals(tx, &[source.id], 0)?[0];
                assert_eq!((totals.ever.fetched, totals.ever.pending), (5, 5));
                assert!(!totals.ever.balanced());
                Ok(())
            })
            .unwrap();
        assert_eq!(intake::finish_pending(store.engine(), &clock, None).unwrap(), 5);
        assert_eq!(state(store).0.len(), 4);
        assert_eq!(intake::finish_pending(store.engine(), &clock, None).unwrap(), 0);
        let dir = tempfile::tempdir().unwrap();
        let path = write(dir.path(), "a", THREAD[0]);
        assert_eq!(counts(&import(store, Kind::Eml, &path)), (1, 0, 1, 0));
    });
}

#[test]
fn the_same_id_with_other_content_is_stored_and_both_are_marked() {
    on_both_engines(|store| {
        let dir = tempfile::tempdir().unwrap();
        let path = write(dir.path(), "t.csv", "id;testo\n7;bene\n7; Bene \n7;male\n");
        assert_eq!(counts(&import(store, Kind::Csv, &path)), (3, 2, 1, 0));
        let flags = store
            .engine()
            .read_blocking(|tx| Ok(tx.query(&FLAGS, &[], |row| row.take::<String>())?))
            .unwrap();
        let marked = flags.iter().filter(|flag| flag.ends_with("stored:same-id")).count();
        assert_eq!((flags.len(), marked), (3, 2), "{flags:?}");
    });
}

#[test]
fn an_id_that_is_given_to_everything_marks_everything_and_repeats_are_found() {
    on_both_engines(|store| {
        let dir = tempfile::tempdir().unwrap();
        let table = "id;testo\n7;uno\n7;due\n7;tre\n7;quattro\n";
        assert_eq!(counts(&import(store, Kind::Csv, &write(dir.path(), "t.csv", table))), (4, 4, 0, 0));
        let later = "id;testo\n7; Tre \n7;cinque\n7; Uno \n";
        assert_eq!(counts(&import(store, Kind::Csv, &write(dir.path(), "u.csv", later))), (3, 1, 2, 0));
        let flags = store
            .engine()
            .read_blocking(|tx| Ok(tx.query(&FLAGS, &[], |row| row.take::<String>())?))
            .unwrap();
        let marked = flags.iter().filter(|flag| flag.ends_with("stored:same-id")).count();
        assert_eq!((flags.len(), marked), (7, 5), "{flags:?}");
    });
}

#[test]
fn our_own_mails_become_answers_of_their_thread() {
    on_both_engines(|store| {
        let clock = store.clock.clone();
        store
            .engine()
            .write_blocking(move |tx| {
                let machine = Actor::machine(vec![]);
                mailbox::create(tx, &*clock, &machine, "Banco", Some("banco@officina.example"), None)?;
                Ok(())
            })
            .unwrap();
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), "a", THREAD[0]);
        write(
            dir.path(),
            "nostra",
            "Message-ID: <n@officina.example>\nIn-Reply-To: <a@cliente.example>\nDate: Mon, 2 Mar 2026 09:30:00 +0100\n\
             From: Officina <banco@officina.example>\nTo: anna@cliente.example\nSubject: Re: Perde\n\nArriviamo domani.\n",
        );
        write(
            dir.path(),
            "seguito",
            "Message-ID: <s@cliente.example>\nIn-Reply-To: <n@officina.example>\nDate: Mon, 2 Mar 2026 10:30:00 +0100\n\
             From: anna@cliente.example\nTo: banco@officina.example\nSubject: Re: Perde\n\nVi aspetto.\n",
        );
        assert_eq!(counts(&import(store, Kind::Eml, dir.path())), (3, 3, 0, 0));
        let (voices, conversations) = state(store);
        assert_eq!((voices.len(), conversations), (2, vec![2]));
    });
}

#[test]
fn tables_of_every_dialect_say_the_same() {
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("testo\tvoto\tdata\nPerché no?\t4\t30/09/2021\n".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("comma", "text,score,date\n\"Perché no?\",4,2021-09-30\n".into()),
        ("semicolon", "Testo;Voto;Data\r\nPerché no?;4,0;30/09/2021\r\n".into()),
        ("mark", "\u{feff}testo;voto;data\nPerché no?;4;30-09-2021\n".into()),
        ("latin", b"testo;voto;data\nPerch\xe9 no?;4;30.09.21\n".to_vec()),
        ("pipe", "score|date|review\n4/5|Sep 30, 2021|Perché no?\n".into()),
        ("wide", utf16),
        ("excel", "Data,Commento,Stelle\n44469,Perché no?,4\n".into()),
        ("nul", "text,score,date\nPer\0ché no?,4,20210930\n".into()),
        ("mac", "text,score,date\rPerché no?,4,2021-09-30\r".into()),
    ];
    for (name, bytes) in files {
        let store = Store::sqlite();
        let dir = tempfile::tempdir().unwrap();
        let report = import(&store, Kind::Csv, &write(dir.path(), name, bytes));
        assert_eq!(counts(&report), (1, 1, 0, 0), "{name}: {report:?}");
        let (voices, _) = state(&store);
        assert!(voices[0].contains("Perché no?") && voices[0].contains("|4.0|5.0|"), "{name}: {voices:?}");
        assert!(voices[0].contains("1633003200000000"), "{name}: {voices:?}");
    }
}

#[test]
fn dirty_files_end_clearly_and_lose_nothing() {
    on_both_engines(|store| {
        let dir = tempfile::tempdir().unwrap();
        let empty = import(store, Kind::Csv, &write(dir.path(), "vuoto.csv", ""));
        assert_eq!((empty.fetched, empty.problems.len()), (0, 1));
        let wrong =
            import_as(store, &options(Kind::Csv, &write(dir.path(), "x.csv", "a,b\n1,2\n"))).unwrap_err();
        assert!(matches!(wrong, ImportError::NoText { .. }), "{wrong}");
        let mut chosen = options(Kind::Csv, &dir.path().join("x.csv"));
        chosen.mapping = Choice::parse(&["text=c"]).unwrap();
        assert!(matches!(import_as(store, &chosen), Err(ImportError::NoSuchColumn { .. })));
        chosen.mapping = Choice::parse(&["text=b"]).unwrap();
        assert_eq!(counts(&import_as(store, &chosen).unwrap()), (1, 1, 0, 0));
        let noise: Vec<u8> = (0..20_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let garbage = import(store, Kind::Mbox, &write(dir.path(), "rumore.mbox", &noise));
        assert_eq!((garbage.fetched, garbage.quarantined), (1, 1));
        let lines = import(
            store,
            Kind::Jsonl,
            &write(
                dir.path(),
                "righe.jsonl",
                "{\"text\":\"bene\",\"channel\":\"review\",\"score\":5,\"occurred_at\":\"mai\"}\n\nnon json\n[1]\n{}\n{\"text\":\"\\u0000male\"}\n",
            ),
        );
        assert_eq!(counts(&lines), (5, 2, 0, 3));
        let cut = format!(
            "From x Mon Mar  2 09:00:00 2026\n{}\nFrom x Mon Mar  2 09:00:00 2026\nMessage-ID: <z@x",
            THREAD[0]
        );
        assert_eq!(import(store, Kind::Mbox, &write(dir.path(), "mozza.mbox", cut)).fetched, 2);
        assert!(matches!(
            import_as(store, &options(Kind::Eml, &dir.path().join("manca"))),
            Err(ImportError::Read { .. })
        ));
        let ragged = "testo,voto\n\"aperta,5\nbuona,4\n,,\n,3\nuna,\"due\nrighe\"\n";
        let report = import(store, Kind::Csv, &write(dir.path(), "storto.csv", ragged));
        assert_eq!(report.fetched, 5);
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn shuffled_tables_give_the_same_voices(
        rows in proptest::collection::vec(("[a-c]{1,2}", 0..5_u8), 1..20),
        order in any::<u64>(),
    ) {
        let table = |rows: &[(String, u8)]| -> String {
            let lines: String = rows.iter().map(|(text, score)| format!("{text},{score}\n")).collect();
            format!("text,score\nsample,5\n{lines}")
        };
        let mut shuffled = rows.clone();
        shuffled.sort_by_key(|row| (row.0.bytes().map(u64::from).sum::<u64>() ^ order).wrapping_mul(0x9E37_79B9));
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (Store::sqlite(), Store::sqlite());
        let first = import(&one, Kind::Csv, &write(dir.path(), "t.csv", table(&rows)));
        import(&two, Kind::Csv, &write(dir.path(), "t.csv", table(&shuffled)));
        let again = import(&one, Kind::Csv, &write(dir.path(), "t.csv", table(&shuffled)));
        prop_assert_eq!((again.stored, again.duplicate), (0, first.fetched));
        prop_assert_eq!(state(&one), state(&two));
    }

    #[test]
    fn no_bytes_make_an_import_panic_or_lose_the_balance(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::sqlite();
        let path = write(dir.path(), "x", [b"text,score\n".as_slice(), &bytes].concat());
        for kind in [Kind::Csv, Kind::Jsonl, Kind::Mbox, Kind::Eml] {
            if let Ok(report) = import_as(&store, &options(kind, &path)) {
                prop_assert!(report.balanced);
            }
        }
    }
}

#[test]
fn the_first_mailbox_of_an_english_shop_is_the_counter() {
    let store = Store::sqlite();
    store
        .engine()
        .write_blocking(|tx| {
            let shop = primitives::shop::Shop {
                name: "Workshop".into(),
                locale: Locale::En,
                zone: "Europe/London".into(),
                step: primitives::shop::SetupStep::Source,
                demo: false,
            };
            Ok(primitives::shop::save(tx, &shop)?)
        })
        .unwrap();
    let dir = tempfile::tempdir().unwrap();
    import(&store, Kind::Csv, &write(dir.path(), "t.csv", "text\nfine\n"));
    let boxes = store.engine().read_blocking(|tx| Ok(mailbox::list(tx)?)).unwrap();
    assert_eq!(boxes.iter().map(|known| known.name.as_str()).collect::<Vec<_>>(), ["Counter"]);
}
