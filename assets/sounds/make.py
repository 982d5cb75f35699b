"""Synthesises Millet's three sounds into this folder. Needs only Python 3.

Plucked, short and quiet: two partials under a fast attack and a soft decay,
peaking 18 dB below full scale, so that they sit under speech.
"""

import math
import pathlib
import struct
import wave

RATE = 48_000
PEAK = 10 ** (-18 / 20)


def note(start_s, hertz, decay_s, gain=1.0):
    return (start_s, hertz, decay_s, gain)


SOUNDS = {
    # A single low drop: the microphone is open.
    "start": (0.16, [note(0.0, 523.25, 0.045)]),
    # Two steps up: it is on its way.
    "sent": (0.26, [note(0.0, 587.33, 0.05, 0.8), note(0.075, 880.0, 0.06)]),
    # Two steps down, softer: somebody spoke.
    "received": (0.34, [note(0.0, 783.99, 0.07, 0.9), note(0.095, 587.33, 0.08)]),
}


def sample(t, notes):
    total = 0.0
    for start_s, hertz, decay_s, gain in notes:
        age = t - start_s
        if age < 0:
            continue
        attack = 1 - math.exp(-age / 0.003)
        body = math.sin(2 * math.pi * hertz * age)
        shine = 0.22 * math.sin(2 * math.pi * 2.01 * hertz * age) * math.exp(-age / (decay_s / 2))
        total += gain * attack * math.exp(-age / decay_s) * (body + shine)
    return total


def main():
    folder = pathlib.Path(__file__).parent
    for name, (length_s, notes) in SOUNDS.items():
        count = int(RATE * length_s)
        values = [sample(i / RATE, notes) for i in range(count)]
        # The last 20 ms run out to silence, so that no end clicks.
        fade = int(RATE * 0.02)
        for i in range(fade):
            values[count - fade + i] *= 1 - (i + 1) / fade
        loudest = max(map(abs, values))
        with wave.open(str(folder / f"{name}.wav"), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE)
            frames = (round(v / loudest * PEAK * 32767) for v in values)
            out.writeframes(b"".join(struct.pack("<h", f) for f in frames))


if __name__ == "__main__":
    main()
