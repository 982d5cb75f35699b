CREATE TABLE meta (
    -- Small facts of the account; the keys are listed in meta.rs.
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE contact (
    -- The server's roster (RFC 6121 section 2). A contact is not a chat.
    address TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL DEFAULT '',
    subscription INTEGER NOT NULL DEFAULT 0, -- 0 none, 1 to, 2 from, 3 both
    pending_out INTEGER NOT NULL DEFAULT 0   -- 1: we asked to see their presence
) STRICT, WITHOUT ROWID;

CREATE TABLE chat (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    address TEXT NOT NULL UNIQUE, -- bare
    title TEXT NOT NULL,          -- the contact's name, else the part before the @
    draft TEXT NOT NULL DEFAULT '',
    asks_presence INTEGER NOT NULL DEFAULT 0, -- 1: they wait for our answer
    raised_at INTEGER NOT NULL DEFAULT 0,     -- a place in the list without a message
    -- The newest position that we are known to have read, on any device.
    read_at INTEGER NOT NULL DEFAULT 0,
    read_id INTEGER NOT NULL DEFAULT 0,
    -- The summary, kept on write.
    last INTEGER NOT NULL DEFAULT 0,   -- newest message by (at, id); 0: none
    unread INTEGER NOT NULL DEFAULT 0, -- messages with unread = 1
    sort_at INTEGER NOT NULL DEFAULT 0 -- of the newest message, or raised_at
, confirmed_at INTEGER NOT NULL DEFAULT 0, archive_whole INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX chat_list ON chat (sort_at, id);

CREATE TABLE message (
    -- A timeline is ordered by (at, id), both ascending.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    chat INTEGER NOT NULL REFERENCES chat (id),
    author TEXT NOT NULL, -- bare address
    own INTEGER NOT NULL, -- 1: ours, on whichever device
    at INTEGER NOT NULL,  -- ms since 1970
    kind INTEGER NOT NULL, -- 0 text, 1 voice, 2 file; 1 and 2 have a row in media
    state INTEGER NOT NULL, -- 0 pending, 1 failed, 2 sent, 3 delivered, 4 read, 5 heard, 6 received
    fault TEXT NOT NULL DEFAULT '', -- why it failed: a name of api::FaultKind
    fault_limit INTEGER NOT NULL DEFAULT 0, -- the number that goes with it
    unread INTEGER NOT NULL DEFAULT 0,
    markable INTEGER NOT NULL DEFAULT 0, -- 1: they want to know when it was displayed
    sources INTEGER NOT NULL DEFAULT 0, -- how it came so far: 1 live, 2 carbon, 4 archive
    origin_id TEXT NOT NULL DEFAULT '', -- XEP-0359, by the sender's client; what we send under
    stanza_id TEXT NOT NULL DEFAULT '', -- the id attribute, where it is another; a bounced try's
    server_id TEXT NOT NULL DEFAULT '', -- XEP-0359, by our own archive
    body TEXT NOT NULL DEFAULT '' -- last, since it may overflow its page
, place INTEGER NOT NULL DEFAULT 0, edited_at INTEGER NOT NULL DEFAULT 0, first_body TEXT NOT NULL DEFAULT '', retracted INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX message_timeline ON message (chat, at, id);

CREATE UNIQUE INDEX message_server ON message (server_id) WHERE server_id <> '';

CREATE INDEX message_origin ON message (origin_id) WHERE origin_id <> '';

CREATE INDEX message_stanza ON message (stanza_id) WHERE stanza_id <> '';

CREATE INDEX message_unread ON message (chat, at, id) WHERE unread = 1;

CREATE INDEX message_unconfirmed ON message (chat, at, id) WHERE own = 1 AND state IN (2, 3);

CREATE TABLE media (
    -- The file of a voice message or file.
    message INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
    state INTEGER NOT NULL, -- 0 here, 1 remote, 2 fetching, 3 failed
    voice INTEGER NOT NULL, -- 1: fetched by itself
    file TEXT NOT NULL DEFAULT '', -- name in media/, always ours; empty: not here
    url TEXT NOT NULL DEFAULT '',  -- empty: not uploaded yet
    name TEXT NOT NULL DEFAULT '', -- for people, never a path
    media_type TEXT NOT NULL DEFAULT '',
    size INTEGER NOT NULL DEFAULT -1, -- bytes; -1: unknown
    sha256 BLOB NOT NULL DEFAULT x'', -- 32 bytes; empty: unknown
    duration_ms INTEGER NOT NULL DEFAULT 0,
    peaks BLOB NOT NULL DEFAULT x'', -- at most 100
    heard INTEGER NOT NULL DEFAULT 0, -- 1: we listened to it
    attempts INTEGER NOT NULL DEFAULT 0, -- fetches, counted before each
    not_before INTEGER NOT NULL DEFAULT 0
, width INTEGER NOT NULL DEFAULT 0, height INTEGER NOT NULL DEFAULT 0, place_ms INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX media_due ON media (message) WHERE state = 1 AND voice = 1;

CREATE INDEX media_fetching ON media (message) WHERE state = 2;

CREATE INDEX media_given_up ON media (message) WHERE state = 3 AND voice = 1;

CREATE TABLE voice_draft (
    -- A recording that is not a message yet: drafts/<id>.ogg
    id TEXT NOT NULL PRIMARY KEY,
    chat INTEGER NOT NULL REFERENCES chat (id),
    at INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL DEFAULT 0,
    peaks BLOB NOT NULL DEFAULT x'', -- at most 100
    recording INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;

CREATE INDEX voice_draft_chat ON voice_draft (chat, at);

CREATE TABLE outbox (
    -- What has to go out, first in, first out in each lane.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    lane INTEGER NOT NULL, -- 2 * chat for messages, 2 * chat + 1 for receipts and markers
    chat INTEGER NOT NULL REFERENCES chat (id),
    job INTEGER NOT NULL, -- 0 message, 1 receipt, 2 displayed, 3 heard
    message INTEGER NOT NULL DEFAULT 0,  -- of job 0
    addressee TEXT NOT NULL DEFAULT '',  -- empty: the chat's address
    reference TEXT NOT NULL DEFAULT '',  -- of jobs 1 to 3: the id that is answered
    stage INTEGER NOT NULL, -- 0 upload, 1 send, 2 ack
    wedged INTEGER NOT NULL DEFAULT 0, -- 1: waits for the user
    attempts INTEGER NOT NULL DEFAULT 0, -- counted before each
    not_before INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX outbox_lane ON outbox (lane, id) WHERE wedged = 0 AND stage < 2;

CREATE INDEX outbox_message ON outbox (message) WHERE message <> 0;

CREATE UNIQUE INDEX message_place ON message (place) WHERE place <> 0;

CREATE VIRTUAL TABLE message_search USING fts5(
    terms,
    content = '',
    contentless_delete = 1,
    detail = none,
    tokenize = "ascii"
);

CREATE TABLE 'message_search_data'(id INTEGER PRIMARY KEY, block BLOB);

CREATE TABLE 'message_search_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;

CREATE TABLE 'message_search_docsize'(id INTEGER PRIMARY KEY, sz BLOB, origin INTEGER);

CREATE TABLE 'message_search_config'(k PRIMARY KEY, v) WITHOUT ROWID;

CREATE TABLE archive_range (
    -- A stretch of the archive without holes; between two of them messages are missing.
    place INTEGER PRIMARY KEY, -- oldest first, from 0
    oldest TEXT NOT NULL, -- the archive's ids of its ends; empty: an archive that was seen empty
    oldest_at INTEGER NOT NULL,
    newest TEXT NOT NULL,
    newest_at INTEGER NOT NULL,
    complete INTEGER NOT NULL, -- 1: the archive holds nothing older
    items INTEGER NOT NULL -- what it covers, messages and others
) STRICT;

CREATE TABLE early_mark (
    -- What the archive told of a message before it gave the message, since it is read backwards.
    address TEXT NOT NULL, -- of the chat, which may not be here yet
    own INTEGER NOT NULL,  -- 1: of a message of ours
    id TEXT NOT NULL,      -- of its sender's choice
    state INTEGER NOT NULL, -- as in message
    PRIMARY KEY (address, own, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE follow_up (
    -- Corrections (XEP-0308), retractions (XEP-0424) and reactions (XEP-0444). All are kept, and what a
    -- message says is worked out of them, so that the order in which they come does not matter.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message INTEGER NOT NULL, -- what it is about; 0: not here yet
    address TEXT NOT NULL, -- of the chat, which may not be here yet
    author TEXT NOT NULL, -- bare address
    own INTEGER NOT NULL,
    kind INTEGER NOT NULL, -- 0 correction, 1 retraction, 2 reactions
    target TEXT NOT NULL, -- the id it names
    name TEXT NOT NULL, -- its own id, by which others may mean the message; where it has none, its time
    at INTEGER NOT NULL,
    archived INTEGER NOT NULL, -- 1: the time is the archive's, 0: ours
    body TEXT NOT NULL -- the new words; emoji, a line each; empty where the message was taken back
) STRICT;

CREATE UNIQUE INDEX follow_up_once ON follow_up (name, kind, target, address, author);

CREATE INDEX follow_up_message ON follow_up (message, kind, at, id) WHERE message <> 0;

CREATE INDEX follow_up_waiting ON follow_up (target) WHERE message = 0;

CREATE TABLE reaction (
    -- The newest reactions of each person, out of follow_up.
    message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    author TEXT NOT NULL,
    place INTEGER NOT NULL, -- in the person's order
    own INTEGER NOT NULL,
    emoji TEXT NOT NULL,
    PRIMARY KEY (message, author, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE reply (
    -- What a message answers (XEP-0461).
    message INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
    target INTEGER NOT NULL DEFAULT 0, -- the message that is answered; 0: not here
    id TEXT NOT NULL, -- as the one who answers names it
    author TEXT NOT NULL, -- bare address as claimed; empty: not said
    quote TEXT NOT NULL -- what stood in the body for clients that know no replies
) STRICT;

CREATE INDEX reply_target ON reply (target) WHERE target <> 0;

CREATE INDEX reply_waiting ON reply (id) WHERE target = 0;

CREATE TABLE removal (
    -- Files in media/ whose messages were taken back: to be deleted, also after a crash.
    file TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE export (
    -- The folder that learns of every change. At most one row.
    name TEXT NOT NULL, -- as the folder says itself: random
    turn INTEGER NOT NULL, -- counts the times that it was written
    settled INTEGER NOT NULL, -- the last turn that was finished
    reached INTEGER NOT NULL, -- messages up to this one are there
    taken INTEGER NOT NULL -- messages up to this one are there or being written
) STRICT;

CREATE TABLE export_due (
    -- Messages up to export.taken that changed since they were written.
    message INTEGER NOT NULL PRIMARY KEY,
    chat INTEGER NOT NULL,
    at INTEGER NOT NULL,
    turn INTEGER NOT NULL -- changed after this turn began
) STRICT;

CREATE TRIGGER export_message_changed AFTER UPDATE ON message
WHEN new.place = old.place AND new.id <= (SELECT taken FROM export)
BEGIN
    INSERT INTO export_due (message, chat, at, turn)
    VALUES (new.id, new.chat, new.at, (SELECT turn FROM export))
    ON CONFLICT (message) DO UPDATE SET turn = excluded.turn;
END;

CREATE TRIGGER export_message_gone AFTER DELETE ON message
WHEN old.id <= (SELECT taken FROM export)
BEGIN
    INSERT INTO export_due (message, chat, at, turn)
    VALUES (old.id, old.chat, old.at, (SELECT turn FROM export))
    ON CONFLICT (message) DO UPDATE SET turn = excluded.turn;
END;

CREATE TRIGGER export_media_changed
AFTER UPDATE OF state, file, url, size, sha256, duration_ms, peaks, heard ON media
WHEN new.message <= (SELECT taken FROM export)
BEGIN
    INSERT INTO export_due (message, chat, at, turn)
    SELECT id, chat, at, (SELECT turn FROM export) FROM message WHERE id = new.message
    ON CONFLICT (message) DO UPDATE SET turn = excluded.turn;
END;

CREATE TRIGGER export_follow_up_came AFTER INSERT ON follow_up
WHEN new.message <> 0 AND new.message <= (SELECT taken FROM export)
BEGIN
    INSERT INTO export_due (message, chat, at, turn)
    SELECT id, chat, at, (SELECT turn FROM export) FROM message WHERE id = new.message
    ON CONFLICT (message) DO UPDATE SET turn = excluded.turn;
END;

CREATE TRIGGER export_follow_up_changed AFTER UPDATE ON follow_up
WHEN new.message <> 0 AND new.message <= (SELECT taken FROM export)
BEGIN
    INSERT INTO export_due (message, chat, at, turn)
    SELECT id, chat, at, (SELECT turn FROM export) FROM message WHERE id = new.message
    ON CONFLICT (message) DO UPDATE SET turn = excluded.turn;
END;

CREATE TRIGGER export_follow_up_gone AFTER DELETE ON follow_up
WHEN old.message <> 0 AND old.message <= (SELECT taken FROM export)
BEGIN
    INSERT INTO export_due (message, chat, at, turn)
    SELECT id, chat, at, (SELECT turn FROM export) FROM message WHERE id = old.message
    ON CONFLICT (message) DO UPDATE SET turn = excluded.turn;
END;

CREATE TRIGGER export_reply_came AFTER INSERT ON reply
WHEN new.message <= (SELECT taken FROM export)
BEGIN
    INSERT INTO export_due (message, chat, at, turn)
    SELECT id, chat, at, (SELECT turn FROM export) FROM message WHERE id = new.message
    ON CONFLICT (message) DO UPDATE SET turn = excluded.turn;
END;

CREATE TRIGGER export_reply_changed AFTER UPDATE OF quote ON reply
WHEN new.quote <> old.quote AND new.message <= (SELECT taken FROM export)
BEGIN
    INSERT INTO export_due (message, chat, at, turn)
    SELECT id, chat, at, (SELECT turn FROM export) FROM message WHERE id = new.message
    ON CONFLICT (message) DO UPDATE SET turn = excluded.turn;
END;

CREATE TABLE displayed (
    address TEXT NOT NULL PRIMARY KEY, -- of a chat that may not be here yet
    told TEXT NOT NULL DEFAULT '', -- the message that the account names, by its archive's id
    awaited INTEGER NOT NULL DEFAULT 0, -- 1: that message is not here yet
    due INTEGER NOT NULL DEFAULT 0 -- 1: read here, and the account may not know it
) STRICT, WITHOUT ROWID;

CREATE INDEX displayed_due ON displayed (address) WHERE due = 1;

CREATE INDEX media_file_due ON media (size, message, not_before, state, voice)
WHERE state = 1 AND voice = 0 AND not_before < 9223372036854775807;

CREATE INDEX media_file_given_up ON media (message) WHERE state = 3 AND voice = 0 AND attempts >= 6;

CREATE INDEX media_file_here ON media (message, size) WHERE state = 0 AND voice = 0;

CREATE TABLE unheard (
    message INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE
) STRICT;

CREATE TRIGGER unheard_came AFTER INSERT ON media
WHEN new.voice = 1 AND new.heard = 0
BEGIN
    INSERT OR IGNORE INTO unheard (message)
    SELECT id FROM message WHERE id = new.message AND own = 0 AND unread = 1 AND retracted = 0;
END;

CREATE TRIGGER unheard_heard AFTER UPDATE OF heard ON media
WHEN new.heard = 1
BEGIN
    DELETE FROM unheard WHERE message = new.message;
END;

CREATE TRIGGER unheard_retracted AFTER UPDATE OF retracted ON message
WHEN new.retracted = 1
BEGIN
    DELETE FROM unheard WHERE message = new.id;
END;

CREATE TABLE heard_ahead (
    id TEXT NOT NULL PRIMARY KEY,
    address TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX heard_ahead_address ON heard_ahead (address);

CREATE TABLE heard_due (
    message INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
    -- Not to be told before this time, in ms since 1970: it was put away and may be had back. 0: at once.
    after INTEGER NOT NULL
) STRICT;

CREATE TRIGGER unheard_again AFTER UPDATE OF heard ON media
WHEN new.voice = 1 AND new.heard = 0 AND old.heard = 1
BEGIN
    INSERT OR IGNORE INTO unheard (message)
    SELECT id FROM message WHERE id = new.message AND own = 0 AND retracted = 0;
END;
