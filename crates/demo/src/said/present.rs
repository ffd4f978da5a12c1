//! Who waits right now, and what they wrote.

use kernel::Locale;

use crate::company::CustomerKind::{self, Bar, Dealer, Inn, Office, Private};
use crate::story::Cause;

/// Somebody written by hand.
pub(crate) struct ScriptedPerson {
    pub(crate) name: &'static str,
    pub(crate) feminine: bool,
    /// Name and mail domain of their house.
    pub(crate) organisation: Option<(&'static str, &'static str)>,
    pub(crate) kind: CustomerKind,
    pub(crate) city: &'static str,
    pub(crate) street: &'static str,
    pub(crate) mail: &'static str,
    pub(crate) phone: Option<&'static str>,
    pub(crate) language: Locale,
    pub(crate) mother_tongue: &'static str,
    pub(crate) keeper: &'static str,
    pub(crate) known_days: i64,
    /// Product, serial number, days owned.
    pub(crate) owns: &'static [(&'static str, &'static str, i64)],
    /// Days ago, and what was told.
    pub(crate) facts: &'static [(i64, &'static str)],
}

/// Who speaks in a scripted turn.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Who {
    Mail,
    Form,
    Phone(&'static str),
    Answer(&'static str),
    Note(&'static str),
}

/// A conversation written by hand; turns as who, days ago, minute of the day, text.
pub(crate) struct Scripted {
    pub(crate) person: usize,
    pub(crate) mailbox: &'static str,
    pub(crate) owner: &'static str,
    pub(crate) subject: &'static str,
    pub(crate) topic: &'static str,
    pub(crate) product: Option<&'static str>,
    pub(crate) version: Option<&'static str>,
    pub(crate) cause: Option<Cause>,
    pub(crate) tags: &'static [&'static str],
    pub(crate) turns: &'static [(Who, i64, i64, &'static str)],
}

const NOBODY: ScriptedPerson = ScriptedPerson {
    name: "",
    feminine: false,
    organisation: None,
    kind: Private,
    city: "Firenze",
    street: "via dei Mille 3",
    mail: "",
    phone: None,
    language: Locale::It,
    mother_tongue: "it",
    keeper: "giulia",
    known_days: 300,
    owns: &[],
    facts: &[],
};

/// Those who wait.
pub(crate) const PEOPLE: &[ScriptedPerson] = &[
    ScriptedPerson {
        name: "Anna Riva",
        feminine: true,
        organisation: Some(("Agriturismo La Pieve", "lapieve-fiesole.example")),
        kind: Inn,
        city: "Fiesole",
        street: "via della Pieve 11",
        mail: "anna@lapieve-fiesole.example",
        phone: Some("+39 347 000 1183"),
        known_days: 1130,
        owns: &[("vera-6", "V6-41207", 1100), ("vera-6", "V6-58813", 420)],
        facts: &[
            (640, "Preferisce il telefono dopo le 18"),
            (560, "Cene grandi il sabato, da aprile"),
            (250, "Ha due Vera 6, matricole note"),
        ],
        ..NOBODY
    },
    ScriptedPerson {
        name: "Carlo Brunelli",
        organisation: Some(("Torrefazione Brunelli", "torrefazionebrunelli.example")),
        kind: Dealer,
        city: "Parma",
        street: "strada dei Mercati 40",
        mail: "carlo@torrefazionebrunelli.example",
        phone: Some("+39 0521 000 418"),
        known_days: 1900,
        facts: &[(500, "Paga a 60 giorni, puntuale"), (320, "Ordina il primo martedì del mese")],
        ..NOBODY
    },
    ScriptedPerson {
        name: "Marta Kofler",
        feminine: true,
        organisation: Some(("Studio Kofler Architetti", "koflerarchitetti.example")),
        kind: Office,
        city: "Bolzano",
        street: "via dei Portici 58",
        mail: "marta@koflerarchitetti.example",
        mother_tongue: "de",
        known_days: 35,
        owns: &[("vera-6-plus", "VP-30418", 33)],
        facts: &[(30, "In studio sono in nove, tutti bevono caffè")],
        ..NOBODY
    },
    ScriptedPerson {
        name: "Luigi De Santis",
        city: "Pistoia",
        street: "via del Lavatoio 6",
        mail: "luigi.desantis@posta.example",
        phone: Some("+39 338 000 2290"),
        known_days: 410,
        owns: &[("vera-6", "V6-60121", 400), ("macina-40", "M4-22817", 400)],
        facts: &[(200, "Appassionato, prova un caffè diverso ogni mese")],
        ..NOBODY
    },
    ScriptedPerson {
        name: "Giada Tozzi",
        feminine: true,
        city: "Prato",
        street: "via della Fornace 19",
        mail: "giada.tozzi@scrivimi.example",
        known_days: 21,
        owns: &[("vera-mini", "VM-71940", 20)],
        ..NOBODY
    },
    ScriptedPerson {
        name: "Oreste Pagni",
        organisation: Some(("Bar Pagni", "barpagni.example")),
        kind: Bar,
        city: "Empoli",
        street: "piazza del Mercato 2",
        mail: "info@barpagni.example",
        phone: Some("+39 335 000 7714"),
        known_days: 820,
        owns: &[("vera-6", "V6-39902", 800)],
        facts: &[(400, "Chiuso il lunedì"), (90, "Parlare forte al telefono")],
        ..NOBODY
    },
    ScriptedPerson {
        name: "Helen Ashcroft",
        feminine: true,
        city: "Bath",
        street: "12 Quarry Hill",
        mail: "helen.ashcroft@lettera.example",
        phone: Some("+44 7700 900417"),
        language: Locale::En,
        mother_tongue: "en",
        keeper: "emma",
        known_days: 600,
        owns: &[("vera-6", "V6-55376", 590)],
        facts: &[(300, "Teaches on Wednesdays, don't ring")],
        ..NOBODY
    },
    ScriptedPerson {
        name: "Ruben Falco",
        kind: Bar,
        organisation: Some(("Caffè Falco", "caffefalco.example")),
        city: "Torino",
        street: "corso Italia 77",
        mail: "ruben@caffefalco.example",
        keeper: "davide",
        known_days: 540,
        owns: &[("vera-6", "V6-52210", 500)],
        ..NOBODY
    },
    ScriptedPerson {
        name: "Ivana Mori",
        feminine: true,
        city: "Modena",
        street: "via Pascoli 31",
        mail: "ivana.mori@casella.example",
        keeper: "sara",
        known_days: 250,
        owns: &[("vera-mini", "VM-64023", 240)],
        ..NOBODY
    },
    ScriptedPerson {
        name: "Tobias Lang",
        city: "Innsbruck",
        street: "Am Mühlbach 9",
        mail: "tobias.lang@inbox.example",
        language: Locale::En,
        mother_tongue: "de",
        keeper: "emma",
        known_days: 180,
        owns: &[("vera-6-plus", "VP-27754", 170)],
        ..NOBODY
    },
    ScriptedPerson {
        name: "Fulvio Ansaldi",
        organisation: Some(("Casalinghi Ansaldi", "casalinghiansaldi.example")),
        kind: Dealer,
        city: "Asti",
        street: "via Cavour 14",
        mail: "ordini@casalinghiansaldi.example",
        keeper: "chiara",
        known_days: 1500,
        ..NOBODY
    },
    ScriptedPerson {
        name: "Noemi Carta",
        feminine: true,
        city: "Cagliari",
        street: "via Dante 66",
        mail: "noemi.carta@liberamail.example",
        keeper: "tommaso",
        known_days: 12,
        ..NOBODY
    },
    ScriptedPerson {
        name: "Giancarlo Poli",
        organisation: Some(("Autofficina Poli", "autofficinapoli.example")),
        kind: Office,
        city: "Reggio Emilia",
        street: "via Gramsci 120",
        mail: "info@autofficinapoli.example",
        keeper: "sara",
        known_days: 700,
        owns: &[("vera-6", "V6-47718", 690)],
        ..NOBODY
    },
    ScriptedPerson {
        name: "Margherita Salvi",
        feminine: true,
        city: "Alba",
        street: "via dei Ciliegi 8",
        mail: "marghesalvi@posta.example",
        phone: Some("+39 349 000 6651"),
        keeper: "davide",
        known_days: 330,
        owns: &[("vera-6", "V6-59934", 320)],
        ..NOBODY
    },
];

const WAITS: Scripted = Scripted {
    person: 0,
    mailbox: "banco",
    owner: "giulia",
    subject: "",
    topic: "",
    product: None,
    version: None,
    cause: None,
    tags: &[],
    turns: &[],
};

/// What they wrote.
pub(crate) const WAITING: &[Scripted] = &[
    Scripted {
        person: 0,
        subject: "La macchina perde dal gruppo",
        topic: "gasket",
        product: Some("vera-6"),
        version: Some("2.4"),
        cause: Some(Cause::Gasket24),
        tags: &["perdita", "urgente"],
        turns: &[
            (
                Who::Mail,
                1,
                21 * 60 + 14,
                "Buonasera Giulia,\n\nla macchina perde di nuovo dal gruppo, come a marzo. L'ho appena aperta e l'anello sembra lo stesso di allora. Sabato ho quaranta persone a cena e senza caffè non si può.\n\nDimmi tu se conviene che la porto giù o se mi mandate l'anello, io domattina sono qui dalle sette.\n\nAnna\n\n--\nAgriturismo La Pieve, Fiesole",
            ),
            (
                Who::Answer("giulia"),
                1,
                21 * 60 + 40,
                "Anna, ho letto. Domattina sento l'officina prima delle nove e ti dico se mandiamo l'anello nuovo o una macchina di scorta. Per sabato il caffè ci sarà.\n\nGiulia",
            ),
            (
                Who::Note("paolo"),
                0,
                8 * 60 + 52,
                "È il lotto 2.4, guarda la matricola. Il 2.5 ce l'ho in casa, se ne parte uno oggi di solito arriva domani.",
            ),
            (
                Who::Mail,
                0,
                9 * 60 + 5,
                "Giulia buongiorno, stamattina è peggio, ho messo uno straccio sotto. L'altra Vera per ora va. Aspetto che mi dici entro le 12 e mezza così mi organizzo, grazie\nAnna",
            ),
        ],
        ..WAITS
    },
    Scripted {
        person: 1,
        mailbox: "rivenditori",
        subject: "Ricambi ordine 41822, confermate gli otto giorni?",
        topic: "dealer-order",
        tags: &["ordine", "ricambio"],
        turns: &[(
            Who::Mail,
            1,
            10 * 60 + 32,
            "Buongiorno,\n\nci avevate detto otto giorni per i ricambi dell'ordine 41822 (dodici guarnizioni, due pompe, quattro doccette). Siamo al sesto: confermate? Ho due bar fermi che mi chiamano tutti i giorni e vorrei dare una data che poi è quella.\n\nSe manca solo la pompa mandate intanto il resto, la spesa del secondo trasporto la mettete a me.\n\nSaluti\nCarlo Brunelli\nTorrefazione Brunelli, Parma",
        )],
        ..WAITS
    },
    Scripted {
        person: 2,
        subject: "Garanzia caldaia, uso in ufficio",
        topic: "office-warranty",
        product: Some("vera-6-plus"),
        cause: Some(Cause::WarrantyPage),
        tags: &["garanzia"],
        turns: &[(
            Who::Form,
            1,
            16 * 60 + 47,
            "Buongiorno, non capisco se la garanzia copre la caldaia anche per uso in ufficio. Sulla pagina c'è scritto \"uso domestico e assimilabile\" e più sotto \"escluso l'uso professionale\". Noi siamo uno studio di architettura, nove persone, diciamo venticinque caffè al giorno: siamo assimilabili o professionali? Vorrei saperlo prima che scadano i giorni del reso. Cordiali saluti, Marta Kofler",
        )],
        ..WAITS
    },
    Scripted {
        person: 3,
        subject: "Re: decalcificazione, tutto risolto",
        topic: "grinding",
        product: Some("vera-6"),
        tags: &["macinatura"],
        turns: &[
            (
                Who::Mail,
                4,
                19 * 60 + 25,
                "Ciao Giulia, dopo la decalcificazione la Vera eroga piano, goccia a goccia. Ho sbagliato qualcosa?\nLuigi De Santis",
            ),
            (
                Who::Answer("giulia"),
                3,
                9 * 60 + 18,
                "Ciao Luigi,\n\nquasi sempre è un residuo nella doccetta: svitala, lasciala mezz'ora in acqua calda e aceto e rimontala. Se non cambia nulla scrivimi e la guardiamo insieme.\n\nGiulia",
            ),
            (
                Who::Mail,
                0,
                7 * 60 + 51,
                "Tutto risolto, grazie, era proprio la doccetta (vergogna mia). Una sola curiosità sulla macinatura: con la Macina 40 sto a 7 e l'espresso scende in 18 secondi. Se vado a 6 si strozza. C'è una via di mezzo o è il caffè che è troppo fresco? L'ho preso tostato da quattro giorni.\nLuigi",
            ),
        ],
        ..WAITS
    },
    Scripted {
        person: 4,
        subject: "vera mini non scalda più!!",
        topic: "temperature",
        product: Some("vera-mini"),
        tags: &["temperatura"],
        turns: &[(
            Who::Mail,
            1,
            7 * 60 + 38,
            "ciao, ho la mini da tre settimane e da ieri il caffe esce tiepido, la spia pero diventa verde come sempre.. ho provato a scaldare la tazza e a fare un giro a vuoto ma niente. cosa devo fare? la riporto in negozio o c'è qualcosa che posso provare io? sabato mattina posso passare a firenze\n\ngiada\n\nInviato da iPhone",
        )],
        ..WAITS
    },
    Scripted {
        person: 5,
        subject: "Gocciola il gruppo di sinistra",
        topic: "gasket",
        product: Some("vera-6"),
        version: Some("2.4"),
        cause: Some(Cause::Gasket24),
        tags: &["perdita", "richiamare"],
        turns: &[(
            Who::Phone("sara"),
            0,
            8 * 60 + 35,
            "Chiama Oreste Pagni, Bar Pagni di Empoli. La Vera 6 gocciola da quando gli abbiamo cambiato la guarnizione a settembre, adesso deve stringere il portafiltro con due mani. Ha chiesto di Giulia, di richiamarlo dopo le 11 quando cala il lavoro, al cellulare. È un po' scocciato ma gentile.",
        )],
        ..WAITS
    },
    Scripted {
        person: 6,
        owner: "emma",
        subject: "Leaking again - third seal this year",
        topic: "gasket",
        product: Some("vera-6"),
        version: Some("2.4"),
        cause: Some(Cause::Gasket24),
        tags: &["perdita"],
        turns: &[(
            Who::Mail,
            1,
            22 * 60 + 3,
            "Hi Emma,\n\nMe again, I'm afraid. The group seal you sent in September has gone hard and it's dripping down the front of the cup, exactly like the last one. That makes three this year on a machine I use twice a day.\n\nI love the coffee it makes but I'm starting to dread locking the handle in. Is there a different seal, or is something else the matter with it? Happy to film it if that helps.\n\nBest,\nHelen",
        )],
        ..WAITS
    },
    Scripted {
        person: 7,
        owner: "davide",
        subject: "anello gruppo",
        topic: "gasket",
        product: Some("vera-6"),
        version: Some("2.4"),
        cause: Some(Cause::Gasket24),
        tags: &["perdita"],
        turns: &[
            (
                Who::Mail,
                2,
                15 * 60 + 20,
                "Davide ciao, l'anello che mi hai montato il mese scorso è già duro come la plastica. Ne hai uno di quelli di prima?\nRuben",
            ),
            (
                Who::Answer("davide"),
                1,
                9 * 60 + 12,
                "Ciao Ruben,\n\nmi sa che è quello del nuovo fornitore. Mi mandi una foto del bordo, si legge un numerino stampato? Se è 2.4 te lo cambio.\n\nDavide",
            ),
            (Who::Mail, 1, 14 * 60 + 44, "si legge 2.4. passo io o me lo porti? domani chiudo alle 20"),
        ],
        ..WAITS
    },
    Scripted {
        person: 8,
        mailbox: "ricambi",
        owner: "sara",
        subject: "Vaschetta raccogligocce Mini",
        topic: "parts",
        product: Some("vera-mini"),
        tags: &["ricambio"],
        turns: &[(
            Who::Form,
            0,
            7 * 60 + 22,
            "Buongiorno, mi è caduta la vaschetta raccogligocce della Vera Mini e si è crepata in un angolo. Si trova come ricambio? Quella nera, non quella in acciaio. Se passo a Parma la posso pagare lì o devo ordinarla per forza sul sito? Grazie, Ivana Mori",
        )],
        ..WAITS
    },
    Scripted {
        person: 9,
        owner: "emma",
        subject: "Display after the update",
        topic: "firmware",
        product: Some("vera-6-plus"),
        version: Some("3.2"),
        cause: Some(Cause::Firmware32),
        tags: &["firmware"],
        turns: &[(
            Who::Mail,
            2,
            18 * 60 + 9,
            "Hello,\n\nmy Vera 6 Plus was lying in the cellar during the renovation and is still on the firmware 3.2. The display goes dark after some minutes and the pre-infusion does not stop by itself. I have read there is a 3.2.1 but I can not find how I get it on the machine without the app. Is there a way with the USB?\n\nKind regards from Innsbruck\nTobias Lang",
        )],
        ..WAITS
    },
    Scripted {
        person: 10,
        mailbox: "rivenditori",
        owner: "chiara",
        subject: "Listino 2027 e condizioni Natale",
        topic: "pricelist",
        tags: &["listino"],
        turns: &[(
            Who::Mail,
            1,
            11 * 60 + 56,
            "Gentile Chiara,\nquando esce il listino nuovo? Devo prezzare la vetrina entro fine mese e non vorrei rifare i cartellini due volte come l'anno scorso. E per Natale ci sono ancora le condizioni sulle Mini, 5+1?\nGrazie\nFulvio Ansaldi",
        )],
        ..WAITS
    },
    Scripted {
        person: 11,
        mailbox: "ricambi",
        owner: "tommaso",
        subject: "ordine 66104 fermo da martedi",
        topic: "courier",
        tags: &["corriere"],
        turns: &[(
            Who::Mail,
            1,
            13 * 60 + 10,
            "Salve, il tracking dell'ordine 66104 è fermo a \"in transito\" da martedì. È un regalo per mio padre che compie 70 anni domenica prossima, ditemi se devo preoccuparmi oppure no. Il corriere non risponde.\nNoemi Carta",
        )],
        ..WAITS
    },
    Scripted {
        person: 12,
        mailbox: "amministrazione",
        owner: "lucia",
        subject: "fattura doppia",
        topic: "payment",
        tags: &["fattura", "pagamento"],
        turns: &[(
            Who::Mail,
            2,
            8 * 60 + 49,
            "Buongiorno, mi trovo due addebiti uguali per la stessa fattura di ottobre, 64 euro e 90 ciascuno. Il ricambio era uno. Potete controllare e stornare? Allego l'estratto se serve ma lo vedete anche voi.\nPoli",
        )],
        ..WAITS
    },
    Scripted {
        person: 13,
        owner: "davide",
        subject: "goccia continua",
        topic: "gasket",
        product: Some("vera-6"),
        version: Some("2.4"),
        cause: Some(Cause::Gasket24),
        tags: &["perdita"],
        turns: &[(
            Who::Mail,
            0,
            6 * 60 + 58,
            "Buongiorno Davide, scusa l'ora. Dopo che mi hai cambiato la guarnizione andava benissimo, da un paio di settimane però c'è quella goccia continua mentre fa il caffè e la tazza si bagna sotto. Non è una tragedia ma se è un difetto preferisco dirtelo adesso che è in garanzia.\nBuona giornata\nMargherita",
        )],
        ..WAITS
    },
];
