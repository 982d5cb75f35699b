-- How far each chat was displayed, as the devices of the account tell each other (XEP-0490).

CREATE TABLE displayed (
    address TEXT NOT NULL PRIMARY KEY, -- of a chat that may not be here yet
    told TEXT NOT NULL DEFAULT '', -- the message that the account names, by its archive's id
    awaited INTEGER NOT NULL DEFAULT 0, -- 1: that message is not here yet
    due INTEGER NOT NULL DEFAULT 0 -- 1: read here, and the account may not know it
) STRICT, WITHOUT ROWID;

CREATE INDEX displayed_due ON displayed (address) WHERE due = 1;
