-- What a folder that history was exported into does not hold yet.

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

-- By triggers, so that no way to change a message can be forgotten. A message gets its
-- place in the search index without being changed.
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

-- What is said about a message, and the quote in an answer that goes with what it quotes.
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
