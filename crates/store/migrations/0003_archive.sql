-- What is here of the server's archive (XEP-0313).

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

-- The one range there was.
INSERT INTO archive_range (place, oldest, oldest_at, newest, newest_at, complete, items)
SELECT
    0,
    coalesce(oldest, newest, ''),
    coalesce(
        (SELECT at FROM message WHERE server_id = coalesce(oldest, newest) AND server_id <> ''),
        (SELECT min(at) FROM message WHERE server_id <> ''),
        0
    ),
    coalesce(newest, oldest, ''),
    coalesce(
        (SELECT at FROM message WHERE server_id = coalesce(newest, oldest) AND server_id <> ''),
        (SELECT max(at) FROM message WHERE server_id <> ''),
        0
    ),
    coalesce(complete, '') = '1',
    (SELECT count(*) FROM message WHERE server_id <> '')
FROM (
    SELECT
        (SELECT value FROM meta WHERE key = 'archive_oldest') AS oldest,
        (SELECT value FROM meta WHERE key = 'archive_newest') AS newest,
        (SELECT value FROM meta WHERE key = 'archive_complete') AS complete
)
WHERE oldest IS NOT NULL OR newest IS NOT NULL OR complete = '1';

DELETE FROM meta WHERE key IN ('archive_oldest', 'archive_newest', 'archive_complete');

CREATE TABLE early_mark (
    -- What the archive told of a message before it gave the message, since it is read backwards.
    address TEXT NOT NULL, -- of the chat, which may not be here yet
    own INTEGER NOT NULL,  -- 1: of a message of ours
    id TEXT NOT NULL,      -- of its sender's choice
    state INTEGER NOT NULL, -- as in message
    PRIMARY KEY (address, own, id)
) STRICT, WITHOUT ROWID;

-- Up to when they are known to have read what we said.
ALTER TABLE chat ADD COLUMN confirmed_at INTEGER NOT NULL DEFAULT 0;

-- 1: the archive holds nothing of this chat that is older than what is here.
ALTER TABLE chat ADD COLUMN archive_whole INTEGER NOT NULL DEFAULT 0;

UPDATE chat SET confirmed_at = coalesce(
    (SELECT max(at) FROM message WHERE chat = chat.id AND own = 1 AND state IN (4, 5)), 0
);
