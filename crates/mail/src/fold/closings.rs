//! The words by which mail programs and companies close a mail.

/// "Sent from my iPhone" and its relatives: a short line without a sentence in it.
pub(super) fn is_sent_from(line: &str) -> bool {
    const STARTS: [&str; 52] = [
        "sent from ",
        "sent via ",
        "sent with ",
        "sent using ",
        "sent on the go",
        "sent by ",
        "get outlook for ",
        "inviato da ",
        "inviato dal ",
        "inviato con ",
        "inviata da ",
        "inviato tramite ",
        "inviato via ",
        "ottieni outlook per ",
        "scarica outlook per ",
        "von meinem ",
        "von meiner ",
        "gesendet mit ",
        "gesendet von ",
        "gesendet über ",
        "gesendet aus ",
        "outlook für ",
        "holen sie sich outlook",
        "envoyé de ",
        "envoyé depuis ",
        "envoyé à partir ",
        "envoyé avec ",
        "télécharger outlook",
        "téléchargez outlook",
        "obtenez outlook ",
        "enviado desde ",
        "enviado do ",
        "enviado de ",
        "enviado a partir ",
        "enviado por ",
        "enviado con ",
        "obtener outlook",
        "obter o outlook",
        "verzonden vanaf ",
        "verstuurd vanaf ",
        "skickat från ",
        "sendt fra ",
        "lähetetty ",
        "wysłane z ",
        "отправлено с ",
        "отправлено из ",
        "odesláno z",
        "trimis de pe ",
        "发自我的",
        "从我的",
        "iphoneから送信",
        "yahoo mail: ",
    ];
    let line = line.trim().trim_start_matches(['*', '_', '(', '[', '<', '-', '–', '—', ' ']).to_lowercase();
    let words =
        line.split(['<', '(']).next().unwrap_or_default().trim_end_matches(['*', '_', '.', ')', ']', ' ']);
    let short = words.split_whitespace().count() <= 9 && words.chars().count() <= 80;
    short
        && !words.contains([',', '?', '!', ';'])
        && !words.contains(". ")
        && STARTS.iter().any(|s| words.starts_with(s.trim_end()) && line.starts_with(s))
}

/// Whether a paragraph is a legal notice: long, and with several of the words that such notices cannot do without.
pub(super) fn is_notice(paragraph: &str) -> bool {
    const SHORTEST: usize = 120;
    const WORDS: [&str; 48] = [
        "confidential",
        "privileged",
        "intended recipient",
        "intended solely",
        "addressee",
        "received this",
        "in error",
        "unauthorized",
        "unauthorised",
        "disclosure",
        "disclaimer",
        "notify the sender",
        "delete",
        "riservat",
        "destinatari",
        "per errore",
        "d.lgs",
        "d. lgs",
        "gdpr",
        "2016/679",
        "196/2003",
        "privacy",
        "informazioni contenute",
        "vietat",
        "distrugger",
        "cancellar",
        "mittente",
        "avviso di riservatezza",
        "vertraulich",
        "empfänger",
        "irrtümlich",
        "absender",
        "vernichten",
        "unbefugt",
        "confidentiel",
        "destinataire",
        "erreur",
        "expéditeur",
        "détruire",
        "confidencial",
        "destinatario",
        "destinatário",
        "por error",
        "por engano",
        "prohibid",
        "proibid",
        "think before you print",
        "prima di stampare",
    ];
    let text = paragraph.to_lowercase();
    let hits = WORDS.iter().filter(|w| text.contains(**w)).count();
    let printing = [
        "before printing",
        "prima di stampare",
        "before you print",
        "rispetta l'ambiente",
        "consider the environment",
    ];
    let green = text.chars().count() <= 250 && printing.iter().any(|p| text.contains(p));
    green || (text.chars().count() >= SHORTEST && hits >= 3)
}
