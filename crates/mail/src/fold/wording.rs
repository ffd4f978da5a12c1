//! The words by which mail programs of many languages introduce older mail.

/// A line of a header block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    From,
    Date,
    To,
    Subject,
    Other,
}

const LABELS: [(Label, &[&str]); 5] = [
    (
        Label::From,
        &[
            "from",
            "da",
            "von",
            "de",
            "van",
            "från",
            "fra",
            "od",
            "от",
            "від",
            "kimden",
            "发件人",
            "寄件者",
            "差出人",
            "보낸 사람",
            "lähettäjä",
            "feladó",
            "expéditeur",
            "mittente",
            "remitente",
            "remetente",
            "afzender",
            "από",
            "från",
            "de la",
        ],
    ),
    (
        Label::Date,
        &[
            "sent",
            "date",
            "inviato",
            "data",
            "gesendet",
            "datum",
            "envoyé",
            "envoyé le",
            "enviado",
            "enviado el",
            "enviada",
            "enviada em",
            "enviado em",
            "fecha",
            "verzonden",
            "skickat",
            "sendt",
            "dato",
            "wysłano",
            "data wysłania",
            "дата",
            "отправлено",
            "发送时间",
            "日期",
            "送信日時",
            "날짜",
            "보낸 날짜",
            "tarih",
            "gönderildi",
            "lähetetty",
            "päivämäärä",
            "odesláno",
            "elküldve",
            "trimis",
            "ημερομηνία",
            "inviato il",
            "date and time",
        ],
    ),
    (
        Label::To,
        &[
            "to",
            "a",
            "an",
            "à",
            "para",
            "aan",
            "till",
            "til",
            "do",
            "кому",
            "收件人",
            "宛先",
            "받는 사람",
            "kime",
            "vastaanottaja",
            "komu",
            "címzett",
            "către",
            "προς",
            "destinatario",
            "pour",
            "per",
        ],
    ),
    (
        Label::Subject,
        &[
            "subject",
            "oggetto",
            "betreff",
            "betr",
            "objet",
            "sujet",
            "asunto",
            "assunto",
            "onderwerp",
            "ämne",
            "emne",
            "temat",
            "тема",
            "主题",
            "主旨",
            "件名",
            "제목",
            "konu",
            "aihe",
            "předmět",
            "tárgy",
            "subiect",
            "θέμα",
            "re",
        ],
    ),
    (
        Label::Other,
        &[
            "cc",
            "ccn",
            "bcc",
            "kopie",
            "copie",
            "копия",
            "抄送",
            "reply-to",
            "rispondi a",
            "antwort an",
            "importance",
            "importanza",
            "priority",
            "priorità",
            "attachments",
            "allegati",
            "anlagen",
            "pièces jointes",
            "organization",
            "wichtigkeit",
            "date forwarded",
            "cci",
            "cco",
        ],
    ),
];

/// The label of a header line and its value.
pub(super) fn header_label(line: &str) -> Option<(Label, &str)> {
    const LONGEST_LABEL: usize = 40;
    let line = line.trim_start_matches(|c: char| c.is_whitespace() || "*_|".contains(c));
    let at = line.char_indices().take(LONGEST_LABEL).find(|(_, c)| matches!(c, ':' | '：'))?.0;
    let label = line[..at].trim_matches(|c: char| c.is_whitespace() || "*_".contains(c)).to_lowercase();
    let value = line[at..].trim_start_matches([':', '：', '*', '_', ' ']);
    LABELS.iter().find(|(_, words)| words.contains(&label.as_str())).map(|(kind, _)| (*kind, value))
}

/// Whether a value holds a year and a time of day.
pub(super) fn is_full_date(value: &str) -> bool {
    let plain: String = value.chars().filter(|c| !matches!(c, '\u{200e}' | '\u{200f}')).collect();
    let year = plain
        .split(|c: char| !c.is_ascii_digit())
        .any(|n| n.len() == 4 && (n.starts_with("19") || n.starts_with("20")));
    let time =
        plain.as_bytes().windows(3).any(|w| w[0].is_ascii_digit() && w[1] == b':' && w[2].is_ascii_digit());
    year && time
}

/// Whether a subject says that the mail was passed on.
pub(super) fn is_forward_subject(subject: &str) -> bool {
    const PREFIXES: [&str; 12] =
        ["fw:", "fwd:", "i:", "wg:", "tr:", "rv:", "enc:", "doorst:", "vs:", "vb:", "pd:", "inoltro:"];
    let subject = subject.trim().to_lowercase();
    PREFIXES.iter().any(|p| subject.starts_with(p))
}

/// Whether the line stands between dashes (or stars), and its words in lower case.
fn dashed(line: &str) -> Option<String> {
    const LONGEST: usize = 500;
    let line = line.trim();
    if line.len() > LONGEST {
        return None;
    }
    let is_dash = |c: char| matches!(c, '-' | '–' | '—' | '_' | '*' | '=' | '~' | '#');
    let dashes = line.chars().take_while(|c| is_dash(*c)).count();
    (dashes >= 2).then(|| line.trim_matches(|c: char| is_dash(c) || c.is_whitespace()).to_lowercase())
}

/// "-----Original Message-----" and its translations.
pub(super) fn is_original_delimiter(line: &str) -> bool {
    const WORDS: [&str; 33] = [
        "original message",
        "messaggio originale",
        "ursprüngliche nachricht",
        "ursprungliche nachricht",
        "originalnachricht",
        "original-nachricht",
        "message d'origine",
        "message d’origine",
        "message original",
        "message initial",
        "mensaje original",
        "mensagem original",
        "oorspronkelijk bericht",
        "originalmeddelande",
        "ursprungligt meddelande",
        "oprindelig meddelelse",
        "opprinnelig melding",
        "alkuperäinen viesti",
        "wiadomość oryginalna",
        "oryginalna wiadomość",
        "исходное сообщение",
        "оригинальное сообщение",
        "původní zpráva",
        "eredeti üzenet",
        "mesaj original",
        "özgün ileti",
        "原始邮件",
        "元のメッセージ",
        "original appointment",
        "appuntamento originale",
        "reply message",
        "messaggio di risposta",
        "original email",
    ];
    dashed(line).is_some_and(|words| words.chars().count() <= 60 && WORDS.iter().any(|w| words.contains(w)))
}

/// "---------- Forwarded message ---------", "Begin forwarded message:" and their translations.
pub(super) fn is_forward_delimiter(line: &str) -> bool {
    const DASHED: [&str; 24] = [
        "forwarded message",
        "forwarded by",
        "messaggio inoltrato",
        "inoltrato da",
        "weitergeleitete nachricht",
        "weitergeleitet von",
        "message transféré",
        "message transmis",
        "message réexpédié",
        "mensaje reenviado",
        "mensaje transmitido",
        "mensagem encaminhada",
        "mensagem reencaminhada",
        "doorgestuurd bericht",
        "vidarebefordrat meddelande",
        "videresendt meddelelse",
        "videresendt melding",
        "edelleenlähetetty",
        "przekazana wiadomość",
        "пересылаемое сообщение",
        "пересланное сообщение",
        "přeposlaná zpráva",
        "továbbított üzenet",
        "转发",
    ];
    const OPENINGS: [&str; 16] = [
        "begin forwarded message",
        "inizio messaggio inoltrato",
        "inizio del messaggio inoltrato",
        "anfang der weitergeleiteten",
        "début du message transféré",
        "début du message réexpédié",
        "inicio del mensaje reenviado",
        "início da mensagem encaminhada",
        "início da mensagem reencaminhada",
        "begin doorgestuurd bericht",
        "vidarebefordrat brev",
        "start på videresendt",
        "videresendt melding",
        "rozpoczęcie przekazywanej",
        "начало переадресованного",
        "begin original message",
    ];
    if line.len() > 500 {
        return false;
    }
    let plain = line.trim().trim_matches('*').to_lowercase();
    dashed(line).is_some_and(|words| words.chars().count() <= 120 && DASHED.iter().any(|w| words.contains(w)))
        || (plain.ends_with(':')
            && plain.chars().count() <= 80
            && OPENINGS.iter().any(|o| plain.starts_with(o)))
}

/// The line that help desks print above their mails: "please type your reply above this line".
pub(super) fn is_reply_line(line: &str) -> bool {
    const WORDS: [&str; 8] = [
        "reply above this line",
        "reply above this message",
        "rispondi sopra questa",
        "rispondere sopra questa",
        "antworten sie oberhalb",
        "bitte antworten sie über",
        "répondre au-dessus de cette ligne",
        "responda por encima de esta",
    ];
    const LONGEST: usize = 240;
    line.len() <= LONGEST && {
        let line = line.to_lowercase();
        WORDS.iter().any(|w| line.contains(w))
    }
}

/// A line of underscores or dashes, as Outlook draws it above a header block.
pub(super) fn is_separator(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 3 && line.chars().all(|c| matches!(c, '_' | '-' | '–' | '—' | '=' | '*'))
}

/// Verbs that end an introduction: "… wrote:".
const WROTE: [&str; 50] = [
    "wrote",
    "writes",
    "said",
    "ha scritto",
    "scrive",
    "scriveva",
    "scrisse",
    "hai scritto",
    "schrieb",
    "schreibt",
    "hat geschrieben",
    "a écrit",
    "écrit",
    "a ecrit",
    "escribió",
    "escribio",
    "ha escrito",
    "escreveu",
    "escribiu",
    "va escriure",
    "schreef",
    "skrev",
    "kirjoitti",
    "napisał",
    "napisała",
    "napisał(a)",
    "pisze",
    "написал",
    "написала",
    "написал(а)",
    "пишет",
    "написав",
    "пише",
    "napsal",
    "napsal(a)",
    "napísal",
    "írta",
    "a scris",
    "yazdı",
    "yazmış",
    "έγραψε",
    "写道",
    "寫道",
    "のメール",
    "書きました",
    "작성",
    "đã viết",
    "je napisao",
    "je napisal",
    "menulis",
];

const OPENINGS: [&str; 38] = [
    "on ",
    "il ",
    "in data ",
    "in date ",
    "il giorno ",
    "am ",
    "le ",
    "el ",
    "em ",
    "no dia ",
    "op ",
    "den ",
    "dnia ",
    "w dniu ",
    "at ",
    "a ",
    "pe ",
    "la ",
    "vào ",
    "dana ",
    "στις ",
    "în data ",
    "dne ",
    "ma ",
    "el día ",
    "à la date ",
    "quoting ",
    "from: ",
    "em qua",
    "em seg",
    "em ter",
    "lunedì ",
    "martedì ",
    "mercoledì ",
    "giovedì ",
    "venerdì ",
    "sabato ",
    "domenica ",
];

/// Whether a line may begin an introduction.
pub(super) fn begins_wrote(line: &str) -> bool {
    let line = bare(line);
    line.starts_with(|c: char| c.is_ascii_digit()) || OPENINGS.iter().any(|o| line.starts_with(o))
}

/// Lower case, without ornament and invisible direction marks at either end.
fn bare(line: &str) -> String {
    const MARKS: &str = "*_-–—\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}";
    line.trim_matches(|c: char| c.is_whitespace() || MARKS.contains(c)).to_lowercase()
}

/// Whether an introduction may end with this line: only at a colon.
pub(super) fn may_end_wrote(line: &str) -> bool {
    bare(line).ends_with([':', '：'])
}

/// Whether the text introduces a quote: a verb of writing, and a date or an address; on a line of its own right
/// above a quote the verb alone is enough.
pub(super) fn is_wrote(text: &str, single: bool, quoted_next: bool) -> bool {
    let text = bare(text);
    let Some(content) = text.strip_suffix([':', '：']).map(str::trim_end) else { return false };
    let digits = content.chars().filter(char::is_ascii_digit).count();
    let address = content.contains('@');
    let dated = digits >= 3 || (digits >= 1 && has_month_or_day(content));
    let opened = begins_wrote(&text);
    let ends = WROTE.iter().any(|w| ends_with_word(content, w));
    let angle = address && content.contains('<') && content.contains('>');
    if ends {
        return angle
            || (opened && (dated || address))
            || (dated && (address || quoted_next))
            || (single && quoted_next && content.chars().count() <= 80);
    }
    // "Am 3. Mai schrieb Anna <anna@…>:" and "2026-05-03 10:00 GMT+02:00 Anna <anna@…>:"
    let inside = WROTE.iter().any(|w| has_word(content, w));
    let last_angle = content.ends_with('>') && address;
    (inside && opened && (dated || address))
        || (inside && dated && (last_angle || quoted_next))
        || (last_angle && dated && (opened || quoted_next))
}

fn ends_with_word(text: &str, word: &str) -> bool {
    text.strip_suffix(word).is_some_and(|before| !word.is_ascii() || !before.ends_with(char::is_alphanumeric))
}

fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(i, _)| {
        !text[..i].ends_with(char::is_alphanumeric)
            && !text[i + word.len()..].starts_with(char::is_alphanumeric)
    })
}

fn has_month_or_day(text: &str) -> bool {
    const STEMS: [&str; 40] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "gen", "mag",
        "giu", "lug", "ago", "set", "ott", "dic", "mai", "okt", "dez", "fév", "avr", "juin", "juil", "aoû",
        "déc", "ene", "abr", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "lun", "gio",
    ];
    text.split(|c: char| !c.is_alphanumeric()).any(|w| STEMS.iter().any(|s| w.starts_with(s)))
}
