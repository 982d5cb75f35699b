# 录音和收听。

## 说话按钮和录音条
talk-label = 按住录语音
talk-label-recording = 正在录音，松开发送
talk-label-locked = 发送语音
talk-hint-hold = 按住说话，松开发送
talk-hint-space = 也可以按住空格键说话
recorder-slide = 左滑暂不发送
recorder-keep = 松开存为草稿
recorder-lock = 上滑可松手录音
recorder-stop = 停止并试听
recording-kept = 已存为草稿，一句都没丢。

## 还没发的录音
draft-title = 语音草稿
draft-label = 语音草稿，{ $length }
draft-play = 试听
draft-pause = 暂停
draft-send = 发送
draft-discard = 丢弃
# 旁边有撤销按钮。
draft-discarded = 语音草稿已丢弃

## 语音消息
voice-label = 语音，{ $length }
voice-play = 播放
voice-pause = 暂停
voice-seek = 播放位置
voice-position = { $position }，共 { $length }
voice-unheard = 未听
voice-uploading = 正在发送，{ $percent }%
voice-fetching = 正在加载，{ $percent }%
voice-fetch = 加载语音

player-label = 正在播放
player-close = 停止播放
player-show = 查看这条消息
