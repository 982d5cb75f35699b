-- What is put away can be had back for a while, and what was heard is told by message: a list holds only so many.

ALTER TABLE heard_due RENAME TO chat_due;

-- Voice that was heard here, and of which the account may not know.
CREATE TABLE heard_due (
    message INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
    -- Not to be told before this time, in ms since 1970: it was put away and may be had back. 0: at once.
    after INTEGER NOT NULL
) STRICT;

-- The last one of a chat; a list holds what was heard before it too.
INSERT INTO heard_due (message, after)
SELECT max(m.id), 0 FROM chat_due AS was JOIN chat AS c ON c.address = was.address
JOIN message AS m ON m.chat = c.id JOIN media AS d ON d.message = m.id
WHERE m.kind = 1 AND m.own = 0 AND d.heard = 1 GROUP BY c.id;

DROP TABLE chat_due;

-- Put back.
CREATE TRIGGER unheard_again AFTER UPDATE OF heard ON media
WHEN new.voice = 1 AND new.heard = 0 AND old.heard = 1
BEGIN
    INSERT OR IGNORE INTO unheard (message)
    SELECT id FROM message WHERE id = new.message AND own = 0 AND retracted = 0;
END;
