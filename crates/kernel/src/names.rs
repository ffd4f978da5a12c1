//! The ids of the primitives. Kept together so that no two types share a prefix.

use crate::id_type;

id_type!(/** An employee's account. */ AccountId, "acc", "account");
id_type!(/** A sign-in of an account in one browser. */ SessionId, "ses", "session");
id_type!(/** A passkey of an account. */ PasskeyId, "psk", "passkey");
id_type!(/** An identity provider by which people sign in. */ ProviderId, "idp", "identity provider");
id_type!(/** An API token. */ TokenId, "tok", "token");
id_type!(/** A team of employees. */ TeamId, "tea", "team");
id_type!(/** A mailbox: the desk at which voices arrive; visibility is granted per mailbox. */ MailboxId, "mbx", "mailbox");
id_type!(/** A product or a version of it. */ ProductId, "prd", "product");
id_type!(/** A person. */ PersonId, "per", "person");
id_type!(/** An organisation. */ OrganisationId, "org", "organisation");
id_type!(/** An address or handle that a person uses. */ IdentityId, "idn", "identity");
id_type!(/** A source of voices. */ SourceId, "src", "source");
id_type!(/** An arrival: one item that a source brought, whatever became of it. */ ArrivalId, "arr", "arrival");
id_type!(/** A voice: anything a customer expressed, once. */ VoiceId, "voi", "voice");
id_type!(/** A conversation. */ ConversationId, "cnv", "conversation");
id_type!(/** One turn of a conversation. */ MessageId, "msg", "message");
id_type!(/** A file that came or went with a message. */ AttachmentId, "att", "attachment");
id_type!(/** A fact of the event log. */ EventId, "evt", "event");
id_type!(/** A message on its way out. */ OutboxId, "out", "outgoing item");
id_type!(/** A merge of two people. */ MergeId, "mrg", "merge");
id_type!(/** A small fact in a person's notebook. */ FactId, "fct", "notebook fact");
id_type!(/** A person's consent to one purpose. */ ConsentId, "con", "consent");
id_type!(/** A background job. */ JobId, "job", "job");
id_type!(/** A tag. */ TagId, "tag", "tag");
