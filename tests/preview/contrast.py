"""Holds the colours of ui/styles/tokens.css to WCAG 2.2, in light and in dark.

Words need 4.5:1 (AA), small accent words 7:1 (AAA), shapes 3:1. Avatars are
checked over the whole circle of hues. Exits 1 when a pair is too weak.
Python 3 alone.
"""

import math
import pathlib
import re
import sys

STYLES = pathlib.Path(__file__).parents[2] / "ui" / "styles"
GROUNDS = ["ground", "surface", "surface-raised", "hover"]
WORDS, SMALL, SHAPES = 4.5, 7.0, 3.0

PAIRS = (
    [("text", ground, SMALL) for ground in GROUNDS + ["accent-soft", "bubble-own", "bubble-other"]]
    + [("text-muted", ground, WORDS) for ground in GROUNDS + ["accent-soft", "bubble-other"]]
    + [("accent-text", ground, SMALL) for ground in ["ground", "surface", "accent-softer", "bubble-other"]]
    + [("accent-text", ground, WORDS) for ground in ["accent-soft", "hover", "bubble-own"]]
    + [("bubble-own-muted", "bubble-own", WORDS)]
    + [("on-accent", fill, WORDS) for fill in ["accent", "accent-hover", "accent-press"]]
    + [("on-accent", "accent-top", SHAPES)]
    + [("on-on-air", fill, WORDS) for fill in ["on-air", "on-air-press"]]
    + [("on-air", ground, SHAPES) for ground in ["on-air-soft", "ground"]]
    + [("text", "on-air-soft", SMALL), ("text-muted", "on-air-soft", WORDS)]
    + [("fault", ground, WORDS) for ground in ["fault-soft", "ground", "surface"]]
    + [("text", "fault-soft", SMALL)]
    + [("accent", ground, SHAPES) for ground in ["ground", "surface", "bubble-own", "bubble-other"]]
    + [("line-strong", ground, SHAPES) for ground in ["ground", "surface-raised"]]
    + [("present", "surface", SHAPES), ("away", "surface", SHAPES), ("busy", "surface", SHAPES)]
    + [("focus", ground, SHAPES) for ground in GROUNDS + ["accent-soft"]]
    + [("ground", "text", SMALL)]
)


def linear_hex(value):
    channels = [int(value[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def linear_oklch(lightness, chroma, hue):
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    s = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    rgb = (
        4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
        -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
        -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
    )
    return [min(max(c, 0), 1) for c in rgb]


def luminance(rgb):
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def main():
    tokens = (STYLES / "tokens.css").read_text()
    colours = {
        name: (linear_hex(light), linear_hex(dark))
        for name, light, dark in re.findall(
            r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", tokens
        )
    }
    weak = []
    for words, ground, least in PAIRS:
        for theme, name in enumerate(("light", "dark")):
            ratio = contrast(colours[words][theme], colours[ground][theme])
            if ratio < least:
                weak.append(f"{name}: {words} on {ground}: {ratio:.2f} < {least}")

    controls = (STYLES / "controls.css").read_text()
    person = re.findall(r"oklch\(([\d.]+) ([\d.]+) var\(--person", controls)
    if len(person) != 4:
        weak.append("controls.css: .avatar should have two grounds and two inks")
    else:
        inks = [tuple(map(float, pair)) for pair in person]
        for theme, name in enumerate(("light", "dark")):
            for hue in range(0, 360, 5):
                ratio = contrast(
                    linear_oklch(*inks[theme], hue), linear_oklch(*inks[theme + 2], hue)
                )
                if ratio < WORDS:
                    weak.append(f"{name}: avatar at hue {hue}: {ratio:.2f} < {WORDS}")

    print("\n".join(weak) or f"{2 * len(PAIRS)} pairs and 144 avatars are strong enough")
    return 1 if weak else 0


if __name__ == "__main__":
    sys.exit(main())
