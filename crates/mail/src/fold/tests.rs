use super::*;

fn fold(text: &str) -> (String, Vec<(FoldKind, String)>) {
    let split = split(text, "Re: domanda");
    (split.reply, split.folds.into_iter().map(|f| (f.kind, f.text)).collect())
}

/// The reply, and the kinds of what was folded.
fn shape(text: &str) -> (String, Vec<FoldKind>) {
    let (reply, folds) = fold(text);
    (reply, folds.into_iter().map(|(kind, _)| kind).collect())
}

use FoldKind::{Forward, Quote, Signature};

#[test]
fn an_introduction_and_its_quote_are_folded_in_every_language() {
    for header in [
        "On Tue, Jul 14, 2026 at 10:15 AM Anna Neri <anna@example.org> wrote:",
        "On Tue, Jul 14, 2026 at 10:15 AM Anna Neri <\nanna@example.org> wrote:",
        "Il giorno mar 14 lug 2026 alle ore 10:15 Anna Neri <anna@example.org>\nha scritto:",
        "Il 14/07/2026 10:15, Anna Neri ha scritto:",
        "Am 14.07.2026 um 10:15 schrieb Anna Neri:",
        "Am Di., 14. Juli 2026 um 10:15 Uhr schrieb Anna Neri <anna@example.org>:",
        "Le mar. 14 juil. 2026 à 10:15, Anna Neri <anna@example.org> a écrit :",
        "El mar, 14 jul 2026 a las 10:15, Anna Neri (<anna@example.org>) escribió:",
        "Em ter., 14 de jul. de 2026 às 10:15, Anna Neri <anna@example.org> escreveu:",
        "Op di 14 jul. 2026 om 10:15 schreef Anna Neri <anna@example.org>:",
        "Den tis 14 juli 2026 kl 10:15 skrev Anna Neri <anna@example.org>:",
        "2026-07-14 10:15 GMT+02:00 Anna Neri <anna@example.org>:",
        "Anna Neri <anna@example.org> wrote:",
        "In data martedì 14 luglio 2026 10:15:30 CEST, Anna Neri ha scritto:",
    ] {
        let text = format!("Va bene.\n\n{header}\n> Quando arrivate?\n> Anna");
        assert_eq!(shape(&text), ("Va bene.".to_owned(), vec![Quote]), "{header}");
        let bare = format!("Va bene.\n\n{header}\n\nQuando arrivate?\nAnna");
        assert_eq!(shape(&bare), ("Va bene.".to_owned(), vec![Quote]), "unmarked: {header}");
    }
}

#[test]
fn introductions_of_further_languages_are_known_above_a_quote() {
    for header in [
        "W dniu 14.07.2026 o 10:15, Anna Neri pisze:",
        "tir. 14. jul. 2026 kl. 10:15 skrev Anna Neri <anna@example.org>:",
        "14.7.2026 klo 10.15, Anna Neri kirjoitti:",
        "Dne 14. 7. 2026 v 10:15 Anna Neri napsal(a):",
        "Anna Neri <anna@example.org> ezt írta (időpont: 2026. júl. 14., K, 10:15):",
        "вт, 14 июл. 2026 г. в 10:15, Anna Neri <anna@example.org>:",
        "Anna Neri <anna@example.org>, 14 Tem 2026 Sal, 10:15 tarihinde şunu yazdı:",
        "在 2026年7月14日 10:15，Anna Neri <anna@example.org> 写道：",
        "2026/07/14 10:15、Anna Neri <anna@example.org>のメール:",
        "2026년 7월 14일 (화) 10:15, Anna Neri <anna@example.org>님이 작성:",
        "\u{200f}14 2026 10:15, Anna Neri <\u{202a}anna@example.org\u{202c}>:\u{200f}",
        "Anna Neri wrote on 14/07/2026 10:15:",
    ] {
        let text = format!("Va bene.\n\n{header}\n\n> Quando arrivate?");
        assert_eq!(shape(&text), ("Va bene.".to_owned(), vec![Quote]), "{header}");
    }
}

#[test]
fn a_sentence_that_resembles_an_introduction_is_text() {
    for text in [
        "On the other hand, we already have two.\nSee you on Monday.",
        "On 3 May your colleague wrote that it would be free.\nIs that so?",
        "Ecco i prodotti:\n- tazza\n- piatto",
        "Il listino del 2026 dice:\n10 euro",
        "Da: Milano\nA: Roma\nData: 5 maggio\nServe un furgone.",
        "From: the heart\nThank you!",
    ] {
        assert_eq!(shape(text), (text.to_owned(), vec![]), "{text}");
    }
}

#[test]
fn the_last_of_two_openings_is_the_introduction() {
    let text = "On your shelf there are two.\nOn 14 Jul 2026, Anna wrote:\n> how many?";
    assert_eq!(shape(text), ("On your shelf there are two.".to_owned(), vec![Quote]));
}

#[test]
fn header_blocks_of_outlook_are_folded_in_every_language() {
    for block in [
        "From: Anna Neri <anna@example.org>\nSent: Tuesday, July 14, 2026 10:15 AM\nTo: shop@example.org\nSubject: Order",
        "Da: Anna Neri <anna@example.org>\nInviato: martedì 14 luglio 2026 10:15\nA: shop@example.org\nOggetto: Ordine",
        "Von: Anna Neri <anna@example.org>\nGesendet: Dienstag, 14. Juli 2026 10:15\nAn: shop@example.org\nBetreff: Bestellung",
        "De : Anna Neri <anna@example.org>\nEnvoyé : mardi 14 juillet 2026 10:15\nÀ : shop@example.org\nObjet : Commande",
        "De: Anna Neri\nEnviado el: martes, 14 de julio de 2026 10:15\nPara: Tienda\nAsunto: Pedido",
        "*Da:* Anna Neri <anna@example.org>\n*Inviato:* martedì 14 luglio 2026 10:15\n*A:* Negozio\n*Oggetto:* Ordine",
        "________________________________\nDa: Anna Neri\nInviato: martedì 14 luglio 2026",
        "-----Messaggio originale-----\nDa: Anna Neri\nInviato: martedì 14 luglio 2026",
        "-----Original Message-----\nFrom: Anna Neri",
        "-----Ursprüngliche Nachricht-----\nVon: Anna Neri",
        "-------- Message d'origine --------\nDe : Anna Neri",
    ] {
        let text = format!("Perfetto, grazie.\n\n{block}\n\nBuongiorno,\nvorrei due tazze.");
        assert_eq!(shape(&text), ("Perfetto, grazie.".to_owned(), vec![Quote]), "{block}");
    }
}

#[test]
fn interleaved_answers_keep_the_lines_they_answer() {
    let text = "Ciao,\n\nIl 14/07/2026 10:15, Anna ha scritto:\n> Quando arrivate?\n\nLunedì.\n\n> Quanti siete?\n\nIn tre.\n\n> Anna\n";
    let (reply, folds) = fold(text);
    assert_eq!(reply, "Ciao,\n\n> Quando arrivate?\n\nLunedì.\n\n> Quanti siete?\n\nIn tre.");
    assert_eq!(
        folds,
        [(Quote, "Il 14/07/2026 10:15, Anna ha scritto:".to_owned()), (Quote, "> Anna".to_owned())]
    );
}

#[test]
fn a_long_mail_quoted_above_its_answer_is_history() {
    let quoted: String = (1..=12).map(|i| format!("> riga {i}\n")).collect();
    let text = format!("Il 14/07/2026 10:15, Anna ha scritto:\n{quoted}\nTutto giusto.");
    assert_eq!(shape(&text).0, "Tutto giusto.");
    let short = "Il 14/07/2026 10:15, Anna ha scritto:\n> Confermate?\n\nSì.";
    assert_eq!(shape(short).0, "> Confermate?\n\nSì.");
}

#[test]
fn a_quoted_line_broken_by_wrapping_stays_quoted() {
    let text = "Ok.\n\n> questa riga era tanto lunga che il programma di posta l'ha\nspezzata\n> qui\n";
    assert_eq!(shape(text), ("Ok.".to_owned(), vec![Quote]));
}

#[test]
fn signatures_are_folded_with_or_without_their_space() {
    for mark in ["-- ", "--", "—", "___"] {
        let text = format!("Confermo.\n\nSaluti,\nMario\n{mark}\nMario Rossi\nTel. 02 5550123");
        let (reply, folds) = shape(&text);
        assert_eq!((reply.as_str(), folds), ("Confermo.\n\nSaluti,\nMario", vec![Signature]), "{mark}");
    }
}

#[test]
fn what_a_device_adds_is_a_signature() {
    for line in [
        "Sent from my iPhone",
        "Inviato da iPhone",
        "Inviato dal mio dispositivo Android",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPad",
        "Enviado desde mi iPhone",
        "Enviado do meu iPhone",
        "Get Outlook for iOS<https://example.org/x>",
        "Ottieni Outlook per Android",
        "Sent from Yahoo Mail on Android",
    ] {
        assert_eq!(
            shape(&format!("Arrivo alle 9.\n\n{line}\n")),
            ("Arrivo alle 9.".to_owned(), vec![Signature]),
            "{line}"
        );
    }
    for line in
        ["Sent from my desk, which is easier than the phone.", "Inviato da voi un pacco sbagliato, come mai?"]
    {
        assert!(shape(&format!("Buongiorno.\n{line}")).1.is_empty(), "{line}");
    }
}

#[test]
fn legal_notices_are_signatures() {
    for notice in [
        "Le informazioni contenute in questo messaggio sono riservate e destinate solo ai destinatari indicati. Se lo avete ricevuto per errore, vi preghiamo di avvisare il mittente e cancellarlo (Reg. UE 2016/679).",
        "This message and its files are confidential and for the intended recipient only. If you received this in error, please notify the sender and delete it; any disclosure is forbidden.",
        "Rispetta l'ambiente: pensaci prima di stampare questa mail.",
    ] {
        let text = format!("Va bene così.\n\nGrazie\n\n{notice}");
        assert_eq!(shape(&text), ("Va bene così.\n\nGrazie".to_owned(), vec![Signature]), "{notice}");
    }
    let about_privacy = "Vorrei cancellare il mio account, per la privacy.";
    assert!(shape(about_privacy).1.is_empty());
}

#[test]
fn a_forwarded_mail_is_folded_below_own_words_only() {
    for mark in [
        "---------- Forwarded message ---------",
        "Begin forwarded message:",
        "Inizio messaggio inoltrato:",
        "-------- Messaggio inoltrato --------",
        "Anfang der weitergeleiteten Nachricht:",
        "---------- Message transféré ---------",
    ] {
        let forwarded = format!("{mark}\nDa: Anna <anna@example.org>\nOggetto: Ordine\n\nDue tazze.");
        let text = format!("Ci pensi tu?\n\n{forwarded}");
        assert_eq!(shape(&text), ("Ci pensi tu?".to_owned(), vec![Forward]), "{mark}");
        assert_eq!(shape(&forwarded), (forwarded, vec![]), "{mark}");
    }
}

#[test]
fn a_mail_of_nothing_but_quote_or_signature_is_shown_whole() {
    for text in [
        "> solo\n> citazione",
        "-- \nMario Rossi",
        "Sent from my iPhone",
        "On 14 Jul 2026, Anna wrote:\n> si",
    ] {
        assert_eq!(shape(text), (text.to_owned(), vec![]));
    }
    assert_eq!(shape(""), (String::new(), vec![]));
}

#[test]
fn the_kinds_are_written_in_lower_case() {
    let fold = Fold { kind: FoldKind::Forward, text: "x".to_owned() };
    assert_eq!(serde_json::to_string(&fold).unwrap(), r#"{"kind":"forward","text":"x"}"#);
}
