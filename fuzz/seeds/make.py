#!/usr/bin/env python3
"""Makes the seeds anew, all but `ogg_reader/ok-own.ogg`, which `voice::Recorder` wrote.

Needs ffmpeg and opusenc. Files named ok-* are whole; files named bad-* lie, and `crates/voice/tests/hostile.rs` says about
what and what comes of it.
"""

import pathlib
import struct
import subprocess

HERE = pathlib.Path(__file__).parent
TONE = ["-f", "lavfi", "-i", "aevalsrc='0.5*sin(2*PI*t*(200+600*t))':s=48000:d=0.3"]
EXACT = ["-fflags", "+bitexact", "-flags", "+bitexact", "-map_metadata", "-1"]


def ffmpeg(name, *options):
    command = ["ffmpeg", "-v", "error", "-y", *TONE, *EXACT, *options, str(HERE / name)]
    subprocess.run(command, check=True)


def crc(page):
    value = 0
    for byte in page:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
    return value


def page(flags, position, serial, sequence, packets):
    lacing, body = b"", b""
    for packet in packets:
        lacing += b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255])
        body += packet
    head = b"OggS\0" + struct.pack("<BQII", flags, position, serial, sequence)
    tail = bytes([len(lacing)]) + lacing + body
    return head + struct.pack("<I", crc(head + bytes(4) + tail)) + tail


def pages(data):
    at = 0
    while at < len(data):
        lacing = data[at + 27 : at + 27 + data[at + 26]]
        length = 27 + len(lacing) + sum(lacing)
        yield data[at : at + length]
        at += length


def with_last_position(data, position):
    *before, last = pages(data)
    head, tail = last[:6] + struct.pack("<Q", position) + last[14:22], last[26:]
    return b"".join(before) + head + struct.pack("<I", crc(head + bytes(4) + tail)) + tail


def wav(kind, channels, rate, bits, data, claimed=None, riff=None):
    claimed = len(data) if claimed is None else claimed
    block = channels * bits // 8
    fmt = struct.pack("<HHIIHH", kind, channels, rate, rate * block & 0xFFFFFFFF, block, bits)
    riff = min(claimed + 36, 0xFFFFFFFF) if riff is None else riff
    return (
        b"RIFF" + struct.pack("<I", riff) + b"WAVEfmt " + struct.pack("<I", 16) + fmt
        + b"data" + struct.pack("<I", claimed) + data
    )


def bits(fields):
    value, at = 0, 0
    for number, width in fields:
        value |= number << at
        at += width
    return value.to_bytes((at + 7) // 8, "little")


def valid():
    for channels in ("1", "2"):
        def each(name, *options):
            ffmpeg(f"foreign/ok-{channels}-{name}", "-ac", channels, *options)

        each("s16.wav", "-ar", "8000", "-c:a", "pcm_s16le")
        each("a.mp3", "-ar", "16000", "-c:a", "libmp3lame", "-b:a", "24k")
        each("a.flac", "-ar", "8000", "-c:a", "flac")
        each("a.m4a", "-ar", "16000", "-c:a", "aac", "-b:a", "16k")
        each("vorbis.ogg", "-ar", "16000", "-c:a", "libvorbis", "-q:a", "0")
        each("opus.webm", "-c:a", "libopus", "-b:a", "16k")
    ffmpeg("foreign/ok-f32.wav", "-ar", "8000", "-t", "0.1", "-c:a", "pcm_f32le")
    ffmpeg("foreign/ok-u8.wav", "-ar", "8000", "-t", "0.2", "-c:a", "pcm_u8")
    ffmpeg("foreign/ok-alaw.wav", "-ar", "8000", "-t", "0.2", "-c:a", "pcm_alaw")
    ffmpeg("foreign/ok-plain.mp3", "-ar", "16000", "-c:a", "libmp3lame", "-b:a", "24k", "-write_xing", "0", "-id3v2_version", "0")
    ffmpeg("foreign/ok-adts.aac", "-ar", "16000", "-c:a", "aac", "-b:a", "16k")
    ffmpeg("foreign/ok-fragments.m4a", "-ar", "16000", "-c:a", "aac", "-b:a", "16k", "-movflags", "frag_keyframe+empty_moov")
    ffmpeg("foreign/ok-opus.mp4", "-c:a", "libopus", "-b:a", "16k")
    ffmpeg("foreign/ok-live.webm", "-c:a", "libopus", "-b:a", "16k", "-live", "1", "-f", "webm")
    ffmpeg("foreign/ok-flac.oga", "-ar", "8000", "-c:a", "flac")
    for channels in ("1", "2", "6"):
        ffmpeg(f"ogg_reader/ok-{channels}-libopus.ogg", "-ac", channels, "-c:a", "libopus", "-b:a", "16k")
    ffmpeg("/tmp/millet-seed.wav", "-c:a", "pcm_s16le")
    target = str(HERE / "ogg_reader/ok-opusenc.opus")
    command = ["opusenc", "--quiet", "--serial", "7", "--bitrate", "16", "--framesize", "2.5", "/tmp/millet-seed.wav", target]
    subprocess.run(command, check=True)
    chain = b"".join((HERE / f"ogg_reader/{name}").read_bytes() for name in ("ok-2-libopus.ogg", "ok-opusenc.opus"))
    (HERE / "ogg_reader/ok-chain.ogg").write_bytes(chain)


def hostile():
    def write(name, data):
        (HERE / name).write_bytes(data)

    silence = bytes(1000)
    hour = 8000 * 3600
    write("foreign/bad-zero-length.wav", b"")
    write("foreign/bad-ten-hours.wav", wav(1, 1, 8000, 8, silence, claimed=10 * hour))
    write("foreign/bad-four-hours-claimed.wav", wav(1, 1, 8000, 8, silence, claimed=4 * hour))
    write("foreign/bad-endless.wav", wav(1, 1, 8000, 8, silence, claimed=0xFFFFFFFF, riff=0xFFFFFFFF))
    unusual = [float("nan"), float("inf"), float("-inf"), 3e38, -3e38, 1e-42, 0.25, -0.25]
    write("foreign/bad-nan.wav", wav(3, 1, 8000, 32, struct.pack("<8f", *unusual) * 100))
    write("foreign/bad-no-channels.wav", wav(1, 0, 8000, 16, silence))
    write("foreign/bad-no-rate.wav", wav(1, 1, 0, 16, silence))
    write("foreign/bad-fast.wav", wav(1, 1, 0xFFFFFFFF, 16, silence))
    write("foreign/bad-wide.wav", wav(1, 0xFFFF, 8000, 8, silence))
    # Each of the 256 codebooks says in a few bytes that it has 131,072 entries of 16 numbers.
    book = [(0x564342, 24), (16, 16), (1 << 17, 24), (1, 1), (16, 5), (1 << 17, 18), (1, 4), (0, 32), (0, 32), (0, 4), (0, 1), (0, 2)]
    setup = b"\x05vorbis" + bits([(255, 8)] + book * 256)
    ident = b"\x01vorbis" + struct.pack("<IBIiiiBB", 0, 1, 16000, 0, 16000, 0, 0xB8, 1)
    comments = b"\x03vorbis" + struct.pack("<II", 0, 0) + b"\x01"
    vorbis = page(2, 0, 7, 0, [ident]) + page(0, 0, 7, 1, [comments, setup]) + page(4, 4096, 7, 2, [bytes(8)] * 8)
    write("foreign/bad-codebooks.ogg", vorbis)
    # Four thousand million samples of no bytes that last no time, in the table of an otherwise whole file.
    m4a = (HERE / "foreign/ok-1-a.m4a").read_bytes()
    at = m4a.index(b"stsz")
    sizes = struct.unpack(">I", m4a[at + 12 : at + 16])[0]
    assert sizes < 100
    endless = m4a[: at + 8] + struct.pack(">II", 1, 0xFFFFFFFF) + m4a[at + 16 :]
    at = endless.index(b"stts")
    endless = endless[: at + 12] + struct.pack(">II", 0xFFFFFFFF, 0) + endless[at + 20 :]
    write("foreign/bad-samples.m4a", endless)
    at = m4a.index(b"mdat")
    write("foreign/bad-box.m4a", m4a[: at - 4] + b"\xff\xff\xff\xff" + m4a[at:])
    webm = (HERE / "foreign/ok-1-opus.webm").read_bytes()
    write("foreign/bad-head-only.webm", webm[:40])
    at = webm.index(b"\xa3", webm.index(b"\x1f\x43\xb6\x75"))
    write("foreign/bad-element.webm", webm[: at + 1] + b"\x01\xff\xff\xff\xff\xff\xff\xfe" + webm[at + 2 :])
    write("foreign/bad-text.mp3", b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + b"no sound\n" * 20)

    own = (HERE / "ogg_reader/ok-1-libopus.ogg").read_bytes()
    write("ogg_reader/bad-ten-hours.ogg", with_last_position(own, 10 * 48000 * 3600))
    write("ogg_reader/bad-four-hours-claimed.ogg", with_last_position(own, 4 * 48000 * 3600))
    write("ogg_reader/bad-last-position.ogg", with_last_position(own, 2**64 - 2))
    head, tags, *sound = pages(own)
    write("ogg_reader/bad-headers-alone.ogg", head + tags)
    write("ogg_reader/bad-no-tags.ogg", head)
    opus = head[28:]
    for name, at, value in (("no-channels", 9, 0), ("family-255", 18, 255), ("version-16", 8, 16)):
        changed = opus[:at] + bytes([value]) + opus[at + 1 :]
        write(f"ogg_reader/bad-{name}.ogg", page(2, 0, 7, 0, [changed]) + page(0, 0, 7, 1, [b"OpusTags" + bytes(8)]))
    loud = opus[:16] + struct.pack("<h", 32767) + opus[18:]
    write("ogg_reader/bad-loud.ogg", page(2, 0, 7, 0, [loud]) + page(0, 0, 7, 1, [b"OpusTags" + bytes(8)]) + b"".join(
        page(0, 960 * (n + 1), 7, 2 + n, [bytes([0x78, n * 37 & 255, 99, n])]) for n in range(8)))
    # A packet that goes on for ever: pages of full segments, none of which ends it.
    part = struct.pack("<B", 6) + b"\xff" * 6 + bytes(6 * 255)
    run = b""
    for sequence in range(4):
        start = b"OggS\0" + struct.pack("<BQII", 1, 2**64 - 1, 7, 2 + sequence)
        run += start + struct.pack("<I", crc(start + bytes(4) + part)) + part
    write("ogg_reader/bad-endless-packet.ogg", page(2, 0, 7, 0, [opus]) + page(0, 0, 7, 1, [b"OpusTags" + bytes(8)]) + run)

    def packets(head, *all_packets):
        return head + b"".join(struct.pack("<H", len(packet)) + packet for packet in all_packets)

    first = [part for part in sound][0]
    lacing = first[27 : 27 + first[26]]
    body, real = first[27 + first[26] :], []
    at = length = 0
    for value in lacing:
        length += value
        if value < 255:
            real.append(body[at : at + length])
            at, length = at + length, 0
    write("opus_packets/ok-mono", packets(b"\x01\x38\x01\0\0\0", *real))
    write("opus_packets/ok-stereo", packets(b"\x02\x38\x01\0\0\0", *real[:8]))
    write("opus_packets/ok-surround", packets(b"\x86\x38\x01\0\0\0", *real[:8]))
    write("opus_packets/ok-gain", packets(b"\x01\x38\x01\xff\x7f\0", *real[:8]))
    write("opus_packets/bad-lie", packets(b"\x01\x38\x01\0\0\xff", *real[:8]))
    write("opus_packets/bad-frames", packets(b"\x01\0\0\0\0\0", b"\xff\x30", b"\xfb\x3f", b"\x03\xff" + b"\xff" * 40, b"", b"\xfc"))
    write("opus_packets/bad-surround", packets(b"\x8f\0\0\0\0\0", b"\x7b\xff", real[0]))

    ns = "urn:millet:voice:0"
    for name, text in {
        "ok": f"<voice xmlns='{ns}' duration='4100'><peaks>AFr/</peaks></voice>",
        "ok-heard": f"<heard xmlns='{ns}' id='o1'/>",
        "ok-all": f"<body>x</body><voice xmlns='{ns}' duration='4100'><peaks>AFr/</peaks></voice><heard xmlns='{ns}' id='o1'/><file-sharing xmlns='urn:xmpp:sfs:0'><file xmlns='urn:xmpp:file:metadata:0'><media-type>audio/ogg</media-type><length>4100</length></file></file-sharing>",
        "ok-values": "4100\nAFr/\no1",
        "bad-duration": f"<voice xmlns='{ns}' duration='-1'/>",
        "bad-day": f"<voice xmlns='{ns}' duration='86400001'><peaks>AFr/</peaks></voice>",
        "bad-peaks": f"<voice xmlns='{ns}' duration='5'><peaks>!</peaks><peaks>AA==</peaks></voice>",
        "bad-many": f"<voice xmlns='{ns}' duration='5'><peaks>{'A' * 1000}</peaks></voice>",
        "bad-nested": f"<voice xmlns='{ns}' duration='5'><peaks><peaks>AA==</peaks></peaks></voice>",
        "bad-values": "99999999999999999999\nA===\n" + "i" * 1100,
        "bad-cut": f"<voice xmlns='{ns}' duration='5'><peaks>AFr/",
    }.items():
        (HERE / "peaks_element" / name).write_text(text)


valid()
hostile()
