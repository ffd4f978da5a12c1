// Written by wording::build from the texts of this crate.

/// Sentences with plurals and choices.
static BUNDLES: ::wording::Bundles = ::wording::Bundles::new(
    "-bottega = Bottega\ncounter-share = Quota: { NUMBER($share, style: \"percent\") }\ntoday-waiting =\n    { $n ->\n        [0] Nessuno aspetta.\n        [one] Una persona aspetta { $name }.\n       *[other] { $n } persone aspettano { $name }.\n    }\n",
    "-bottega = Bottega\ncounter-share = Share: { NUMBER($share, style: \"percent\") }\ntoday-waiting =\n    { $n ->\n        [0] Nobody waits.\n        [one] One person waits for { $name }.\n       *[other] { $n } people wait for { $name }.\n    }\n",
);

/// What this crate says, in one language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Texts {
    locale: ::wording::Locale,
}

impl Texts {
    /// The sentences in this language.
    pub(crate) fn new(locale: ::wording::Locale) -> Texts {
        Texts { locale }
    }

    /// The language that they are in.
    #[allow(dead_code, reason = "not every crate asks")]
    pub(crate) fn locale(&self) -> ::wording::Locale {
        self.locale
    }
}

#[allow(clippy::all, reason = "names and arguments come from the texts")]
impl Texts {
    /// ```text
    /// it: counter-hint = solo ciò che puoi vedere
    /// en: counter-hint = only what you may see
    /// ```
    pub(crate) fn counter_hint(&self) -> &'static str {
        match self.locale {
            ::wording::Locale::It => "solo ciò che puoi vedere",
            ::wording::Locale::En => "only what you may see",
        }
    }
    /// ```text
    /// it: counter-share = Quota: { NUMBER($share, style: "percent") }
    /// en: counter-share = Share: { NUMBER($share, style: "percent") }
    /// ```
    pub(crate) fn counter_share<'a>(&self, share: impl Into<::wording::Arg<'a>>) -> String {
        let share: ::wording::Arg<'_> = share.into();
        BUNDLES.format(self.locale, "counter-share", &[("share", &share)])
    }
    /// ```text
    /// it: counter-total = { $shown } di { $total }, { counter-hint }
    /// en: counter-total = { $shown } of { $total }, { counter-hint }
    /// ```
    pub(crate) fn counter_total<'a>(&self, shown: impl Into<::wording::Arg<'a>>, total: impl Into<::wording::Arg<'a>>) -> String {
        let shown: ::wording::Arg<'_> = shown.into();
        let total: ::wording::Arg<'_> = total.into();
        match self.locale {
            ::wording::Locale::It => {
                let mut said_ = String::with_capacity(63);
                shown.write(self.locale, &mut said_);
                said_.push_str(" di ");
                total.write(self.locale, &mut said_);
                said_.push_str(", solo ciò che puoi vedere");
                said_
            }
            ::wording::Locale::En => {
                let mut said_ = String::with_capacity(59);
                shown.write(self.locale, &mut said_);
                said_.push_str(" of ");
                total.write(self.locale, &mut said_);
                said_.push_str(", only what you may see");
                said_
            }
        }
    }
    /// Sopra la pagina; $name è il nome di chi lavora.
    ///
    /// ```text
    /// it: today-greeting = Buongiorno, { $name }.
    /// en: today-greeting = Good morning, { $name }.
    /// ```
    pub(crate) fn today_greeting<'a>(&self, name: impl Into<::wording::Arg<'a>>) -> String {
        let name: ::wording::Arg<'_> = name.into();
        match self.locale {
            ::wording::Locale::It => {
                let mut said_ = String::with_capacity(29);
                said_.push_str("Buongiorno, ");
                name.write(self.locale, &mut said_);
                said_.push_str(".");
                said_
            }
            ::wording::Locale::En => {
                let mut said_ = String::with_capacity(31);
                said_.push_str("Good morning, ");
                name.write(self.locale, &mut said_);
                said_.push_str(".");
                said_
            }
        }
    }
    /// ```text
    /// it: today-rule =
    /// it:     Prima riga,
    /// it:     seconda riga con "virgolette" e { "{graffe}" }.
    /// en: today-rule =
    /// en:     First line,
    /// en:     second line with "quotes" and { "{braces}" }.
    /// ```
    pub(crate) fn today_rule(&self) -> &'static str {
        match self.locale {
            ::wording::Locale::It => "Prima riga,\nseconda riga con \"virgolette\" e {graffe}.",
            ::wording::Locale::En => "First line,\nsecond line with \"quotes\" and {braces}.",
        }
    }
    /// ```text
    /// it: today-title = Oggi in { -bottega }
    /// en: today-title = Today in { -bottega }
    /// ```
    pub(crate) fn today_title(&self) -> &'static str {
        match self.locale {
            ::wording::Locale::It => "Oggi in Bottega",
            ::wording::Locale::En => "Today in Bottega",
        }
    }
    /// ```text
    /// it: today-waiting =
    /// it:     { $n ->
    /// it:         [0] Nessuno aspetta.
    /// it:         [one] Una persona aspetta { $name }.
    /// it:        *[other] { $n } persone aspettano { $name }.
    /// it:     }
    /// en: today-waiting =
    /// en:     { $n ->
    /// en:         [0] Nobody waits.
    /// en:         [one] One person waits for { $name }.
    /// en:        *[other] { $n } people wait for { $name }.
    /// en:     }
    /// ```
    pub(crate) fn today_waiting<'a>(&self, n: impl Into<::wording::Arg<'a>>, name: impl Into<::wording::Arg<'a>>) -> String {
        let n: ::wording::Arg<'_> = n.into();
        let name: ::wording::Arg<'_> = name.into();
        BUNDLES.format(self.locale, "today-waiting", &[("n", &n), ("name", &name)])
    }
}
