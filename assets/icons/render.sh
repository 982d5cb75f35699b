#!/bin/sh
# Renders the app's icons from millet.svg. Run after changing it.
# Needs rsvg-convert (librsvg2-bin), convert (imagemagick), png2icns (icnsutils).
set -eu
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for size in 16 32 48 64 128 256 512; do
    rsvg-convert -w $size -h $size millet.svg -o "$scratch/$size.png"
done
cp "$scratch/32.png" 32x32.png
cp "$scratch/128.png" 128x128.png
cp "$scratch/256.png" 128x128@2x.png
cp "$scratch/512.png" icon.png
convert "$scratch/16.png" "$scratch/32.png" "$scratch/48.png" "$scratch/256.png" icon.ico
png2icns icon.icns "$scratch/16.png" "$scratch/32.png" "$scratch/48.png" "$scratch/128.png" "$scratch/256.png" "$scratch/512.png"
