-- A shop of schema 1 with something in every table. {ab01} stands for bytes, which each engine writes its own way.
INSERT INTO node_lease (node, leased_until) VALUES (0, 1), (7, 1795253400000000);
INSERT INTO blob (digest, size, bytes, refs) VALUES
  ({SMALL_DIGEST}, {SMALL_SIZE}, {SMALL_PACKED}, 3),
  ({LARGE_DIGEST}, {LARGE_SIZE}, NULL, 1);
INSERT INTO job (id, kind, payload, unique_key, state, run_at, attempts, leased_until, last_error, created_at, ended_at) VALUES
  (101, 'outbox.send', '{"item":"out_0000000000028"}', 'send:out_0000000000028', 'waiting', 1795253400000000, 0, NULL, NULL, 1795253400000000, NULL),
  (102, 'listen.pending', 'null', NULL, 'dead', 1795253400000000, 8, NULL, 'no "luck"', 1795253400000000, 1795253400000001);
INSERT INTO idempotency (owner, key, request_digest, status, body, created_at) VALUES
  ('acc_1', 'k-1', {00ff}, 201, '{"id":"voi_1"}', 1795253400000000);
INSERT INTO shop (id, name, locale, zone, setup_step, demo) VALUES (1, 'Officina «Vera» & figli', 'it', 'Europe/Rome', 'done', FALSE);
INSERT INTO account (id, email, name, role, password_hash, locale, zone, title, created_at, ended_at, revision) VALUES
  (11, 'ada@officina.example', 'Ada Bianchi', 'administrator', '$argon2id$v=19$x', 'it', 'Europe/Rome', 'banco', 1795000000000000, NULL, 3),
  (12, 'ex@officina.example', 'Già Andato', 'keeper', NULL, 'en', 'Europe/Rome', NULL, 1795000000000001, 1795253400000000, 1);
INSERT INTO session (id, digest, account_id, csrf, agent, created_at, seen_at, expires_at) VALUES
  (13, {aa01}, 11, 'mark', 'Firefox', 1795000000000000, 1795000000000000, 1895000000000000);
INSERT INTO token (id, digest, account_id, name, scopes, created_at, used_at, revoked_at) VALUES
  (14, {aa02}, 11, 'cassa', 'voices:read voices:write', 1795000000000000, NULL, NULL);
INSERT INTO team (id, name) VALUES (15, 'Banco');
INSERT INTO team_member (team_id, account_id) VALUES (15, 11);
INSERT INTO mailbox (id, name, address, team_id, created_at) VALUES (16, 'Banco', 'banco@officina.example', 15, 1795000000000000);
INSERT INTO mailbox_grant (mailbox_id, account_id) VALUES (16, 11);
INSERT INTO product (id, name, version) VALUES (17, 'Macchina espresso', '2.1'), (18, 'Macinino', '');
INSERT INTO organisation (id, name, name_key, place, external_id, created_at) VALUES
  (19, 'Bar La Pieve', 'bar la pieve', 'Arezzo', 'crm-7', 1795000000000000);
INSERT INTO person (id, root_id, name, name_key, organisation_id, language, keeper_id, stand_in_id, external_id, known_since, created_at, revision) VALUES
  (20, 20, '=Anna "la" Riva', 'riva anna', 19, 'it', 11, NULL, 'crm-8', 1795000000000000, 1795000000000000, 2),
  (21, 20, 'A. Riva', 'riva a', NULL, NULL, NULL, NULL, NULL, -62135596800000000, 1795000000000001, 1);
INSERT INTO person_word (person_id, word) VALUES (20, 'anna'), (20, 'riva'), (21, 'riva');
INSERT INTO identity (id, person_id, kind, value, shown, created_at) VALUES
  (22, 20, 'email', 'anna@lapieve.example', 'Anna@LaPieve.example', 1795000000000000);
INSERT INTO consent (id, person_id, purpose, basis, given_at, withdrawn_at) VALUES (23, 20, 'novità', 'a voce', 1795000000000000, NULL);
INSERT INTO source (id, name, kind, mailbox_id, created_at) VALUES (24, 'posta', 'mail', 16, 1795000000000000);
INSERT INTO conversation (id, mailbox_id, person_id, subject, state, channel, language, owner_id, team_id, product_id, reply_token,
    preview, historical, continues_id, joined_into_id, external_id, opened_at, last_at, waiting_since, due_at, snoozed_until, closed_at, revision) VALUES
  (25, 16, 20, 'La macchina perde', 'open', 'mail', 'it', 11, 15, 17, 'tok-25', 'Buongiorno, perde…', FALSE, 26, NULL, NULL,
    1795100000000000, 1795200000000000, NULL, NULL, NULL, NULL, 4),
  (26, 16, 21, 'Prima domanda', 'closed', 'mail', NULL, NULL, NULL, NULL, 'tok-26', '', TRUE, NULL, 25, 'zd-1',
    1795000000000000, 1795000000000000, NULL, NULL, 1795300000000000, 1795050000000000, 1);
INSERT INTO voice (id, source_id, mailbox_id, person_id, conversation_id, product_id, channel, subject, body, folded, language, score,
    score_most, labels, author, message_key, external_id, raw_digest, captured_by, historical, occurred_at, recorded_at) VALUES
  (27, 24, 16, 20, 25, 17, 'mail', 'La macchina perde', 'Buongiorno, perde dal gruppo: caffè 咖啡 ☕
seconda riga\', '> citato', 'it', NULL, NULL, 'auto-reply', 'Anna', '<m1@x>', NULL, {SMALL_DIGEST}, NULL, FALSE, 1795100000000000, 1795100000000123),
  (28, NULL, 16, NULL, NULL, NULL, 'survey', NULL, 'Così così', NULL, NULL, 0.30000000000000004, 5.0, NULL, NULL, NULL, 'q-1', {LARGE_DIGEST}, 11, TRUE, 1795000000000000, 1795000000000000);
INSERT INTO message (id, conversation_id, person_id, kind, voice_id, author_id, body, language, message_key, occurred_at, recorded_at) VALUES
  (29, 25, 20, 'incoming', 27, NULL, NULL, NULL, '<m1@x>', 1795100000000000, 1795100000000123),
  (30, 25, 20, 'answer', NULL, 11, 'Arriviamo domani con la guarnizione.', 'it', '<m2@x>', 1795200000000000, 1795200000000000);
INSERT INTO attachment (id, mailbox_id, voice_id, message_id, name, media_type, size, digest, inline) VALUES
  (31, 16, 27, NULL, '../../perdita.jpg', 'image/jpeg', 9, {SMALL_DIGEST}, TRUE);
INSERT INTO tag (id, name) VALUES (32, 'garanzia');
INSERT INTO conversation_tag (conversation_id, tag_id) VALUES (25, 32);
INSERT INTO event (id, kind, occurred_at, recorded_at, enabled_at, started_at, ended_at, actor_kind, actor_id, subject_kind, subject_id,
    case_id, mailbox_id, person_id, product_id, source_id, step, detail) VALUES
  (33, 'voice.heard', 1795100000000000, 1795100000000123, NULL, NULL, NULL, 'customer', NULL, 'voice', 27, 25, 16, 20, 17, 24, NULL, NULL),
  (34, 'message.answered', 1795200000000000, 1795200000000000, 1795100000000000, NULL, 1795200000000000, 'human', 11, 'message', 30, 25, 16, 20, NULL, NULL, 's', '{"a":1}');
INSERT INTO outbox (id, unique_key, channel, state, reason, mailbox_id, conversation_id, message_id, recipient, digest, message_key,
    not_before, attempts, created_at, attempted_at, ended_at) VALUES
  (40, 'answer:30', 'file', 'queued', NULL, 16, 25, 30, 'anna@lapieve.example', {SMALL_DIGEST}, '<m2@x>', 1795200000000000, 0, 1795200000000000, NULL, NULL);
INSERT INTO arrival (id, source_id, day, fetched_at, item, format, raw_digest, external_id, content_digest, state, cause, flag, historical, mapping, voice_id, duplicate_of) VALUES
  (41, 24, 20777, 1795100000000000, 'one.eml', 'mail', {SMALL_DIGEST}, '<m1@x>', {0102}, 'stored', NULL, NULL, FALSE, NULL, 27, NULL),
  (42, 24, 20777, 1795100000000001, 'copy.eml', 'mail', {SMALL_DIGEST}, NULL, NULL, 'duplicate', NULL, NULL, FALSE, NULL, NULL, 41);
INSERT INTO awaited_mail (mailbox_id, message_key, conversation_id) VALUES (16, '<m0@x>', 25);
INSERT INTO import_run (id, mailbox_id, source_name, kind, file_name, size, digest, mapping, state, position, expected, stored, duplicate, quarantined, problem, account_id, created_at, ended_at) VALUES
  (43, 16, 'zendesk', 'csv', 'tutto.csv', 10, {0304}, NULL, 'done', 2, 2, 1, 1, 0, NULL, 11, 1795000000000000, 1795000000000009);
INSERT INTO merge (id, winner_id, loser_id, merged_at, merged_by, undone_at, undone_by) VALUES (44, 20, 21, 1795000000000002, 11, NULL, NULL);
INSERT INTO not_the_same (first_id, second_id, said_at, said_by) VALUES (20, 21, 1795000000000003, NULL);
INSERT INTO fact (id, person_id, body, told_by, told_at, recorded_by, recorded_at, removed_at) VALUES (45, 20, 'prende il ristretto', 'Anna', 1795000000000000, 11, 1795000000000000, NULL);
INSERT INTO sign_in_failure (id, subject, failed_at) VALUES (46, 'ada@officina.example', 1795000000000000);
