//! The schema's steps are frozen, and every hot query goes through an index.

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::golden;
use crate::{
    archive, chat, displayed, draft, early, export, follow_up, heard, held, known, listening,
    marks, media, message, names, outbox, place, reply, schema, search, space, summary, window,
};

fn fresh() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    schema::keep_plans(&connection).unwrap();
    schema::migrate(&mut connection).unwrap();
    connection
}

/// A shipped step never changes: add a step. `UPDATE=1` adds new files only.
#[test]
fn shipped_steps_are_frozen() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let path = folder.join("frozen.txt");
    let frozen = std::fs::read_to_string(&path).unwrap_or_default();
    let mut lines: Vec<String> = frozen.lines().map(str::to_owned).collect();
    let mut files: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".sql"))
        .collect();
    files.sort();
    let steps: Vec<&str> = schema::STEPS.iter().map(|(name, _)| *name).collect();
    assert_eq!(files, steps);
    for (name, sql) in schema::STEPS {
        let digest = Sha256::digest(sql.replace("\r\n", "\n"));
        let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        match lines.iter().find(|line| line.ends_with(name)) {
            Some(line) => assert_eq!(line, &format!("{hash}  {name}")),
            None if std::env::var_os("UPDATE").is_some() => lines.push(format!("{hash}  {name}")),
            None => panic!("{name} is not in frozen.txt; UPDATE=1 adds it"),
        }
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, lines.join("\n") + "\n").unwrap();
    }
}

#[test]
fn schema_is_as_printed() {
    let connection = fresh();
    let mut statement = connection
        .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid")
        .unwrap();
    let parts: Vec<String> = statement
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    golden("schema.sql", &(parts.join(";\n\n") + ";\n"));
}

#[test]
fn hot_queries_use_their_indices() {
    let connection = fresh();
    let queries = [
        ("chat page", chat::PAGE_AFTER),
        ("chats by id", chat::BY_IDS),
        ("chat by address", chat::BY_ADDRESS),
        ("recordings of chats", draft::OF_CHATS),
        ("message", message::BY_ID),
        ("message by its sender's id", message::BY_SENDER_ID),
        ("window, older", window::OLDER),
        ("window, newer", window::NEWER),
        ("first unread", window::FIRST_UNREAD),
        ("summary", summary::REFRESH),
        ("known by server id", known::BY_SERVER_ID),
        ("known by origin id", known::BY_ORIGIN_ID),
        ("known by id attribute", known::BY_STANZA_ID),
        (
            "known by id attribute and content",
            known::BY_STANZA_ID_AND_CONTENT,
        ),
        ("known by content", known::BY_CONTENT),
        ("what a marker raises", marks::UNCONFIRMED),
        ("raise", marks::CONFIRM),
        ("read", marks::READ),
        ("markable", marks::MARKABLE),
        ("outbox due", outbox::DUE),
        ("outbox next", outbox::NEXT_AT),
        ("media due", media::DUE),
        ("media next", media::NEXT_AT),
        ("media given up", media::GIVEN_UP),
        ("media interrupted", media::INTERRUPTED),
        ("what interrupted fetches left", media::INTERRUPTED_FILES),
        ("files due", media::FILES_DUE),
        ("files next", media::FILES_NEXT_AT),
        ("files given up", media::FILES_GIVEN_UP),
        ("files that can be let go of", space::FREEABLE),
        ("files to let go of", space::FREE_NEXT),
        ("days", window::TIMES),
        ("first since", window::FIRST_AT),
        ("search", search::SEARCH),
        ("search by time only", search::BROWSE),
        ("taken out of the search", search::REMOVE),
        ("to index", search::TO_INDEX),
        ("newest place", place::NEWEST_OF),
        ("names", names::NAMES),
        ("oldest of a chat in the archive", archive::OLDEST_ARCHIVED),
        ("oldest of a chat", archive::OLDEST_AT),
        ("early marks", early::TAKE),
        ("message by the archive's id", displayed::PLACE),
        ("displayed, due", displayed::DUE),
        ("newest read", displayed::NEWEST_READ),
        ("voice by the archive's id", heard::VOICE),
        ("what was heard last", heard::HEARD_LAST),
        ("heard and due", heard::HEARD_DUE),
        ("chats with heard and due", heard::HEARD_DUE_CHATS),
        ("heard and told", heard::HEARD_TOLD),
        ("message by a correction's id", message::BY_CORRECTION),
        ("what is followed up", follow_up::TARGET),
        ("what waits", follow_up::WAITING),
        ("newest correction", follow_up::NEWEST_CORRECTION),
        ("reactions to a message", follow_up::REACTIONS_OF),
        ("answers that wait", reply::WAITING),
        ("answers to a message", reply::ANSWERS),
        ("what is held of chats", held::HELD),
        ("known by moment", known::BY_MOMENT),
        ("export of a chat", export::OF_CHAT),
        ("export of what is new", export::NEW),
        ("export of what changed", export::DUE),
        ("export, times of a chat", export::TIMES),
        ("newest in a gap", window::NEWEST_BETWEEN),
        ("next to be heard of a chat", listening::NEXT_IN_CHAT),
        ("next to be heard of all", listening::NEXT_OF_ALL),
        ("first to be heard of others", listening::FIRST_OF_OTHERS),
        ("to be heard by time", listening::BY_TIME),
        ("to be heard by person", listening::BY_PERSON),
    ];
    let mut text = String::new();
    for (name, sql) in queries {
        text += &format!("{name}\n");
        let mut statement = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .unwrap();
        let count = statement.parameter_count();
        let details: Vec<String> = statement
            .query_map(rusqlite::params_from_iter(vec![0_i64; count]), |row| {
                row.get("detail")
            })
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        for detail in details {
            let walks = detail.starts_with("SCAN") && !detail.contains("VIRTUAL TABLE");
            // Names are walked on purpose, in thousands at most. The last are indices that hold only what is due.
            let small = [
                "SCAN lane",
                "SCAN head",
                "SCAN json_each",
                "SCAN CONSTANT ROW",
                // What was not heard, all of it: it is small, or somebody means to hear none of it.
                "SCAN u",
                "SCAN (subquery-3)",
                "SCAN (subquery-4)",
                // What was heard and the account is not told of: soon it is; where it takes no lists, nobody looks.
                "SCAN due",
                // Of 200 rows at most, and of 1,000.
                "SCAN recent",
                "SCAN (subquery-1)",
            ];
            let partial = [
                "displayed_due",
                "media_due",
                "media_fetching",
                "media_given_up",
                "media_file_given_up",
                "media_file_here",
                "outbox_lane",
                "SCAN chat USING INDEX chat_list",
            ];
            assert!(
                !walks
                    || small.iter().any(|name| detail.starts_with(name))
                    || partial.iter().any(|name| detail.contains(name)),
                "{name}: {detail}"
            );
            text += &format!("    {detail}\n");
        }
    }
    golden("plans.txt", &text);
}
