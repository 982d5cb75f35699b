-- What waits to be listened to, and where each sound was left.

-- Voice of others, by when it came: from its coming in until it was heard, taken back or put away.
-- Not what had been read elsewhere before it came here: years of it come with an archive.
CREATE TABLE unheard (
    message INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE
) STRICT;

INSERT INTO unheard (message)
SELECT m.id FROM message AS m JOIN media AS d ON d.message = m.id
WHERE m.unread = 1 AND m.own = 0 AND m.retracted = 0 AND d.voice = 1 AND d.heard = 0;

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

-- Where it is gone on with, in ms; 0: at its beginning.
ALTER TABLE media ADD COLUMN place_ms INTEGER NOT NULL DEFAULT 0;
