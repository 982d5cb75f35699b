# 录音和收听。

## 说话按钮和录音条
talk-label = 按住录语音，轻点免按录音
talk-label-recording = 正在录音，松开发送
talk-label-locked = 发送语音
talk-hint-hold = 按住说话松开发送，或轻点免按录音
talk-hint-space = 也可以按住空格键说话
recorder-slide = 左滑暂不发送
recorder-keep = 松开存为草稿
recorder-lock = 上滑可松手录音
recorder-pause = 暂停并试听
# 只有读屏软件会念。
recorder-locked = 正在免按录音。空格键暂停，回车键发送，Esc 键存为草稿
recorder-paused = 已暂停。空格键继续录，回车键发送，Esc 键存为草稿
recorder-long = 一分钟了，短一些对方会更快听到
recorder-too-loud = 声音太大，离远一点
recording-kept = 已存为草稿，一句都没丢。

## 还没发的录音
draft-title = 语音草稿
draft-label = 语音草稿，{ $length }
draft-play = 试听
draft-pause = 暂停
draft-continue = 继续录
draft-again = 从 { $position } 重录
draft-trim = 只留这一段
trim-from = 保留部分的开头
trim-until = 保留部分的结尾
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
player-back = 后退 10 秒
player-on = 前进 10 秒
player-next = 下一条未听语音
player-saved = 已跳过静音 { $seconds } 秒
voice-speed = 播放速度

## 收听台：所有未听语音排成一队
desk-title = 收听
desk-listen = 全部收听
desk-waiting = { $count } 条未听语音
desk-order = 顺序
desk-by-time = 按时间
desk-by-person = 按联系人
desk-play = 播放：{ $name }，{ $length }
desk-put-away = 不听，收起
desk-put-all-away = 全部收起
desk-away = 已收起 { $count } 条语音。
desk-empty-title = 都听完了
desk-empty = 所有聊天里未听的语音都会在这里排好，一条接一条。
