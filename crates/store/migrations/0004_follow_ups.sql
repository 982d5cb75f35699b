-- What is said about messages after they were said.

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

-- The same comes live and out of the archive; and what stands under a correction's id.
CREATE UNIQUE INDEX follow_up_once ON follow_up (name, kind, target, address, author);

-- The newest of each kind about a message.
CREATE INDEX follow_up_message ON follow_up (message, kind, at, id) WHERE message <> 0;

-- What waits for a message.
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

-- What shows a message as its quote.
CREATE INDEX reply_target ON reply (target) WHERE target <> 0;

-- What waits for the message it answers.
CREATE INDEX reply_waiting ON reply (id) WHERE target = 0;

CREATE TABLE removal (
    -- Files in media/ whose messages were taken back: to be deleted, also after a crash.
    file TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- When the words became what they are; 0: they are the first ones.
ALTER TABLE message ADD COLUMN edited_at INTEGER NOT NULL DEFAULT 0;

-- The first ones, where they are others now: by these an old copy is recognised.
ALTER TABLE message ADD COLUMN first_body TEXT NOT NULL DEFAULT '';

-- 1: taken back by its author; nothing of what it said is here.
ALTER TABLE message ADD COLUMN retracted INTEGER NOT NULL DEFAULT 0;
