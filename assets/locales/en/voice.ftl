# Recording and listening.

## The talk button and the recorder
talk-label = Hold to record a voice message
talk-label-recording = Recording. Release to send
talk-label-locked = Send voice message
talk-hint-hold = Hold to record, release to send
talk-hint-space = Or hold the space bar to talk
recorder-slide = Slide to keep
recorder-keep = Release to keep as a draft
recorder-lock = Slide up to record hands-free
recorder-stop = Stop and listen
recording-kept = Kept as a draft. Nothing is lost.

## A recording that was not sent
draft-title = Voice draft
draft-label = Voice draft, { $length }
draft-play = Listen
draft-pause = Pause
draft-send = Send
draft-discard = Discard
# Beside it is a button to have it back.
draft-discarded = Voice draft discarded

## A voice message
voice-label = Voice message, { $length }
voice-play = Play
voice-pause = Pause
voice-seek = Position
voice-position = { $position } of { $length }
voice-unheard = Not heard yet
voice-uploading = Sending, { $percent } %
voice-fetching = Loading, { $percent } %
voice-fetch = Load voice message

player-label = Now playing
player-close = Stop playing
player-show = Show message
