//! The commands and their options. `docs/reference/commands.md` is generated from here.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// The corner shop at any scale: hear every customer, answer, keep your word.
#[derive(Debug, Parser)]
#[command(name = "bottega", version, propagate_version = true)]
pub struct Cli {
    /// The configuration file.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the command line can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open a lively example company to walk through, on embedded SQLite.
    Demo(Demo),
    /// Run the product; the first run leads through set-up in the browser.
    Serve(Serve),
    /// Import voices from files; may be run again without storing anything twice.
    #[command(subcommand)]
    Import(Import),
    /// Read mail.
    #[command(subcommand)]
    Mail(Mail),
    /// Analyse texts, one a line.
    #[command(subcommand)]
    Text(Text),
    /// Manage accounts.
    #[command(subcommand)]
    User(User),
    /// Manage API tokens.
    #[command(subcommand)]
    Token(Token),
    /// Look at this installation, and say what is wrong and what to do; changes nothing.
    Doctor(Doctor),
    /// Print what makes a shell complete the commands.
    Completions {
        /// For which shell.
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Take a backup of everything into one file, while the shop is open, and try it.
    Backup(Backup),
    /// Make the shop again from a backup or an export; never overwrites anything.
    Restore(Restore),
    /// Write everything but the secrets into a folder that others can read.
    Export(Export),
    /// Bring the database to this version, or move it to another engine.
    Migrate(Migrate),
    /// Letters that a restored shop holds back until somebody decides.
    #[command(subcommand)]
    Held(Held),
    /// Measure the budgets on a demo company: one row for each kind of work.
    Bench(Bench),
    /// Print the API's OpenAPI document.
    Openapi,
    /// Print a reference: commands, configuration, metrics, an example of a configuration file.
    Reference {
        /// Which one.
        #[arg(value_enum)]
        what: Reference,
    },
}

/// A reference that is generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Reference {
    /// Every command and its options.
    Commands,
    /// Every key of the configuration.
    Configuration,
    /// Every figure of `/metrics`.
    Metrics,
    /// A configuration file with every key and what it is for.
    Example,
    /// The same, as the Debian package installs it.
    PackagedExample,
    /// The manual page.
    Manual,
}

/// Options of `bottega demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// The address and port at which it listens.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8420")]
    pub listen: String,
    /// How large the company is.
    #[arg(long, value_enum, default_value_t = Size::Medium)]
    pub size: Size,
    /// The folder for its data; it may hold other files.
    #[arg(long, value_name = "DIR", default_value = "bottega-data/demo")]
    pub dir: PathBuf,
    /// Another database than the embedded one in DIR: `postgres://USER@HOST/NAME`, empty.
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// From which everything about the company follows.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// Make the company and stop, without serving it.
    #[arg(long)]
    pub only_load: bool,
}

/// How large the demo company is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Size {
    /// A few hundred conversations, under two seconds.
    Small,
    /// About 12,000 conversations, under twenty seconds.
    Medium,
    /// About 500,000 conversations; takes its time.
    Large,
}

/// Options of `bottega backup`.
#[derive(Debug, Args)]
pub struct Backup {
    /// The folder for the file, instead of the configured one.
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,
    /// Leave the installation's key out; then keep bottega.key in another place.
    #[arg(long)]
    pub without_key: bool,
    /// Only read the file back and compare its digests, instead of restoring it into a scratch shop and looking
    /// through that.
    #[arg(long)]
    pub quick: bool,
    /// Take tonight's, as the configuration says, where it is due: `bottega serve` runs this.
    #[arg(long, hide = true, conflicts_with_all = ["to", "without_key", "quick"])]
    pub nightly: bool,
    /// Print one JSON document on one line.
    #[arg(long)]
    pub json: bool,
}

/// Options of `bottega restore`.
#[derive(Debug, Args)]
pub struct Restore {
    /// The backup file, or the folder of an export.
    pub from: PathBuf,
    /// Where the shop shall be: an empty folder, or an empty database as `postgres://USER@HOST/NAME`. Without it:
    /// where the configuration says.
    #[arg(long, value_name = "DIR|URL")]
    pub to: Option<String>,
    /// The installation's key, for a backup that was taken without it.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Restore without the large files, and without the key inside, that are not as they were written. Rows must be
    /// whole.
    #[arg(long)]
    pub without_damaged_files: bool,
    /// Only say what is inside, check it, and say what would be done.
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
    /// Print one JSON document on one line.
    #[arg(long)]
    pub json: bool,
}

/// Options of `bottega export`.
#[derive(Debug, Args)]
pub struct Export {
    /// The folder to make; it must not exist yet.
    pub folder: PathBuf,
    /// Write people.csv and conversations.csv for spreadsheets too.
    #[arg(long)]
    pub csv: bool,
    /// Print one JSON document on one line.
    #[arg(long)]
    pub json: bool,
}

/// Options of `bottega migrate`.
#[derive(Debug, Args)]
pub struct Migrate {
    /// Move everything to this empty database: `postgres://USER@HOST/NAME` or `sqlite:PATH`. The shop must be
    /// stopped; the original stays as it is.
    #[arg(long, value_name = "URL")]
    pub to: Option<String>,
    /// The folder of large files and the key beside the new database, when it shall be another.
    #[arg(long, value_name = "DIR", requires = "to")]
    pub data_dir: Option<PathBuf>,
    /// Take a backup into this folder first. SQLite is always copied beside itself first.
    #[arg(long, value_name = "DIR", conflicts_with = "to")]
    pub backup_to: Option<PathBuf>,
    /// There is a backup of this PostgreSQL database already: go on.
    #[arg(long, conflicts_with = "to")]
    pub yes: bool,
    /// Print one JSON document on one line.
    #[arg(long)]
    pub json: bool,
}

/// Options of `bottega bench`.
#[derive(Debug, Args)]
pub struct Bench {
    /// PostgreSQL instead of embedded SQLite: `postgres://USER@HOST/NAME`, empty or measured on before.
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// How many conversations the company has, of about ten messages each.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    pub conversations: u32,
    /// Clients that ask at the same time.
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub clients: usize,
    /// Seconds that each row is measured for.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub seconds: u64,
    /// The folder of the companies; they are kept, so that a second run is quicker.
    #[arg(long, value_name = "DIR", default_value = "bottega-data/bench")]
    pub dir: PathBuf,
    /// Instead of the rows: half of the full load for so many minutes, memory watched.
    #[arg(long, value_name = "MINUTES")]
    pub soak: Option<f64>,
    /// Instead of the rows: from 1,000 conversations up to the wanted number, with a chart at this path.
    #[arg(long, value_name = "SVG")]
    pub growth: Option<PathBuf>,
    /// Print one JSON document on one line.
    #[arg(long)]
    pub json: bool,
}

/// What can be done with letters that are held.
#[derive(Debug, Subcommand)]
pub enum Held {
    /// List them.
    List {
        /// Print one JSON document on one line.
        #[arg(long)]
        json: bool,
    },
    /// Let letters leave.
    Release(WhichHeld),
    /// Say that letters do not leave from here: they have left already, or are no longer wanted.
    Stop(WhichHeld),
}

/// Which held letters.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct WhichHeld {
    /// Their ids, as the list says them.
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
    /// All that are held.
    #[arg(long)]
    pub all: bool,
}

/// Options of `bottega serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// The address and port at which it listens, instead of the configured one.
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
}

/// Options of `bottega doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Also check everything that must always hold, row by row, and read every file; takes a while.
    #[arg(long)]
    pub deep: bool,
    /// Print one JSON document on one line.
    #[arg(long)]
    pub json: bool,
    /// First make the place of the large files this database's own, after a move or a restore: from then on this
    /// shop removes there what it has no row for, and no other one does.
    #[arg(long)]
    pub take_files: bool,
}

/// What can be imported.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// A mailbox file.
    Mbox(ImportFrom),
    /// A folder of raw messages, or one: every regular file below it, dot files aside.
    Eml(ImportFrom),
    /// A Maildir.
    Maildir(ImportFrom),
    /// A table with a heading row; delimiter, charset and dates are detected.
    Csv(ImportTable),
    /// One JSON object a line, with the field names of the API.
    Jsonl(ImportFrom),
}

/// Options of every import.
#[derive(Debug, Args)]
pub struct ImportFrom {
    /// The file or folder.
    pub path: PathBuf,
    /// The source that the voices come from; created when it is new.
    #[arg(long, value_name = "NAME")]
    pub source: String,
    /// The mailbox that a new source brings to, by name.
    #[arg(long, value_name = "NAME")]
    pub mailbox: Option<String>,
    /// Only say what would be stored.
    #[arg(long)]
    pub dry_run: bool,
    /// Print one JSON document on one line.
    #[arg(long)]
    pub json: bool,
}

/// Options of an import of a table.
#[derive(Debug, Args)]
pub struct ImportTable {
    /// The options of every import.
    #[command(flatten)]
    pub from: ImportFrom,
    /// Which column holds what, where the detection is wrong: `--map text=Comment --map date=When`.
    #[arg(long = "map", value_name = "FIELD=COLUMN")]
    pub map: Vec<String>,
}

/// What can be done with mail.
#[derive(Debug, Subcommand)]
pub enum Mail {
    /// Parse one raw message and show what Bottega understands of it.
    Parse {
        /// The file; `-` is standard input.
        file: PathBuf,
        /// Print one JSON document on one line.
        #[arg(long)]
        json: bool,
    },
}

/// What can be said of texts.
#[derive(Debug, Subcommand)]
pub enum Text {
    /// In which language each line is.
    Language {
        /// The file; `-` is standard input.
        file: PathBuf,
    },
}

/// What can be done with accounts.
#[derive(Debug, Subcommand)]
pub enum User {
    /// List the accounts.
    List {
        /// Print one JSON document on one line.
        #[arg(long)]
        json: bool,
    },
    /// Create an account; its password is printed once.
    Create {
        /// The mail address that one signs in with.
        email: String,
        /// The name that colleagues and customers see.
        #[arg(long)]
        name: String,
        /// keeper, function, conductor or administrator.
        #[arg(long, default_value = "keeper")]
        role: String,
        /// A mailbox that the account sees, by name; may be repeated.
        #[arg(long = "mailbox", value_name = "NAME")]
        mailboxes: Vec<String>,
        /// Print one JSON document on one line.
        #[arg(long)]
        json: bool,
    },
    /// Draw a new password for an account; it is printed once. The emergency way of an administrator who is shut out.
    Password {
        /// The mail address that one signs in with.
        email: String,
        /// Turn signing in by password on again, where the company had turned it off.
        #[arg(long)]
        allow_passwords: bool,
        /// Print one JSON document on one line.
        #[arg(long)]
        json: bool,
    },
    /// Print a link by which an account chooses a password, once, within a day.
    PasswordLink {
        /// The mail address that one signs in with.
        email: String,
    },
    /// Take an account's lost authenticator app, recovery codes and passkeys away; its sessions end.
    ResetSecondFactor {
        /// The mail address that one signs in with.
        email: String,
    },
    /// End every session of an account.
    EndSessions {
        /// The mail address that one signs in with.
        email: String,
    },
}

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Create a token that acts for an account; it is printed once.
    Create {
        /// The account's mail address.
        #[arg(long = "for", value_name = "EMAIL")]
        account: String,
        /// What the token is for.
        #[arg(long)]
        name: String,
        /// A scope such as voices:read; may be repeated. Without any: everything the account may do.
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        /// Print one JSON document on one line.
        #[arg(long)]
        json: bool,
    },
}
