// The backend's place in a preview: canned people and what they said, and just enough behaviour to open chats, write,
// record and play. Runs before the page. `window.__PREVIEW__` chooses the state; `window.preview` drives it (shoot.py).
(() => {
  "use strict";
  const options = window.__PREVIEW__ || {};

  // A Saturday afternoon, so that pictures do not depend on the day they were taken.
  const RealDate = Date;
  const shift = RealDate.UTC(2026, 2, 14, 15, 42, 8) - RealDate.now();
  window.Date = class extends RealDate {
    constructor(...given) {
      if (given.length === 0) super(RealDate.now() + shift);
      else super(...given);
    }
    static now() {
      return RealDate.now() + shift;
    }
  };
  const NOW = Date.now();
  const MINUTE = 60_000;
  const DAY = 24 * 60 * MINUTE;

  const settings = {
    theme: options.theme || "system",
    language: options.language || null,
    text_size: Math.round((options.scale || 1) * 100),
    space_explained: true,
  };
  window.__MILLET__ = { settings };

  // Speech has syllables and breaths; noise does not look like it.
  const peaks = (seed, count = 100) => {
    let state = seed * 2654435761;
    const random = () => {
      state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) >>> 0;
      return state / 4294967296;
    };
    const values = [];
    let loud = 0.5;
    let breath = 0;
    for (let i = 0; i < count; i += 1) {
      if (breath > 0) {
        breath -= 1;
        values.push(Math.round(2 + random() * 4));
        continue;
      }
      if (random() < 0.07) breath = 1 + Math.floor(random() * 4);
      loud = loud * 0.55 + random() * 0.45;
      values.push(Math.round(255 * Math.min(1, (0.08 + loud * (0.5 + 0.6 * random())) ** 2.2)));
    }
    return values;
  };

  let nextMessage = 1;
  const messages = new Map();
  const chats = [];
  const me = "lin@millet.example";

  const say = (chat, own, minutesAgo, content, state, extra = {}) => {
    const row = {
      id: nextMessage++,
      chat: chat.id,
      author: own ? me : chat.address,
      own,
      at: NOW - Math.round(minutesAgo * MINUTE),
      content,
      state: state || (own ? "read" : "received"),
      fault: null,
      ...extra,
    };
    messages.get(chat.id).push(row);
    return row;
  };
  const text = (body) => ({ kind: "text", body });
  const voice = (seconds, more = {}) => ({
    kind: "voice",
    duration_ms: Math.round(seconds * 1000),
    peaks: peaks(nextMessage + 3),
    media: "here",
    heard: true,
    ...more,
  });

  const chat = (address, title, unread, tell, more = {}) => {
    const row = {
      id: chats.length + 1,
      address,
      title,
      last: null,
      unread,
      sort_at: 0,
      draft: "",
      voice_drafts: [],
      asks_presence: false,
      ...more,
    };
    chats.push(row);
    messages.set(row.id, []);
    tell(row);
    refresh(row);
    return row;
  };

  const refresh = (row) => {
    const rows = messages.get(row.id);
    const last = rows[rows.length - 1];
    row.sort_at = last ? last.at : row.sort_at || NOW - 9 * DAY;
    row.last = last && {
      id: last.id,
      kind:
        last.content.kind === "file" && last.content.media_type.startsWith("image/")
          ? "image"
          : last.content.kind,
      preview: (last.content.body || last.content.name || "").slice(0, 200),
      duration_ms: last.content.duration_ms ?? null,
      at: last.at,
      own: last.own,
      state: last.state,
      ...(last.retracted && { retracted: true }),
      ...(last.content.kind === "voice" && !last.own && !last.content.heard && { unheard: true }),
    };
  };

  if (!options.empty) {
    chat("mei.wang@nanjing.example", "外婆", 2, (c) => {
      say(c, true, 2 * 1440 + 90, text("外婆，周末我们回来吃饭，想吃您做的小米粥。"));
      say(c, false, 2 * 1440 + 62, voice(23));
      say(c, true, 1440 + 250, voice(9), "heard");
      say(c, false, 1440 + 246, voice(4));
      say(c, false, 1440 + 245, text("好"));
      say(c, true, 128, voice(47), "heard");
      say(c, true, 126, text("火车六点到，不用来接 🚄"), "read");
      say(c, false, 54, voice(71, { heard: true }));
      say(c, true, 31, voice(3.4), "delivered");
      say(c, false, 12, voice(12, { heard: false }));
      say(c, false, 9, voice(38, { heard: false }));
    });
    chat("jonas@berlin.example", "Jonas Weber", 0, (c) => {
      say(c, false, 3 * 1440, text("Are we still on for Saturday?"));
      say(c, true, 3 * 1440 - 4, text("Yes! Two o’clock at the lake."));
      say(c, false, 190, text("Train is late. Of course it is."));
      say(c, false, 189, text("I’ll be there around 14:20, please keep a boat for us 🛶"));
      say(c, true, 186, text("No hurry."));
      say(c, true, 185, text("Lena brought far too much food anyway, and the man at the pier says nobody else has asked for a boat all week, so we can take whichever we like."));
      say(c, false, 44, voice(16));
      say(c, true, 23, text("👍"), "delivered");
    });
    chat("seoyeon@seoul.example", "김서연", 5, (c) => {
      say(c, false, 320, text("오늘 회의 3시로 바뀌었어요! 괜찮으세요?"));
      say(c, true, 318, text("네, 괜찮아요. 会议室还是昨天那个吗？"), "read");
      say(c, false, 300, text("네 같은 방이에요 😄 資料は後で送りますね。"));
      say(c, false, 299, text("https://files.seoul.example/shared/quarterly-planning/2026/Q2/final-final-really-final-v7-with-comments.pdf"));
      say(c, false, 90, text("مرحبا، هل وصلتك الرسالة؟"));
      say(c, false, 89, text("🎉🎉🎉"));
    });
    chat("ben@valley.example", "Ben Okafor", 0, (c) => {
      say(c, false, 1440 + 400, text("Send me the recording when you have it."));
      say(c, true, 70, voice(28), "failed", { fault: { fault: "too_large", max: 1048576 } });
      say(c, true, 60, text("Here it comes again, smaller."), "failed", { fault: { fault: "undeliverable" } });
      say(c, true, 6, voice(19), "pending");
      say(c, true, 5, text("And the notes."), "pending");
    });
    chat(
      "amara@lagos.example",
      "Amara",
      0,
      (c) => {
        say(c, false, 1440 + 30, voice(130));
        say(c, true, 1440 + 20, text("Listening to it on the way home."), "sent");
      },
      {
        voice_drafts: [
          { id: "d1", duration_ms: 8400, peaks: peaks(91), recording: false },
        ],
      },
    );
    chat(
      "kofi@accra.example",
      "kofi",
      1,
      (c) => say(c, false, 2 * 1440 + 300, text("Hi, Lena gave me your address. We met at the choir.")),
      { asks_presence: true },
    );
    chat("newfriend@somewhere-with-a-very-long-server-name.example", "newfriend", 0, () => {}, {
      sort_at: NOW - 3 * DAY,
    });
    chat(
      "choir@example.org",
      "Donaudampfschifffahrtsgesellschaft Chorprobe am Dienstag",
      0,
      (c) => say(c, false, 5 * 1440, text("Rechtsschutzversicherungsgesellschaftenangestelltenverband sings at eight")),
      { draft: "I can bring the" },
    );
    chat("pictures@example.org", "Lena", 0, (c) => {
      const file = (name, media_type, size, media, more = {}) => ({ kind: "file", name, media_type, size, media, ...more });
      say(c, false, 6 * 1440, file("lake.jpg", "image/jpeg", 2_400_000, "remote"));
      say(c, false, 6 * 1440 - 2, file("Boat hire, prices and rules.pdf", "application/pdf", 184_320, "remote"));
      if (!options.files) return;
      say(c, false, 5 * 1440, file("二〇二六年周末去湖边划船的照片和视频全部备份（最终版）.zip", "application/zip", 1_240_000_000, "remote"));
      const coming = say(c, false, 5 * 1440 - 1, file("rehearsal.mp4", "video/mp4", 48_000_000, "fetching"));
      say(c, true, 5 * 1440 - 2, file("Donaudampfschifffahrtsgesellschaftskapitänsmützenverordnung.docx", "application/msword", 48_000, "here"), "read");
      say(c, false, 5 * 1440 - 3, file("gone.tar.gz", "application/gzip", 900, "failed"));
      say(c, false, 5 * 1440 - 4, file("صور البحيرة.pdf", "application/pdf", null, "remote"));
      say(c, false, 4 * 1440, file("tall.png", "image/png", 640_000, "remote", { dimensions: [900, 1600] }));
      const half = say(c, false, 4 * 1440 - 1, file("wide.webp", "image/webp", 900_000, "fetching", { dimensions: [2400, 900] }));
      say(c, false, 4 * 1440 - 2, file("lost.jpg", "image/jpeg", 12_000, "failed", { dimensions: [100, 100] }));
      say(c, true, 4 * 1440 - 3, file("sunset.jpg", "image/jpeg", 820_000, "here", { dimensions: [1600, 1200] }), "read");
      options.moving = { [coming.id]: [20_600_000, 48_000_000], [half.id]: [300_000, 900_000] };
    });
    chat("diary@example.org", "Tomás", 0, (c) => {
      const lines = ["Coffee?", "Five minutes.", "雨が降っています。", "The boat is at the pier, the key is under the mat.", "来吃饺子吗？", "Running late 🚲", "Sí, claro."];
      for (let i = 0; i < 400; i += 1) say(c, i % 3 === 1, (400 - i) * 620 + 10 * 1440, text(`${lines[i % lines.length]}`));
    });
    const names = ["Sofia", "陈叔叔", "たけし", "Priya", "O’Brien", "小李", "박민준", "Zoë", "Ahmed", "Greta"];
    names.forEach((name, i) =>
      chat(`${i}@friends.example`, name, 0, (c) =>
        say(c, i % 3 === 0, (8 + 3 * i) * 1440 + 17 * i, i % 2 ? voice(5 + 7 * i) : text("See you soon!")),
      ),
    );
    if (options.followUps) {
      chat("choir@example.org", "Lena Sommer", 0, (c) => {
        const to = (row, more = {}) => ({
          reply_to: { id: row.id, author: row.author, kind: row.content.kind, snippet: (row.content.body || "").slice(0, 200), ...more },
        });
        const all = (...given) => ({ reactions: given.map(([emoji, count, mine]) => ({ emoji, count, mine: !!mine })) });
        const edited = { edited: NOW };
        const when = say(c, false, 96, text("Rehearsal is at eight on Tuesday, in the old school behind the church; please bring the blue folder and something to drink, it will be warm."), "", { ...edited, ...all(["👍", 2, true], ["🎶", 1]) });
        say(c, true, 94, text("Good."), "read", to(when));
        const spoken = say(c, false, 80, voice(31), "", all(["😂", 1, true], ["❤️", 1], ["👩🏽‍❤️‍💋‍👨🏿", 2, true]));
        say(c, true, 78, text("That is how it was meant to sound 🙈"), "read", { ...to(spoken), ...all(["😂", 1]) });
        const gone = say(c, false, 70, text(""), "", { retracted: true });
        say(c, true, 69, text("I did not see that, what was it?"), "read", to(gone, { retracted: true }));
        say(c, true, 60, text(""), "delivered", { retracted: true });
        say(c, false, 58, voice(12), "", to(when));
        const question = say(c, true, 30, text("下周二要带蓝色文件夹吗？"), "read", edited);
        say(c, false, 28, text("对，带上。"), "", to(question));
        say(c, false, 27, text("And the old one"), "", { reply_to: { id: null, author: c.address, kind: "text", snippet: "Who has the key of the school?" } });
        say(c, true, 20, text("Yes"), "read", { ...edited, ...all(["👍", 1]) });
        say(c, false, 4, text(""), "", { retracted: true });
      });
    }
  }

  // Who answers what.
  let seq = 1;
  let channel = null;
  let recording = null;
  let levels = null;
  const send = (...items) => channel?.onmessage(items);
  const commit = (...changes) => send({ feed: "commit", seq: ++seq, changes: structuredClone(changes) });
  // No shell serves files here: every picture is the app's own.
  const setAttribute = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name, value) {
    setAttribute.call(this, name, String(value).startsWith("media://") ? "assets/icons/128x128@2x.png" : value);
  };

  const signal = (name, fields) => send({ feed: "signal", signal: name, ...fields });
  const byId = (id) => chats.find((c) => c.id === id);
  const fault = (name, more = {}) => ({ fault: name, detail: "", ...more });
  const fails = (...commands) => (command) => commands.includes(command) && options.fail;
  const failing = fails("sign_in", "register", "send_voice", "voice_start");

  const sorted = () => [...chats].sort((a, b) => b.sort_at - a.sort_at || b.id - a.id);
  const account = () => (options.signedOut ? null : { address: me, server: null, password_kept: true });
  const connection = () =>
    ({
      offline: { state: "offline", fault: fault("offline"), retry_in_ms: 12_000 },
      connecting: { state: "connecting" },
      error: { state: "error", fault: fault("wrong_password") },
    })[options.connection] || { state: "online" };

  const reset = () => ({
    feed: "reset",
    seq,
    account: account(),
    connection: connection(),
    chats: { chats: structuredClone(sorted()), more: false },
    presence: options.signedOut || options.empty ? [] : [[1, "online"], [2, "away"], [3, "busy"], [10, "online"]],
    playback: null,
  });

  const done = (chatId, content, state) => {
    const c = byId(chatId);
    const row = say(c, true, 0, content, state);
    row.at = Date.now();
    refresh(c);
    commit({ change: "message", row }, { change: "chat", row: c });
    return row.id;
  };

  const startLevels = () => {
    const shape = peaks(7, 400);
    let tick = 0;
    const step = () => {
      if (!recording) return;
      signal("level", { draft: recording, elapsed_ms: tick * 70, peak: shape[tick % shape.length] });
      tick += 1;
    };
    for (let i = 0; i < 180; i += 1) step();
    levels = setInterval(step, 70);
  };
  const stopLevels = () => {
    clearInterval(levels);
    recording = null;
  };

  // Between the last two messages that are a day apart.
  const gapOf = (rows) => {
    const before = Math.max(1, rows.findLastIndex((row, i) => i > 0 && row.at - rows[i - 1].at > 6 * 60 * MINUTE));
    return { after: rows[before - 1].at, before: rows[before].at };
  };

  // How much of the history is here: all of it, half of it, or with holes.
  const history = () => {
    const year = 365 * DAY;
    const sizes = { span: options.span || "whole", db_bytes: 31_400_000, media_bytes: 1_240_000_000 };
    if (options.syncing) return { held: 12_400, total: 50_000, back_to: NOW - 11 * DAY, complete: false, gaps: [], ...sizes };
    if (options.holes) {
      const gaps = [[300, 280], [90, 61], [19, 11]].map(([after, before]) => ({ after: NOW - after * DAY, before: NOW - before * DAY }));
      return { held: 48_120, total: 50_000, back_to: NOW - 11 * DAY, complete: false, gaps, ...sizes };
    }
    return { held: 50_000, total: 50_000, back_to: NOW - 4 * year, complete: true, gaps: [], ...sizes };
  };
  const sync = () => {
    const { held, total, back_to, complete, gaps } = history();
    signal("sync", { held, total, back_to, complete, gaps: gaps.length, fetching: Boolean(options.syncing) && !options.metered, metered: Boolean(options.metered) });
  };

  const commands = {
    history,
    verify: () => null,
    read_health: () => ({ verified_at: NOW - 3 * DAY, recovered: options.holes ? [48_102, "millet-damaged-2026-03-01.db"] : null }),
    set_history_span: ({ span }) => {
      options.span = span;
      return null;
    },
    chat_histories: () => {
      const { complete, back_to, gaps } = history();
      const rows = sorted().map((c, i) => ({
        chat: c.id,
        address: c.address,
        title: c.title,
        messages: i === 1 ? 48_211 : messages.get(c.id).length * (i % 4 ? 17 : 1),
        oldest: messages.get(c.id)[0]?.at ?? null,
        whole: complete || i % 3 === 2,
        back_to,
        gaps: i % 3 === 2 ? [] : gaps,
        media_bytes: i % 2 ? 0 : 17_000_000 * (13 - i),
      }));
      return { chats: rows.slice(0, 12), next: null };
    },
    freeable: ({ chat, older_than_days: days }) => {
      const share = (chat ? 12 : 1) * (days ? days / 20 : 1);
      return options.nothing ? { files: 0, bytes: 0 } : { files: Math.ceil(1_284 / share), bytes: Math.ceil(861_000_000 / share) };
    },
    free_space: (asked) => commands.freeable(asked),
    save_copy: () => "/home/ann/Downloads/lake (2).jpg",
    fetch_anyway: () => {
      options.metered = false;
      sync();
      return null;
    },
    fetch_older: () => new Promise(() => {}),
    keep_spot: () => null,
    sign_in: () => {
      options.signedOut = false;
      setTimeout(() => send(reset()), 0);
      return account();
    },
    register: () => commands.sign_in(),
    sign_out: () => {
      options.signedOut = true;
      setTimeout(() => send(reset()), 0);
      return null;
    },
    reconnect: () => null,
    read_settings: () => settings,
    set_settings: (given) => Object.assign(settings, given.settings),
    chats: () => ({ chats: [], more: false }),
    start_chat: ({ address }) => {
      const c = chat(address, address.split("@")[0], 0, () => {});
      c.sort_at = Date.now();
      commit({ change: "chat", row: c });
      return c.id;
    },
    answer_presence: ({ chat: id }) => {
      byId(id).asks_presence = false;
      commit({ change: "chat", row: byId(id) });
      return null;
    },
    set_draft: () => null,
    mark_read: () => null,
    typing: () => null,
    read_window: ({ chat: id, anchor }) => {
      for (const [message, [done, total]] of Object.entries(options.moving || {})) {
        setTimeout(() => signal("transfer", { message: Number(message), done, total }), 50);
      }
      const rows = messages.get(id);
      const unread = byId(id).unread;
      const first = unread ? (rows.filter((r) => !r.own).slice(-unread)[0]?.id ?? null) : null;
      const at = (row) => rows.findIndex((r) => r.id === row);
      const around = (middle) => (middle < 0 ? [rows.length - 60, rows.length] : [middle - 30, middle + 31]);
      const [from, to] = {
        latest: () => around(-1),
        unread: () => around(at(first)),
        left: () => around(at(first)),
        around: () => around(at(anchor.id)),
        at: () => around(rows.findIndex((r) => r.at >= anchor.time)),
        before: () => [at(anchor.cursor.id) - 60, at(anchor.cursor.id)],
        after: () => [at(anchor.cursor.id) + 1, at(anchor.cursor.id) + 61],
      }[anchor.at]();
      return {
        chat: id,
        rows: structuredClone(rows.slice(Math.max(from, 0), to)),
        has_older: from > 0,
        has_newer: to < rows.length,
        first_unread: first,
        gaps: options.gap ? [gapOf(rows)] : [],
        older_missing: Boolean(options.older),
      };
    },
    search: ({ text: typed, chat: only }) => {
      const plain = (t) => t.toLocaleLowerCase();
      const has = typed.match(/has:(\w+)/)?.[1];
      const from = plain(typed.match(/(?:from|in):"?([^" ]+)/)?.[1] || "");
      const words = plain(typed.replace(/\w+:("[^"]*"|\S*)/g, " ")).split(/\s+/).filter(Boolean);
      const hits = [];
      for (const c of chats.filter((c) => !only || c.id === only)) {
        if (from && !plain(c.title).includes(from)) continue;
        for (const m of messages.get(c.id)) {
          const kind = m.content.kind === "file" && m.content.media_type.startsWith("image/") ? "image" : m.content.kind;
          const said = m.content.body || m.content.name || "";
          if (has && has !== kind) continue;
          if (!words.every((w) => plain(said).includes(w)) || (!has && !from && !words.length)) continue;
          const from8 = (at) => new TextEncoder().encode(said.slice(0, at)).length;
          const marks = words
            .map((w) => [plain(said).indexOf(w), w.length])
            .sort(([a], [b]) => a - b)
            .map(([at, length]) => [from8(at), from8(at + length)]);
          hits.push({
            chat: c.id, chat_title: c.title, message: m.id, at: m.at, own: m.own, author: m.author, kind,
            snippet: said, marks, duration_ms: m.content.duration_ms || 0,
          });
        }
      }
      hits.sort((a, b) => b.at - a.at);
      return { hits: hits.slice(0, 50), next: null, indexing: Boolean(options.indexing), stale: false };
    },
    search_completions: ({ text: typed, cursor }) => {
      const before = new TextDecoder().decode(new TextEncoder().encode(typed).slice(0, cursor));
      const word = before.split(/\s/).pop();
      const [operator, value] = word.split(":");
      const plain = (list) => list.map((insert) => ({ insert, label: insert }));
      if (value === undefined) return plain(["from:", "in:", "has:", "before:", "after:"].filter((o) => o.startsWith(operator)));
      if (operator === "has") return plain(["voice", "image", "file", "link"].filter((v) => v.startsWith(value)).map((v) => `has:${v} `));
      if (operator !== "from" && operator !== "in") return [];
      const fitting = sorted().filter((c) => c.title.toLowerCase().startsWith(value.toLowerCase()));
      return fitting.slice(0, 8).map(({ title }) => ({ insert: `${operator}:${/\s/.test(title) ? `"${title}"` : title} `, label: title }));
    },
    days: ({ chat: id, from, until, utc_offset_min: offset }) => {
      const days = new Map();
      for (const { at } of messages.get(id)) {
        const start = Math.floor((at + offset * MINUTE) / DAY) * DAY - offset * MINUTE;
        if (at >= from && at < until) days.set(start, (days.get(start) || 0) + 1);
      }
      return [...days].sort(([a], [b]) => a - b).map(([start, count]) => ({ start, count }));
    },
    rebuild_search: () => {
      signal("job", { job: "rebuild_search", done: 412_360, total: 1_000_000, ended: false, fault: null });
      return null;
    },
    read_export: () => ({
      kept: options.kept ? "/home/ann/Documents/Millet/ann@example.org" : null,
      suggested: "/home/ann/Documents/Millet/ann@example.org",
      at: options.kept ? NOW - 3 * MINUTE : null,
    }),
    keep_export: ({ folder }) => {
      options.kept = Boolean(folder);
      return null;
    },
    export: () => {
      signal("job", { job: "export", done: 412_360, total: 1_000_000, ended: false, fault: null });
      return null;
    },
    import: () => {
      signal("job", { job: "import", done: 48_120, total: 48_120, ended: true, fault: null });
      return null;
    },
    stop_job: ({ job }) => {
      signal("job", { job, done: 412_360, total: 1_000_000, ended: true, fault: null });
      return null;
    },
    stop_rebuild: () => {
      signal("job", { job: "rebuild_search", done: 412_360, total: 1_000_000, ended: true, fault: null });
      return null;
    },
    send_text: ({ chat: id, body }) => done(id, text(body), "sent"),
    retry: () => null,
    discard: () => null,
    fetch: () => null,
    voice_start: ({ chat: id }) => {
      recording = "r1";
      setTimeout(startLevels, 0);
      return drafted(chats.find((c) => c.id === id), { id: recording, duration_ms: 0, peaks: [], recording: true });
    },
    voice_stop: ({ draft }) => {
      stopLevels();
      return drafted(ofDraft(draft), { id: draft, duration_ms: 12_600, peaks: peaks(5), recording: false });
    },
    voice_continue: ({ draft }) => {
      recording = draft;
      setTimeout(startLevels, 0);
      return drafted(ofDraft(draft), { id: draft, duration_ms: 0, peaks: [], recording: true });
    },
    voice_trim: ({ draft, from_ms: from, until_ms: until }) =>
      drafted(ofDraft(draft), { id: draft, duration_ms: until - from, peaks: peaks(5), recording: false }),
    send_voice: ({ chat: id }) => {
      stopLevels();
      return done(id, voice(12.6), "pending");
    },
    voice_discard: () => {
      stopLevels();
      return null;
    },
    play: ({ sound, from_ms: from }) => {
      signal("playback", { playback: { sound, state: "playing", position_ms: from, duration_ms: 38_000, fault: null } });
      return null;
    },
    pause: () => null,
    resume: () => null,
    seek: () => null,
  };

  const ofDraft = (draft) => chats.find((c) => c.voice_drafts.some((d) => d.id === draft));
  const drafted = (c, draft) => {
    c.voice_drafts = [...c.voice_drafts.filter((d) => d.id !== draft.id), draft];
    commit({ change: "chat", row: c });
    return draft;
  };

  window.__TAURI__ = {
    core: {
      Channel: class {
        onmessage = () => {};
      },
      invoke: async (name, given) => {
        if (options.broken) throw fault(options.broken);
        if (name === "subscribe") {
          channel = given.channel;
          setTimeout(() => {
            send(reset());
            sync();
          }, 0);
          return null;
        }
        const { cmd, ...fields } = given.command;
        if (failing(cmd) && (options.fail !== "too_short" || cmd === "send_voice")) {
          if (cmd === "send_voice") stopLevels();
          throw fault(options.fail);
        }
        return { seq, value: await commands[cmd](fields) };
      },
    },
  };

  // What a picture needs done first. Waits for states of the page, never for time alone.
  const frame = () => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
  const until = async (there, what) => {
    for (let i = 0; i < 600; i += 1) {
      const found = there();
      if (found) return found;
      await frame();
    }
    throw new Error(`waited in vain for ${what}`);
  };
  const test = (id) => document.querySelector(`[data-testid="${id}"]`);
  const pointer = (node, type, x, y) =>
    node.dispatchEvent(
      new PointerEvent(type, { bubbles: true, cancelable: true, pointerId: 1, isPrimary: true, button: 0, buttons: type === "pointerup" ? 0 : 1, clientX: x, clientY: y }),
    );
  // A made-up pointer cannot be captured.
  const capture = Element.prototype.setPointerCapture;
  Element.prototype.setPointerCapture = function (id) {
    try {
      capture.call(this, id);
    } catch {
      // Not a real pointer.
    }
  };
  const has = Element.prototype.hasPointerCapture;
  Element.prototype.hasPointerCapture = function (id) {
    return id === 1 || has.call(this, id);
  };

  window.preview = {
    ready: () => until(() => document.documentElement.dataset.ready || document.querySelector(".broken"), "the first screen"),
    settle: async () => {
      await document.fonts.ready;
      await frame();
      await Promise.allSettled(
        document.getAnimations().filter((a) => a.effect.getComputedTiming().iterations !== Infinity).map((a) => a.finished),
      );
      await frame();
    },
    click: async (id) => {
      (await until(() => test(id), id)).click();
      await frame();
    },
    text: async (selector) => {
      (await until(() => document.querySelector(selector), selector)).click();
      await frame();
    },
    open: async (index) => {
      const jid = chats[index].address;
      const row = await until(() => document.querySelector(`[data-testid="chat"][data-jid="${jid}"]`), jid);
      row.click();
      await until(() => test("composer"), "the composer");
      await until(() => test("timeline")?.getAttribute("aria-busy") === "false", "the timeline");
      await frame();
      if (options.playing) {
        options.playing = false;
        const buttons = document.querySelectorAll('[data-testid="voice-play"]');
        buttons[buttons.length - 1].click();
        const id = Number(buttons[buttons.length - 1].closest("[data-id]").dataset.id);
        signal("playback", { playback: { sound: { what: "message", id }, state: "paused", position_ms: 15_300, duration_ms: 38_000, fault: null } });
        await frame();
      }
    },
    write: async (words) => {
      const field = await until(() => test("composer"), "the composer");
      const area = field.matches("textarea") ? field : field.querySelector("textarea");
      area.focus();
      Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(area, words);
      area.dispatchEvent(new InputEvent("input", { bubbles: true }));
      await frame();
    },
    find: async (words, scope = "all") => {
      const field = await until(() => document.querySelector(`[data-scope="${scope}"] input`), "the search");
      field.focus();
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, words);
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
      await until(() => test("search-panel")?.getAttribute("aria-busy") === "false", "the results");
      await new Promise((done) => setTimeout(done, 250));
      await frame();
    },
    key: async (key, more = {}) => {
      const on = document.activeElement || document.body;
      on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
      await frame();
    },
    hit: async (index) => {
      await until(() => test("search-hit"), "a hit");
      document.querySelectorAll('[data-testid="search-hit"]')[index].click();
      await until(() => document.querySelector("[data-flash]"), "the message");
      await frame();
    },
    unread: async (jid, many) => {
      const c = chats.find((c) => c.address === jid);
      c.unread += many;
      for (let i = 0; i < many; i += 1) {
        const row = say(c, false, 0, text("…"));
        refresh(c);
        commit({ change: "message", row }, { change: "chat", row: c });
      }
      await frame();
    },
    hold: async (x = 0, y = 0) => {
      const talk = await until(() => test("talk"), "the talk button");
      const box = talk.getBoundingClientRect();
      const at = [box.x + box.width / 2, box.y + box.height / 2];
      pointer(talk, "pointerdown", ...at);
      await until(() => talk.dataset.state === "recording" || test("recorder"), "the recorder");
      for (let i = 1; i <= 4; i += 1) pointer(talk, "pointermove", at[0] + (x * i) / 4, at[1] + (y * i) / 4);
      await frame();
      await until(() => test("recorder").textContent.includes(":1"), "the time");
    },
    drag: async (id, x) => {
      const node = await until(() => test(id), id);
      const box = node.getBoundingClientRect();
      const at = [box.x + box.width / 2, box.y + box.height / 2];
      pointer(node, "pointerdown", ...at);
      pointer(node, "pointermove", at[0] + x, at[1]);
      pointer(node, "pointerup", at[0] + x, at[1]);
      await frame();
    },
    // A tap, a word, and a pause.
    pause: async () => {
      await preview.tap();
      await until(() => test("recorder")?.textContent.includes(":1"), "the time");
      test("recorder-pause").click();
      await until(() => test("paused"), "the pause");
      await frame();
    },
    strike: async (id, key, times = 1) => {
      const node = await until(() => test(id), id);
      for (let i = 0; i < times; i += 1) {
        node.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
        await frame();
      }
    },
    tap: async () => {
      const talk = await until(() => test("talk"), "the talk button");
      const box = talk.getBoundingClientRect();
      const at = [box.x + box.width / 2, box.y + box.height / 2];
      pointer(talk, "pointerdown", ...at);
      await frame();
      pointer(talk, "pointerup", ...at);
      await frame();
    },
    signIn: async () => {
      for (const [id, value] of [["sign-in-jid", me], ["sign-in-password", "a long password"]]) {
        const input = await until(() => test(id), id);
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, value);
        input.dispatchEvent(new InputEvent("input", { bubbles: true }));
      }
      await frame();
      test("sign-in-submit").click();
      await until(() => test("fault"), "the fault");
    },
  };
})();
