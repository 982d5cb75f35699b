-- Which voice was heard on any device of the account, where the other side is not told.

-- Chats of which the account may not know what was heard here.
CREATE TABLE heard_due (
    address TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Voice that was heard on another device and is not here yet, by its archive's id.
CREATE TABLE heard_ahead (
    id TEXT NOT NULL PRIMARY KEY,
    address TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX heard_ahead_address ON heard_ahead (address);
