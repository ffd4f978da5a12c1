//! The ways in which a customer speaks and is spoken to.

use serde::{Deserialize, Serialize};

/// How a voice came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// A mail.
    Mail,
    /// A telephone call, written down by whoever took it.
    Phone,
    /// Said in the shop or at a fair, written down by whoever heard it.
    Counter,
    /// A form on a site.
    Form,
    /// A chat line.
    Chat,
    /// A public review.
    Review,
    /// The answer to a survey.
    Survey,
    /// A post or message on a social network.
    Post,
    /// Anything else.
    Other,
}

impl Channel {
    /// Every channel, in the order in which a chooser lists them.
    pub const ALL: [Channel; 9] = [
        Channel::Mail,
        Channel::Phone,
        Channel::Counter,
        Channel::Form,
        Channel::Chat,
        Channel::Review,
        Channel::Survey,
        Channel::Post,
        Channel::Other,
    ];

    /// As stored and as named in the API.
    pub fn code(self) -> &'static str {
        match self {
            Channel::Mail => "mail",
            Channel::Phone => "phone",
            Channel::Counter => "counter",
            Channel::Form => "form",
            Channel::Chat => "chat",
            Channel::Review => "review",
            Channel::Survey => "survey",
            Channel::Post => "post",
            Channel::Other => "other",
        }
    }

    /// From its stored form.
    pub fn from_code(code: &str) -> Option<Channel> {
        Channel::ALL.into_iter().find(|channel| channel.code() == code)
    }

    /// Whether a voice of this channel opens a conversation by itself. A review, an answer or a capture
    /// is a voice without conversation until somebody answers it.
    pub fn opens_conversation(self) -> bool {
        matches!(self, Channel::Mail | Channel::Form | Channel::Chat)
    }
}
