-- Files that come by themselves up to a size, and copies that are let go of to make room.

-- Files that are not here, by size: those up to a limit are due. Those whose copy was let go of
-- have the largest not_before there is, and come only when asked for. With state and voice, so
-- that the table is not looked at.
CREATE INDEX media_file_due ON media (size, message, not_before, state, voice)
WHERE state = 1 AND voice = 0 AND not_before < 9223372036854775807;

-- Files whose fetch was given up, to try again with the next connection.
CREATE INDEX media_file_given_up ON media (message) WHERE state = 3 AND voice = 0 AND attempts >= 6;

-- Files that are here, and the room that they take.
CREATE INDEX media_file_here ON media (message, size) WHERE state = 0 AND voice = 0;

-- Of a picture, in pixels, as announced; 0: unknown.
ALTER TABLE media ADD COLUMN width INTEGER NOT NULL DEFAULT 0;
ALTER TABLE media ADD COLUMN height INTEGER NOT NULL DEFAULT 0;
