//! Words, letters and endings that tell languages of Latin script apart, written by hand: function words,
//! the words of short messages to a shop, and what is spelled in one language only.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The languages that the clues know. Latin is among them because customers quote it and learners
/// write it, and because unnamed it would pass for Italian.
pub(super) const LANGUAGES: [&str; 11] = ["it", "en", "de", "fr", "es", "pt", "nl", "ro", "ca", "sq", "la"];

/// How strongly each language is suggested, in the order of [`LANGUAGES`].
pub(super) type Scores = [f32; LANGUAGES.len()];

/// Frequent words by language. A word of several languages counts less for each.
const WORDS: [&str; LANGUAGES.len()] = [
    // it
    "il lo la i gli le un uno una l di a da in con su per tra fra del dello della dei degli delle dell al allo alla ai agli \
     alle all dal dalla dai dalle dall nel nello nella nei nelle nell sul sulla sui sulle sull e ed o ma anche se che chi cui \
     non più come quando dove perché quindi però io tu lui lei noi voi loro mi ti ci vi si me te mio mia miei mie tuo tua suo \
     sua suoi sue nostro nostra vostro vostra questo questa questi queste quello quella quelli è sono sei siamo siete era \
     erano essere stato stata ho hai ha abbiamo avete hanno avere aveva fare fatto posso può vorrei volevo devo deve molto \
     poco troppo tutto tutti tutte ancora già sempre mai solo ogni anni anno dopo prima oggi ieri domani sia così senza \
     buongiorno buonasera salve ciao grazie mille tante prego scusi saluti cordiali gentile gentilissimi ordine consegna spedizione pacco \
     ricevuto arrivato vostro perchè poi cosa qualche stesso stata proprio parte due tre quanto quale invece",
    // en
    "the a an of to in on at for from with by as and or but if so not no yes i you he she it we they me him her us them my \
     your his its our their this that these those is are was were be been being am have has had do does did will would can \
     could should may might must there here what when where who why how which than then also just very more most all any some \
     about after before over into out up down only other new like get got one two first i'm don't please thank thanks hello hi \
     dear regards order delivery still because ago know want need back good time people said year years said many such",
    // de
    "der die das den dem des ein eine einen einem einer eines und oder aber nicht kein keine ich du er sie es wir ihr mich mir \
     dich dir uns euch ihm ihnen ihn mein meine dein sein seine ihre ihrer ihren unser unsere ist sind war waren bin bist seid \
     wird werden wurde wurden hat haben habe hatte hatten kann können konnte muss soll sollte will wollen möchte mit von vom zu \
     zum zur auf für in im an am aus bei beim nach über unter vor um durch gegen ohne bis als wie wenn weil dass daß ob auch \
     noch nur schon sehr mehr so da hier dort was wer wo wann warum welche dieser diese dieses man sich jetzt immer wieder \
     hallo guten tag danke bitte grüße liebe bestellung lieferung paket wurde jahr jahre jahren zwei alle anderen",
    // fr
    "le la les l un une des de du d au aux à et ou mais donc ni que qui quoi dont où ne pas plus je j tu il elle on nous vous \
     ils elles me te se moi toi lui leur mon ma mes ton ta tes son sa ses notre nos votre vos leurs ce cet cette ces c qu s n \
     est sont était étaient suis es êtes sommes être été ai as a avons avez ont avait avoir fait faire peut peux dans en sur \
     sous avec sans pour par chez entre vers après avant depuis pendant comme si très bien aussi encore toujours jamais tout \
     tous toute toutes même autre autres y bonjour bonsoir merci salut cordialement commande livraison colis reçu oui non deux \
     ans année années alors ainsi selon aujourd hui cela ça quand",
    // es
    "el la los las un una unos unas de del a al en con por para sin sobre entre hasta desde y e o u pero que qué quien cuando \
     cuándo donde dónde como cómo porque si no sí más menos muy también ya aún todavía yo tú él ella usted nosotros ustedes \
     ellos ellas me te se nos le les lo mi mis tu tus su sus nuestro nuestra este esta estos estas ese esa eso esto aquel es son \
     era fue ser está están estoy estaba he ha han hemos había hay hacer hecho puede puedo quiero quería tiene tengo todo todos \
     toda todas otro otra cada años año después antes hoy ayer mañana hola gracias buenos buenas días tardes saludos pedido envío \
     entrega según dos así solo sólo fueron sido sin mismo durante además",
    // pt
    "o a os as um uma uns umas de do da dos das em no na nos nas ao aos à às por pelo pela pelos pelas para com sem sobre entre \
     até desde e ou mas que quem quando onde como porque se não sim mais menos muito muita também já ainda eu tu ele ela você \
     nós vocês eles elas me te lhe meu minha meus minhas seu sua seus suas nosso nossa este esta isto esse essa isso aquele é \
     são era foi ser está estão estou estava tem têm tenho tinha há fazer feito pode posso quero todo todos toda todas outro \
     outra cada anos ano depois antes hoje ontem amanhã olá obrigado obrigada bom dia boa tarde noite pedido encomenda entrega \
     dois segundo foram sido mesmo num numa ter vai",
    // nl
    "de het een van in op te ten ter aan met voor door uit bij naar over onder tot om als en of maar niet geen ook nog wel al \
     ik je jij u hij zij ze we wij jullie mij me mijn jouw uw zijn haar ons onze hun hen dit dat deze die er hier daar wat wie \
     waar wanneer waarom hoe welke is was waren ben bent word wordt worden werd werden heb heeft hebben had hadden kan kunnen \
     kon moet moeten zal zullen zou wil willen dan dus want omdat veel meer zeer heel alle alles ander andere jaar goed nu toch \
     hallo dag bedankt dank groeten bestelling levering pakket ontvangen graag tegen twee na sinds volgens zich niets",
    // ro
    "și si şi de la în in pe cu din prin pentru fără despre către până o un unei unui al ai ale a că ca să sau dar nu mai este e \
     sunt era erau fi fost am ai are avem aveți au avea eu tu el ea noi voi ei ele mă te se ne vă îi îl le lui lor meu mea mei \
     mele tău ta său sa nostru noastră acest această aceste aceasta acesta acel acea care ce cine când unde cum dacă foarte tot \
     toate toți fiecare după înainte azi ieri mâine bună ziua salut mulțumesc vă rog comanda comandă livrare coletul dintre iar \
     doar decât prea chiar astfel anul ani lei deja poate trebuie vreau între acum aici fie deci",
    // ca
    "el la els les l en na un una uns unes de del dels d a al als amb per pel pels sense sobre entre fins des i o però que què qui \
     quan on com perquè si no sí més menys molt molta també ja encara jo tu ell ella nosaltres vosaltres ells elles em et es ens \
     us li meu meva seu seva seus seves nostre nostra aquest aquesta aquests aquestes aquell aquella això és són era va van ser \
     està estan hi ha he han hem té tenen tinc fer fet pot puc vull tot tots tota totes altre altra altres cada anys any després \
     abans avui ahir demà hola gràcies bon dia bona tarda salutacions comanda lliurament dos dues segons són així només ho vaig \
     seva haver sigui aquí doncs",
    // sq
    "dhe e i të në një për me nga se që është janë ishte ishin do nuk s mos ka kanë kishte kam ke kemi jam je jemi unë ti ai ajo \
     ne ju ata ato më te ta tij saj tyre im ime jonë ky kjo këta këto atë atij kush çfarë kur ku si sa pse por ose edhe gjithë \
     shumë pak mirë tani sot dje nesër pas para nën mbi mes deri pa vetëm gjatë sipas ndaj tek tjetër tjera vit viti vjet \
     përshëndetje faleminderit porosia dërgesa prej duke u kjo cila cili duhet mund asnjë disa këtë njerëz",
    // la
    "et in est non ad cum ut qui quae quod ex ab per sed si aut atque ac enim autem nec neque etiam iam nam sunt erat esse fuit \
     quam quo hoc haec hic ille illa ipse eius eo ea id is sua suo suis suum nos vos ego tu mihi tibi se sibi eum eam eos quibus \
     cuius pro sine inter post ante apud propter super sub tamen igitur itaque quidem vero omnia omnes omnibus rerum deus dei \
     rex anno homo res quid nihil ita sic tam tunc ubi unde quia dum modo potest fecit habet eorum",
];

/// Letters that few languages write.
const LETTERS: [(&str, &[&str]); 26] = [
    ("ß", &["de"]),
    ("ñ", &["es"]),
    ("¿", &["es"]),
    ("¡", &["es"]),
    ("ã", &["pt"]),
    ("õ", &["pt"]),
    ("ă", &["ro"]),
    ("ș", &["ro"]),
    ("ț", &["ro"]),
    ("ş", &["ro"]),
    ("ţ", &["ro"]),
    ("î", &["ro", "fr"]),
    ("ë", &["sq", "sq", "nl"]),
    ("ç", &["fr", "pt", "ca", "sq"]),
    ("ä", &["de"]),
    ("ö", &["de"]),
    ("ü", &["de"]),
    ("ê", &["fr", "pt"]),
    ("â", &["ro", "fr", "pt"]),
    ("œ", &["fr"]),
    ("ù", &["it", "fr"]),
    ("ì", &["it", "it"]),
    ("ò", &["it", "ca"]),
    ("è", &["it", "fr", "ca"]),
    ("á", &["es", "pt"]),
    ("ó", &["es", "pt", "ca"]),
];

/// How words end (a `-` before) or begin (after).
const AFFIXES: [(&str, &str); LANGUAGES.len()] = [
    (
        "it",
        "-zione -zioni -zzare -mente -ità -aggio -aggi -ello -ella -etto -etta -issimo -issima -ando -endo -ato -ata -ati -ate \
            -uto -uti -ivo -oso -osa -ggi -cchi -ghi -anza -enza -iere -iera -avano -iamo -ò -ù",
    ),
    (
        "en",
        "-tion -tions -ing -ness -ment -ments -ight -ough -ould -ally -able -ful -less -ship -ed -ly -ck -sh wh- th- -ry -ies -ow",
    ),
    (
        "de",
        "-ung -ungen -heit -keit -schaft -lich -liche -lichen -isch -ischen -chen -ten -ern sch- ge- ver- -tz -ßen -eln -haft zu- \
            auf- aus- -burg -ier",
    ),
    (
        "fr",
        "-tion -eur -eurs -euse -eux -ment -ais -ait -aient -ique -ère -ée -és -ées -oir -eau -eaux -aux -ez -age -elle -ette -ille",
    ),
    (
        "es",
        "-ción -ciones -dad -dades -mente -ando -iendo -aba -ado -ada -ados -adas -ido -idos -ón -ía -ías -ez -ero -era -illo -aron",
    ),
    (
        "pt",
        "-ção -ções -dade -dades -mente -ando -endo -ão -ões -ado -ada -ido -eiro -eira -agem -inho -inha -ou -aram -ém -lh",
    ),
    (
        "nl",
        "-heid -lijk -lijke -ing -ingen -tie -ties -schap -aar -aat -oor -ijn -ij -isch -ische sch- ge- -uit -oen -aan -eel -ijk -ooi",
    ),
    (
        "ro",
        "-ului -ilor -elor -ul -uri -ție -ții -ția -tea -ește -ească -ează -esc -ii -iei -ăm -ați -lui -are",
    ),
    (
        "ca",
        "-ció -cions -tat -tats -ment -ments -itat -itzar -ista -ència -ància -ar -ir -ada -ats -es -lls -ix -eix -ny -nys -ic",
    ),
    (
        "sq",
        "-imi -imit -ave -eve -ve -isht -ës -ën -ët -uar -uara -esë -ja -it -in -të -sh -jnë -oi sh- -shme -ohet",
    ),
    (
        "la",
        "-orum -arum -ibus -us -um -am -ae -tur -ntur -erunt -isse -que -ius -iis -is -em -tas -tatis -io -ionem -it -unt -uit",
    ),
];

/// Weights of the kinds of clues. An ending is weaker than a word, a foreign letter stronger.
const LETTER: f32 = 0.8;
const AFFIX: f32 = 0.45;

/// Clues looked up by word, letter and ending.
pub(super) struct Clues {
    words: HashMap<&'static str, Scores>,
    letters: HashMap<char, Scores>,
    endings: HashMap<&'static str, Scores>,
    beginnings: HashMap<&'static str, Scores>,
}

impl Clues {
    /// The clues, arranged once.
    pub(super) fn get() -> &'static Clues {
        static CLUES: LazyLock<Clues> = LazyLock::new(Clues::arranged);
        &CLUES
    }

    fn arranged() -> Clues {
        let mut clues = Clues {
            words: HashMap::new(),
            letters: HashMap::new(),
            endings: HashMap::new(),
            beginnings: HashMap::new(),
        };
        for (language, words) in WORDS.iter().enumerate() {
            for word in words.split_whitespace() {
                clues.words.entry(word).or_default()[language] = 1.0;
            }
        }
        for scores in clues.words.values_mut() {
            shared_out(scores, 1.0);
        }
        for (letter, languages) in LETTERS {
            let Some(letter) = letter.chars().next() else { continue };
            let scores = clues.letters.entry(letter).or_default();
            for (score, language) in scores.iter_mut().zip(LANGUAGES) {
                let mentions = languages.iter().filter(|named| **named == language).count();
                *score = LETTER * mentions as f32 / languages.len() as f32;
            }
        }
        for (language, (_, affixes)) in AFFIXES.iter().enumerate() {
            for affix in affixes.split_whitespace() {
                let scores = match affix.strip_prefix('-') {
                    Some(ending) => clues.endings.entry(ending).or_default(),
                    None => clues.beginnings.entry(affix.trim_end_matches('-')).or_default(),
                };
                scores[language] = 1.0;
            }
        }
        for scores in clues.endings.values_mut().chain(clues.beginnings.values_mut()) {
            shared_out(scores, AFFIX);
        }
        clues
    }

    /// Adds what a lower-case word suggests; answers whether it is a frequent word somewhere.
    pub(super) fn weigh(&self, word: &str, scores: &mut Scores) -> bool {
        if !word.is_ascii() {
            for letter in word.chars().filter(|letter| !letter.is_ascii()) {
                if let Some(found) = self.letters.get(&letter) {
                    add(scores, found);
                }
            }
        }
        if let Some(found) = self.words.get(word) {
            add(scores, found);
            return true;
        }
        // The longest known ending speaks; a word that is nothing but the ending does not have it.
        let boundaries = word.char_indices().map(|(at, _)| at).skip(2);
        if let Some(found) =
            boundaries.skip_while(|at| word.len() - at > 7).find_map(|at| self.endings.get(&word[at..]))
        {
            add(scores, found);
        }
        for end in [2, 3, 4] {
            if let Some(found) =
                word.get(..end).filter(|_| word.len() > end + 2).and_then(|begin| self.beginnings.get(begin))
            {
                add(scores, found);
            }
        }
        false
    }
}

/// Divides a weight among the languages that are marked: a word that two share tells them both from
/// the rest, so each gets more than half.
fn shared_out(scores: &mut Scores, weight: f32) {
    let languages = scores.iter().filter(|score| **score > 0.0).count() as f32;
    for score in scores.iter_mut().filter(|score| **score > 0.0) {
        *score = weight / languages.powf(0.7);
    }
}

fn add(scores: &mut Scores, found: &Scores) {
    for (score, more) in scores.iter_mut().zip(found) {
        *score += more;
    }
}
